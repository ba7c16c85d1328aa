package nurse.cli;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;

/**
 * Removes a directory with all that a stranger's program left in it: trees of any depth, directories of any mode.
 *
 * <p>Three descriptors and one chunk of names are all that it needs at a time. A directory that is not empty is emptied into
 * the topmost one, by renaming the directories in it, and so no tree is deeper than two when it is removed. No link is
 * followed. Not thread-safe.
 */
final class Removal {
    private static final int RECLEN = 16; // struct linux_dirent64: u64 ino, s64 off, u16 reclen, u8 type, name
    private static final int NAME = 19;
    private static final int CHUNK = 1 << 15;
    private static final int RENAME_NOREPLACE = 1; // linux/fs.h
    private static final int ALL_OF_OWNER = 0700;
    private static final int OPEN = Kernel.O_DIRECTORY | Kernel.O_NOFOLLOW | Kernel.O_CLOEXEC;

    private final Kernel kernel;
    private final String prefix;
    private long moved;

    private Removal(Kernel kernel, String prefix) {
        this.kernel = kernel;
        this.prefix = prefix;
    }

    /** What is done with each name of a directory; whether it is gone from there. */
    private interface Each {
        boolean gone(String name);
    }

    /**
     * @param parent a descriptor of the directory that it is in
     * @param prefix of names that nothing in it is likely to have
     */
    static void remove(Kernel kernel, int parent, String name, String prefix) {
        new Removal(kernel, prefix).remove(parent, name);
    }

    private void remove(int parent, String name) {
        int top = open(kernel, parent, name);
        if (top >= 0) {
            empty(top, each -> isRemoved(top, each) || isDissolved(top, each));
            kernel.close(top);
        }
        kernel.unlinkat(parent, name, Kernel.AT_REMOVEDIR);
    }

    /** Until a pass over it finds nothing, or nothing that goes away: while names are removed, others may be passed over. */
    private void empty(int directory, Each each) {
        boolean progress = true;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment chunk = arena.allocate(CHUNK, 8);
            while (progress) {
                progress = false;
                kernel.lseek(directory, 0, Kernel.SEEK_SET);
                int got;
                while ((got = kernel.getdents64(directory, chunk, CHUNK)) > 0) {
                    for (String name : names(chunk, got)) {
                        progress |= each.gone(name);
                    }
                }
            }
        }
    }

    private boolean isRemoved(int directory, String name) {
        return kernel.unlinkat(directory, name, 0) == 0 || kernel.unlinkat(directory, name, Kernel.AT_REMOVEDIR) == 0;
    }

    private boolean isDissolved(int top, String name) {
        int directory = open(kernel, top, name);
        if (directory < 0) {
            return false;
        }
        empty(directory, each -> isRemoved(directory, each) || isMoved(directory, each, top));
        kernel.close(directory);
        return kernel.unlinkat(top, name, Kernel.AT_REMOVEDIR) == 0;
    }

    /** rename(2) of a directory changes its entry for {@code ..}, and so asks for the right to write it. */
    private boolean isMoved(int directory, String name, int top) {
        kernel.close(open(kernel, directory, name));
        int result;
        do {
            result = kernel.renameat2(directory, name, top, prefix + moved++, RENAME_NOREPLACE);
        } while (result == -Errno.EEXIST);
        return result == 0;
    }

    /** Opens a directory of this user's, which first becomes one that its owner may read, write and search. */
    static int open(Kernel kernel, int parent, String name) {
        int path = kernel.openat(parent, name, OPEN | Kernel.O_PATH, 0);
        if (path < 0) {
            return path;
        }
        kernel.fchmodat(Kernel.AT_FDCWD, "/proc/self/fd/" + path, ALL_OF_OWNER);
        int directory = kernel.openat(path, ".", OPEN | Kernel.O_RDONLY, 0);
        kernel.close(path);
        return directory;
    }

    /** The names in a chunk of entries but the directory's own and its parent's; one char a byte. */
    static List<String> names(MemorySegment chunk, int length) {
        List<String> names = new ArrayList<>();
        int next;
        for (int at = 0; at < length; at = next) {
            next = at + (chunk.get(JAVA_SHORT_UNALIGNED, at + RECLEN) & 0xffff);
            StringBuilder text = new StringBuilder();
            for (int i = at + NAME, character; (character = chunk.get(JAVA_BYTE, i) & 0xff) != 0; i++) {
                text.append((char) character);
            }
            if (!text.toString().equals(".") && !text.toString().equals("..")) {
                names.add(text.toString());
            }
        }
        return names;
    }
}
