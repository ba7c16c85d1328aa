package nurse.helper.sandbox;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import nurse.ffm.Kernel;
import nurse.ffm.Statx;
import nurse.helper.program.ElfRules;

/**
 * The dynamic linkers that {@code --lock strict} runs before the lock (docs/lock.md): the host's own, which nobody but root
 * could write, and those that the user names. They are told by device and inode, so that no other name, root directory or bind
 * stands for one. Immutable.
 */
final class TrustedLoaders {
    private static final int WRITABLE_BY_OTHERS = 022;

    private final Set<Identity> trusted = new HashSet<>();

    private record Identity(long device, long inode) {}

    /** @param named names of files on the host; one that is not there trusts nothing */
    TrustedLoaders(Kernel kernel, List<String> named) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment statx = arena.allocate(Statx.SIZE, 8);
            for (String name : ElfRules.LOADERS) {
                if (look(kernel, name, statx)
                        && Statx.uid(statx) == 0
                        && (Statx.mode(statx) & WRITABLE_BY_OTHERS) == 0) {
                    trusted.add(identity(statx));
                }
            }
            for (String name : named) {
                if (look(kernel, name, statx)) {
                    trusted.add(identity(statx));
                }
            }
        }
    }

    private static boolean look(Kernel kernel, String name, MemorySegment statx) {
        return kernel.statx(Kernel.AT_FDCWD, name, 0, Kernel.STATX_BASIC_STATS, statx) == 0;
    }

    private static Identity identity(MemorySegment statx) {
        return new Identity(Statx.dev(statx), Statx.ino(statx));
    }

    /** Whether the file that this tells of is one of them. */
    boolean has(MemorySegment statx) {
        return trusted.contains(identity(statx));
    }
}
