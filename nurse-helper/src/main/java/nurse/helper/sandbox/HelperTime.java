package nurse.helper.sandbox;

import nurse.ffm.Kernel;

/**
 * The processor time that the helper spends on a run's calls, which counts as the program's own: else a call that is cheap to
 * make and dear to answer would be no use of the limit. Written by the thread that serves, read by any.
 */
final class HelperTime {
    private static final int CLOCK_THREAD_CPUTIME_ID = 3; // linux/time.h

    private volatile long spent;

    /** Nanoseconds. */
    long spent() {
        return spent;
    }

    /** To be given to {@link #ends} by the same thread. */
    static long begins(Kernel kernel) {
        return kernel.clock_gettime(CLOCK_THREAD_CPUTIME_ID);
    }

    void ends(Kernel kernel, long begin) {
        spent = spent + kernel.clock_gettime(CLOCK_THREAD_CPUTIME_ID) - begin;
    }
}
