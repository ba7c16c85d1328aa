package nurse.helper.policy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import nurse.helper.messages.Quoted;
import org.jspecify.annotations.Nullable;

/**
 * Which environment variables the program gets: those that are passed on from outside, and those that are set. Of the rules that
 * speak of a variable the last decides. A beginning of names, with a {@code *} behind it, that is passed is about those that no
 * other rule speaks of.
 *
 * <p>No variable that steers the dynamic loader ({@link LoaderVariables}) gets in. LD_LIBRARY_PATH and LD_PRELOAD are the
 * exception: a rule of the user's that names one of them in whole lets it in. The same holds of variables that the first line
 * of a script adds.
 *
 * <p>Names and values are one char a byte. Immutable and thread-safe.
 */
public final class EnvironmentRules {
    private final List<Rule> rules;

    private EnvironmentRules(List<Rule> rules) {
        this.rules = List.copyOf(rules);
    }

    /** What a rule does, in the order in which a policy file's own count: the last wins. */
    public enum Verb {
        DROP,
        PASS,
        SET;

        /** The word for it in a policy file. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * What is said of a variable, or of all with the same beginning.
     *
     * @param name its name; of PASS and DROP also a beginning with a {@code *} behind
     * @param value of SET; else empty
     * @param origin as a {@link nurse.helper.policy.Rule}'s
     */
    public record Rule(Verb verb, String name, String value, String origin) {
        /** Whether it is one that decides, not only where no other does. */
        private boolean speaksOf(String variable) {
            return (verb != Verb.PASS || !isBeginning(name)) && matches(variable);
        }

        boolean matches(String variable) {
            return isBeginning(name)
                    ? variable.startsWith(name.substring(0, name.length() - 1))
                    : variable.equals(name);
        }

        /** For people: {@code pass 'LC_*' (policy.toml:4:9)}. */
        @Override
        public String toString() {
            return verb.word() + " " + Quoted.of(name) + " (" + origin + ")";
        }
    }

    /** Why a variable cannot be passed or set, and what to do about it: the ends of an error message. */
    public record Objection(String why, String next) {}

    /**
     * Makes the rules.
     *
     * @param rules in the order in which they count: the last wins
     * @throws IllegalArgumentException if a name is none, or one of a variable that steers the loader
     */
    public static EnvironmentRules of(List<Rule> rules) {
        for (Rule rule : rules) {
            Optional<Objection> objection =
                    switch (rule.verb) {
                        case DROP -> objectionToDrop(rule.name);
                        case PASS -> objectionToPass(rule.name);
                        case SET -> objectionToSet(rule.name, rule.value);
                    };
            objection.ifPresent(EnvironmentRules::fail);
        }
        return new EnvironmentRules(rules);
    }

    private static void fail(Objection objection) {
        throw new IllegalArgumentException(objection.why + "; " + objection.next);
    }

    /** Whether it stands for all names that begin so. */
    private static boolean isBeginning(String pattern) {
        return pattern.endsWith("*");
    }

    /** What speaks against dropping {@code pattern}. */
    static Optional<Objection> objectionToDrop(String pattern) {
        return objectionToStar(pattern)
                .or(() -> pattern.isEmpty() || pattern.indexOf('=') >= 0
                        ? Optional.of(new Objection("it is no name of a variable", "write a name such as LANG"))
                        : Optional.empty());
    }

    private static Optional<Objection> objectionToStar(String pattern) {
        int star = pattern.indexOf('*');
        return star >= 0 && star < pattern.length() - 1
                ? Optional.of(new Objection(
                        "a * stands for the end of a name only",
                        "write the beginning of the names and one * behind it"))
                : Optional.empty();
    }

    /** What speaks against passing on {@code pattern}. */
    static Optional<Objection> objectionToPass(String pattern) {
        Optional<Objection> misplaced = objectionToStar(pattern);
        if (misplaced.isPresent()) {
            return misplaced;
        }
        int star = pattern.indexOf('*');
        if (pattern.equals("*")) {
            return Optional.empty(); // all that is harmless to the lock: the user's own decision
        }
        return objectionToName(star < 0 ? pattern : pattern.substring(0, star), star >= 0);
    }

