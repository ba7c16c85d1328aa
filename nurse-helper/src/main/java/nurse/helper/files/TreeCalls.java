package nurse.helper.files;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

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
import org.jspecify.annotations.Nullable;

/**
 * Calls that change the tree of files or what it says of a file: make, remove, rename, link, permissions, owners, times.
 *
 * <p>An entry is changed through a descriptor of its directory, opened under its judged name; a file's own attributes
 * through a descriptor of the file.
 */
public final class TreeCalls implements CallHandler, LocalNames {
    private static final int RENAME_NOREPLACE = 1; // linux/fs.h
    private static final int RENAME_EXCHANGE = 2;
    private static final int RENAME_WHITEOUT = 4;
    private static final int REPLACE = Access.CREATE | Access.DELETE;
    private static final int FILE_FLAGS = Kernel.AT_SYMLINK_NOFOLLOW | Kernel.AT_EMPTY_PATH;
    private static final int MICROSECONDS = 1_000_000;

    /** A copy is judged as reading and writing. */
    private static final String OPENS = "its new name would be open to more than the one it has; a copy is judged anew";

    private static final String DEVICE = "the nodes of /dev are everyone's: they may be written to, not changed";
    private static final int SIGXFSZ = 25;

    private final Kernel kernel;
    private final Paths paths;
    private final ProcessState process;
    private final At at;

    public TreeCalls(Kernel kernel, Paths paths, ProcessState process) {
        this.kernel = kernel;
        this.paths = paths;
        this.process = process;
        this.at = new At(kernel, process, paths);
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

    /**
     * An entry of a directory, which is open.
     *
     * @param canonical the entry's whole name, which was judged
     */
    private record Entry(Found parent, String name, String canonical) implements AutoCloseable {
        int directory() {
            return parent.fd();
        }

        @Override
        public void close() {
            parent.close();
        }
    }

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
        int how = Kernel.O_PATH | Kernel.O_DIRECTORY | Kernel.O_CLOEXEC;
        Found parent = paths.open(at.base(dirfd, path), directory, Access.LOOKUP, true, how, 0)
                .orThrow();
        String bare = path.substring(Math.min(start, end), end);
        String canonical = bare.isEmpty() || bare.equals(".") || bare.equals("..")
                ? parent.name()
                : (parent.name().equals("/") ? "" : parent.name()) + "/" + bare;
        int judged = isDevice(canonical) ? deviceError(canonical, needed) : paths.judgeEntry(canonical, access, needed);
        int error = judged < 0 ? judged : paths.placedError(canonical, needed);
        if (error < 0) {
            parent.close();
            throw CallError.of(-error);
        }
        return new Entry(parent, name, canonical);
    }

    @Override
    public LocalNames.Socket open(String path) {
        Found socket = at.file(Kernel.AT_FDCWD, path, Access.CONNECT, true, at::changeable);
        return new LocalNames.Socket(socket.fd(), socket.name(), paths.isNamed(socket.name(), Access.CONNECT));
    }

    @Override
    public LocalNames.Place place(String path) {
        Entry entry = entry(Kernel.AT_FDCWD, path, Access.BIND, Presence.ABSENT);
        return new LocalNames.Place(entry.directory(), entry.name);
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
        try (Entry entry = entry(dirfd, path, Access.CREATE, Presence.ABSENT)) {
            return kernel.mkdirat(entry.directory(), entry.name, mode & 01777 & ~process.umask());
        }
    }

    /** Of nodes only such as are no way to a device. */
    private int mknod(int dirfd, String path, int mode) {
        int type = mode & Kernel.S_IFMT;
        if (type == Kernel.S_IFDIR) {
            return -Errno.EPERM;
        }
        try (Entry entry = entry(dirfd, path, Access.CREATE, Presence.ABSENT)) {
            int permissions = mode & 01777 & ~process.umask();
            return type == 0 || type == Kernel.S_IFREG || type == Kernel.S_IFIFO
                    ? kernel.mknodat(entry.directory(), entry.name, type | permissions)
                    : paths.refuse(entry.canonical, Errno.EPERM, "of nodes only files and FIFOs may be made");
        }
    }

    private int unlink(int dirfd, String path, int flags) {
        try (Entry entry = entry(dirfd, path, Access.DELETE, Presence.THERE)) {
            int result = kernel.unlinkat(entry.directory(), entry.name, flags);
            if (result == 0) {
                process.removed(entry.canonical);
            }
            return result;
        }
    }

