package nurse.helper.files;

import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.helper.calls.Call;
import nurse.helper.calls.CallError;
import nurse.helper.calls.CallHandler;
import nurse.helper.calls.Syscall;
import nurse.helper.descriptors.Descriptors;
import nurse.helper.descriptors.OpenFile;
import nurse.helper.policy.Access;
import nurse.helper.processes.ProcessState;

/**
 * open, openat, openat2 and creat: the helper opens, keeps its own descriptor and gives the program one.
 *
 * <p>read and write of the descriptor never come back here: this is where it is decided what the program may do with it.
 */
public final class OpenCalls implements CallHandler {
    /** What open(2) knows; other bits are ignored by open and openat and EINVAL for openat2 (linux/fcntl.h). */
    private static final int KNOWN_FLAGS = 03 | 0100 | 0200 | 0400 | 01000 | 02000 | 04000 | 010000 | 020000 | 040000
            | 0100000 | 0200000 | 0400000 | 01000000 | 02000000 | 04010000 | 010000000 | 020200000;

    private static final int TMPFILE = 020000000;

    private final Kernel kernel;
    private final Paths paths;
    private final ProcessState process;
    private final At at;

    public OpenCalls(Kernel kernel, Paths paths, ProcessState process) {
        this.kernel = kernel;
        this.paths = paths;
        this.process = process;
        this.at = new At(process);
    }

    @Override
    public int answer(Syscall syscall, Call call) {
        return switch (syscall) {
            case OPEN -> open(call, Kernel.AT_FDCWD, call.string(0), call.argument(1), call.argument(2));
            case OPENAT -> open(call, call.argument(0), call.string(1), call.argument(2), call.argument(3));
            case CREAT ->
                open(
                        call,
                        Kernel.AT_FDCWD,
                        call.string(0),
                        Kernel.O_CREAT | Kernel.O_WRONLY | Kernel.O_TRUNC,
                        call.argument(1));
            case OPENAT2 -> openat2(call);
            default -> UNANSWERED;
        };
    }

    /** openat2 without RESOLVE flags is openat with a strict reading; with them it has no answer yet. */
    private int openat2(Call call) {
        if (Integer.compareUnsigned(call.argument(3), 24) < 0) {
            return -Errno.EINVAL;
        }
        MemorySegment how = call.struct(2, 24);
        if (how == null) {
            return -Errno.EFAULT;
        }
        long flags = how.get(JAVA_LONG_UNALIGNED, 0);
        long mode = how.get(JAVA_LONG_UNALIGNED, 8);
        boolean creates = (flags & (Kernel.O_CREAT | TMPFILE)) != 0;
        if ((flags & ~KNOWN_FLAGS) != 0 || (mode & ~07777) != 0 || (mode != 0 && !creates)) {
            return -Errno.EINVAL;
        }
        if (how.get(JAVA_LONG_UNALIGNED, 16) != 0) {
            return UNANSWERED;
        }
        return open(call, call.argument(0), call.string(1), (int) flags, (int) mode);
    }

    private int open(Call call, int dirfd, String path, int flags, int mode) {
        Descriptors descriptors = process.descriptors();
        int number = descriptors.lowestFree(0);
        boolean closeOnExec = (flags & Kernel.O_CLOEXEC) != 0;
        int known = flags & KNOWN_FLAGS;
        boolean creates = (known & (Kernel.O_CREAT | TMPFILE)) != 0;
        boolean follow = (known & Kernel.O_NOFOLLOW) == 0
                && (known & (Kernel.O_CREAT | Kernel.O_EXCL)) != (Kernel.O_CREAT | Kernel.O_EXCL);
        int fd = paths.open(
                at.base(dirfd, path),
                path,
                access(known),
                follow,
                // Not blocking: the helper must not wait for the other end of a FIFO.
                known | Kernel.O_CLOEXEC | Kernel.O_NOCTTY | ((known & Kernel.O_PATH) != 0 ? 0 : Kernel.O_NONBLOCK),
                creates ? mode & 01777 & ~process.umask() : 0); // no set-ID bits: TreeCalls.chmod
        int other = process.descriptorOf(paths.canonical());
        if (other >= 0 && follow && process.descriptors().find(other) != null) {
            if (fd >= 0) {
                kernel.close(fd);
            }
            return reopen(call, other, number, closeOnExec);
        }
        if (!follow && fd >= 0 && process.link(paths.canonical()) != null) {
            kernel.close(fd); // a magic link itself: the kernel would say what it means to the helper
            return -Errno.EPERM;
        }
        CallError.check(fd);
        if ((known & (Kernel.O_PATH | Kernel.O_NONBLOCK)) == 0) {
            kernel.fcntl(fd, Kernel.F_SETFL, known);
        }
        boolean directory = kernel.isDirectory(fd);
        // A FIFO or a device has an other end that would see a second descriptor: the helper keeps none of these.
        boolean keep = directory || kernel.isRegular(fd) || (known & Kernel.O_PATH) != 0;
        int result = call.trustee().install(fd, number, closeOnExec);
        if (result < 0) {
            kernel.close(fd);
            return result;
        }
        descriptors.put(
                number,
                new OpenFile(keep ? fd : -1, paths.canonical(), directory, paths.mayWrite(paths.canonical())),
                closeOnExec);
        if (!keep) {
            kernel.close(fd);
        }
        return number;
    }

    /** /proc/self/fd/N, /dev/stdin and the like, of what has no name: another descriptor of the same description. */
    private int reopen(Call call, int fd, int number, boolean closeOnExec) {
        int result = call.trustee().execute(Syscall.DUP3, fd, number, closeOnExec ? Kernel.O_CLOEXEC : 0, 0, 0, 0);
        CallError.check(result);
        process.descriptors().put(number, process.descriptors().get(fd), closeOnExec);
        return number;
    }

    private static int access(int flags) {
        if ((flags & Kernel.O_PATH) != 0) {
            return Access.LOOKUP;
        }
        boolean writes = (flags & (Kernel.O_WRONLY | Kernel.O_RDWR | Kernel.O_CREAT | Kernel.O_TRUNC)) != 0;
        return writes ? Access.WRITE : Access.READ;
    }
}
