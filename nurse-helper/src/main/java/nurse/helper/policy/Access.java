package nurse.helper.policy;

/**
 * What is asked of a path: bits, so that a question costs no object. More than one bit asks for all of them at once.
 *
 * <p>A further right (list, execute) is one more bit here, its place in {@link #ALL}, and what each {@link Rule.Kind} grants.
 */
public final class Access {
    /** Reading a file, listing a directory, mapping: what gives away contents. */
    public static final int READ = 1;

    /** Writing, creating, deleting, renaming, changing metadata. */
    public static final int WRITE = 1 << 1;

    /**
     * Walking through: stat, readlink, access with F_OK or X_OK, open with O_PATH. Granted with every other right, and for
     * the directories on the way to a path that is allowed.
     */
    public static final int LOOKUP = 1 << 2;

    /** All bits there are. */
    public static final int ALL = READ | WRITE | LOOKUP;

    private Access() {}

    /** The rights of a mask in words, such as {@code read and write}. */
    public static String describe(int access) {
        StringBuilder words = new StringBuilder();
        append(words, access, READ, "read");
        append(words, access, WRITE, "write");
        append(words, access, LOOKUP, "look up");
        return words.toString();
    }

    private static void append(StringBuilder words, int access, int bit, String word) {
        if ((access & bit) != 0) {
            words.append(words.isEmpty() ? "" : " and ").append(word);
        }
    }

    static boolean isValid(int access) {
        return access > 0 && access <= ALL;
    }
}
