package nurse.helper.policy;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import nurse.helper.calls.Syscall;

/**
 * Which calls are refused whatever they ask for: a pure function of its rules. A rule about a call wins over one about its
 * category; of two about the same, the last.
 *
 * <p>Immutable and thread-safe.
 */
public final class CallRules {
    /** No call is refused. */
    public static final CallRules NONE = of(List.of());

    private final Rule[] byNumber;

    /**
     * One rule.
     *
     * @param syscall the call, or null for a rule about a category
     * @param category the category, or null for a rule about a call
     * @param errno what the program gets; 0 if the call is excepted from what is said of its category
     * @param origin where the rule comes from, fit to be shown
     */
    public record Rule(Syscall syscall, Syscall.Category category, int errno, String origin) {
        /** The word for it: the call's name, or the category's. */
        public String name() {
            return syscall != null ? syscall.callName() : category.name().toLowerCase(Locale.ROOT);
        }

        /** For people, in one line: {@code calls mkdir (policy.toml:4:1)}. */
        @Override
        public String toString() {
            return (syscall != null ? "calls " : "categories ") + name() + " (" + origin + ")";
        }
    }

    private CallRules(Rule[] byNumber) {
        this.byNumber = byNumber;
    }

    /** Compiles rules, in the order in which they were said. */
    public static CallRules of(Collection<Rule> rules) {
        int most = 0;
        for (Syscall syscall : Syscall.values()) {
            most = Math.max(most, syscall.number());
        }
        Rule[] byNumber = new Rule[rules.isEmpty() ? 0 : most + 1];
        for (Rule rule : rules) {
            if (rule.category() != null) {
                for (Syscall syscall : Syscall.values()) {
                    Rule said = byNumber[syscall.number()];
                    if (syscall.category() == rule.category()
                            && canRefuse(syscall)
                            && (said == null || said.syscall() == null)) {
                        byNumber[syscall.number()] = rule;
                    }
                }
            } else {
                byNumber[rule.syscall().number()] = rule;
            }
        }
        return new CallRules(byNumber);
    }

    /**
     * Whether a rule about a call can be kept: the program makes native calls itself, and the gate, which is in the program's
     * own memory, answers others.
     */
    public static boolean canRefuse(Syscall syscall) {
        if (syscall == Syscall.EXIT || syscall == Syscall.EXIT_GROUP) {
            return false; // libc goes on to end by a fault
        }
        return switch (syscall.callClass()) {
            case HELPER, TRUSTEE, REFUSE -> true;
            case NATIVE, OWN, GATE, PER_THREAD -> false;
        };
    }

    /** Whether any call is refused. */
    public boolean isEmpty() {
        return byNumber.length == 0;
    }

    /** The rule that refuses a call, or null: no rule does. */
    public Rule refusing(Syscall syscall) {
        if (syscall.number() >= byNumber.length) {
            return null;
        }
        Rule rule = byNumber[syscall.number()];
        return rule == null || rule.errno() == 0 ? null : rule;
    }
}
