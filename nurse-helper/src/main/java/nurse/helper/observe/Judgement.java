package nurse.helper.observe;

import nurse.helper.policy.Decision;

/** What was decided while a call was answered. A call may lead to none (it asks nothing of the policy) or to several. */
public sealed interface Judgement {
    /** Whether it was allowed. */
    boolean allowed();

    /** The rule or the reason, for people. */
    String reason();

    /** The policy's answer about a file; {@code name} is canonical and hostile text, one char a byte. */
    record OfFile(String name, Decision decision) implements Judgement {
        @Override
        public boolean allowed() {
            return decision.allowed();
        }

        @Override
        public String reason() {
            return decision.rule().toString();
        }
    }

    /**
     * What was decided about an address, or (with {@code what} empty) about the call as such.
     *
     * @param errno what the program gets, 0 if it was allowed
     */
    record Other(String what, int errno, String reason) implements Judgement {
        @Override
        public boolean allowed() {
            return errno == 0;
        }
    }
}
