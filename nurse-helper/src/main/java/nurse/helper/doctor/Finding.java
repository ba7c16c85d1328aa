package nurse.helper.doctor;

/**
 * What was found when one thing was looked at.
 *
 * @param what the thing, in a word or two
 * @param found what it is like, for people
 * @param why why that is not well; empty when it is
 * @param mend what a person does about it; empty when nothing has to be done
 */
public record Finding(String what, State state, String found, String why, String mend) {
    /** How well it is. */
    public enum State {
        /** As it should be. */
        OK("ok"),
        /** Programs run, without something that this would give. */
        MISSING("missing"),
        /** No program can be run. */
        BROKEN("BROKEN");

        private final String word;

        State(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }
    }

    static Finding ok(String what, String found) {
        return new Finding(what, State.OK, found, "", "");
    }

    static Finding missing(String what, String found, String why, String mend) {
        return new Finding(what, State.MISSING, found, why, mend);
    }

    static Finding broken(String what, String found, String why, String mend) {
        return new Finding(what, State.BROKEN, found, why, mend);
    }
}
