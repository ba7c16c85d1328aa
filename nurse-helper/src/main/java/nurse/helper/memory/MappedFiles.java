package nurse.helper.memory;

/** Which files may be mapped as code. */
public interface MappedFiles {
    /** Whether there is any file that may be read, but not be mapped as code. */
    boolean restricted();

    /**
     * Judges, and logs a refusal.
     *
     * @param name canonical, one char a byte
     * @return 0 or a negative errno
     */
    int judge(String name);

    /** The name under which the program sees a file that /proc names; null if it does not. */
    String inside(String hostPath);
}
