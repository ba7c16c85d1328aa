package nurse.ffm;

/** The kernel refused something that this product cannot do without. */
public final class KernelRefused extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int errno;

    public KernelRefused(String what, int errno) {
        super(what + " failed: " + Errno.name(errno));
        this.errno = errno;
    }

    public int errno() {
        return errno;
    }

    /** Returns {@code result} if it is no error. */
    public static long check(String what, long result) {
        if (result < 0) {
            throw new KernelRefused(what, (int) -result);
        }
        return result;
    }

    /** Returns {@code result} if it is no error. */
    public static int check(String what, int result) {
        if (result < 0) {
            throw new KernelRefused(what, -result);
        }
        return result;
    }
}
