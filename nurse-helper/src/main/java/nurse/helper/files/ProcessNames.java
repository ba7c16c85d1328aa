package nurse.helper.files;

/** What {@code /proc} says of the sandboxed process: by what it is, not by what the kernel would say to the helper. */
public interface ProcessNames {
    /**
     * Where a link of {@code /proc} leads for the program: {@code self}, {@code exe}, {@code cwd}, {@code fd/3} ...
     *
     * @return null for any other name
     */
    String link(String name);

    /** Whether it is a link that leads to a file whatever its text says: {@code exe}, {@code cwd}, {@code fd/3} ... */
    boolean isMagic(String name);

    /** Whether the name is {@code /proc/self/fd/N}: a link whose text is no path when what it names has none. */
    boolean isDescriptor(String name);

    /** What the program means by a name, where ld.so made it of {@code $ORIGIN}; any other as it is. */
    String resolveOrigin(String name);

    /** The name under which the policy judges {@code name}: {@code /proc/self/x} for the process's own files. */
    String judged(String name);

    /** Whether a canonical name that the policy allows may be opened at all: of the process's own files only some. */
    boolean mayOpen(String name);
}