    /** What speaks against setting {@code name} to {@code value}. */
    static Optional<Objection> objectionToSet(String name, String value) {
        if (name.indexOf('*') >= 0) {
            return Optional.of(new Objection("a * cannot be set, only passed on", "write the whole name"));
        }
        return objectionToValue(value).or(() -> objectionToName(name, false));
    }

    private static Optional<Objection> objectionToValue(String value) {
        return value.indexOf('\0') >= 0
                ? Optional.of(new Objection("its value holds a zero byte, where a C string ends", "take the byte out"))
                : Optional.empty();
    }

    /** What speaks against a variable that the first line of a script adds to the program's environment. */
    public Optional<Objection> objectionToAdding(String name, String value) {
        Rule rule = deciding(name);
        return objectionToHaving(name, value)
                .or(() -> rule != null && rule.verb == Verb.DROP
                        ? Optional.of(new Objection(
                                "the policy keeps it outside: " + rule, "take it out of the one or the other"))
                        : Optional.empty());
    }

    /** What speaks against a variable in the program's environment, whatever way it came there. */
    public Optional<Objection> objectionToHaving(String name, String value) {
        return objectionToValue(value)
                .or(() -> objectionToName(name, false))
                .or(() -> LoaderVariables.ofLibraries(name) && !letsIn(deciding(name))
                        ? Optional.of(new Objection(
                                "it names libraries that the dynamic loader loads into the program, and no rule of yours"
                                        + " lets it in",
                                "take it out, or say --env " + name + "=VALUE if you mean to"))
                        : Optional.empty());
    }

    private static Optional<Objection> objectionToName(String name, boolean isBeginning) {
        if (name.isEmpty() || name.indexOf('=') >= 0 || name.indexOf('\0') >= 0) {
            return Optional.of(new Objection(
                    "the name of a variable is not empty and holds neither = nor a zero byte",
                    "write a name such as LANG"));
        }
        if (LoaderVariables.has(name) && (isBeginning || !LoaderVariables.ofLibraries(name))) {
            return Optional.of(new Objection(
                    "it steers the dynamic loader, and so is never passed on or set",
                    "take it out; LD_LIBRARY_PATH and LD_PRELOAD can be had, by their whole names"));
        }
        return Optional.empty();
    }

    /** The rules, in the order in which they count. */
    List<Rule> rules() {
        return rules;
    }

    /**
     * The program's environment.
     *
     * @param outer the environment outside
     * @return a new map: what comes from {@code outer}, in its order, then what else is set, by name
     */
    public Map<String, String> inner(Map<String, String> outer) {
        Map<String, String> inner = new LinkedHashMap<>();
        outer.forEach((name, value) -> {
            Rule rule = deciding(name);
            if (letsIn(rule)) {
                inner.put(name, rule.verb == Verb.SET ? rule.value : value);
            }
        });
        Map<String, String> others = new TreeMap<>();
        for (Rule rule : rules) {
            if (rule.verb == Verb.SET && rule.equals(deciding(rule.name))) {
                others.put(rule.name, rule.value);
            }
        }
        others.forEach(inner::putIfAbsent);
        return inner;
    }

    /** The rule that decides about a variable; null if none does, and so it stays outside. */
    @Nullable
    Rule deciding(String name) {
        for (int i = rules.size() - 1; i >= 0; i--) {
            if (rules.get(i).speaksOf(name)) {
                return rules.get(i);
            }
        }
        if (name.isEmpty() || LoaderVariables.has(name)) {
            return null; // whatever a * seems to say
        }
        for (int i = rules.size() - 1; i >= 0; i--) {
            if (rules.get(i).matches(name)) {
                return rules.get(i);
            }
        }
        return null;
    }

    /** Whether a variable gets in by the rule that decides about it. */
    static boolean letsIn(@Nullable Rule deciding) {
        return deciding != null && deciding.verb != Verb.DROP;
    }

    /** Whether a variable of this name is passed on. */
    public boolean passes(String name) {
        return does(Verb.PASS, name);
    }

    /** Whether a variable of this name is set. */
    public boolean sets(String name) {
        return does(Verb.SET, name);
    }

    private boolean does(Verb verb, String name) {
        Rule rule = deciding(name);
        return rule != null && rule.verb == verb;
    }
}
