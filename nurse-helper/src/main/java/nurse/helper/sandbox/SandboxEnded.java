package nurse.helper.sandbox;

/** The sandboxed process, or its untrustee, has come to its end while the helper was waiting for it. */
final class SandboxEnded extends RuntimeException {
    private static final long serialVersionUID = 1;

    @SuppressWarnings("StaticAssignmentOfThrowable") // control flow, without a stack trace or a cause
    static final SandboxEnded INSTANCE = new SandboxEnded();

    private SandboxEnded() {
        super(null, null, false, false);
    }
}
