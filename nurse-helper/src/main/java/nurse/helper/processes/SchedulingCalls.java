package nurse.helper.processes;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.helper.calls.Call;
import nurse.helper.calls.CallError;
import nurse.helper.calls.CallHandler;
import nurse.helper.calls.CallRefused;
import nurse.helper.calls.Durations;
import nurse.helper.calls.Syscall;

/**
 * Scheduling of the untrustee's thread, which the helper asks for from outside: carried out by the trustee it would be the
 * trustee's. The program may be nicer than it was, never less nice, and never real-time: as any user without rights.
 */
public final class SchedulingCalls implements CallHandler {
    private static final int PRIO_PROCESS = 0;
    private static final int PRIO_USER = 2;
    private static final int NICE_ZERO = 20; // the call getpriority(2) says 20 - nice
    private static final int SCHED_OTHER = 0;
    private static final int SCHED_BATCH = 3;
    private static final int SCHED_IDLE = 5;
    private static final int SCHED_RESET_ON_FORK = 0x40000000;
    // struct sched_attr, linux/sched/types.h
    private static final int ATTR_SIZE = 48;
    private static final int ATTR_POLICY = 4;
    private static final int ATTR_NICE = 16;
    private static final int ATTR_PRIORITY = 20;
    private static final int IOPRIO_WHO_PROCESS = 1; // linux/ioprio.h
    private static final int IOPRIO_CLASS_SHIFT = 13;
    private static final int IOPRIO_CLASS_RT = 1;

    private final Kernel kernel;
    private final ProcessState process;
    private final MemorySegment room;

    public SchedulingCalls(Kernel kernel, ProcessState process, Arena arena) {
        this.kernel = kernel;
        this.process = process;
        this.room = arena.allocate(1024, 8); // a cpu_set_t
    }

    @Override
    public int answer(Syscall syscall, Call call) {
        return switch (syscall) {
            case SCHED_YIELD -> 0;
            case SCHED_GETAFFINITY -> getaffinity(call);
            case SCHED_SETAFFINITY -> setaffinity(call);
            case SCHED_GETSCHEDULER -> kernel.sched_getscheduler(self(call.argument(0)));
            case SCHED_SETSCHEDULER -> call.argument(1) < 0 ? -Errno.EINVAL : setscheduler(call, call.argument(1), 2);
            case SCHED_GETPARAM -> getparam(call);
            case SCHED_SETPARAM -> setscheduler(call, kernel.sched_getscheduler(process.pid()), 1);
            case SCHED_GETATTR -> getattr(call);
            case SCHED_SETATTR -> setattr(call);
            case SCHED_GET_PRIORITY_MAX -> kernel.sched_get_priority_max(call.argument(0));
            case SCHED_GET_PRIORITY_MIN -> kernel.sched_get_priority_min(call.argument(0));
            case SCHED_RR_GET_INTERVAL -> interval(call, 8);
            case SCHED_RR_GET_INTERVAL_TIME64 -> interval(call, 16);
            case GETPRIORITY -> getpriority(call);
            case SETPRIORITY -> setpriority(call);
            case NICE -> nice(call.argument(0));
            case IOPRIO_GET -> ioprioGet(call);
            case IOPRIO_SET -> ioprioSet(call);
            case GETCPU -> getcpu(call);
            default -> UNANSWERED;
        };
    }

    /** The untrustee's thread, if that is whom the program means. */
    private int self(int pid) {
        if (pid < 0) {
            throw CallError.of(Errno.EINVAL);
        }
        return found(pid);
    }

    /** The same for the calls to which a negative number is one that nobody has. */
    private int found(int pid) {
        if (pid != 0 && pid != process.pid()) {
            throw CallError.of(Errno.ESRCH);
        }
        return process.pid();
    }

    private int getaffinity(Call call) {
        int size = call.argument(1);
        int mask = CallError.check(kernel.sched_getaffinity(process.pid(), room));
        // As kernel/compat.c, which asks for room for all CPUs that there may be; the helper knows of those that it may
        // use.
        if (size == 0 || size % 4 != 0) {
            return -Errno.EINVAL;
        }
        found(call.argument(0));
        int length = Integer.compareUnsigned(size, mask) < 0 ? size : mask;
        MemorySegment.copy(room, 0, call.out(2, length), 0, length);
        return length;
    }

    private int setaffinity(Call call) {
        int length = Math.min(Math.max(call.argument(1), 0), (int) room.byteSize());
        room.fill((byte) 0);
        MemorySegment given = call.struct(2, length);
        if (given == null) {
            return -Errno.EFAULT;
        }
        MemorySegment.copy(given, 0, room, 0, length);
        return kernel.sched_setaffinity(found(call.argument(0)), room);
    }

    private int getparam(Call call) {
        if (call.argument(1) == 0) {
            return -Errno.EINVAL;
        }
        self(call.argument(0));
        call.out(1, 4).set(JAVA_INT_UNALIGNED, 0, 0);
        return 0;
    }

    private int setscheduler(Call call, int policy, int param) {
        if (call.argument(param) == 0 || call.argument(0) < 0) {
            return -Errno.EINVAL;
        }
        MemorySegment given = call.struct(param, 4);
        return change(self(call.argument(0)), policy, given.get(JAVA_INT_UNALIGNED, 0));
    }

