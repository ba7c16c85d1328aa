package nurse.helper.calls;

import org.jspecify.annotations.Nullable;

/**
 * The sandbox refuses a call, whatever a rule says of it: thrown by a handler, told to the user and answered to the program as
 * {@code -errno} by the dispatcher.
 *
 * <p>A handler must not refuse in another way: an EPERM that only the program sees is one that nobody can explain. What the
 * kernel would say to any process, {@link CallError} says.
 */
public final class CallRefused extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int errno;
    private final @Nullable String file;
    private final int access;

    private CallRefused(int errno, String why, @Nullable String file, int access) {
        super(why, null, false, false);
        this.errno = errno;
        this.file = file;
        this.access = access;
    }

    /** @param why for people, without hostile text */
    public static CallRefused of(int errno, String why) {
        return new CallRefused(errno, why, null, 0);
    }

    /** @param file canonical name of what is refused, one char a byte; hostile text */
    public static CallRefused of(int errno, String file, String why) {
        return new CallRefused(errno, why, file, 0);
    }

    /**
     * A file that the program has open, and may not have in this way.
     *
     * @param file its canonical name; null if it has none
     * @param access the {@link nurse.helper.policy.Access} bit that the policy does not grant
     */
    public static CallRefused ofOpen(int errno, @Nullable String file, int access, String why) {
        return new CallRefused(errno, why, file, access);
    }

    public int errno() {
        return errno;
    }

    /** The reason, for people. */
    public String why() {
        return getMessage();
    }

    /** The file that it is about, or null. */
    public @Nullable String file() {
        return file;
    }

    /** What a rule would have to grant; 0 if no rule would help. */
    public int access() {
        return access;
    }
}
