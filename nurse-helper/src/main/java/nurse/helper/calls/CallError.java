package nurse.helper.calls;

/**
 * The error a system call ends with: thrown by a handler deep in its work, answered to the program as {@code -errno}.
 *
 * <p>One immutable instance for each errno, without a stack trace: it is control flow, not a failure of ours, and throwing
 * it must not allocate.
 */
public final class CallError extends RuntimeException {
    private static final long serialVersionUID = 1;
    private static final CallError[] ALL = new CallError[134];

    static {
        for (int errno = 1; errno < ALL.length; errno++) {
            ALL[errno] = new CallError(errno);
        }
    }

    private final int errno;

    private CallError(int errno) {
        super("errno=" + errno, null, false, false);
        this.errno = errno;
    }

    /** The error with this (positive) errno. */
    public static CallError of(int errno) {
        return ALL[errno];
    }

    /** Returns {@code result}, or throws what it says when it is a negative errno. */
    public static int check(int result) {
        if (result < 0) {
            throw ofResult(result);
        }
        return result;
    }

    /** Returns {@code result}, or throws what it says when it is a negative errno. */
    public static long check(long result) {
        if (result < 0) {
            throw ofResult(result);
        }
        return result;
    }

    /** A trustee's result may be forged: what is no errno of the kernel's becomes EIO. */
    private static CallError ofResult(long result) {
        return result > -ALL.length ? ALL[(int) -result] : ALL[nurse.ffm.Errno.EIO];
    }

    public int errno() {
        return errno;
    }
}
