package nurse.helper.sandbox;

import nurse.ffm.Errno;
import nurse.helper.calls.Syscall;
import nurse.helper.policy.Decision;

/** Is told of every call that the policy refuses. */
public interface RefusalLog {
    /** The call that is being answered; what is refused from now on was refused to it. Called for every request. */
    void answering(Syscall syscall);

    /** {@code name}: canonical, one char a byte; hostile text. */
    void refused(String name, Decision decision);

    /**
     * A file that the sandbox refuses whatever the policy says of it.
     *
     * @param name canonical, one char a byte; hostile text
     */
    void refusedFile(String name, int errno, String why);

    /** As {@link #refused(String, Decision)}, of a file that was opened already: a rule that is made now opens it no further. */
    default void refusedOpen(String name, Decision decision) {
        refused(name, decision);
    }

    /** A call that is refused whatever its arguments, or that has no answer yet. */
    void refused(String callName, int errno, String why);

    /**
     * An address that no rule allows, with EPERM.
     *
     * @param rule the network rule that would allow it, as {@code --net} takes it; may hold hostile text, one char a byte
     */
    default void refusedAddress(String callName, String rule, String why) {
        refused(callName, Errno.EPERM, why);
    }
}
