package nurse.helper.observe;

import nurse.helper.calls.Call;
import nurse.helper.policy.Decision;

/**
 * Is shown what a program does while it does it: each call that comes to the helper, what the policy says of it, and how it
 * ends.
 *
 * <p>A run has one observer or none. Where there is none nothing is done for it: no object is made, no name looked up, and
 * each place that would tell it asks one field for null.
 *
 * <p>read, write and what the gate answers within the process (docs/syscalls.md) never come to the helper, and so not here.
 *
 * <p>Called by the thread that serves the program, which waits meanwhile.
 */
public interface Observer {
    /** A call came, and is about to be answered. Its arguments can be read until the next one comes. */
    void begins(Call call);

    /**
     * The policy was asked about a file.
     *
     * @param name its canonical name, one char a byte; hostile text
     */
    void decided(String name, Decision decision);

    /**
     * Something else was decided: about a network address, or a call as such.
     *
     * @param what an address as people write it; empty for the call itself
     * @param errno what the program gets, 0 if it was allowed
     * @param why for people, without hostile text
     */
    void decided(String what, int errno, String why);

    /** The user was asked about what was refused, and the call is answered anew: what was decided so far does not count. */
    void decidesAnew();

    /**
     * The call ends.
     *
     * @param result the call's, a negative errno, or {@link nurse.helper.calls.CallHandler#RESTART}
     */
    void ends(int result);

    /** The call ended the program, or the program ended while it waited: there is nobody to give an answer to. */
    void endsUnanswered();
}
