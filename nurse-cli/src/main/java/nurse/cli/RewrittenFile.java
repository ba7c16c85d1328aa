package nurse.cli;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.ffm.Statx;

/**
 * A file of the user's that gets another text, whole or not at all: who reads it meanwhile finds the old one. It keeps its
 * permissions and its owner, and a symbolic link to it stays one.
 */
final class RewrittenFile {
    private static final int NEW = Kernel.O_WRONLY | Kernel.O_CREAT | Kernel.O_EXCL | Kernel.O_CLOEXEC;
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
            return create(kernel, directory, file, text, -1);
        }
        if (old < 0) {
            return old;
        }
        String name = kernel.readlinkat(Kernel.AT_FDCWD, "/proc/self/fd/" + old);
        String fresh = name + ".new";
        int result = name == null ? -Errno.ENOENT : create(kernel, Kernel.AT_FDCWD, fresh, text, old);
        kernel.close(old);
        if (result == 0) {
            result = kernel.renameat2(Kernel.AT_FDCWD, fresh, Kernel.AT_FDCWD, name, 0);
            if (result < 0) {
                kernel.unlinkat(Kernel.AT_FDCWD, fresh, 0);
            }
        }
        return result;
    }

    /** @param like whose permissions and owner it gets, if it is not negative; that has to be there still under its name */
    private static int create(Kernel kernel, int directory, String name, String text, int like) {
        int fd = kernel.openat(directory, name, NEW, like < 0 ? 0644 : 0600); // nobody reads what only few may
        if (fd < 0) {
            return fd;
        }
        int result = like < 0 ? 0 : resemble(kernel, fd, like);
        result = result < 0 ? result : Messages.write(kernel, fd, text);
        kernel.close(fd);
        if (result < 0) {
            kernel.unlinkat(directory, name, 0);
        }
        return Math.min(result, 0);
    }

    private static int resemble(Kernel kernel, int fd, int like) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment theirs = arena.allocate(Statx.SIZE, 8);
            MemorySegment its = arena.allocate(Statx.SIZE, 8);
            int result = Math.min(
                    kernel.statx(like, "", Kernel.AT_EMPTY_PATH, Kernel.STATX_BASIC_STATS, theirs),
                    kernel.statx(fd, "", Kernel.AT_EMPTY_PATH, Kernel.STATX_BASIC_STATS, its));
            if (result < 0 || Statx.nlink(theirs) == 0) {
                return result < 0 ? result : -Errno.ENOENT;
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
