package nurse.helper.files;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.helper.calls.Call;
import nurse.helper.calls.CallError;
import nurse.helper.calls.CallHandler;
import nurse.helper.calls.CallRefused;
import nurse.helper.calls.Syscall;
import nurse.helper.descriptors.DescriptorCalls;
import nurse.helper.network.LocalNames;
import nurse.helper.policy.Access;
import nurse.helper.processes.ProcessState;

/**
 * Calls that change the tree of files or what it says of a file: make, remove, rename, link, permissions, owners, times.
 *
 * <p>An entry is changed through a descriptor of its directory, opened under its judged name; a file's own attributes
 * through a descriptor of the file.
 */
public final class TreeCalls implements CallHandler, LocalNames {
    private static final int RENAME_NOREPLACE = 1; // linux/fs.h
    private static final int RENAME_EXCHANGE = 2;
    private static final int REPLACE = Access.CREATE | Access.DELETE;
    private static final int UTIME_FLAGS = Kernel.AT_SYMLINK_NOFOLLOW | Kernel.AT_EMPTY_PATH;
    private static final int MICROSECONDS = 1_000_000;

    /** A copy is judged as reading and writing. */
    private static final String OPENS = "its new name would be open to more than the one it has; a copy is judged anew";

    private static final String DEVICE = "the nodes of /dev are everyone's: they may be written to, not changed";
    private static final int SIGXFSZ = 25;

    private final Kernel kernel;
    private final Paths paths;
    private final ProcessState process;
    private final At at;
    private final MemorySegment times;

    public TreeCalls(Kernel kernel, Paths paths, ProcessState process, Arena arena) {
        this.kernel = kernel;
        this.paths = paths;
        this.process = process;
        this.at = new At(process);
        this.times = arena.allocate(32, 8);
    }

    @Override
    public int answer(Syscall syscall, Call call) {
        return switch (syscall) {
            case MKDIR -> mkdir(Kernel.AT_FDCWD, call.string(0), call.argument(1));
            case MKDIRAT -> mkdir(call.argument(0), call.string(1), call.argument(2));
            case MKNOD -> mknod(Kernel.AT_FDCWD, call.string(0), call.argument(1));
            case MKNODAT -> mknod(call.argument(0), call.string(1), call.argument(2));
            case RMDIR -> unlink(Kernel.AT_FDCWD, call.string(0), Kernel.AT_REMOVEDIR);
            case UNLINK -> unlink(Kernel.AT_FDCWD, call.string(0), 0);
            case UNLINKAT -> unlink(call.argument(0), call.string(1), call.argument(2));
            case RENAME -> rename(Kernel.AT_FDCWD, call.string(0), Kernel.AT_FDCWD, call.string(1), 0);
            case RENAMEAT -> rename(call.argument(0), call.string(1), call.argument(2), call.string(3), 0);
            case RENAMEAT2 ->
                rename(call.argument(0), call.string(1), call.argument(2), call.string(3), call.argument(4));
            case LINK -> link(Kernel.AT_FDCWD, call.string(0), Kernel.AT_FDCWD, call.string(1), 0);
            case LINKAT -> link(call.argument(0), call.string(1), call.argument(2), call.string(3), call.argument(4));
            case SYMLINK -> symlink(call.string(0), Kernel.AT_FDCWD, call.string(1));
            case SYMLINKAT -> symlink(call.string(0), call.argument(1), call.string(2));
            case CHMOD -> chmod(Kernel.AT_FDCWD, call.string(0), call.argument(1), 0);
            case FCHMODAT -> chmod(call.argument(0), call.string(1), call.argument(2), 0);
            case FCHMODAT2 -> chmod(call.argument(0), call.string(1), call.argument(2), call.argument(3));
            case CHOWN32 -> chown(Kernel.AT_FDCWD, call.string(0), call.argument(1), call.argument(2), 0);
            case LCHOWN32 ->
                chown(Kernel.AT_FDCWD, call.string(0), call.argument(1), call.argument(2), Kernel.AT_SYMLINK_NOFOLLOW);
            case CHOWN -> chown16(call, 0);
            case LCHOWN -> chown16(call, Kernel.AT_SYMLINK_NOFOLLOW);
            case FCHOWNAT ->
                chown(call.argument(0), call.string(1), call.argument(2), call.argument(3), call.argument(4));
            case UTIMENSAT -> utimensat(call, 8);
            case UTIMENSAT_TIME64 -> utimensat(call, 16);
            case UTIMES -> utimes(call, Kernel.AT_FDCWD, 0);
            case FUTIMESAT -> utimes(call, call.argument(0), 1);
            case UTIME -> utime(call);
            case TRUNCATE -> truncate(call, call.string(0), call.argument(1));
            case TRUNCATE64 -> truncate(call, call.string(0), call.argument64(1));
            default -> UNANSWERED;
        };
    }

