package nurse.helper.files;

import java.lang.foreign.MemorySegment;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.helper.calls.Call;
import nurse.helper.calls.CallError;
import nurse.helper.calls.CallHandler;
import nurse.helper.calls.CallRefused;
import nurse.helper.calls.Syscall;
import nurse.helper.memory.ProcessMemory;
import nurse.helper.policy.Access;
import nurse.helper.processes.ProcessState;

/**
 * Extended attributes (xattr(7)): read of any kind, set of the user's only. The others are rights (security.capability,
 * system.posix_acl_access) that would outlive the sandbox.
 */
public final class AttributeCalls implements CallHandler {
    private static final int SIZE_MAX = 65536; // XATTR_SIZE_MAX, linux/limits.h
    private static final int NAME_MAX = 255;
    private static final int AT_FLAGS = Kernel.AT_SYMLINK_NOFOLLOW | Kernel.AT_EMPTY_PATH;

    private final Kernel kernel;
    private final Paths paths;
    private final ProcessState process;
    private final ProcessMemory memory;
    private final At at;

    public AttributeCalls(Kernel kernel, Paths paths, ProcessState process, ProcessMemory memory) {
        this.kernel = kernel;
        this.paths = paths;
        this.process = process;
        this.memory = memory;
        this.at = new At(process);
    }

    @Override
    public int answer(Syscall syscall, Call call) {
        return switch (syscall) {
            case GETXATTR -> get(call, 0);
            case LGETXATTR -> get(call, Kernel.AT_SYMLINK_NOFOLLOW);
            case LISTXATTR -> list(call, 0);
            case LLISTXATTR -> list(call, Kernel.AT_SYMLINK_NOFOLLOW);
            case SETXATTR -> set(call, 0);
            case LSETXATTR -> set(call, Kernel.AT_SYMLINK_NOFOLLOW);
            case FSETXATTR -> fset(call);
            case REMOVEXATTR -> remove(call, 0);
            case LREMOVEXATTR -> remove(call, Kernel.AT_SYMLINK_NOFOLLOW);
            case FREMOVEXATTR -> fremove(call);
            default -> UNANSWERED;
        };
    }

    /** A descriptor has no extended attributes if it is O_PATH; this name of it has, and is the inode whatever its name. */
    private static String nameOf(int fd) {
        return "/proc/self/fd/" + fd;
    }

    private int open(Call call, int flags, int access) {
        boolean follow = (flags & Kernel.AT_SYMLINK_NOFOLLOW) == 0;
        int how = Kernel.O_PATH | Kernel.O_CLOEXEC | (follow ? 0 : Kernel.O_NOFOLLOW);
        String name = call.string(0);
        return CallError.check(paths.open(at.base(Kernel.AT_FDCWD, name), name, access, follow, how, 0));
    }

    private static String name(Call call) {
        String name = call.string(1);
        if (name.isEmpty() || name.length() > NAME_MAX) {
            throw CallError.of(Errno.ERANGE);
        }
        return name;
    }

    private int get(Call call, int flags) {
        String name = name(call);
        int fd = open(call, flags & AT_FLAGS, Access.LOOKUP);
        try {
            MemorySegment out = room(call, 2, call.argument(3));
            return kernel.getxattr(nameOf(fd), name, out, (int) out.byteSize());
        } finally {
            kernel.close(fd);
        }
    }

    private int list(Call call, int flags) {
        int fd = open(call, flags, Access.LOOKUP);
        try {
            MemorySegment out = room(call, 1, call.argument(2));
            return kernel.listxattr(nameOf(fd), out, (int) out.byteSize());
        } finally {
            kernel.close(fd);
        }
    }

    private static MemorySegment room(Call call, int argument, int size) {
        int fits = Integer.compareUnsigned(size, Call.outLimit()) > 0 ? Call.outLimit() : size;
        return fits == 0 ? MemorySegment.NULL : call.out(argument, fits);
    }

    private static String settable(Call call) {
        String name = name(call);
        if (name.startsWith("user.")) {
            return name;
        }
        boolean known = name.startsWith("security.") || name.startsWith("trusted.");
        if (known) {
            throw CallRefused.of(Errno.EPERM, "such an attribute is a right that would outlive the sandbox");
        }
        throw CallError.of(Errno.EOPNOTSUPP);
    }

    private MemorySegment value(Call call) {
        int size = call.argument(3);
        if (Integer.compareUnsigned(size, SIZE_MAX) > 0) {
            throw CallError.of(Errno.E2BIG);
        }
        return memory.read(call.argument(2), size);
    }

    private int set(Call call, int flags) {
        String name = settable(call);
        int fd = open(call, flags, Access.WRITE);
        try {
            return set(call, nameOf(fd), name);
        } finally {
            kernel.close(fd);
        }
    }

    private int set(Call call, String file, String name) {
        return kernel.setxattr(file, name, value(call), call.argument(3), call.argument(4));
    }

    private int fset(Call call) {
        process.descriptors().requireChangeable(call.argument(0));
        return set(call, nameOf(process.descriptors().borrow(call.argument(0))), settable(call));
    }

    private int remove(Call call, int flags) {
        String name = settable(call);
        int fd = open(call, flags, Access.WRITE);
        try {
            return kernel.removexattr(nameOf(fd), name);
        } finally {
            kernel.close(fd);
        }
    }

    private int fremove(Call call) {
        process.descriptors().requireChangeable(call.argument(0));
        return kernel.removexattr(nameOf(process.descriptors().borrow(call.argument(0))), settable(call));
    }
}
