package nurse.cli;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.ffm.Statx;
import org.jspecify.annotations.Nullable;

/**
 * A file of the user's that gets another text, whole or not at all: who reads it meanwhile finds the old one. It keeps its
 * permissions and its owner, and a symbolic link to it stays one.
 */
final class RewrittenFile {
    private static final int NEW = Kernel.O_WRONLY | Kernel.O_CREAT | Kernel.O_EXCL | Kernel.O_CLOEXEC;
    private static final int PARENT = Kernel.O_PATH | Kernel.O_DIRECTORY | Kernel.O_CLOEXEC;
    private static final int PERMISSIONS = 0777;

    private RewrittenFile() {}

    /**
     * Writes it.
     *
     * @param directory where a relative name starts from
     * @return 0, or a negative errno: then the file is as it was
     */
    static int write(Kernel kernel, int directory, String file, String text) {
        int old = kernel.openat(directory, file, Kernel.O_PATH | Kernel.O_CLOEXEC, 0);
        if (old == -Errno.ENOENT) {
            return create(kernel, directory, file, text, null);
        }
        if (old < 0) {
            return old;
        }
        try {
            String name = kernel.readlinkat(Kernel.AT_FDCWD, "/proc/self/fd/" + old);
            return name == null ? -Errno.ENOENT : replace(kernel, name, text, old);
        } finally {
            kernel.close(old);
        }
    }

    /** @param old what is there under its canonical name */
    private static int replace(Kernel kernel, String name, String text, int old) {
        int slash = name.lastIndexOf('/');
        String last = name.substring(slash + 1);
        int directory = kernel.openat(Kernel.AT_FDCWD, name.substring(0, Math.max(slash, 1)), PARENT, 0);
        if (directory < 0) {
            return directory;
        }
        try (Arena arena = Arena.ofConfined()) {
            // From here on by the directory itself: who can rename what leads to it cannot lead us elsewhere.
            MemorySegment theirs = arena.allocate(Statx.SIZE, 8);
            int result = kernel.statx(old, "", Kernel.AT_EMPTY_PATH, Kernel.STATX_BASIC_STATS, theirs);
            if (result < 0) {
                return result;
            }
            if (!isNamed(kernel, directory, last, theirs)) {
                return -Errno.ENOENT;
            }
            // Of a name of its own: what a killed run left behind is in nobody's way.
            String fresh = ".nurse-" + Long.toHexString(System.nanoTime());
            result = create(kernel, directory, fresh, text, theirs);
            if (result == 0) {
                result = kernel.renameat2(directory, fresh, directory, last, 0);
                if (result < 0) {
                    kernel.unlinkat(directory, fresh, 0);
                }
            }
            return result;
        } finally {
            kernel.close(directory);
        }
    }

    private static boolean isNamed(Kernel kernel, int directory, String name, MemorySegment statx) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment named = arena.allocate(Statx.SIZE, 8);
            return kernel.statx(directory, name, Kernel.AT_SYMLINK_NOFOLLOW, Kernel.STATX_BASIC_STATS, named) == 0
                    && Statx.ino(named) == Statx.ino(statx)
                    && Statx.dev(named) == Statx.dev(statx);
        }
    }

    /** @param like the statx(2) of the file whose permissions and owner it gets; null for those of a new one */
    private static int create(Kernel kernel, int directory, String name, String text, @Nullable MemorySegment like) {
        int fd = kernel.openat(directory, name, NEW, like == null ? 0644 : 0600); // nobody reads what only few may
        if (fd < 0) {
            return fd;
        }
        int result = like == null ? 0 : resemble(kernel, fd, like);
        result = result < 0 ? result : Messages.write(kernel, fd, text);
        kernel.close(fd);
        if (result < 0) {
            kernel.unlinkat(directory, name, 0);
        }
        return Math.min(result, 0);
    }

    private static int resemble(Kernel kernel, int fd, MemorySegment theirs) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment its = arena.allocate(Statx.SIZE, 8);
            int result = kernel.statx(fd, "", Kernel.AT_EMPTY_PATH, Kernel.STATX_BASIC_STATS, its);
            if (result < 0) {
                return result;
            }
            int uid = Statx.uid(theirs);
            int gid = Statx.gid(theirs);
            if (uid != Statx.uid(its) || gid != Statx.gid(its)) {
                result = kernel.fchownat(fd, "", uid, gid, Kernel.AT_EMPTY_PATH);
            }
            return result < 0 ? result : kernel.fchmod(fd, Statx.mode(theirs) & PERMISSIONS);
        }
    }
}