    /** A directory that was opened for one of its entries. */
    private record Entry(int directory, String name, String canonical) {}

    /**
     * Opens the directory of what the program names; the entry itself is judged, and no link in it followed.
     *
     * @param access what is done with it: CREATE, DELETE, BIND
     */
    private Entry entry(int dirfd, String path, int access, Presence needed) {
        if (path.isEmpty()) {
            throw CallError.of(Errno.ENOENT);
        }
        int end = path.length();
        while (end > 1 && path.charAt(end - 1) == '/') {
            end--;
        }
        int start = path.lastIndexOf('/', end - 1) + 1;
        String name = path.substring(Math.min(start, end));
        String directory = start == 0 ? "." : path.substring(0, start);
        if (name.isEmpty() || name.equals("/")) {
            name = ".";
        }
        int fd = CallError.check(paths.open(
                at.base(dirfd, path),
                directory,
                Access.LOOKUP,
                true,
                Kernel.O_PATH | Kernel.O_DIRECTORY | Kernel.O_CLOEXEC,
                0));
        String parent = paths.canonical();
        String bare = path.substring(Math.min(start, end), end);
        String canonical = bare.isEmpty() || bare.equals(".") || bare.equals("..")
                ? parent
                : (parent.equals("/") ? "" : parent) + "/" + bare;
        int judged = isDevice(canonical) ? deviceError(canonical, needed) : paths.judgeEntry(canonical, access, needed);
        int error = judged < 0 ? judged : paths.placedError(canonical, needed);
        if (error < 0) {
            kernel.close(fd);
            throw CallError.of(-error);
        }
        return new Entry(fd, name, canonical);
    }

    @Override
    public int open(String path) {
        return open(Kernel.AT_FDCWD, path, Access.CONNECT, true);
    }

    @Override
    public String opened() {
        return paths.canonical();
    }

    @Override
    public boolean isNamedByRule() {
        return paths.isNamed(paths.canonical(), Access.CONNECT);
    }

    @Override
    public LocalNames.Place place(String path) {
        Entry entry = entry(Kernel.AT_FDCWD, path, Access.BIND, Presence.ABSENT);
        return new LocalNames.Place(entry.directory, entry.name);
    }

    /** The nodes of /dev may be written to, not changed: they are everyone's, and the helper may be root. */
    private static boolean isDevice(String canonical) {
        return View.isBelow(canonical, "/dev") && !View.isBelow(canonical, "/dev/shm");
    }

    private int deviceError(String canonical, Presence needed) {
        int error = paths.entryError(canonical, needed);
        return error < 0 ? error : paths.refuse(canonical, Errno.EPERM, DEVICE);
    }

    private int mkdir(int dirfd, String path, int mode) {
        Entry entry = entry(dirfd, path, Access.CREATE, Presence.ABSENT);
        int result = kernel.mkdirat(entry.directory, entry.name, mode & 01777 & ~process.umask());
        kernel.close(entry.directory);
        return result;
    }

    /** Of nodes only such as are no way to a device. */
    private int mknod(int dirfd, String path, int mode) {
        int type = mode & Kernel.S_IFMT;
        if (type == Kernel.S_IFDIR) {
            return -Errno.EPERM;
        }
        Entry entry = entry(dirfd, path, Access.CREATE, Presence.ABSENT);
        int permissions = mode & 01777 & ~process.umask();
        int result = type == 0 || type == Kernel.S_IFREG || type == Kernel.S_IFIFO
                ? kernel.mknodat(entry.directory, entry.name, type | permissions)
                : paths.refuse(entry.canonical, Errno.EPERM, "of nodes only files and FIFOs may be made");
        kernel.close(entry.directory);
        return result;
    }

    private int unlink(int dirfd, String path, int flags) {
        Entry entry = entry(dirfd, path, Access.DELETE, Presence.THERE);
        int result = kernel.unlinkat(entry.directory, entry.name, flags);
        kernel.close(entry.directory);
        if (result == 0) {
            process.removed(entry.canonical);
        }
        return result;
    }

