package nurse.helper.sandbox;

/** The sandboxed process, or its untrustee, has come to its end while the helper was waiting for it. */
final class SandboxEnded extends RuntimeException {
    private static final long serialVersionUID = 1;

    @SuppressWarnings("StaticAssignmentOfThrowable") // control flow, without a stack trace or a cause
    static final SandboxEnded INSTANCE = new SandboxEnded();

    /** The process lives, but what it writes into its lane is not our gate's: there is nobody honest to answer. */
    @SuppressWarnings("StaticAssignmentOfThrowable") // as above
    static final SandboxEnded OUT_OF_ORDER = new SandboxEnded();

    private SandboxEnded() {
        super(null, null, false, false);
    }
}
