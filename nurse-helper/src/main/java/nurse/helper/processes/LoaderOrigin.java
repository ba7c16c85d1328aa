package nurse.helper.processes;

/**
 * What ld.so takes {@code $ORIGIN} (ld.so(8)) for, which is to be the program's directory. ld.so gets the program as a
 * descriptor, and takes the directory of that name: so the name begins with {@code ./} so many times as nobody else would
 * write, and what ld.so makes of it is known again in the names that it opens.
 *
 * <p>It is at least as long as the directory, which libnurse writes over it in the names that the program sees (la_objopen in
 * sites.c).
 */
public final class LoaderOrigin {
    private static final int FEWEST = 16;
    private static final String DOT = "/.";

    private final String directory;
    private final String origin;
    private final String originInProc;

    /**
     * @param program canonical name of the program, as it sees it
     * @param pid its number: where the launcher could not make its descriptors the root directory, the origin begins in /proc
     */
    LoaderOrigin(String program, int pid) {
        this.directory = directory(program);
        this.origin = DOT.repeat(dots(program));
        this.originInProc = "/proc/" + pid + "/fd" + origin;
    }

    private static String directory(String program) {
        return program.substring(0, program.lastIndexOf('/'));
    }

    /** How many times {@code /.} the origin is. */
    public static int dots(String program) {
        return Math.max(FEWEST, (directory(program).length() + 1) / DOT.length());
    }

    /** The name that ld.so is to open descriptor {@code fd}, the program, by: its working directory is that of descriptors. */
    public static String nameOf(String program, int fd) {
        return "./".repeat(dots(program)) + fd;
    }

    /** A name that ld.so or the program made of the origin leads to the program's directory; another one stays as it is. */
    String resolve(String name) {
        String begins = name.startsWith(origin) ? origin : originInProc;
        if (!name.startsWith(begins)) {
            return name;
        }
        String rest = name.substring(begins.length());
        if (!rest.isEmpty() && rest.charAt(0) != '/') {
            return name;
        }
        String resolved = directory + rest;
        return resolved.isEmpty() ? "/" : resolved;
    }
}
