package nurse.helper.files;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.helper.calls.Call;
import nurse.helper.calls.CallError;
import nurse.helper.calls.CallHandler;
import nurse.helper.calls.Syscall;
import nurse.helper.descriptors.InotifyWatches;
import nurse.helper.descriptors.OpenFile;
import nurse.helper.policy.Access;
import nurse.helper.policy.Rule;
import nurse.helper.processes.ProcessState;
import org.jspecify.annotations.Nullable;

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
    private final InotifyWatches watches;
    private final At at;

    public FileCalls(Kernel kernel, Paths paths, ProcessState process) {
        this.kernel = kernel;
        this.paths = paths;
        this.process = process;
        this.watches = new InotifyWatches(kernel, process.descriptors());
        this.at = new At(kernel, process, paths);
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
    private Found locate(int dirfd, @Nullable String path, int flags, int access) {
        return At.isOfDescriptor(path, flags)
                ? at.itself(dirfd)
                : at.file(dirfd, path, access, (flags & Kernel.AT_SYMLINK_NOFOLLOW) == 0, at::itself);
    }

    private int stat(Call call, int dirfd, int path, int flags, int buffer, boolean is64) {
        if ((flags & ~(Kernel.AT_SYMLINK_NOFOLLOW | Kernel.AT_EMPTY_PATH | Kernel.AT_NO_AUTOMOUNT)) != 0) {
            return -Errno.EINVAL;
        }
        try (Found file = locate(dirfd, call.stringOrNull(path), flags, Access.LOOKUP)) {
            int result = statx(call, file.fd());
            if (result == 0) {
                answerStat(call, buffer, is64);
            }
            return result;
        }
    }

    /** Into the call's own room. */
    private int statx(Call call, int fd) {
        return kernel.statx(fd, "", Kernel.AT_EMPTY_PATH, Kernel.STATX_BASIC_STATS, call.room());
    }

    private static void answerStat(Call call, int buffer, boolean is64) {
        if (is64) {
            StatLayout.stat64(call.room(), call.out(buffer, StatLayout.STAT64_SIZE));
        } else {
            StatLayout.stat(call.room(), call.out(buffer, StatLayout.STAT_SIZE));
        }
    }

    /** fstat and fstat64: of a descriptor, through one of the helper's own. */
    public int fstat(Call call, boolean is64) {
        int fd = process.descriptors().borrow(call.argument(0));
        int result = statx(call, fd);
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
        String path = call.stringOrNull(1);
        int how = (flags & ~Kernel.AT_SYMLINK_NOFOLLOW) | Kernel.AT_EMPTY_PATH;
        try (Found file = locate(call.argument(0), path, flags, Access.LOOKUP)) {
            return kernel.statx(file.fd(), "", how, call.argument(3), call.out(4, StatLayout.STATX_SIZE));
        }
    }

    /** Says what open would say: the policy first, for each of the rights asked for, then the kernel. */
    private int access(Call call, int dirfd, int path, int mode, int flags) {
        if ((mode & ~(R_OK | W_OK | X_OK)) != 0
                || (flags & ~(Kernel.AT_EACCESS | Kernel.AT_SYMLINK_NOFOLLOW | Kernel.AT_EMPTY_PATH)) != 0) {
            return -Errno.EINVAL;
        }
        int wanted = Access.LOOKUP | ((mode & W_OK) != 0 ? Access.WRITE : 0) | ((mode & R_OK) != 0 ? Access.READ : 0);
        String name = call.string(path);
        try (Found file = locate(dirfd, name, flags, wanted)) {
            boolean executes = (mode & X_OK) != 0 && !name.isEmpty() && !kernel.isDirectory(file.fd());
            int judged = executes && !file.name().isEmpty() ? paths.judge(file.name(), Access.EXECUTE) : 0;
            return judged < 0
                    ? judged
                    : kernel.faccessat2(file.fd(), "", mode, Kernel.AT_EMPTY_PATH | (flags & Kernel.AT_EACCESS));
        }
    }

    /** An empty path is the descriptor's own link, without a flag: readlink(2). Of what is no link the kernel says ENOENT then. */
    private int readlink(Call call, int dirfd, int path) {
        int size = call.argument(path + 2);
        if (size <= 0) {
            return -Errno.EINVAL;
        }
        String name = call.string(path);
        boolean empty = name.isEmpty() && path > 0;
        int flags = Kernel.AT_SYMLINK_NOFOLLOW | (empty ? Kernel.AT_EMPTY_PATH : 0);
        try (Found link = locate(dirfd, name, flags, Access.LOOKUP)) {
            String ofProc = empty ? null : process.linkText(link.name());
            String target = ofProc != null ? ofProc : kernel.readlink(link.fd());
            if (target == null) {
                return empty ? -Errno.ENOENT : -Errno.EINVAL;
            }
            int length = Math.min(target.length(), size);
            MemorySegment out = call.out(path + 1, length);
            for (int i = 0; i < length; i++) {
                out.set(JAVA_BYTE, i, (byte) target.charAt(i));
            }
            return length;
        }
    }

    private int statfs(Call call, int buffer, int size) {
        try (Found file = locate(Kernel.AT_FDCWD, call.string(0), 0, Access.LOOKUP)) {
            int result = kernel.fstatfs(file.fd(), call.room());
            return result == 0 ? answerStatfs(call, buffer, size) : result;
        }
    }

    /** fstatfs and fstatfs64. */
    public int fstatfs(Call call, int buffer, int size) {
        int fd = process.descriptors().borrow(call.argument(0));
        int result = kernel.fstatfs(fd, call.room());
        process.descriptors().giveBack(call.argument(0), fd);
        return result == 0 ? answerStatfs(call, buffer, size) : result;
    }

    /** i386: asm-generic/statfs.h, struct compat_statfs (64 bytes, all 32-bit) and compat_statfs64 (84 bytes, packed). */
    private static int answerStatfs(Call call, int buffer, int size) {
        MemorySegment statfs = call.room();
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
        try (Found file = locate(Kernel.AT_FDCWD, call.string(0), flags, Access.LOOKUP)) {
            int result = statx(call, file.fd());
            if (result == 0) {
                StatLayout.oldStat(call.room(), call.out(1, StatLayout.OLD_STAT_SIZE));
            }
            return result;
        }
    }

    /** oldfstat. */
    public int oldFstat(Call call) {
        int fd = process.descriptors().borrow(call.argument(0));
        int result = statx(call, fd);
        process.descriptors().giveBack(call.argument(0), fd);
        if (result == 0) {
            StatLayout.oldStat(call.room(), call.out(1, StatLayout.OLD_STAT_SIZE));
        }
        return result;
    }

    /**
     * inotify(7) tells of a directory's entries by their names, and read(2) of it is the program's own: so the directory must be
     * one that the program may list, and must have no entry that is hidden.
     */
    private int watch(Call call) {
        int mask = call.argument(2);
        boolean follow = (mask & IN_DONT_FOLLOW) == 0;
        watches.requireRoom();
        int inotify = process.descriptors().borrow(call.argument(0));
        try (Found file = at.file(Kernel.AT_FDCWD, call.string(1), Access.READ, follow, this::readable)) {
            Rule hiding = kernel.isDirectory(file.fd()) ? paths.hiding(file.name()) : null;
            if (hiding != null) {
                return paths.refuse(file.name(), Errno.EPERM, "inotify would tell a name that a rule hides there");
            }
            int result = kernel.inotify_add_watch(inotify, "/proc/self/fd/" + file.fd(), mask & ~IN_DONT_FOLLOW);
            if (result >= 0) {
                watches.added(call.argument(0));
            }
            return result;
        } finally {
            process.descriptors().giveBack(call.argument(0), inotify);
        }
    }

    /** What a descriptor is, if it has no name, or one that may be read. */
    private Found readable(int number) {
        Found file = at.itself(number);
        int judged = file.name().isEmpty() ? 0 : paths.judge(file.name(), Access.READ);
        if (judged < 0) {
            file.close();
            throw CallError.of(-judged);
        }
        return file;
    }

    private int chdir(Call call) {
        String name = call.string(0);
        int how = Kernel.O_PATH | Kernel.O_DIRECTORY | Kernel.O_CLOEXEC;
        String base = at.base(Kernel.AT_FDCWD, name);
        try (Found directory =
                paths.open(base, name, Access.LOOKUP, true, how, 0).orThrow()) {
            int result = kernel.faccessat2(directory.fd(), "", X_OK, Kernel.AT_EMPTY_PATH | Kernel.AT_EACCESS);
            if (result == 0 && directory.name().length() > OpenFile.NAME_MOST) {
                return -Errno.ENAMETOOLONG; // nothing could be reached from there
            }
            if (result == 0) {
                process.workingDirectory(directory.name(), false);
            }
            return result;
        }
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
            out.set(JAVA_BYTE, i, (byte) name.charAt(i));
        }
        out.set(JAVA_BYTE, name.length(), (byte) 0);
        return size;
    }

    private int umask(Call call) {
        int before = process.umask();
        process.umask(call.argument(0));
        return before;
    }
}
