package nurse.helper.ask;

import nurse.helper.calls.Trustee;

/** Asks the user, while the program waits in its call. Every failure to get an answer is a refusal. */
@FunctionalInterface
public interface Asker {
    /**
     * Asks.
     *
     * @param trustee by whom to wait for the answer, so that the program's end is noticed meanwhile
     * @param pause to be begun before the question is shown, and to hold until the answer is there; who called ends it
     */
    Answer ask(Question question, Trustee trustee, Pause pause);
}
