package nurse.ffm;

/**
 * A Landlock rule set (landlock(7)): what a thread, and all that it starts, may still open once it has put it on.
 *
 * <p>What the kernel is too old for is left out of it, and {@link #abi} says so. Opening with O_PATH, stat, chmod and the like
 * are no rights of Landlock's: it lets them pass. Neither does it judge a descriptor that comes from elsewhere.
 *
 * <p>Not thread-safe. Rights: include/uapi/linux/landlock.h.
 */
public final class Landlock implements AutoCloseable {
    public static final long EXECUTE = 1;
    public static final long WRITE_FILE = 1 << 1;
    public static final long READ_FILE = 1 << 2;
    public static final long READ_DIR = 1 << 3;
    public static final long REMOVE_DIR = 1 << 4;
    public static final long REMOVE_FILE = 1 << 5;
    public static final long MAKE_CHAR = 1 << 6;
    public static final long MAKE_DIR = 1 << 7;
    public static final long MAKE_REG = 1 << 8;
    public static final long MAKE_SOCK = 1 << 9;
    public static final long MAKE_FIFO = 1 << 10;
    public static final long MAKE_BLOCK = 1 << 11;
    public static final long MAKE_SYM = 1 << 12;
    public static final long REFER = 1 << 13; // ABI 2
    public static final long TRUNCATE = 1 << 14; // ABI 3
    public static final long IOCTL_DEV = 1 << 15; // ABI 5

    /** All that a rule about a file, and not a directory, may name. */
    public static final long OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV;

    public static final long BIND_TCP = 1; // ABI 4
    public static final long CONNECT_TCP = 1 << 1;
    public static final long SCOPE_ABSTRACT_UNIX_SOCKET = 1; // ABI 6
    public static final long SCOPE_SIGNAL = 1 << 1;

    /** The first ABI under which a file can be moved from one directory to another at all. */
    public static final int ABI_REFER = 2;

    public static final int ABI_NETWORK = 4;
    public static final int ABI_SCOPES = 6;

    private static final int SIZE_FILES = 8;
    private static final int SIZE_NETWORK = 16;
    private static final int SIZE_SCOPES = 24;

    private final Kernel kernel;
    private final int abi;
    private final long files;
    private final OwnedFd rules;

    private Landlock(Kernel kernel, int abi, long files, OwnedFd rules) {
        this.kernel = kernel;
        this.abi = abi;
        this.files = files;
        this.rules = rules;
    }

    /** Which ABI the kernel has; 0 when it has none, or Landlock is switched off (lsm= on its command line). */
    public static int abi(Kernel kernel) {
        return Math.max(0, kernel.landlockAbi());
    }

    /**
     * Makes a rule set that refuses these rights everywhere, as far as the kernel knows them.
     *
     * @param files rights to files and directories
     * @param network {@link #BIND_TCP}, {@link #CONNECT_TCP}
     * @param scopes what is kept within the restricted threads
     * @throws KernelRefused when there is no Landlock: ask {@link #abi}
     */
    public static Landlock refusing(Kernel kernel, long files, long network, long scopes) {
        int abi = abi(kernel);
        long known = files & (abi >= 5 ? -1 : abi >= 3 ? ~IOCTL_DEV : abi >= 2 ? REFER * 2 - 1 : REFER - 1);
        int size = abi >= ABI_SCOPES ? SIZE_SCOPES : abi >= ABI_NETWORK ? SIZE_NETWORK : SIZE_FILES;
        int fd = kernel.landlock_create_ruleset(known, network, scopes, size);
        return new Landlock(kernel, abi, known, OwnedFd.of(kernel, "landlock_create_ruleset", fd));
    }

    public int abi() {
        return abi;
    }

    /** The rule set's descriptor, close-on-exec; stays ours. */
    public int fd() {
        return rules.fd();
    }

    /**
     * Lets this file, or this directory and all below it, be used in this way. Of rights that are not refused, or that the
     * kernel does not know, nothing is said.
     *
     * @param fd O_PATH is enough
     * @param directory what the descriptor is: only some rights are a file's
     */
    public void allow(int fd, boolean directory, long rights) {
        long said = rights & files & (directory ? -1 : OF_FILES);
        if (said == 0) {
            return;
        }
        int result = kernel.landlockPath(fd(), said, fd);
        if (result != -Errno.EBADFD) { // a memfd, pipe or socket: Landlock never judges these (get_path_from_fd)
            KernelRefused.check("landlock_add_rule", result);
        }
    }

    /** Lets this port be bound to, or connected to, at every address. */
    public void allowPort(int port, long rights) {
        KernelRefused.check("landlock_add_rule", kernel.landlockPort(fd(), rights, port));
    }

    /** Restricts the calling thread for good, and all threads and processes that it will start. It needs no_new_privs. */
    public void restrictThread() {
        KernelRefused.check("landlock_restrict_self", kernel.landlock_restrict_self(fd()));
    }

    @Override
    public void close() {
        rules.close();
    }
}
