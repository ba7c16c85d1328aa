package nurse.helper.time;

import nurse.ffm.Kernel;

/** What time it is for the program: the kernel's, or a fixed one. Of one run, and its thread alone. */
public sealed interface Clocks permits KernelClocks, FixedClocks {
    /** Whether the kernel's clocks are kept from the program. */
    boolean areFixed();

    /**
     * Answers a question of the program's.
     *
     * @param clock as {@link ClockIds} makes it for the helper
     * @return nanoseconds, or a negative errno
     */
    long ask(int clock);

    /** What CLOCK_MONOTONIC shows, without being asked. */
    long monotonic();

    /** CPU time of the program's process; with a fixed clock its own and the kernel's are not told apart. */
    CpuTime spent(int pid);

    /** CPU time of the program's thread. */
    CpuTime spentByThread(int pid);

    /** The program has waited for so long, as it wanted to, and nothing came before. */
    void waited(long nanos);

    /** The kernel's clocks. */
    static Clocks ofKernel(Kernel kernel) {
        return new KernelClocks(kernel);
    }
}