    /** What is moved is removed here and made there; what is in the way there is removed, too. */
    private int rename(int oldDirfd, String oldPath, int newDirfd, String newPath, int flags) {
        boolean exchanges = (flags & RENAME_EXCHANGE) != 0;
        Entry from = entry(oldDirfd, oldPath, exchanges ? REPLACE : Access.DELETE, Presence.THERE);
        try {
            boolean noReplace = (flags & RENAME_NOREPLACE) != 0;
            Presence presence = exchanges ? Presence.THERE : noReplace ? Presence.ABSENT : Presence.EITHER;
            Entry to = entry(newDirfd, newPath, exchanges ? REPLACE : Access.CREATE, presence);
            int judged = noReplace || paths.may(to.canonical, Access.DELETE) ? 0 : replaced(to);
            boolean whole = paths.mayMove(from.canonical) && paths.mayMove(to.canonical);
            boolean opens = paths.opens(from.canonical, to.canonical)
                    || (exchanges && paths.opens(to.canonical, from.canonical));
            int result = judged < 0
                    ? judged
                    : !whole
                            ? paths.refuse(
                                    from.canonical,
                                    Errno.EPERM,
                                    "a rule about what is below it, or below its new name, takes rights away")
                            : opens
                                    ? paths.refuse(from.canonical, Errno.EXDEV, OPENS) // so that mv copies
                                    : kernel.renameat2(from.directory, from.name, to.directory, to.name, flags);
            kernel.close(to.directory);
            if (result == 0 && exchanges) {
                process.exchanged(from.canonical, to.canonical);
            } else if (result == 0 && !from.canonical.equals(to.canonical)) {
                process.renamed(from.canonical, to.canonical);
            }
            return result;
        } finally {
            kernel.close(from.directory);
        }
    }

    /** What may be made but not removed may not be replaced. */
    private int replaced(Entry to) {
        return paths.entryError(to.canonical, Presence.THERE) == -Errno.ENOENT
                ? 0
                : paths.judgeEntry(to.canonical, Access.DELETE, Presence.THERE);
    }

    /** A hard link gives the file a second name: the program must be allowed to write under both. */
    private int link(int oldDirfd, String oldPath, int newDirfd, String newPath, int flags) {
        if ((flags & ~(Kernel.AT_SYMLINK_FOLLOW | Kernel.AT_EMPTY_PATH)) != 0) {
            return -Errno.EINVAL;
        }
        boolean follow = (flags & Kernel.AT_SYMLINK_FOLLOW) != 0;
        boolean ofDescriptor = oldPath.isEmpty() && (flags & Kernel.AT_EMPTY_PATH) != 0;
        int file = ofDescriptor ? changeable(oldDirfd) : open(oldDirfd, oldPath, Access.WRITE, follow);
        String name = paths.canonical();
        try {
            Entry to = entry(newDirfd, newPath, Access.CREATE, Presence.ABSENT);
            if (!ofDescriptor && paths.opens(name, to.canonical)) {
                kernel.close(to.directory);
                return paths.refuse(name, Errno.EXDEV, OPENS);
            }
            // linkat's AT_EMPTY_PATH needs a capability; the descriptor's own link in /proc does not (open(2),
            // O_TMPFILE).
            int result = kernel.linkat(
                    Kernel.AT_FDCWD, "/proc/self/fd/" + file, to.directory, to.name, Kernel.AT_SYMLINK_FOLLOW);
            kernel.close(to.directory);
            return result;
        } finally {
            kernel.close(file);
        }
    }

    private int symlink(String target, int dirfd, String path) {
        if (target.isEmpty()) {
            return -Errno.ENOENT;
        }
        Entry entry = entry(dirfd, path, Access.CREATE, Presence.ABSENT);
        int result = kernel.symlinkat(target, entry.directory, entry.name);
        kernel.close(entry.directory);
        return result;
    }

    private int changeable(int fd) {
        process.descriptors().requireChangeable(fd);
        return at.duplicate(kernel, fd);
    }

    /** An O_PATH descriptor of a file that the program may change, or connect to, by its name or by that of a descriptor in /proc. */
    private int open(int dirfd, String path, int access, boolean follow) {
        int how = Kernel.O_PATH | Kernel.O_CLOEXEC | (follow ? 0 : Kernel.O_NOFOLLOW);
        int fd = paths.open(at.base(dirfd, path), path, access, follow, how, 0);
        int named = fd == -Errno.ELOOP && follow ? process.descriptorOf(paths.canonical()) : -1;
        return named >= 0 ? changeable(named) : CallError.check(fd);
    }

    private int file(int dirfd, String path, int flags) {
        int fd = open(dirfd, path, Access.WRITE, (flags & Kernel.AT_SYMLINK_NOFOLLOW) == 0);
        if (isDevice(paths.canonical())) {
            kernel.close(fd);
            throw CallRefused.of(Errno.EPERM, paths.canonical(), DEVICE);
        }
        return fd;
    }

    /** Set-user-ID and set-group-ID are for who runs the file outside: the sandboxed program may not make such a file. */
    private int chmod(int dirfd, String path, int mode, int flags) {
        int fd = file(dirfd, path, flags);
        int result = kernel.fchmodat2(fd, "", mode & 01777, Kernel.AT_EMPTY_PATH);
        kernel.close(fd);
        return result;
    }

