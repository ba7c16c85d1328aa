package nurse.helper.time;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.helper.calls.Call;
import nurse.helper.calls.CallHandler;
import nurse.helper.calls.Syscall;
import nurse.helper.processes.ProcessState;

/** Clocks and waiting. The helper tells the time; while the program sleeps, the helper sleeps for it. */
public final class TimeCalls implements CallHandler {
    private static final int CLOCK_REALTIME = 0;
    private static final int CLOCK_PROCESS_CPUTIME_ID = 2;
    private static final int CLOCK_THREAD_CPUTIME_ID = 3;
    private static final int TIMER_ABSTIME = 1;
    private static final long SECOND = 1_000_000_000;

    private final Kernel kernel;
    private final ProcessState process;
    private final MemorySegment nothing;

    public TimeCalls(Kernel kernel, ProcessState process, Arena arena) {
        this.kernel = kernel;
        this.process = process;
        this.nothing = arena.allocate(8);
    }

    @Override
    public int answer(Syscall syscall, Call call) {
        return switch (syscall) {
            case TIME -> time(call);
            case GETTIMEOFDAY -> gettimeofday(call);
            case CLOCK_GETTIME -> clock(call, kernel.clock_gettime(clock(call.argument(0))), 8);
            case CLOCK_GETTIME64 -> clock(call, kernel.clock_gettime(clock(call.argument(0))), 16);
            case CLOCK_GETRES -> clockGetres(call, 8);
            case CLOCK_GETRES_TIME64 -> clockGetres(call, 16);
            case NANOSLEEP -> nanosleep(call);
            case CLOCK_NANOSLEEP -> clockNanosleep(call, 8);
            case CLOCK_NANOSLEEP_TIME64 -> clockNanosleep(call, 16);
            case TIMES -> times(call);
            case ALARM, SETITIMER, GETITIMER -> timer(syscall, call);
            default -> UNANSWERED;
        };
    }

    /** The process's own CPU clocks are the sandboxed process's: linux/posix-timers.h, MAKE_PROCESS_CPUCLOCK. */
    private int clock(int clock) {
        int cpuclockSched = 2;
        return clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_THREAD_CPUTIME_ID
                ? (~process.pid() << 3) | cpuclockSched
                : clock < 0 ? Integer.MAX_VALUE : clock; // others' CPU clocks and dynamic ones: EINVAL
    }

    private int time(Call call) {
        int seconds = (int) (kernel.clock_gettime(CLOCK_REALTIME) / SECOND);
        MemorySegment out = call.outOrNull(0, 4);
        if (out != null) {
            out.set(JAVA_INT_UNALIGNED, 0, seconds);
        }
        return seconds;
    }

    private int gettimeofday(Call call) {
        long now = kernel.clock_gettime(CLOCK_REALTIME);
        MemorySegment out = call.outOrNull(0, 8);
        if (out != null) {
            out.set(JAVA_INT_UNALIGNED, 0, (int) (now / SECOND));
            out.set(JAVA_INT_UNALIGNED, 4, (int) (now % SECOND / 1000));
        }
        MemorySegment zone = call.outOrNull(1, 8);
        if (zone != null) {
            zone.fill((byte) 0);
        }
        return 0;
    }

    private static int clock(Call call, long nanos, int size) {
        if (nanos < 0) {
            return (int) nanos;
        }
        put(call.out(1, size), nanos, size);
        return 0;
    }

    private int clockGetres(Call call, int size) {
        long nanos = kernel.clock_getres(clock(call.argument(0)));
        if (nanos >= 0 && call.argument(1) == 0) {
            return 0;
        }
        return clock(call, nanos, size);
    }

    private static void put(MemorySegment to, long nanos, int size) {
        if (size == 8) {
            to.set(JAVA_INT_UNALIGNED, 0, (int) (nanos / SECOND));
            to.set(JAVA_INT_UNALIGNED, 4, (int) (nanos % SECOND));
        } else {
            to.set(JAVA_LONG_UNALIGNED, 0, nanos / SECOND);
            to.set(JAVA_LONG_UNALIGNED, 8, nanos % SECOND);
        }
    }

    /** A timespec in nanoseconds, or -EINVAL (which no time is). */
    private static long nanos(MemorySegment from, int size) {
        long seconds = size == 8 ? from.get(JAVA_INT_UNALIGNED, 0) : from.get(JAVA_LONG_UNALIGNED, 0);
        long fraction = from.get(JAVA_INT_UNALIGNED, size / 2);
        if (seconds < 0 || fraction < 0 || fraction >= SECOND) {
            return -Errno.EINVAL;
        }
        return seconds >= Long.MAX_VALUE / SECOND ? Long.MAX_VALUE : seconds * SECOND + fraction;
    }

    private int nanosleep(Call call) {
        MemorySegment request = call.struct(0, 8);
        return request == null ? -Errno.EFAULT : sleep(call, nanos(request, 8));
    }

    private int clockNanosleep(Call call, int size) {
        MemorySegment request = call.struct(2, size);
        if (request == null) {
            return -Errno.EFAULT;
        }
        int clock = call.argument(0);
        long wanted = nanos(request, size);
        if ((call.argument(1) & TIMER_ABSTIME) == 0) {
            return kernel.clock_getres(clock) < 0 ? -Errno.EINVAL : sleep(call, wanted);
        }
        long now = kernel.clock_gettime(clock);
        if (wanted < 0 || now < 0) {
            return -Errno.EINVAL;
        }
        return call.trustee().await(nothing, 0, Math.max(0, wanted - now));
    }

    private int sleep(Call call, long nanos) {
        if (nanos < 0) {
            return (int) nanos;
        }
        return call.trustee().await(nothing, 0, nanos);
    }

    /** times(2) in clock ticks of 10 ms: of the process's CPU clock, all of it as user time. */
    private int times(Call call) {
        long ticks = 100;
        MemorySegment out = call.outOrNull(0, 16);
        if (out != null) {
            out.fill((byte) 0);
            out.set(JAVA_INT_UNALIGNED, 0, (int) (kernel.clock_gettime(clock(2)) * ticks / SECOND));
        }
        return (int) (kernel.clock_gettime(Kernel.CLOCK_MONOTONIC) * ticks / SECOND);
    }

    /** Timers of the process (setitimer(2)): their signals go to the one thread that does not block them. */
    private static int timer(Syscall syscall, Call call) {
        if (syscall != Syscall.SETITIMER || call.argument(1) == 0) {
            return call.forward(syscall);
        }
        MemorySegment value = call.struct(1, 16);
        return call.trustee()
                .execute(
                        Syscall.SETITIMER,
                        call.argument(0),
                        call.trustee().addressOf(value),
                        call.argument(2),
                        0,
                        0,
                        0);
    }
}
