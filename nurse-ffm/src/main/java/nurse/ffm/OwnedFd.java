package nurse.ffm;

/**
 * A descriptor that is closed when its owner is done with it.
 *
 * <p>Not thread-safe: it is closed through the kernel instance that it came with.
 */
public final class OwnedFd implements AutoCloseable {
    private static final int CLOSED = -1;

    private final Kernel kernel;
    private int fd;

    private OwnedFd(Kernel kernel, int fd) {
        this.kernel = kernel;
        this.fd = fd;
    }

    /**
     * Takes over what a call returned.
     *
     * @param what the call, for the message
     * @throws KernelRefused when {@code result} is a negative errno
     */
    public static OwnedFd of(Kernel kernel, String what, int result) {
        return new OwnedFd(kernel, KernelRefused.check(what, result));
    }

    /**
     * The descriptor's number.
     *
     * @throws IllegalStateException when it is closed or released
     */
    public int fd() {
        if (fd == CLOSED) {
            throw new IllegalStateException("the descriptor is closed or belongs to someone else now");
        }
        return fd;
    }

    /** Gives the descriptor away: closing this object does nothing any more. */
    public int release() {
        int released = fd();
        fd = CLOSED;
        return released;
    }

    /** Closes the descriptor, once: its number may be someone else's afterwards. */
    @Override
    public void close() {
        if (fd != CLOSED) {
            kernel.close(release());
        }
    }
}
