package nurse.helper.sandbox;

/** The sandbox itself could not do its work; the program did not run, or was ended. What happened, why, what to do. */
public final class SandboxFailed extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String why;
    private final String what;

    public SandboxFailed(String happened, String why, String whatToDo) {
        super(happened);
        this.why = why;
        this.what = whatToDo;
    }

    public String why() {
        return why;
    }

    public String whatToDo() {
        return what;
    }
}
