package nurse.helper.time;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.helper.calls.Call;
import nurse.helper.calls.CallHandler;
import nurse.helper.calls.Durations;
import nurse.helper.calls.Syscall;
import nurse.helper.processes.ProcessState;

/** Clocks and waiting. The helper tells the time; while the program sleeps, the helper sleeps for it. */
public final class TimeCalls implements CallHandler {
    private static final int CLOCK_REALTIME = 0;
    /** CLOCK_MONOTONIC_RAW, CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE: kernel/time/posix-timers.c has no nsleep. */
    private static final int[] CANNOT_SLEEP = {4, 5, 6};

    private static final int TIMER_ABSTIME = 1;
    private static final long SECOND = 1_000_000_000;
    private static final long TICK = SECOND / 100;
    private static final long SLICE = SECOND;

    private final Kernel kernel;
    private final Clocks clocks;
    private final ProcessState process;
    private final MemorySegment nothing;
    private final TimerCalls timers;

    public TimeCalls(Kernel kernel, Clocks clocks, ProcessState process, Arena arena) {
        this.kernel = kernel;
        this.clocks = clocks;
        this.process = process;
        this.nothing = arena.allocate(8);
        this.timers = new TimerCalls(process);
    }

    @Override
    public int answer(Syscall syscall, Call call) {
        return switch (syscall) {
            case TIME -> time(call);
            case GETTIMEOFDAY -> gettimeofday(call);
            case CLOCK_GETTIME -> clockGettime(syscall, call, 8);
            case CLOCK_GETTIME64 -> clockGettime(syscall, call, 16);
            case CLOCK_GETRES -> clockGetres(call, 8);
            case CLOCK_GETRES_TIME64 -> clockGetres(call, 16);
            case NANOSLEEP -> nanosleep(call);
            case CLOCK_NANOSLEEP -> clockNanosleep(call, 8);
            case CLOCK_NANOSLEEP_TIME64 -> clockNanosleep(call, 16);
            case TIMES -> times(call);
            default -> timers.answer(syscall, call);
        };
    }

    private int clock(int clock) {
        return ClockIds.forHelper(clock, process.pid());
    }

    private int time(Call call) {
        int seconds = (int) (clocks.ask(CLOCK_REALTIME) / SECOND);
        MemorySegment out = call.outOrNull(0, 4);
        if (out != null) {
            out.set(JAVA_INT_UNALIGNED, 0, seconds);
        }
        return seconds;
    }

    private int gettimeofday(Call call) {
        long now = clocks.ask(CLOCK_REALTIME);
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

    private int clockGettime(Syscall syscall, Call call, int size) {
        int clock = call.argument(0);
        if (!clocks.areFixed() && ClockIds.isThread(clock, process.pid())) {
            int untrustee = ClockIds.ofUntrustee(clock, process.pid());
            return call.trustee().execute(syscall, untrustee, call.argument(1), 0, 0, 0, 0);
        }
        return clock(call, clocks.ask(clock(clock)), size);
    }

    private static int clock(Call call, long nanos, int size) {
        if (nanos < 0) {
            return (int) nanos;
        }
        Durations.putTimespec(call.out(1, size), nanos, size);
        return 0;
    }

    private int clockGetres(Call call, int size) {
        boolean thread = ClockIds.isThread(call.argument(0), process.pid());
        long nanos = kernel.clock_getres(thread ? ClockIds.CLOCK_THREAD_CPUTIME_ID : clock(call.argument(0)));
        if (nanos >= 0 && call.argument(1) == 0) {
            return 0;
        }
        return clock(call, nanos, size);
    }

    private int nanosleep(Call call) {
        MemorySegment request = call.struct(0, 8);
        return request == null ? -Errno.EFAULT : sleep(call, Durations.ofTimespec(request, 8), 1, 8);
    }

    private int clockNanosleep(Call call, int size) {
        int clock = call.argument(0);
        if (clock == ClockIds.CLOCK_THREAD_CPUTIME_ID || clock < 0 || kernel.clock_getres(clock) < 0) {
            return -Errno.EINVAL;
        }
        if (Arrays.binarySearch(CANNOT_SLEEP, clock) >= 0) {
            return -Errno.EOPNOTSUPP;
        }
        MemorySegment request = call.struct(2, size);
        if (request == null) {
            return -Errno.EFAULT;
        }
        long wanted = Durations.ofTimespec(request, size);
        if ((call.argument(1) & TIMER_ABSTIME) == 0) {
            return sleep(call, wanted, 3, size);
        }
        int result = 0;
        // In slices, as a clock may be set while the program sleeps until a time on it.
        for (long left; result == 0 && (left = wanted - clocks.ask(clock(clock))) > 0; ) {
            result = call.trustee().await(nothing, 0, Math.min(left, SLICE));
        }
        return result;
    }

    /** @param remaining the argument that points to where the rest of an interrupted sleep goes */
    private int sleep(Call call, long nanos, int remaining, int size) {
        long end = Durations.sum(clocks.monotonic(), nanos);
        int result = call.trustee().await(nothing, 0, nanos == Long.MAX_VALUE ? -1 : nanos);
        MemorySegment rest = result < 0 ? call.outOrNull(remaining, size) : null;
        if (rest != null) {
            Durations.putTimespec(rest, Math.max(0, end - clocks.monotonic()), size);
            call.answerDespiteError();
        }
        return result;
    }

    /** times(2), in ticks of 10 ms. */
    private int times(Call call) {
        MemorySegment out = call.outOrNull(0, 16);
        if (out != null) {
            CpuTime spent = clocks.spent(process.pid());
            out.fill((byte) 0);
            out.set(JAVA_INT_UNALIGNED, 0, (int) (spent.user() / TICK));
            out.set(JAVA_INT_UNALIGNED, 4, (int) (spent.system() / TICK));
        }
        return (int) (clocks.ask(Kernel.CLOCK_MONOTONIC) / TICK);
    }
}