    /** What is moved is removed here and made there; what is in the way there is removed, too. */
    private int rename(int oldDirfd, String oldPath, int newDirfd, String newPath, int flags) {
        boolean exchanges = (flags & RENAME_EXCHANGE) != 0;
        boolean noReplace = (flags & RENAME_NOREPLACE) != 0;
        boolean whiteout = (flags & RENAME_WHITEOUT) != 0;
        if ((flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE | RENAME_WHITEOUT)) != 0
                || exchanges && (noReplace || whiteout)) { // fs/namei.c, do_renameat2
            return -Errno.EINVAL;
        }
        try (Entry from = entry(oldDirfd, oldPath, exchanges ? REPLACE : Access.DELETE, Presence.THERE)) {
            Presence presence = exchanges ? Presence.THERE : noReplace ? Presence.ABSENT : Presence.EITHER;
            try (Entry to = entry(newDirfd, newPath, exchanges ? REPLACE : Access.CREATE, presence)) {
                int judged = noReplace || paths.may(to.canonical, Access.DELETE) ? 0 : replaced(to);
                if (judged < 0) {
                    return judged;
                }
                if (!process.mayBeRenamed(from.canonical, to.canonical)
                        || exchanges && !process.mayBeRenamed(to.canonical, from.canonical)) {
                    return -Errno.ENAMETOOLONG;
                }
                boolean whole = paths.mayMove(from.canonical) && paths.mayMove(to.canonical);
                if (!whole) {
                    String why = "a rule about what is below it, or below its new name, takes rights away";
                    return paths.refuse(from.canonical, Errno.EPERM, why);
                }
                if (whiteout) {
                    return paths.refuse(from.canonical, Errno.EPERM, "what a whiteout leaves behind is a device node");
                }
                if (paths.opens(from.canonical, to.canonical)
                        || exchanges && paths.opens(to.canonical, from.canonical)) {
                    return paths.refuse(from.canonical, Errno.EXDEV, OPENS); // so that mv copies
                }
                return rename(from, to, flags);
            }
        }
    }

    private int rename(Entry from, Entry to, int flags) {
        int result = kernel.renameat2(from.directory(), from.name, to.directory(), to.name, flags);
        if (result == 0 && (flags & RENAME_EXCHANGE) != 0) {
            process.exchanged(from.canonical, to.canonical);
        } else if (result == 0 && !from.canonical.equals(to.canonical)) {
            process.renamed(from.canonical, to.canonical);
        }
        return result;
    }

    /** What may be made but not removed may not be replaced. */
    private int replaced(Entry to) {
        return paths.entryError(to.canonical, Presence.THERE) == -Errno.ENOENT
                ? 0
                : paths.judgeEntry(to.canonical, Access.DELETE, Presence.THERE);
    }

    /**
     * A hard link gives the file a second name: the program must be allowed to write under both, and the new one must not open
     * what the old one closes. Only a file without a name (O_TMPFILE) has no old one.
     */
    private int link(int oldDirfd, String oldPath, int newDirfd, String newPath, int flags) {
        if ((flags & ~(Kernel.AT_SYMLINK_FOLLOW | Kernel.AT_EMPTY_PATH)) != 0) {
            return -Errno.EINVAL;
        }
        boolean follow = (flags & Kernel.AT_SYMLINK_FOLLOW) != 0;
        try (Found file = At.isOfDescriptor(oldPath, flags)
                        ? at.changeable(oldDirfd)
                        : at.file(oldDirfd, oldPath, Access.WRITE, follow, at::changeable);
                Entry to = entry(newDirfd, newPath, Access.CREATE, Presence.ABSENT)) {
            if (!file.name().isEmpty() && paths.opens(file.name(), to.canonical)) {
                return paths.refuse(file.name(), Errno.EXDEV, OPENS);
            }
            // linkat's AT_EMPTY_PATH needs a capability; the descriptor's own link in /proc does not (open(2),
            // O_TMPFILE).
            String name = "/proc/self/fd/" + file.fd();
            return kernel.linkat(Kernel.AT_FDCWD, name, to.directory(), to.name, Kernel.AT_SYMLINK_FOLLOW);
        }
    }

    private int symlink(String target, int dirfd, String path) {
        if (target.isEmpty()) {
            return -Errno.ENOENT;
        }
        try (Entry entry = entry(dirfd, path, Access.CREATE, Presence.ABSENT)) {
            return kernel.symlinkat(target, entry.directory(), entry.name);
        }
    }

    /** A file whose permissions, owner or times the program may change: by its name, or by a descriptor (AT_EMPTY_PATH). */
    private Found changeable(int dirfd, @Nullable String path, int flags) {
        if ((flags & ~FILE_FLAGS) != 0) {
            throw CallError.of(Errno.EINVAL);
        }
        boolean follow = (flags & Kernel.AT_SYMLINK_NOFOLLOW) == 0;
        Found file = At.isOfDescriptor(path, flags)
                ? at.changeable(dirfd)
                : at.file(dirfd, path, Access.WRITE, follow, at::changeable);
        if (isDevice(file.name())) {
            file.close();
            throw CallRefused.of(Errno.EPERM, file.name(), DEVICE);
        }
        return file;
    }

    /** Set-user-ID and set-group-ID are for who runs the file outside: the sandboxed program may not make such a file. */
    private int chmod(int dirfd, @Nullable String path, int mode, int flags) {
        try (Found file = changeable(dirfd, path, flags)) {
            return kernel.fchmodat2(file.fd(), "", mode & 01777, Kernel.AT_EMPTY_PATH);
        }
    }

    private int chown(int dirfd, @Nullable String path, int uid, int gid, int flags) {
        try (Found file = changeable(dirfd, path, flags)) {
            return kernel.fchownat(file.fd(), "", uid, gid, Kernel.AT_EMPTY_PATH);
        }
    }

    private int chown16(Call call, int flags) {
        int uid = DescriptorCalls.id16(call.argument(1));
        return chown(Kernel.AT_FDCWD, call.string(0), uid, DescriptorCalls.id16(call.argument(2)), flags);
    }

    private int setTimes(int dirfd, @Nullable String path, @Nullable MemorySegment times, int flags) {
        try (Found file = changeable(dirfd, path, flags)) {
            return kernel.utimensat(file.fd(), "", times == null ? MemorySegment.NULL : times, Kernel.AT_EMPTY_PATH);
        }
    }

    /** Without a path it is the descriptor that is meant (utimensat(2)); fs/utimes.c, do_utimes_fd, takes no flags then. */
    private int utimensat(Call call, int size) {
        MemorySegment times = call.argument(2) == 0 ? null : timespecs(call, call.struct(2, 2 * size), size, 1);
        String path = call.stringOrNull(1);
        int flags = call.argument(3);
        if (path != null) {
            return setTimes(call.argument(0), path, times, flags);
        }
        if (call.argument(0) == Kernel.AT_FDCWD || flags != 0) {
            return call.argument(0) == Kernel.AT_FDCWD ? -Errno.EFAULT : -Errno.EINVAL;
        }
        try (Found file = at.changeable(call.argument(0))) {
            return kernel.futimens(file.fd(), times == null ? MemorySegment.NULL : times);
        }
    }

    private int utimes(Call call, int dirfd, int path) {
        MemorySegment times = call.argument(path + 1) == 0 ? null : timespecs(call, call.struct(path + 1, 16), 8, 1000);
        return setTimes(dirfd, call.string(path), times, 0);
    }

    private int utime(Call call) {
        MemorySegment times = call.argument(1) == 0 ? null : call.room();
        if (times != null) {
            MemorySegment both = call.struct(1, 8);
            for (int i = 0; i < 2; i++) {
                times.set(JAVA_LONG_UNALIGNED, 16L * i, both.get(JAVA_INT_UNALIGNED, 4L * i));
                times.set(JAVA_LONG_UNALIGNED, 16L * i + 8, 0);
            }
        }
        return setTimes(Kernel.AT_FDCWD, call.string(0), times, 0);
    }

    /** Two i386 timespecs, of 8 or 16 bytes, or timevals ({@code factor} 1000), as the helper's kernel wants them. */
    private static MemorySegment timespecs(Call call, MemorySegment from, int size, int factor) {
        MemorySegment times = call.room();
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
        return times;
    }

    private int truncate(Call call, String path, long length) {
        if (length < 0) {
            return -Errno.EINVAL;
        }
        String base = at.base(Kernel.AT_FDCWD, path);
        int how = Kernel.O_WRONLY | Kernel.O_NONBLOCK | Kernel.O_CLOEXEC;
        try (Found file = paths.open(base, path, Access.WRITE, true, how, 0).orThrow()) {
            return exceedsLimit(call, file.fd(), length) ? tooLong(call) : kernel.ftruncate(file.fd(), length);
        }
    }

    /** Of the program's RLIMIT_FSIZE, which the helper has not: inode_newsize_ok, fs/attr.c. */
    private boolean exceedsLimit(Call call, int fd, long length) {
        MemorySegment limits = call.room();
        CallError.check(kernel.prlimit64(process.pid(), Kernel.RLIMIT_FSIZE, MemorySegment.NULL, limits));
        long limit = limits.get(JAVA_LONG_UNALIGNED, 0);
        return Long.compareUnsigned(length, limit) > 0 && length > kernel.lseek(fd, 0, Kernel.SEEK_END);
    }

    private int tooLong(Call call) {
        call.trustee().execute(Syscall.TGKILL, process.pid(), process.pid(), SIGXFSZ, 0, 0, 0);
        return -Errno.EFBIG;
    }
}
