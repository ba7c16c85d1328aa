package nurse.cli;

/** An error for people: what happened, why, what to do next; and the status that a script can tell it by. */
final class CannotRun extends RuntimeException {
    static final int USAGE = 2;
    static final int FAILED = 125;

    private static final long serialVersionUID = 1;

    private final int status;
    private final String why;
    private final String next;

    CannotRun(int status, String what, String why, String next) {
        super(what);
        this.status = status;
        this.why = why;
        this.next = next;
    }

    int status() {
        return status;
    }

    /** The three parts of the message, as lines. */
    String text() {
        return "nurse: " + getMessage() + "\n"
                + (why.isEmpty() ? "" : "  why: " + why.replace("\n", "\n       ") + "\n")
                + (next.isEmpty() ? "" : "  do:  " + next + "\n");
    }
}
