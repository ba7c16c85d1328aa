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
import nurse.helper.calls.Syscall;
import nurse.helper.policy.Access;
import nurse.helper.processes.ProcessState;

/**
 * Calls that ask about a file by its name. Opening one is {@link OpenCalls}', changing the tree {@link TreeCalls}'.
 *
 * <p>The file is opened with O_PATH under its judged name, and the question is put to that descriptor: nothing is looked
 * up twice.
 */
public final class FileCalls implements CallHandler {
    private static final int X_OK = 1;
    private static final int W_OK = 2;
    private static final int R_OK = 4;

    private static final int STATX_FLAGS =
            Kernel.AT_SYMLINK_NOFOLLOW | Kernel.AT_NO_AUTOMOUNT | Kernel.AT_EMPTY_PATH | 0x6000; // AT_STATX_SYNC_TYPE
    private static final int IN_DONT_FOLLOW = 0x02000000; // linux/inotify.h

    private final Kernel kernel;
    private final Paths paths;
    private final ProcessState process;
    private final At at;
    private final MemorySegment statx;
    private final MemorySegment statfs;

    public FileCalls(Kernel kernel, Paths paths, ProcessState process, Arena arena) {
        this.kernel = kernel;
        this.paths = paths;
        this.process = process;
        this.at = new At(process);
        this.statx = arena.allocate(StatLayout.STATX_SIZE, 8);
        this.statfs = arena.allocate(120, 8);
    }

    @Override
    public int answer(Syscall syscall, Call call) {
        return switch (syscall) {
            case STAT64 -> stat(call, Kernel.AT_FDCWD, 0, 0, 1, true);
            case LSTAT64 -> stat(call, Kernel.AT_FDCWD, 0, Kernel.AT_SYMLINK_NOFOLLOW, 1, true);
            case FSTATAT64 -> stat(call, call.argument(0), 1, call.argument(3), 2, true);
            case STAT -> stat(call, Kernel.AT_FDCWD, 0, 0, 1, false);
            case LSTAT -> stat(call, Kernel.AT_FDCWD, 0, Kernel.AT_SYMLINK_NOFOLLOW, 1, false);
            case STATX -> statx(call);
            case ACCESS -> access(call, Kernel.AT_FDCWD, 0, call.argument(1), 0);
            case FACCESSAT -> access(call, call.argument(0), 1, call.argument(2), 0);
            case FACCESSAT2 -> access(call, call.argument(0), 1, call.argument(2), call.argument(3));
            case READLINK -> readlink(call, Kernel.AT_FDCWD, 0);
            case READLINKAT -> readlink(call, call.argument(0), 1);
            case STATFS -> statfs(call, 1, 64);
            case STATFS64 -> call.argument(1) == 84 ? statfs(call, 2, 84) : -Errno.EINVAL;
            case OLDSTAT -> oldStat(call, 0);
            case OLDLSTAT -> oldStat(call, Kernel.AT_SYMLINK_NOFOLLOW);
            case INOTIFY_ADD_WATCH -> watch(call);
            case CHDIR -> chdir(call);
            case FCHDIR -> fchdir(call);
            case GETCWD -> getcwd(call);
            case UMASK -> umask(call);
            case SYNC -> 0; // nothing of the program's is promised to be on the disk before an fsync
            default -> UNANSWERED;
        };
    }

    /** An O_PATH descriptor of what the program names, in the way stat and its kin name it. */
    private int locate(Call call, int dirfd, int path, int flags, int access) {
        String name = call.string(path);
        if (name.isEmpty() && (flags & Kernel.AT_EMPTY_PATH) != 0) {
            return at.duplicate(kernel, dirfd);
        }
        boolean follow = (flags & Kernel.AT_SYMLINK_NOFOLLOW) == 0;
        int open = Kernel.O_PATH | Kernel.O_CLOEXEC | (follow ? 0 : Kernel.O_NOFOLLOW);
        int fd = paths.open(at.base(dirfd, name), name, access, follow, open, 0);
        int named = fd == -Errno.ELOOP && follow ? process.descriptorOf(paths.canonical()) : -1;
        return named >= 0 ? at.duplicate(kernel, named) : fd; // /dev/stdin and its kin, of what has no name
    }

    private int stat(Call call, int dirfd, int path, int flags, int buffer, boolean is64) {
        if ((flags & ~(Kernel.AT_SYMLINK_NOFOLLOW | Kernel.AT_EMPTY_PATH | Kernel.AT_NO_AUTOMOUNT)) != 0) {
            return -Errno.EINVAL;
        }
        int fd = CallError.check(locate(call, dirfd, path, flags, Access.LOOKUP));
        int result = kernel.statx(fd, "", Kernel.AT_EMPTY_PATH, Kernel.STATX_BASIC_STATS, statx);
        kernel.close(fd);
        if (result == 0) {
            answerStat(call, buffer, is64);
        }
        return result;
    }

