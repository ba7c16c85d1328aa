package nurse.helper.files;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
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
    private static final int LIST_MAX = 65536; // XATTR_LIST_MAX

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
        this.at = new At(kernel, process, paths);
    }

    @Override
    public int answer(Syscall syscall, Call call) {
        return switch (syscall) {
            case GETXATTR -> get(call, 0);
            case LGETXATTR -> get(call, Kernel.AT_SYMLINK_NOFOLLOW);
            case LISTXATTR -> list(call, 0);
            case LLISTXATTR -> list(call, Kernel.AT_SYMLINK_NOFOLLOW);
            case FGETXATTR -> fget(call);
            case FLISTXATTR -> flist(call);
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

    private Found open(Call call, int flags, int access) {
        boolean follow = (flags & Kernel.AT_SYMLINK_NOFOLLOW) == 0;
        int how = Kernel.O_PATH | Kernel.O_CLOEXEC | (follow ? 0 : Kernel.O_NOFOLLOW);
        String name = call.string(0);
        return paths.open(at.base(Kernel.AT_FDCWD, name), name, access, follow, how, 0)
                .orThrow();
    }

    private static String name(Call call) {
        String name = call.string(1);
        if (name.isEmpty() || name.length() > NAME_MAX) {
            throw CallError.of(Errno.ERANGE);
        }
        return name;
    }

    /**
     * The kernel asks for no right to tell an attribute of security or system, which says of a file what stat(2) says: who may do
     * what. Any other is content (xattr_permission, fs/xattr.c).
     */
    private static boolean isContent(String name) {
        return !name.startsWith("security.") && !name.startsWith("system.");
    }

    private int get(Call call, int flags) {
        String name = name(call);
        try (Found file = open(call, flags, isContent(name) ? Access.READ : Access.LOOKUP)) {
            MemorySegment out = room(call, 2, call.argument(3));
            return kernel.getxattr(nameOf(file.fd()), name, out, (int) out.byteSize());
        }
    }

    /** Of a descriptor that may only be written, or only names a file, the content is not to be had either. */
    private int fget(Call call) {
        String name = name(call);
        try (Found file = at.itself(call.argument(0))) {
            int judged = isContent(name) && !isReadable(file) ? paths.judge(file.name(), Access.READ) : 0;
            if (judged < 0) {
                return judged;
            }
            MemorySegment out = room(call, 2, call.argument(3));
            return kernel.fgetxattr(file.fd(), name, out, (int) out.byteSize()); // EBADF for O_PATH
        }
    }

    /** What has no name the program made itself, or was given as it is. */
    private boolean isReadable(Found file) {
        int right = kernel.isDirectory(file.fd()) ? Access.LIST : Access.READ;
        return file.name().isEmpty() || paths.may(file.name(), right);
    }

    private int list(Call call, int flags) {
        try (Found file = open(call, flags, Access.LOOKUP)) {
            return list(call, file);
        }
    }

    private int flist(Call call) {
        try (Found file = at.itself(call.argument(0))) {
            CallError.check(kernel.flistxattr(file.fd(), MemorySegment.NULL, 0)); // EBADF for O_PATH
            return list(call, file);
        }
    }

    /** Where the content may not be read, the names of attributes that are content are left out: they are chosen as freely. */
    private int list(Call call, Found file) {
        int size = call.argument(2);
        if (isReadable(file)) {
            MemorySegment out = room(call, 1, size);
            return kernel.listxattr(nameOf(file.fd()), out, (int) out.byteSize());
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment all = arena.allocate(LIST_MAX);
            int length = CallError.check(kernel.listxattr(nameOf(file.fd()), all, LIST_MAX));
            String kept = told(all, length);
            if (size != 0 && Integer.compareUnsigned(size, kept.length()) < 0) {
                return -Errno.ERANGE;
            }
            if (size != 0 && !kept.isEmpty()) {
                byte[] bytes = kept.getBytes(StandardCharsets.ISO_8859_1);
                MemorySegment.copy(bytes, 0, call.out(1, bytes.length), JAVA_BYTE, 0, bytes.length);
            }
            return kept.length();
        }
    }

    /** The names in a list that are not content, each with the NUL that ends it. */
    private static String told(MemorySegment names, int length) {
        byte[] bytes = names.asSlice(0, length).toArray(JAVA_BYTE);
        StringBuilder told = new StringBuilder();
        for (String name : new String(bytes, StandardCharsets.ISO_8859_1).split("\0")) {
            if (!name.isEmpty() && !isContent(name)) {
                told.append(name).append('\0');
            }
        }
        return told.toString();
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
        try (Found file = open(call, flags, Access.WRITE)) {
            return set(call, nameOf(file.fd()), name);
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
        try (Found file = open(call, flags, Access.WRITE)) {
            return kernel.removexattr(nameOf(file.fd()), name);
        }
    }

    private int fremove(Call call) {
        process.descriptors().requireChangeable(call.argument(0));
        return kernel.removexattr(nameOf(process.descriptors().borrow(call.argument(0))), settable(call));
    }
}
