package nurse.helper.processes;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.ffm.ProcFs;
import nurse.ffm.lane.LaneLayout;
import nurse.helper.calls.Call;
import nurse.helper.calls.CallError;
import nurse.helper.calls.CallHandler;
import nurse.helper.calls.CallRefused;
import nurse.helper.calls.Syscall;
import nurse.helper.descriptors.Descriptors;
import nurse.helper.time.Clocks;

/** The process itself: its end, its limits, scheduling, prctl. */
public final class ProcessCalls implements CallHandler {
    // linux/wait.h
    private static final int WNOHANG = 1;
    private static final int WSTOPPED = 2; // also WUNTRACED
    private static final int WEXITED = 4;
    private static final int WCONTINUED = 8;
    private static final int WNOWAIT = 0x01000000;
    private static final int OF_WHICH_CHILDREN = 0xe0000000; // __WNOTHREAD, __WALL, __WCLONE
    private static final int P_ALL = 0;
    private static final int P_PID = 1;
    private static final int P_PGID = 2;
    private static final int P_PIDFD = 3;

    private final Kernel kernel;
    private final Clocks clocks;
    private final ProcessState process;
    private final MemorySegment limit;
    private final ProcessControl prctl;

    public ProcessCalls(Kernel kernel, Clocks clocks, ProcessState process, Arena arena) {
        this.kernel = kernel;
        this.clocks = clocks;
        this.process = process;
        this.limit = arena.allocate(16, 8);
        this.prctl = new ProcessControl(kernel, process, arena);
    }

    @Override
    public int answer(Syscall syscall, Call call) {
        return switch (syscall) {
            // One thread: the end of it is the end of the process (exit_group(2)).
            case EXIT, EXIT_GROUP -> {
                process.exits(call.argument(0));
                yield call.forward(Syscall.EXIT_GROUP);
            }
            case WAITPID, WAIT4 -> noChild(call.argument(0), call.argument(2));
            case WAITID -> noChildWith(call.argument(0), call.argument(1), call.argument(3));
            case UGETRLIMIT -> getrlimit(call, -1);
            case GETRLIMIT -> getrlimit(call, Integer.MAX_VALUE); // getrlimit(2), NOTES: of old, no more than that
            case SETRLIMIT -> setrlimit(call);
            case PRLIMIT64 -> prlimit64(call);
            case PRCTL -> prctl.answer(call);
            case GETRUSAGE -> ResourceUsage.answer(kernel, clocks, process.pid(), call);
            case SETPGID -> setpgid(call);
            case PERSONALITY -> personality(call);
            default -> UNANSWERED;
        };
    }

    /** It has no children. What is wrong with the arguments comes first (kernel/exit.c). */
    private static int noChild(int pid, int options) {
        if ((options & ~(WNOHANG | WSTOPPED | WCONTINUED | OF_WHICH_CHILDREN)) != 0) {
            return -Errno.EINVAL;
        }
        return pid == Integer.MIN_VALUE ? -Errno.ESRCH : -Errno.ECHILD;
    }

    private int noChildWith(int which, int id, int options) {
        int states = WEXITED | WSTOPPED | WCONTINUED;
        if ((options & ~(WNOHANG | WNOWAIT | states | OF_WHICH_CHILDREN)) != 0 || (options & states) == 0) {
            return -Errno.EINVAL;
        }
        return switch (which) {
            case P_ALL -> -Errno.ECHILD;
            case P_PID -> id <= 0 ? -Errno.EINVAL : -Errno.ECHILD;
            case P_PGID -> id < 0 ? -Errno.EINVAL : -Errno.ECHILD;
            case P_PIDFD -> {
                if (id < 0) {
                    yield -Errno.EINVAL;
                }
                yield process.descriptors().pidOf(id) == Descriptors.NO_PIDFD ? -Errno.EBADF : -Errno.ECHILD;
            }
            default -> -Errno.EINVAL;
        };
    }

    private boolean self(int pid) {
        return pid == 0 || pid == process.pid();
    }

