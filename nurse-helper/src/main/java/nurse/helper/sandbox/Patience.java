package nurse.helper.sandbox;

/**
 * How long one side looks for the other before it sleeps.
 *
 * <p>Looking pays as long as it costs less than being woken up, which takes 50 to 200 us where the CPU has gone to sleep
 * (docs/performance.md). It does not when the program computes or waits for long, nor when somebody else wants the CPU: so
 * each wait that was too long to look through halves the time, and one that was not brings it back, whether it was looked
 * or slept through: or nobody would look again after a few long waits. On one CPU looking only keeps the other side from
 * its work. Not thread-safe.
 */
final class Patience {
    private static final long MOST_NANOS = 100_000;
    private static final long LEAST_NANOS = 2_000;

    private final boolean alone;
    private long nanos = MOST_NANOS;

    Patience(int cpus) {
        alone = cpus == 1;
    }

    /** How long to look now, in nanoseconds; 0 for not at all. */
    long nanos() {
        return alone ? 0 : nanos;
    }

    void inVain() {
        nanos = Math.max(nanos / 2, LEAST_NANOS);
    }

    /** @param waited how long the other side took, in nanoseconds, a sleeper's way back to its CPU included */
    void waited(long waited) {
        if (waited <= 2 * MOST_NANOS) {
            nanos = MOST_NANOS;
        } else {
            inVain();
        }
    }
}
