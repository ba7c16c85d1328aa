package nurse.helper.ask;

import nurse.helper.policy.Decision;
import nurse.helper.policy.Remedy;

/** What a call was refused, and a further rule would allow. What is named is hostile text, one char a byte. */
public sealed interface Question {
    /** The option that would allow it, by its name. */
    String option();

    /** The option's value. */
    String value();

    /**
     * A file.
     *
     * @param call the call's name
     * @param name its canonical name
     * @param decision why it is refused
     */
    record OfFile(String call, String name, Decision decision) implements Question {
        /** What would allow it; of a directory all below it, too. */
        public Remedy remedy() {
            return Remedy.of(name, decision);
        }

        @Override
        public String option() {
            return remedy().option().word();
        }

        @Override
        public String value() {
            return remedy().value();
        }
    }

    /**
     * An address.
     *
     * @param rule the network rule that would allow it
     */
    record OfAddress(String rule) implements Question {
        @Override
        public String option() {
            return Remedy.Option.CONNECT.word();
        }

        @Override
        public String value() {
            return rule;
        }
    }
}
