package nurse.helper.sandbox;

import java.lang.foreign.Arena;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.ffm.lane.LaneLayout;
import nurse.helper.ask.Asking;
import nurse.helper.calls.Call;
import nurse.helper.calls.CallClass;
import nurse.helper.calls.CallError;
import nurse.helper.calls.CallHandler;
import nurse.helper.calls.CallRefused;
import nurse.helper.calls.Syscall;
import nurse.helper.descriptors.DescriptorCalls;
import nurse.helper.descriptors.EpollCalls;
import nurse.helper.descriptors.ReadinessCalls;
import nurse.helper.files.AttributeCalls;
import nurse.helper.files.FileCalls;
import nurse.helper.files.OpenCalls;
import nurse.helper.files.Paths;
import nurse.helper.files.TreeCalls;
import nurse.helper.memory.MemoryCalls;
import nurse.helper.memory.ProcessMemory;
import nurse.helper.network.SocketCalls;
import nurse.helper.observe.Observer;
import nurse.helper.policy.CallRules;
import nurse.helper.policy.Limits;
import nurse.helper.policy.PolicyBuilder;
import nurse.helper.processes.IdentityCalls;
import nurse.helper.processes.ProcessCalls;
import nurse.helper.processes.ProcessState;
import nurse.helper.processes.SchedulingCalls;
import nurse.helper.processes.SignalCalls;
import nurse.helper.processes.SystemCalls;
import nurse.helper.random.FixedRandom;
import nurse.helper.time.Clocks;
import nurse.helper.time.TimeCalls;
import org.jspecify.annotations.Nullable;

/** From a call's number to the subject that answers it. What nobody answers is refused with ENOSYS. */
public final class Dispatcher {
    private final RefusalLog log;
    private final @Nullable Observer observer;
    private final CallRules calls;
    private final LimitTold limits;
    private final @Nullable Asking asking;
    private final Paths paths;
    private final FileCalls files;
    private final OpenCalls open;
    private final TreeCalls tree;
    private final AttributeCalls attributes;
    private final DescriptorCalls descriptors;
    private final ReadinessCalls readiness;
    private final EpollCalls epoll;
    private final MemoryCalls memory;
    private final TimeCalls time;
    private final IdentityCalls identity;
    private final ProcessCalls processes;
    private final SchedulingCalls scheduling;
    private final SignalCalls signals;
    private final SystemCalls system;
    private final SocketCalls sockets;
    private long answered;

    public Dispatcher(
            Kernel kernel,
            Paths paths,
            ProcessState process,
            PolicyBuilder.RunPolicy policy,
            Clocks clocks,
            @Nullable FixedRandom random,
            RefusalLog log,
            @Nullable Observer observer,
            @Nullable Asking asking,
            Arena arena) {
        this.log = log;
        this.asking = asking;
        this.paths = paths;
        this.observer = observer;
        this.calls = policy.calls();
        this.limits = new LimitTold(policy.limits());
        ProcessMemory processMemory = new ProcessMemory(kernel, process.pid(), arena);
        this.files = new FileCalls(kernel, paths, process);
        this.open = new OpenCalls(kernel, paths, process, random);
        this.tree = new TreeCalls(kernel, paths, process);
        this.attributes = new AttributeCalls(kernel, paths, process, processMemory);
        this.descriptors = new DescriptorCalls(kernel, process, paths, arena);
        this.readiness = new ReadinessCalls(clocks, process.descriptors(), processMemory, arena);
        this.epoll = new EpollCalls(process.descriptors(), arena);
        this.memory = new MemoryCalls(kernel, clocks, process, processMemory, paths, arena);
        this.time = new TimeCalls(kernel, clocks, process, arena);
        this.identity = new IdentityCalls(kernel, process, arena);
        this.processes = new ProcessCalls(kernel, clocks, process, arena);
        this.scheduling = new SchedulingCalls(kernel, process, arena);
        this.signals = new SignalCalls(kernel, process, arena);
        this.system = new SystemCalls(kernel, clocks, random, arena);
        this.sockets =
                new SocketCalls(kernel, process, processMemory, policy, tree, log, observer, asking != null, arena);
    }

    /** How many calls were answered so far. */
    long answered() {
        return answered;
    }

    /** A call's result as the program is to see it. What it carries is in the lane then. */
    public int answer(Call call) {
        answered++;
        return observer == null ? decided(call) : observed(call, observer);
    }

    private int observed(Call call, Observer by) {
        by.begins(call);
        int result;
        try {
            result = decided(call);
        } catch (SandboxEnded end) {
            by.endsUnanswered();
            throw end;
        }
        by.ends(result);
        return result;
    }

    private int decided(Call call) {
        return asking == null ? decide(call) : askedAbout(call, asking);
    }

    /** A call that is refused has done nothing yet, so that it can be answered anew once the policy allows more. */
    private int askedAbout(Call call, Asking by) {
        by.begins();
        int result = decide(call);
        while (by.isAllowed(result, call.trustee())) {
            follow(by);
            if (observer != null) {
                observer.decidesAnew();
            }
            call.again();
            result = decide(call);
        }
        if (by.ends()) {
            follow(by);
        }
        return result;
    }