    private long limit(int resource, boolean hard) {
        CallError.check(kernel.prlimit64(process.pid(), resource, MemorySegment.NULL, limit));
        return limit.get(JAVA_LONG_UNALIGNED, hard ? 8 : 0);
    }

    private int getrlimit(Call call, int most) {
        MemorySegment out = call.out(1, 8);
        for (int i = 0; i < 2; i++) {
            long value = limit(call.argument(0), i == 1);
            int shown = value >>> 32 != 0 ? -1 : (int) value; // RLIM_INFINITY of i386
            out.set(JAVA_INT_UNALIGNED, 4L * i, Integer.compareUnsigned(shown, most) > 0 ? most : shown);
        }
        return 0;
    }

    private int setrlimit(Call call) {
        MemorySegment wanted = call.struct(1, 8);
        if (wanted == null) {
            return -Errno.EFAULT;
        }
        for (int i = 0; i < 2; i++) {
            int value = wanted.get(JAVA_INT_UNALIGNED, 4L * i);
            limit.set(JAVA_LONG_UNALIGNED, 8L * i, value == -1 ? -1 : value & 0xffffffffL);
        }
        return lower(call.argument(0), limit.get(JAVA_LONG_UNALIGNED, 0), limit.get(JAVA_LONG_UNALIGNED, 8));
    }

    private int prlimit64(Call call) {
        if (!self(call.argument(0))) {
            throw CallRefused.of(Errno.EPERM, "the process is another one");
        }
        MemorySegment wanted = call.struct(2, 16);
        if (call.argument(3) != 0) {
            MemorySegment out = call.out(3, 16);
            CallError.check(kernel.prlimit64(process.pid(), call.argument(1), MemorySegment.NULL, out));
        } else {
            limit(call.argument(1), false);
        }
        return wanted == null
                ? 0
                : lower(call.argument(1), wanted.get(JAVA_LONG_UNALIGNED, 0), wanted.get(JAVA_LONG_UNALIGNED, 8));
    }

    /** Limits go down only; and not above NURSE_FD_BASE for descriptors, where ours begin. */
    private int lower(int resource, long soft, long hard) {
        if (Long.compareUnsigned(soft, hard) > 0) {
            return -Errno.EINVAL;
        }
        boolean raisesHard = Long.compareUnsigned(hard, limit(resource, true)) > 0;
        boolean reachesOurs = resource == Kernel.RLIMIT_NOFILE && Long.compareUnsigned(soft, LaneLayout.FD_BASE) > 0;
        if (raisesHard || reachesOurs) {
            throw CallRefused.of(Errno.EPERM, "limits go down only, and open files not above 1024");
        }
        if (resource == Kernel.RLIMIT_CORE) {
            return 0; // the launcher has seen to it that there is none, and by 0 a helper program would get one
        }
        limit.set(JAVA_LONG_UNALIGNED, 0, soft);
        limit.set(JAVA_LONG_UNALIGNED, 8, hard);
        int result = kernel.prlimit64(process.pid(), resource, limit, MemorySegment.NULL);
        if (result == 0 && resource == Kernel.RLIMIT_NOFILE) {
            process.descriptors().limit((int) soft);
        }
        return result;
    }

    private static int notInTheSandbox() {
        throw CallRefused.of(Errno.EPERM, "it would change what the sandbox rests on");
    }

    /** setpgid(2) and personality(2) may only be told what is so already. */
    private int setpgid(Call call) {
        int group = kernel.getpgid(process.pid());
        int wanted = call.argument(1) == 0 ? process.pid() : call.argument(1);
        if (wanted < 0) {
            return -Errno.EINVAL;
        }
        return !self(call.argument(0)) ? -Errno.ESRCH : wanted == group ? 0 : notInTheSandbox();
    }

    private int personality(Call call) {
        String text = ProcFs.read(kernel, "/proc/" + process.pid() + "/personality");
        int now = text == null ? 0 : Integer.parseUnsignedInt(text.trim(), 16);
        return call.argument(0) == -1 || call.argument(0) == now ? now : notInTheSandbox();
    }
}
