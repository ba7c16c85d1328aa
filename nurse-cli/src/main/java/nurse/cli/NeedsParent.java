package nurse.cli;

/** What is asked for only a helper can give whose child the program is; thrown before anything has been said or done. */
final class NeedsParent extends RuntimeException {
    private static final long serialVersionUID = 1;

    NeedsParent() {
        super("the program is to be a child of the helper", null, false, false);
    }
}
