package nurse.cli.attack;

import nurse.helper.sandbox.Lock;

/**
 * How an attack went.
 *
 * @param why nothing for one that held
 */
record Result(Attack attack, Lock lock, Outcome outcome, String why, long millis) {
    enum Outcome {
        /** It got nothing, and its twin shows that there was something to get. */
        HELD("held"),
        ESCAPED("ESCAPED"),
        /** It ended otherwise than declared, or its twin did not succeed: so it shows nothing. */
        UNDECIDED("UNDECIDED"),
        /** What it needs is not to be had here; not counted as anything. */
        NOT_TRIED("not tried");

        private final String word;

        Outcome(String word) {
            this.word = word;
        }

        String word() {
            return word;
        }
    }

    boolean green() {
        return outcome == Outcome.HELD || outcome == Outcome.NOT_TRIED;
    }
}
