package nurse.helper.sandbox;

import nurse.helper.calls.Syscall;
import nurse.helper.policy.Decision;

/** Is told of every call that the policy refuses. */
public interface RefusalLog {
    /** The call that is being answered; what is refused from now on was refused to it. Called for every request. */
    void answering(Syscall syscall);

    /** {@code name}: canonical, one char a byte; hostile text. */
    void refused(String name, Decision decision);

    /** A call that is refused whatever its arguments, or that has no answer yet. */
    void refused(String callName, int errno, String why);
}
