package nurse.helper.descriptors;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import nurse.ffm.Kernel;
import nurse.ffm.KernelRefused;

/**
 * How the helper's own limit of open files is divided among the programs it serves, so that none takes what others need.
 *
 * <p>The kernel gives out the lowest free number (open(2)), so a number says how many are taken. The lower half goes to who
 * comes first; the upper half belongs to all alike, {@link #OF_A_PROGRAM} each.
 *
 * @param limit RLIMIT_NOFILE, as it is: the JVM raises it to the hard one at its start
 */
public record HelperFiles(long limit) {
    /** The sandbox's own 19 (docs/serve.md), and what a program usually has open. */
    private static final int OF_A_PROGRAM = 32;

    /**
     * So many files and fixed random devices a program may have open, whatever others have: the rest of {@link #OF_A_PROGRAM},
     * less room for a look.
     */
    static final int OF_EACH = 10;

    /** The JVM's, and those of clients that are being told that there is no room. */
    private static final int OF_THE_HELPER = 64;

    public static HelperFiles of(Kernel kernel) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment limit = arena.allocate(16, 8);
            KernelRefused.check("prlimit64", kernel.prlimit64(0, Kernel.RLIMIT_NOFILE, MemorySegment.NULL, limit));
            return new HelperFiles(limit.get(JAVA_LONG, 0));
        }
    }

    /** How many programs may run at a time; at least one. */
    public long programs() {
        return Math.max(1, (limit / 2 - OF_THE_HELPER) / OF_A_PROGRAM);
    }

    /** From this number on, a descriptor of the helper's is not for a program among many that has {@link #OF_EACH} files. */
    public int sharedAmongMany() {
        return (int) Math.min(limit / 2, Integer.MAX_VALUE);
    }

    /** The same when there is one program only. */
    public int forOne() {
        return (int) Math.min(Math.max(limit - OF_THE_HELPER, limit / 2), Integer.MAX_VALUE);
    }
}