    private void answerStat(Call call, int buffer, boolean is64) {
        if (is64) {
            StatLayout.stat64(statx, call.out(buffer, StatLayout.STAT64_SIZE));
        } else {
            StatLayout.stat(statx, call.out(buffer, StatLayout.STAT_SIZE));
        }
    }

    /** fstat and fstat64: of a descriptor, through one of the helper's own. */
    public int fstat(Call call, boolean is64) {
        int fd = process.descriptors().borrow(call.argument(0));
        int result = kernel.statx(fd, "", Kernel.AT_EMPTY_PATH, Kernel.STATX_BASIC_STATS, statx);
        process.descriptors().giveBack(call.argument(0), fd);
        if (result == 0) {
            answerStat(call, 1, is64);
        }
        return result;
    }

    private int statx(Call call) {
        int flags = call.argument(2);
        if ((flags & ~STATX_FLAGS) != 0 || call.argument(3) < 0) { // STATX__RESERVED is the mask's highest bit
            return -Errno.EINVAL;
        }
        String name = call.stringOrNull(1);
        boolean ofDescriptor = name == null || name.isEmpty();
        if (ofDescriptor && (flags & Kernel.AT_EMPTY_PATH) == 0) {
            return name == null ? -Errno.EFAULT : -Errno.ENOENT;
        }
        MemorySegment answer = call.out(4, StatLayout.STATX_SIZE);
        int how = (flags & ~Kernel.AT_SYMLINK_NOFOLLOW) | Kernel.AT_EMPTY_PATH;
        if (ofDescriptor && call.argument(0) != Kernel.AT_FDCWD) {
            int fd = process.descriptors().borrow(call.argument(0));
            int result = kernel.statx(fd, "", how, call.argument(3), answer);
            process.descriptors().giveBack(call.argument(0), fd);
            return result;
        }
        int fd = CallError.check(
                ofDescriptor
                        ? at.duplicate(kernel, Kernel.AT_FDCWD, paths)
                        : locate(call, call.argument(0), 1, flags & Kernel.AT_SYMLINK_NOFOLLOW, Access.LOOKUP));
        int result = kernel.statx(fd, "", how, call.argument(3), answer);
        kernel.close(fd);
        return result;
    }

    /** Says what open would say: the policy first, for each of the rights asked for, then the kernel. */
    private int access(Call call, int dirfd, int path, int mode, int flags) {
        if ((mode & ~(R_OK | W_OK | X_OK)) != 0
                || (flags & ~(Kernel.AT_EACCESS | Kernel.AT_SYMLINK_NOFOLLOW | Kernel.AT_EMPTY_PATH)) != 0) {
            return -Errno.EINVAL;
        }
        int wanted = Access.LOOKUP | ((mode & W_OK) != 0 ? Access.WRITE : 0) | ((mode & R_OK) != 0 ? Access.READ : 0);
        int fd = CallError.check(locate(call, dirfd, path, flags, wanted));
        int judged = (mode & X_OK) != 0
                        && !kernel.isDirectory(fd)
                        && !call.string(path).isEmpty()
                ? paths.judge(paths.canonical(), Access.EXECUTE)
                : 0;
        int result = judged < 0
                ? judged
                : kernel.faccessat2(fd, "", mode, Kernel.AT_EMPTY_PATH | (flags & Kernel.AT_EACCESS));
        kernel.close(fd);
        return result;
    }

    private int readlink(Call call, int dirfd, int path) {
        int size = call.argument(path + 2);
        if (size <= 0) {
            return -Errno.EINVAL;
        }
        String name = call.string(path);
        boolean empty = name.isEmpty() && dirfd != Kernel.AT_FDCWD;
        int fd = CallError.check(locate(
                call, dirfd, path, Kernel.AT_SYMLINK_NOFOLLOW | (empty ? Kernel.AT_EMPTY_PATH : 0), Access.LOOKUP));
        String target = empty ? null : process.linkText(paths.canonical());
        if (target == null) {
            target = kernel.readlink(fd);
        }
        kernel.close(fd);
        if (target == null) {
            return -Errno.EINVAL;
        }
        int length = Math.min(target.length(), size);
        MemorySegment out = call.out(path + 1, length);
        for (int i = 0; i < length; i++) {
            out.set(java.lang.foreign.ValueLayout.JAVA_BYTE, i, (byte) target.charAt(i));
        }
        return length;
    }

    private int statfs(Call call, int buffer, int size) {
        int fd = CallError.check(locate(call, Kernel.AT_FDCWD, 0, 0, Access.LOOKUP));
        int result = kernel.fstatfs(fd, statfs);
        kernel.close(fd);
        return result == 0 ? answerStatfs(call, buffer, size) : result;
    }

    /** fstatfs and fstatfs64. */
    public int fstatfs(Call call, int buffer, int size) {
        int fd = process.descriptors().borrow(call.argument(0));
        int result = kernel.fstatfs(fd, statfs);
        process.descriptors().giveBack(call.argument(0), fd);
        return result == 0 ? answerStatfs(call, buffer, size) : result;
    }

