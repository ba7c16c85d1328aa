package nurse.helper.sandbox;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import nurse.ffm.Kernel;

/**
 * Keeps the trustee on the CPU that the helper's thread is on: then an order is handed over by one of the two going to sleep,
 * which costs some microseconds, and not by waking another CPU, which costs tens (docs/performance.md).
 *
 * <p>Not thread-safe.
 */
final class Placement {
    private static final int CPU_SET_BYTES = 1024; // CONFIG_NR_CPUS is 8192 at most

    private final Kernel kernel;
    private final int trusteeTid;
    private final MemorySegment set;
    private final int cpus;
    private int cpu = -1;

    Placement(Kernel kernel, int trusteeTid, Arena arena) {
        this.kernel = kernel;
        this.trusteeTid = trusteeTid;
        this.set = arena.allocate(CPU_SET_BYTES, 8);
        int bytes = kernel.sched_getaffinity(0, set);
        int count = 0;
        for (int i = 0; i < bytes; i++) {
            count += Integer.bitCount(set.get(JAVA_BYTE, i) & 0xff);
        }
        cpus = Math.max(count, 1);
    }

    /** On how many CPUs the helper may run. */
    int cpus() {
        return cpus;
    }

    /** Brings the trustee here, if the helper has moved. Where that is refused, the kernel's own choice has to do. */
    void follow() {
        if (cpus == 1) {
            return;
        }
        int here = kernel.getcpu();
        if (here != cpu) {
            cpu = here;
            set.fill((byte) 0);
            set.set(JAVA_BYTE, here / 8, (byte) (1 << here % 8));
            kernel.sched_setaffinity(trusteeTid, set);
        }
    }
}
