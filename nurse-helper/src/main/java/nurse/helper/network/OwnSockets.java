package nurse.helper.network;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;
import nurse.ffm.Kernel;
import nurse.ffm.lane.LaneLayout;

/**
 * Sockets that the program has bound to names in the file system: which names it gave, and which files they are. As many as it
 * can have descriptors; the oldest are forgotten.
 */
final class OwnSockets {
    private static final int STATX_BTIME = 0x800; // linux/stat.h
    private static final int INODE = 32;
    private static final int BIRTH = 80;
    private static final int BIRTH_NANOS = 88;
    private static final int DEVICE = 136;

    /** A file, told from a later one in the same inode by when it was made. */
    private record Identity(long device, long inode, long birth, int birthNanos) {}

    private final Kernel kernel;
    private final MemorySegment statx;
    private final Map<Identity, Boolean> files = bounded();
    private final Map<String, String> names = bounded();

    OwnSockets(Kernel kernel, Arena arena) {
        this.kernel = kernel;
        this.statx = arena.allocate(256, 8);
    }

    private static <K, V> Map<K, V> bounded() {
        return new LinkedHashMap<>() {
            private static final long serialVersionUID = 1;

            @Override
            protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
                return size() > LaneLayout.FD_BASE;
            }
        };
    }

    /**
     * @param ours the name that the kernel was told
     * @param theirs the name that the program gave
     */
    void bound(int directory, String entry, String ours, String theirs) {
        names.put(ours, theirs);
        Identity identity = identity(directory, entry, Kernel.AT_SYMLINK_NOFOLLOW);
        if (identity != null) {
            files.put(identity, Boolean.TRUE);
        }
    }

    /** Whether a file, of which {@code fd} is an O_PATH descriptor, was made by the program. */
    boolean made(int fd) {
        Identity identity = identity(fd, "", Kernel.AT_EMPTY_PATH);
        return identity != null && files.containsKey(identity);
    }

    /** The kernel's names, and the program's for them. */
    Map<String, String> names() {
        return names;
    }

    private Identity identity(int directory, String entry, int flags) {
        if (kernel.statx(directory, entry, flags, Kernel.STATX_BASIC_STATS | STATX_BTIME, statx) < 0) {
            return null;
        }
        return new Identity(
                statx.get(JAVA_LONG, DEVICE),
                statx.get(JAVA_LONG, INODE),
                statx.get(JAVA_LONG, BIRTH),
                statx.get(JAVA_INT, BIRTH_NANOS));
    }
}
