package nurse.bench.peers;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import nurse.ffm.Kernel;
import nurse.ffm.KernelRefused;

/** Where things run: the first two CPUs that this process may use, which are one where there is no second. */
public final class Cpus {
    private static final int SET_BYTES = 1024; // CONFIG_NR_CPUS is 8192 at most
    private static final BitSet ALLOWED = allowed();

    private Cpus() {}

    private static BitSet allowed() {
        try (Kernel kernel = new Kernel();
                Arena arena = Arena.ofConfined()) {
            MemorySegment set = arena.allocate(SET_BYTES, 8);
            int bytes = KernelRefused.check("sched_getaffinity", kernel.sched_getaffinity(0, set));
            byte[] bits = new byte[bytes];
            MemorySegment.copy(set, JAVA_BYTE, 0, bits, 0, bytes);
            return BitSet.valueOf(bits);
        }
    }

    public static int count() {
        return ALLOWED.cardinality();
    }

    /** Where helpers and who else answers are put. */
    public static int first() {
        return ALLOWED.nextSetBit(0);
    }

    /** Where programs are put. */
    public static int second() {
        int second = ALLOWED.nextSetBit(first() + 1);
        return second < 0 ? first() : second;
    }

    /** Keeps a thread (0 for the calling one) on one CPU; what it starts later stays there too. */
    public static void pin(Kernel kernel, int thread, int cpu) {
        BitSet one = new BitSet();
        one.set(cpu);
        set(kernel, thread, one);
    }

    /** Lets a thread run everywhere again. */
    public static void free(Kernel kernel, int thread) {
        set(kernel, thread, ALLOWED);
    }

    private static void set(Kernel kernel, int thread, BitSet cpus) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment set = arena.allocate(SET_BYTES, 8);
            byte[] bits = cpus.toByteArray();
            MemorySegment.copy(bits, 0, set, JAVA_BYTE, 0, bits.length);
            KernelRefused.check("sched_setaffinity", kernel.sched_setaffinity(thread, set));
        }
    }
}
