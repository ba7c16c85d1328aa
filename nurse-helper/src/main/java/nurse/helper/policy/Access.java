package nurse.helper.policy;

/**
 * What is asked of a path: bits, so that a question costs no object. More than one bit asks for all of them at once.
 *
 * <p>A further right is one more bit here, its word, its place in {@link #ALL}, and what each {@link Rule.Kind} grants.
 */
public final class Access {
    /** What is in a file: open for reading. */
    public static final int READ = 1;

    /** Changing what a file holds or what is said of it (owner, permissions, times): open for writing, truncate, chmod. */
    public static final int WRITE = 1 << 1;

    /** Making the entry: open with O_CREAT, mkdir, mknod, symlink, bind, and as the target of link and rename. */
    public static final int CREATE = 1 << 2;

    /** Taking the entry away: unlink, rmdir, and as the source of rename. */
    public static final int DELETE = 1 << 3;

    /** Being mapped as code (PROT_EXEC), or being the program itself. */
    public static final int EXECUTE = 1 << 4;

    /** The names in a directory. */
    public static final int LIST = 1 << 5;

    /** Connecting to the socket that the path names. */
    public static final int CONNECT = 1 << 6;

    /** Binding a socket to the path. */
    public static final int BIND = 1 << 7;

    /**
     * Walking through: stat, readlink, access with F_OK or X_OK, open with O_PATH. Granted with every other right, and for
     * the directories on the way to a path that is allowed.
     */
    public static final int LOOKUP = 1 << 8;

    /** All bits there are. */
    public static final int ALL = (1 << 9) - 1;

    /** What leaves another file, or other files, behind. */
    public static final int CHANGES = WRITE | CREATE | DELETE;

    /** How many there are: from bit 0 on. */
    static final int COUNT = 9;

    /** What a new name must not add to what the old one grants: else renaming or linking would open what is closed. */
    public static final int CONTENTS = READ | WRITE | EXECUTE | LIST | CONNECT;

    private static final String[] WORDS = {
        "read", "write", "create", "delete", "execute", "list", "connect", "bind", "look up"
    };

    private Access() {}

    /** The rights of a mask in words, such as {@code read and write}. */
    public static String describe(int access) {
        StringBuilder words = new StringBuilder();
        for (int bit = 0; bit < COUNT; bit++) {
            if ((access & 1 << bit) != 0) {
                words.append(words.isEmpty() ? "" : " and ").append(WORDS[bit]);
            }
        }
        return words.toString();
    }

    static boolean isValid(int access) {
        return access > 0 && access <= ALL;
    }
}