    private void follow(Asking by) {
        paths.follow(by.files());
        sockets.follow(by.network());
    }

    private int decide(Call call) {
        if (call.number() == LaneLayout.CALL_RAISE) {
            return signals.raise(call);
        }
        Syscall syscall = Syscall.byNumber(call.number());
        if (syscall == null) {
            return unanswered("syscall " + Integer.toUnsignedString(call.number()));
        }
        log.answering(syscall);
        if (syscall.callClass() == CallClass.OWN) {
            return -syscall.refuseErrno(); // past the gate: the kernel or the gate answers an honest program
        }
        if (syscall.callClass() == CallClass.REFUSE) {
            tell(syscall.callName(), syscall.refuseErrno(), "the sandbox refuses it always");
            return -syscall.refuseErrno();
        }
        CallRules.Rule refusing = calls.refusing(syscall);
        if (refusing != null) {
            tell(syscall.callName(), refusing.errno(), refusing.toString());
            return -refusing.errno();
        }
        int result;
        try {
            result = answer(syscall, call);
        } catch (CallError error) {
            result = -error.errno();
        } catch (CallRefused refused) {
            tell(syscall.callName(), refused);
            result = -refused.errno();
        }
        Limits.Limit limit = result == CallHandler.UNANSWERED ? null : limits.of(syscall, call, result);
        if (limit != null) {
            tell(syscall.callName(), syscall == Syscall.BRK ? Errno.ENOMEM : -result, limits.why(limit));
        }
        return result == CallHandler.UNANSWERED ? unanswered(syscall.callName()) : result;
    }

    private int answer(Syscall syscall, Call call) {
        return switch (syscall.category()) {
            case FILE -> file(syscall, call);
            case DESCRIPTOR -> descriptor(syscall, call);
            case MEMORY, SYNC -> memory.answer(syscall, call);
            case TIME -> either(time.answer(syscall, call), syscall, call);
            case IDENTITY -> identity.answer(syscall, call);
            case PROCESS -> process(syscall, call);
            case SIGNAL -> either(signals.answer(syscall, call), syscall, call);
            case SYSTEM -> either(system.answer(syscall, call), syscall, call);
            case NETWORK -> sockets.answer(syscall, call);
            case IPC -> CallHandler.UNANSWERED;
        };
    }

    private int file(Syscall syscall, Call call) {
        return switch (syscall) {
            case OPEN, OPENAT, OPENAT2, CREAT -> open.answer(syscall, call);
            case FSTAT64 -> files.fstat(call, true);
            case FSTAT -> files.fstat(call, false);
            case OLDFSTAT -> files.oldFstat(call);
            case FSTATFS -> files.fstatfs(call, 1, 64);
            case FSTATFS64 -> call.argument(1) == 84 ? files.fstatfs(call, 2, 84) : -Errno.EINVAL;
            default -> {
                int result = files.answer(syscall, call);
                if (result == CallHandler.UNANSWERED) {
                    result = attributes.answer(syscall, call);
                }
                yield result == CallHandler.UNANSWERED ? either(tree.answer(syscall, call), syscall, call) : result;
            }
        };
    }

    private int descriptor(Syscall syscall, Call call) {
        return switch (syscall) {
            case FSTAT64, FSTAT, OLDFSTAT, FSTATFS, FSTATFS64, FCHDIR -> file(syscall, call);
            case FGETXATTR, FLISTXATTR, FSETXATTR, FREMOVEXATTR -> file(syscall, call);
            default -> {
                int result = descriptors.answer(syscall, call);
                if (result == CallHandler.UNANSWERED) {
                    result = readiness.answer(syscall, call);
                }
                yield result == CallHandler.UNANSWERED ? epoll.answer(syscall, call) : result;
            }
        };
    }

    private int process(Syscall syscall, Call call) {
        int result = processes.answer(syscall, call);
        if (result == CallHandler.UNANSWERED) {
            result = scheduling.answer(syscall, call);
        }
        return result == CallHandler.UNANSWERED ? either(identity.answer(syscall, call), syscall, call) : result;
    }

    /** Some calls stand under a category that another subject shares with it. */
    private int either(int result, Syscall syscall, Call call) {
        return result == CallHandler.UNANSWERED ? descriptors.answer(syscall, call) : result;
    }

    private int unanswered(String name) {
        tell(name, Errno.ENOSYS, "the sandbox does not know how to do it");
        return -Errno.ENOSYS;
    }

    private void tell(String callName, CallRefused refused) {
        String file = refused.file();
        if (file == null) {
            tell(callName, refused.errno(), refused.why());
        } else if (refused.access() == 0 || paths.judgeOpen(file, refused.access()) == 0) {
            paths.refuse(file, refused.errno(), refused.why());
        }
    }

    private void tell(String name, int errno, String why) {
        if (observer != null) {
            observer.decided("", errno, why);
        }
        log.refused(name, errno, why);
    }
}