    /** i386: asm-generic/statfs.h, struct compat_statfs (64 bytes, all 32-bit) and compat_statfs64 (84 bytes, packed). */
    private int answerStatfs(Call call, int buffer, int size) {
        MemorySegment out = call.out(buffer, size);
        out.fill((byte) 0);
        boolean is64 = size == 84;
        int width = is64 ? 8 : 4;
        out.set(JAVA_INT_UNALIGNED, 0, (int) statfs.get(JAVA_LONG_UNALIGNED, 0));
        out.set(JAVA_INT_UNALIGNED, 4, (int) statfs.get(JAVA_LONG_UNALIGNED, 8));
        for (int i = 0; i < 5; i++) {
            long value = statfs.get(JAVA_LONG_UNALIGNED, 16 + 8L * i);
            if (is64) {
                out.set(JAVA_LONG_UNALIGNED, 8 + 8L * i, value);
            } else if (value >>> 32 != 0 && value != -1) {
                return -Errno.EOVERFLOW;
            } else {
                out.set(JAVA_INT_UNALIGNED, 8 + 4L * i, (int) value);
            }
        }
        long rest = 8 + 5L * width;
        out.set(JAVA_LONG_UNALIGNED, rest, statfs.get(JAVA_LONG_UNALIGNED, 56)); // fsid: two ints
        for (int i = 0; i < 3; i++) { // namelen, frsize, flags
            out.set(JAVA_INT_UNALIGNED, rest + 8 + 4L * i, (int) statfs.get(JAVA_LONG_UNALIGNED, 64 + 8L * i));
        }
        return 0;
    }

    /** The stat of Linux 0.9. */
    private int oldStat(Call call, int flags) {
        int fd = CallError.check(locate(call, Kernel.AT_FDCWD, 0, flags, Access.LOOKUP));
        int result = kernel.statx(fd, "", Kernel.AT_EMPTY_PATH, Kernel.STATX_BASIC_STATS, statx);
        kernel.close(fd);
        if (result == 0) {
            StatLayout.oldStat(statx, call.out(1, StatLayout.OLD_STAT_SIZE));
        }
        return result;
    }

    /** oldfstat. */
    public int oldFstat(Call call) {
        int fd = process.descriptors().borrow(call.argument(0));
        int result = kernel.statx(fd, "", Kernel.AT_EMPTY_PATH, Kernel.STATX_BASIC_STATS, statx);
        process.descriptors().giveBack(call.argument(0), fd);
        if (result == 0) {
            StatLayout.oldStat(statx, call.out(1, StatLayout.OLD_STAT_SIZE));
        }
        return result;
    }

    /** inotify(7) tells of what happens in a directory: only where the program may read it. */
    private int watch(Call call) {
        int mask = call.argument(2);
        int flags = (mask & IN_DONT_FOLLOW) == 0 ? 0 : Kernel.AT_SYMLINK_NOFOLLOW;
        int inotify = process.descriptors().borrow(call.argument(0));
        try {
            int fd = CallError.check(locate(call, Kernel.AT_FDCWD, 1, flags, Access.READ));
            int result = kernel.inotify_add_watch(inotify, "/proc/self/fd/" + fd, mask & ~IN_DONT_FOLLOW);
            kernel.close(fd);
            return result;
        } finally {
            process.descriptors().giveBack(call.argument(0), inotify);
        }
    }

    private int chdir(Call call) {
        String name = call.string(0);
        int fd = CallError.check(paths.open(
                at.base(Kernel.AT_FDCWD, name),
                name,
                Access.LOOKUP,
                true,
                Kernel.O_PATH | Kernel.O_DIRECTORY | Kernel.O_CLOEXEC,
                0));
        int result = kernel.faccessat2(fd, "", X_OK, Kernel.AT_EMPTY_PATH | Kernel.AT_EACCESS);
        kernel.close(fd);
        if (result == 0) {
            process.workingDirectory(paths.canonical(), false);
        }
        return result;
    }

    private int fchdir(Call call) {
        var file = process.descriptors().get(call.argument(0));
        if (!file.isDirectory()) {
            return -Errno.ENOTDIR;
        }
        process.workingDirectory(file.name(), file.isRemoved());
        return 0;
    }

    private int getcwd(Call call) {
        if (process.workingDirectoryRemoved()) {
            return -Errno.ENOENT;
        }
        String name = process.workingDirectory();
        int size = name.length() + 1;
        if (Integer.compareUnsigned(call.argument(1), size) < 0) {
            return -Errno.ERANGE;
        }
        MemorySegment out = call.out(0, size);
        for (int i = 0; i < name.length(); i++) {
            out.set(java.lang.foreign.ValueLayout.JAVA_BYTE, i, (byte) name.charAt(i));
        }
        out.set(java.lang.foreign.ValueLayout.JAVA_BYTE, name.length(), (byte) 0);
        return size;
    }

    private int umask(Call call) {
        int before = process.umask();
        process.umask(call.argument(0));
        return before;
    }
}