    private int change(int pid, int policy, int priority) {
        int plain = policy & ~SCHED_RESET_ON_FORK;
        if (plain == SCHED_OTHER || plain == SCHED_BATCH || plain == SCHED_IDLE) {
            return kernel.sched_setscheduler(pid, policy, priority);
        }
        boolean valid = priority >= kernel.sched_get_priority_min(plain)
                && priority <= kernel.sched_get_priority_max(plain)
                && kernel.sched_get_priority_max(plain) > 0;
        if (valid) {
            throw CallRefused.of(Errno.EPERM, "no program of the sandbox gets a real-time policy");
        }
        return -Errno.EINVAL;
    }

    private int getattr(Call call) {
        int pid = self(call.argument(0));
        int size = call.argument(2);
        if (call.argument(1) == 0 || size < ATTR_SIZE || size > 4096 || call.argument(3) != 0) {
            return -Errno.EINVAL;
        }
        MemorySegment out = call.out(1, ATTR_SIZE);
        out.fill((byte) 0);
        out.set(JAVA_INT_UNALIGNED, 0, ATTR_SIZE);
        out.set(JAVA_INT_UNALIGNED, ATTR_POLICY, kernel.sched_getscheduler(pid) & ~SCHED_RESET_ON_FORK);
        out.set(JAVA_INT_UNALIGNED, ATTR_NICE, NICE_ZERO - kernel.getpriority(PRIO_PROCESS, pid));
        return 0;
    }

    private int setattr(Call call) {
        int pid = self(call.argument(0));
        MemorySegment attr = call.struct(1, ATTR_SIZE);
        if (attr == null || call.argument(2) != 0) {
            return -Errno.EINVAL;
        }
        if (attr.get(JAVA_LONG_UNALIGNED, 8) != 0) {
            throw CallRefused.of(Errno.EPERM, "sched_flags are not to be set");
        }
        CallError.check(
                change(pid, attr.get(JAVA_INT_UNALIGNED, ATTR_POLICY), attr.get(JAVA_INT_UNALIGNED, ATTR_PRIORITY)));
        return renice(attr.get(JAVA_INT_UNALIGNED, ATTR_NICE), Errno.EPERM);
    }

    private int interval(Call call, int size) {
        long nanos = CallError.check(kernel.sched_rr_get_interval(self(call.argument(0))));
        Durations.putTimespec(call.out(1, size), nanos, size);
        return 0;
    }

    /** Itself, or a group that it is in: the helper asks in its name, being of the same group and user. */
    private int getpriority(Call call) {
        int which = call.argument(0);
        if (which < PRIO_PROCESS || which > PRIO_USER) {
            return -Errno.EINVAL;
        }
        if (which == PRIO_PROCESS) {
            self(call.argument(1));
        } else if (call.argument(1) != 0) {
            return -Errno.ESRCH;
        }
        return kernel.getpriority(PRIO_PROCESS, process.pid());
    }

    private int setpriority(Call call) {
        int which = call.argument(0);
        if (which < PRIO_PROCESS || which > PRIO_USER) {
            return -Errno.EINVAL;
        }
        if (which != PRIO_PROCESS) {
            throw CallRefused.of(Errno.EPERM, "others are in its group, and of its user");
        }
        self(call.argument(1));
        return renice(call.argument(2), Errno.EACCES);
    }

    private int nice(int increment) {
        int bounded = Math.clamp(increment, -40, 40);
        return renice(NICE_ZERO - kernel.getpriority(PRIO_PROCESS, process.pid()) + bounded, Errno.EPERM);
    }

    private int renice(int wanted, int refusal) {
        int nice = Math.clamp(wanted, -20, 19);
        int now = NICE_ZERO - kernel.getpriority(PRIO_PROCESS, process.pid());
        if (nice < now) {
            throw CallRefused.of(refusal, "a program of the sandbox can only become nicer");
        }
        return kernel.setpriority(PRIO_PROCESS, process.pid(), nice);
    }

    private int ioprioGet(Call call) {
        if (call.argument(0) != IOPRIO_WHO_PROCESS) {
            throw CallRefused.of(Errno.EPERM, "others are in its group, and of its user");
        }
        return kernel.ioprio_get(IOPRIO_WHO_PROCESS, self(call.argument(1)));
    }

    private int ioprioSet(Call call) {
        if (call.argument(0) != IOPRIO_WHO_PROCESS || call.argument(2) >>> IOPRIO_CLASS_SHIFT == IOPRIO_CLASS_RT) {
            throw CallRefused.of(Errno.EPERM, "of others, or the real-time class");
        }
        return kernel.ioprio_set(IOPRIO_WHO_PROCESS, self(call.argument(1)), call.argument(2));
    }

    /** Where the thread runs changes at any time: the first CPU is as true as any. */
    private static int getcpu(Call call) {
        for (int i = 0; i < 2; i++) {
            MemorySegment out = call.outOrNull(i, 4);
            if (out != null) {
                out.set(JAVA_INT_UNALIGNED, 0, 0);
            }
        }
        return 0;
    }
}
