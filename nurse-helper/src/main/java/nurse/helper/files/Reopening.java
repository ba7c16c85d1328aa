package nurse.helper.files;

import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.helper.calls.Call;
import nurse.helper.calls.CallError;
import nurse.helper.calls.CallRefused;
import nurse.helper.calls.Syscall;
import nurse.helper.descriptors.Descriptors;
import nurse.helper.descriptors.OpenFile;

/**
 * open(2) of /proc/self/fd/N, /dev/stdin and the like, of a file that has no name in the policy: an inherited one, or one that
 * was removed.
 *
 * <p>The kernel opens the file anew (proc_pid_fd(5)): with an offset and flags of its own. So does the helper, for a regular
 * file, and for no more than descriptor N lets the program do: nobody named this file to the policy. What is no regular file
 * has no offset, and the program gets another descriptor of the same open file description.
 */
final class Reopening {
    private static final int ACCESS = 3; // O_ACCMODE, asm-generic/fcntl.h
    private static final int OF_SAME_DESCRIPTION = Integer.MIN_VALUE;
    private static final int CREATION = Kernel.O_CREAT | 0200; // and O_EXCL: the file is there

    private final Kernel kernel;
    private final Descriptors descriptors;

    Reopening(Kernel kernel, Descriptors descriptors) {
        this.kernel = kernel;
        this.descriptors = descriptors;
    }

    /**
     * @param fd the program's descriptor N
     * @param number the lowest number that is free in the process
     * @param flags those that open(2) knows
     * @return {@code number}, or a negative errno
     */
    int open(Call call, int fd, int number, int flags) {
        boolean closeOnExec = (flags & Kernel.O_CLOEXEC) != 0;
        int opened = openAnew(fd, flags);
        if (opened == OF_SAME_DESCRIPTION) {
            return duplicate(call, fd, number, closeOnExec);
        }
        CallError.check(opened);
        OpenFile file = new OpenFile(opened, null, false, false);
        boolean entered = false;
        try {
            CallError.check(call.trustee().install(opened, number, closeOnExec));
            descriptors.put(number, file, closeOnExec);
            entered = true;
            return number;
        } finally {
            if (!entered) {
                kernel.close(opened);
            }
        }
    }

    private int openAnew(int fd, int flags) {
        int borrowed = descriptors.borrow(fd);
        try {
            if (!kernel.isRegular(borrowed) || (flags & Kernel.O_PATH) != 0) {
                return OF_SAME_DESCRIPTION;
            }
            if (!gives(kernel.fcntl(borrowed, Kernel.F_GETFL, 0), flags)) {
                throw CallRefused.of(
                        Errno.EPERM,
                        "the descriptor that it is opened by does not allow this, and no rule names the file");
            }
            int how = flags & ~CREATION | Kernel.O_CLOEXEC;
            int opened = kernel.openat(Kernel.AT_FDCWD, "/proc/self/fd/" + borrowed, how, 0);
            // A helper under Landlock may not open what no rule names (docs/layers.md).
            return opened == -Errno.EACCES ? OF_SAME_DESCRIPTION : opened;
        } finally {
            descriptors.giveBack(fd, borrowed);
        }
    }

    /** Whether a descriptor with the status flags {@code has} lets the program do all that {@code wanted} asks for. */
    private static boolean gives(int has, int wanted) {
        boolean writes = (wanted & ACCESS) != Kernel.O_RDONLY || (wanted & Kernel.O_TRUNC) != 0;
        boolean reads = (wanted & ACCESS) != Kernel.O_WRONLY;
        boolean mayWrite = (has & ACCESS) != Kernel.O_RDONLY;
        boolean mayRead = (has & ACCESS) != Kernel.O_WRONLY;
        return (has & Kernel.O_PATH) == 0 && (!writes || mayWrite) && (!reads || mayRead);
    }

    private int duplicate(Call call, int fd, int number, boolean closeOnExec) {
        int result = call.trustee().execute(Syscall.DUP3, fd, number, closeOnExec ? Kernel.O_CLOEXEC : 0, 0, 0, 0);
        CallError.check(result);
        descriptors.put(number, descriptors.get(fd), closeOnExec);
        return number;
    }
}
