package nurse.helper.sandbox;

import nurse.helper.calls.Syscall;
import nurse.helper.policy.Decision;

/** Counts refusals, and keeps nothing else of them. */
public final class RefusalCount implements RefusalLog {
    private int count;

    /** How many calls were refused. */
    public int count() {
        return count;
    }

    @Override
    public void answering(Syscall syscall) {
        // all calls count alike
    }

    @Override
    public void refused(String name, Decision decision) {
        count++;
    }

    @Override
    public void refusedFile(String name, int errno, String why) {
        count++;
    }

    @Override
    public void refused(String callName, int errno, String why) {
        count++;
    }
}
