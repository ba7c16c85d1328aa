package nurse.helper.time;

import java.time.Instant;
import nurse.ffm.Kernel;

/**
 * Clocks that say the same in every run. They stand still but for two things: each question takes a microsecond, so that a
 * program that waits by asking comes to an end, and a wait that nothing ended before its time takes as long as was asked for.
 */
public final class FixedClocks implements Clocks {
    private static final long STEP = 1_000;
    private static final long SECOND = 1_000_000_000;
    /** The machine has been up for an hour when the program starts: 0 is what some take for no time at all. */
    private static final long UPTIME = 3600 * SECOND;

    private static final int CLOCK_MONOTONIC_RAW = 4;
    private static final int CLOCK_MONOTONIC_COARSE = 6;
    private static final int CLOCK_BOOTTIME = 7;
    private static final int CLOCK_BOOTTIME_ALARM = 9;

    private final Kernel kernel;
    private final long start;
    private long worked;
    private long waited;

    public FixedClocks(Kernel kernel, Instant start) {
        this.kernel = kernel;
        this.start = start.getEpochSecond() * SECOND + start.getNano();
    }

    @Override
    public boolean areFixed() {
        return true;
    }

    @Override
    public long ask(int clock) {
        long known = clock < 0 ? 0 : kernel.clock_getres(clock); // which clocks there are, the kernel says
        if (known < 0) {
            return known;
        }
        long now =
                switch (clock) {
                    case Kernel.CLOCK_MONOTONIC,
                            CLOCK_MONOTONIC_RAW,
                            CLOCK_MONOTONIC_COARSE,
                            CLOCK_BOOTTIME,
                            CLOCK_BOOTTIME_ALARM -> monotonic();
                    case ClockIds.CLOCK_PROCESS_CPUTIME_ID, ClockIds.CLOCK_THREAD_CPUTIME_ID -> worked;
                    default -> clock < 0 ? worked : start + worked + waited; // negative: CPU clocks
                };
        worked += STEP;
        return now;
    }

    @Override
    public long monotonic() {
        return UPTIME + worked + waited;
    }

    @Override
    public CpuTime spent(int pid) {
        CpuTime spent = new CpuTime(worked, 0);
        worked += STEP;
        return spent;
    }

    @Override
    public CpuTime spentByThread(int pid) {
        return spent(pid);
    }

    @Override
    public void waited(long nanos) {
        waited += nanos;
    }
}