    private int chown(int dirfd, String path, int uid, int gid, int flags) {
        boolean ofDescriptor = path.isEmpty() && (flags & Kernel.AT_EMPTY_PATH) != 0;
        if (ofDescriptor) {
            process.descriptors().requireChangeable(dirfd);
        }
        int fd = ofDescriptor ? at.duplicate(kernel, dirfd) : file(dirfd, path, flags);
        int result = kernel.fchownat(fd, "", uid, gid, Kernel.AT_EMPTY_PATH);
        kernel.close(fd);
        return result;
    }

    private int chown16(Call call, int flags) {
        int uid = DescriptorCalls.id16(call.argument(1));
        return chown(Kernel.AT_FDCWD, call.string(0), uid, DescriptorCalls.id16(call.argument(2)), flags);
    }

    private int setTimes(int dirfd, String path, boolean now, int flags) {
        int fd = file(dirfd, path, flags);
        int result = kernel.utimensat(fd, "", now ? MemorySegment.NULL : times, Kernel.AT_EMPTY_PATH);
        kernel.close(fd);
        return result;
    }

    private int utimensat(Call call, int size) {
        boolean now = call.argument(2) == 0;
        if (!now) {
            timespecs(call.struct(2, 2 * size), size, 1);
        }
        if ((call.argument(3) & ~UTIME_FLAGS) != 0) {
            return -Errno.EINVAL;
        }
        String path = call.stringOrNull(1);
        if (path == null || (path.isEmpty() && (call.argument(3) & Kernel.AT_EMPTY_PATH) != 0)) {
            process.descriptors().requireChangeable(call.argument(0));
            int fd = process.descriptors().borrow(call.argument(0));
            int result = kernel.futimens(fd, now ? MemorySegment.NULL : times);
            process.descriptors().giveBack(call.argument(0), fd);
            return result;
        }
        return setTimes(call.argument(0), path, now, call.argument(3));
    }

    private int utimes(Call call, int dirfd, int path) {
        boolean now = call.argument(path + 1) == 0;
        if (!now) {
            timespecs(call.struct(path + 1, 16), 8, 1000);
        }
        return setTimes(dirfd, call.string(path), now, 0);
    }

    private int utime(Call call) {
        boolean now = call.argument(1) == 0;
        if (!now) {
            MemorySegment both = call.struct(1, 8);
            for (int i = 0; i < 2; i++) {
                times.set(JAVA_LONG_UNALIGNED, 16L * i, both.get(JAVA_INT_UNALIGNED, 4L * i));
                times.set(JAVA_LONG_UNALIGNED, 16L * i + 8, 0);
            }
        }
        return setTimes(Kernel.AT_FDCWD, call.string(0), now, 0);
    }

    /** Two i386 timespecs, of 8 or 16 bytes, or timevals ({@code factor} 1000), as the helper's kernel wants them. */
    private void timespecs(MemorySegment from, int size, int factor) {
        for (int i = 0; i < 2; i++) {
            long at = (long) i * size;
            long seconds = size == 8 ? from.get(JAVA_INT_UNALIGNED, at) : from.get(JAVA_LONG_UNALIGNED, at);
            long fraction = from.get(JAVA_INT_UNALIGNED, at + size / 2);
            if (factor != 1 && (fraction < 0 || fraction >= MICROSECONDS)) {
                throw CallError.of(Errno.EINVAL); // the kernel checks nanoseconds itself
            }
            times.set(JAVA_LONG_UNALIGNED, 16L * i, seconds);
            times.set(JAVA_LONG_UNALIGNED, 16L * i + 8, fraction * factor);
        }
    }

    private int truncate(Call call, String path, long length) {
        if (length < 0) {
            return -Errno.EINVAL;
        }
        int fd = CallError.check(paths.open(
                at.base(Kernel.AT_FDCWD, path),
                path,
                Access.WRITE,
                true,
                Kernel.O_WRONLY | Kernel.O_NONBLOCK | Kernel.O_CLOEXEC,
                0));
        try {
            return exceedsLimit(fd, length) ? tooLong(call) : kernel.ftruncate(fd, length);
        } finally {
            kernel.close(fd);
        }
    }

    /** Of the program's RLIMIT_FSIZE, which the helper has not: inode_newsize_ok, fs/attr.c. */
    private boolean exceedsLimit(int fd, long length) {
        CallError.check(kernel.prlimit64(process.pid(), Kernel.RLIMIT_FSIZE, MemorySegment.NULL, times));
        long limit = times.get(JAVA_LONG_UNALIGNED, 0);
        return Long.compareUnsigned(length, limit) > 0 && length > kernel.lseek(fd, 0, Kernel.SEEK_END);
    }

    private int tooLong(Call call) {
        call.trustee().execute(Syscall.TGKILL, process.pid(), process.pid(), SIGXFSZ, 0, 0, 0);
        return -Errno.EFBIG;
    }
}
