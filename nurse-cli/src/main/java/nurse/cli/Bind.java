package nurse.cli;

import nurse.helper.messages.Quoted;

/**
 * {@code --bind HOST:INSIDE}, or {@code HOST:INSIDE:rw}: a file or directory of the host that the program sees under another name.
 *
 * @param text as it was given
 * @param host its name, relative to the current directory
 * @param inside the absolute name that the program sees it under
 * @param mayWrite whether it may be changed; else it may be read
 */
record Bind(String text, String host, String inside, boolean mayWrite) {
    private static final String READ_ONLY = ":ro";
    private static final String WRITABLE = ":rw";

    /** @throws CannotRun when it is none */
    static Bind of(String text) {
        boolean mayWrite = text.endsWith(WRITABLE);
        String names = mayWrite || text.endsWith(READ_ONLY) ? text.substring(0, text.length() - 3) : text;
        int colon = names.lastIndexOf(":/"); // a name may have a colon in it; INSIDE is absolute
        if (colon <= 0) {
            throw failed(
                    text, "it is not written HOST:INSIDE", "such as --bind photos:/mnt/photos, or with :rw behind it");
        }
        return new Bind(text, names.substring(0, colon), names.substring(colon + 1), mayWrite);
    }

    /** It cannot be. */
    CannotRun failed(String why, String next) {
        return failed(text, why, next);
    }

    private static CannotRun failed(String text, String why, String next) {
        return new CannotRun(CannotRun.USAGE, "--bind " + Quoted.of(text) + " cannot be", why, next);
    }
}
