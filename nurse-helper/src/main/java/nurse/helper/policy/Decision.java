package nurse.helper.policy;

import nurse.ffm.Errno;

/**
 * The policy's answer to one question. Made when the policy is compiled, so that answering makes no object.
 *
 * @param outcome whether, and why, it is allowed
 * @param access one {@link Access} bit: if it is refused one of those asked for that is not granted, a change before other
 *     rights; else the first of those asked for
 * @param rule the rule that decided about it. For {@link Outcome#ON_THE_WAY}, the rule of the path that this one leads to
 * @param errno what the program gets if it is refused: EPERM, or ENOENT of what is hidden; 0 if it is allowed
 */
public record Decision(Outcome outcome, int access, Rule rule, int errno) {
    /** The three answers. */
    public enum Outcome {
        ALLOWED,
        /** Allowed to be looked up, and no more, as something below it is allowed. */
        ON_THE_WAY,
        REFUSED
    }

    static Decision allowed(int access, Rule rule) {
        return new Decision(Outcome.ALLOWED, access, rule, 0);
    }

    static Decision onTheWay(int access, Rule rule) {
        return new Decision(Outcome.ON_THE_WAY, access, rule, 0);
    }

    static Decision refused(int access, Rule rule) {
        return new Decision(Outcome.REFUSED, access, rule, rule.kind() == Rule.Kind.HIDE ? Errno.ENOENT : Errno.EPERM);
    }

    public boolean allowed() {
        return outcome != Outcome.REFUSED;
    }

    /** Whether it is refused as nothing allows it, and not as a rule says so: then a further rule may allow it. */
    public boolean isByOmission() {
        return outcome == Outcome.REFUSED
                && (rule.equals(Rule.NOTHING_ALLOWS) || rule.kind().does() != Rule.Kind.Does.TAKES);
    }

    /** For people, in one line: {@code write refused by read '/usr' (built-in: programs and libraries)}. */
    @Override
    public String toString() {
        String answer =
                switch (outcome) {
                    case ALLOWED -> " allowed by ";
                    case ON_THE_WAY -> " allowed on the way to ";
                    case REFUSED -> " refused by ";
                };
        return Access.describe(access) + answer + rule;
    }
}
