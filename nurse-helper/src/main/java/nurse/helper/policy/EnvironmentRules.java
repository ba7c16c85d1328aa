package nurse.helper.policy;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which environment variables the program gets: those that are passed on from outside, and those that are set. A set variable
 * wins over a passed one of the same name. What is dropped is not passed on, unless its whole name is.
 *
 * <p>ld.so obeys its own variables (all of them {@code LD_…}, and GLIBC_TUNABLES) from its first instruction on, before the
 * program is locked: LD_AUDIT would run foreign code unlocked, LD_DEBUG_OUTPUT writes a file. So none of them ever gets in.
 * LD_LIBRARY_PATH and LD_PRELOAD are the exception, as ld.so opens those libraries after the lock, past the policy; but they
 * are passed only to who asks for them by name.
 *
 * <p>Names and values are one char a byte. Immutable and thread-safe.
 */
public final class EnvironmentRules {
    private static final Set<String> MEDIATED = Set.of("LD_LIBRARY_PATH", "LD_PRELOAD");
    private static final String LOADER = "LD_";
    private static final String TUNABLES = "GLIBC_TUNABLES";

    private final Set<String> names = new TreeSet<>();
    private final Set<String> beginnings = new TreeSet<>();
    private final List<String> drop;
    private final Map<String, String> values;

    private EnvironmentRules(Collection<String> pass, Collection<String> drop, Map<String, String> values) {
        for (String pattern : pass) {
            (isBeginning(pattern) ? beginnings : names).add(pattern);
        }
        this.drop = List.copyOf(drop);
        this.values = new TreeMap<>(values);
    }

    /** Why a variable cannot be passed or set, and what to do about it: the ends of an error message. */
    record Objection(String why, String next) {}

    /**
     * Makes the rules.
     *
     * @param pass names, or beginnings of names with a {@code *} behind
     * @param values what is set
     * @throws IllegalArgumentException if a name is none, or one of a variable that steers the loader
     */
    public static EnvironmentRules of(Collection<String> pass, Map<String, String> values) {
        return of(pass, List.of(), values);
    }

    /**
     * The same, without what is dropped.
     *
     * @param drop as {@code pass}
     */
    static EnvironmentRules of(Collection<String> pass, Collection<String> drop, Map<String, String> values) {
        drop.forEach(pattern -> objectionToDrop(pattern).ifPresent(EnvironmentRules::fail));
        pass.forEach(pattern -> objectionToPass(pattern).ifPresent(EnvironmentRules::fail));
        values.forEach((name, value) -> objectionToSet(name, value).ifPresent(EnvironmentRules::fail));
        return new EnvironmentRules(pass, drop, values);
    }

    private static void fail(Objection objection) {
        throw new IllegalArgumentException(objection.why + "; " + objection.next);
    }

    /** Whether what is dropped takes away what was to be passed; of a beginning only the names that it is about. */
    static boolean takesAway(Collection<String> drop, String pattern) {
        return !isBeginning(pattern) && matches(drop, pattern);
    }

    /** Whether it stands for all names that begin so. */
    private static boolean isBeginning(String pattern) {
        return pattern.endsWith("*");
    }

    /** Whether one of these names, or beginnings of names, is about the variable. */
    static boolean matches(Collection<String> patterns, String name) {
        for (String pattern : patterns) {
            if (isBeginning(pattern)
                    ? name.startsWith(pattern.substring(0, pattern.length() - 1))
                    : name.equals(pattern)) {
                return true;
            }
        }
        return false;
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
        if (value.indexOf('\0') >= 0) {
            return Optional.of(
                    new Objection("its value holds a zero byte, where a C string ends", "take the byte out"));
        }
        return objectionToName(name, false);
    }

    private static Optional<Objection> objectionToName(String name, boolean isBeginning) {
        if (name.isEmpty() || name.indexOf('=') >= 0 || name.indexOf('\0') >= 0) {
            return Optional.of(new Objection(
                    "the name of a variable is not empty and holds neither = nor a zero byte",
                    "write a name such as LANG"));
        }
        if (name.startsWith(LOADER) && (isBeginning || !MEDIATED.contains(name)) || name.startsWith(TUNABLES)) {
            return Optional.of(new Objection(
                    "it steers the dynamic loader before the program is locked, and so is never passed on or set",
                    "take it out; LD_LIBRARY_PATH and LD_PRELOAD can be had, by their whole names"));
        }
        return Optional.empty();
    }

    /**
     * The program's environment.
     *
     * @param outer the environment outside
     * @return a new map: what is passed, in the order of {@code outer}, then what is set and was not passed, by name
     */
    public Map<String, String> inner(Map<String, String> outer) {
        Map<String, String> inner = new LinkedHashMap<>();
        outer.forEach((name, value) -> {
            if (passes(name)) {
                inner.put(name, value);
            }
        });
        inner.putAll(values);
        return inner;
    }

    /** Whether a variable of this name is passed on. */
    public boolean passes(String name) {
        if (names.contains(name)) {
            return true;
        }
        if (name.isEmpty() || name.startsWith(LOADER) || name.startsWith(TUNABLES)) {
            return false; // whatever a * seems to say
        }
        return !drops(name) && matches(beginnings, name);
    }

    /** Whether a variable of this name is dropped, if nothing passes its whole name. */
    boolean drops(String name) {
        return matches(drop, name);
    }

    /** Whether a variable of this name is set. */
    public boolean sets(String name) {
        return values.containsKey(name);
    }

    /** What is passed on, as it was written, sorted. */
    public List<String> patterns() {
        Set<String> patterns = new TreeSet<>(names);
        patterns.addAll(beginnings);
        return List.copyOf(patterns);
    }
}
