package nurse.cli.fidelity;

/**
 * How one test ended.
 *
 * @param detail why it failed; of a test that passed, all that must be the same inside
 */
record Outcome(boolean passed, String detail) {
    /** Whether the sandbox has no part in how it ended. */
    boolean isAsGoodAs(Outcome outside) {
        return !outside.passed || (passed && detail.equals(outside.detail));
    }
}
