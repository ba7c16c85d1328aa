package nurse.helper.time;

import nurse.ffm.Kernel;

/** The kernel's clocks, as they are. */
record KernelClocks(Kernel kernel) implements Clocks {
    @Override
    public boolean areFixed() {
        return false;
    }

    @Override
    public long ask(int clock) {
        return kernel.clock_gettime(clock);
    }

    @Override
    public long monotonic() {
        return System.nanoTime(); // the same clock, without a call
    }

    @Override
    public CpuTime spent(int pid) {
        return CpuTime.ofProcess(kernel, pid);
    }

    @Override
    public CpuTime spentByThread(int pid) {
        return CpuTime.ofThread(kernel, pid);
    }

    @Override
    public void waited(long nanos) {
        // the kernel knows
    }
}
