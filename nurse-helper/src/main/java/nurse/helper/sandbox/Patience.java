package nurse.helper.sandbox;

/**
 * How long the helper looks for the next request before it sleeps.
 *
 * <p>Looking pays as long as it costs less than being woken up, which takes 50 to 200 us where the CPU has gone to sleep
 * (docs/performance.md). It does not when the program computes or waits for long, nor when somebody else wants the CPU: so
 * each look in vain halves the time and each that finds something doubles it. On one CPU looking only keeps the other side
 * from its work. Not thread-safe.
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

    void paid() {
        nanos = Math.min(2 * nanos, MOST_NANOS);
    }

    void inVain() {
        nanos = Math.max(nanos / 2, LEAST_NANOS);
    }
}
