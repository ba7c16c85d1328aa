package nurse.helper.policy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import nurse.helper.calls.Syscall;
import nurse.helper.messages.Quoted;

/**
 * Looks for what is no error in a policy file and yet unlikely to be meant: rules that change nothing, and names of files that
 * are not there. A rule changes nothing if the policy without it answers every question in the same way; so each is left out in
 * turn, and the answers are compared.
 */
public final class PolicyCheck {
    /** No rule is about a file or variable that ends so, and so it stands for all that have no rule of their own. */
    private static final String ANY = "/\u0001";

    private final PolicyCompiler compiler;
    private final Predicate<String> isThere;
    private final List<PolicyProblem> warnings = new ArrayList<>();
    private PolicyFile rest;
    private PolicyBuilder.RunPolicy whole;

    private PolicyCheck(PolicyFile file, PolicyCompiler compiler, Predicate<String> isThere) throws PolicyException {
        this.compiler = compiler;
        this.isThere = isThere;
        this.rest = file;
        this.whole = compiler.compile(file);
    }

    /**
     * Checks what a file itself says, not what it extends.
     *
     * @param file the file, with what it extends
     * @param source its name in the origins of its rules
     * @param isThere whether a file exists, by its canonical name
     * @return warnings, in the order of the file
     */
    public static List<PolicyProblem> warnings(
            PolicyFile file, String source, PolicyCompiler compiler, Predicate<String> isThere) throws PolicyException {
        PolicyCheck check = new PolicyCheck(file, compiler, isThere);
        Set<String> origins = new LinkedHashSet<>();
        Stream.of(
                        file.rules().stream().map(Rule::origin),
                        file.environment().stream().map(EnvironmentRules.Rule::origin),
                        file.network().stream().map(NetworkRules.Rule::origin),
                        file.calls().stream().map(CallRules.Rule::origin))
                .flatMap(origin -> origin)
                .filter(origin -> origin.startsWith(source + ":"))
                .forEach(origins::add);
        // From the last to the first: of two that say the same the first is kept.
        List<String> left = new ArrayList<>(origins);
        Collections.reverse(left);
        // Again, when one is out: a rule that it replaced may say what another of the file says, too.
        while (check.takesOutOf(left)) {}
        for (String origin : left) {
            check.names(origin);
        }
        check.warnings.sort(Comparator.comparingInt(PolicyProblem::line).thenComparingInt(PolicyProblem::column));
        return check.warnings;
    }

    private boolean takesOutOf(List<String> origins) throws PolicyException {
        List<String> out = new ArrayList<>();
        for (String origin : origins) {
            if (changesNothing(origin)) {
                out.add(origin);
            }
        }
        return origins.removeAll(out);
    }

    private boolean changesNothing(String origin) throws PolicyException {
        PolicyFile without = rest.without(origin);
        PolicyBuilder.RunPolicy fewer = compiler.compile(without);
        List<Rule> own = whole.files().rules().stream()
                .filter(rule -> rule.origin().equals(origin))
                .toList();
        boolean same = own.stream().allMatch(rule -> sameFiles(rule, fewer.files()))
                && sameEnvironment(fewer.environment())
                && sameNetwork(origin)
                && sameCalls(fewer.calls());
        if (same) {
            String rule = Stream.of(
                            own.stream().map(Rule::toString),
                            rest.environment().stream()
                                    .filter(r -> r.origin().equals(origin))
                                    .map(EnvironmentRules.Rule::toString),
                            rest.network().stream()
                                    .filter(r -> r.origin().equals(origin))
                                    .map(NetworkRules.Rule::text),
                            rest.calls().stream()
                                    .filter(r -> r.origin().equals(origin))
                                    .map(CallRules.Rule::name))
                    .flatMap(text -> text)
                    .findFirst()
                    .orElse("the rule")
                    .replace(" (" + origin + ")", "");
            warn(origin, rule + " changes nothing", why(origin, own, fewer), "take it out");
            rest = without;
            whole = fewer;
        }
        return same;
    }

    /** Compares all that a rule could be the reason of: its path, what is below, and what leads to it. */
    private boolean sameFiles(Rule rule, Policy fewer) {
        Set<String> paths = new LinkedHashSet<>();
        for (String up = rule.path(); !up.equals("/"); up = parent(up)) {
            paths.add(up);
        }
        paths.add("/");
        paths.add((rule.path().equals("/") ? "" : rule.path()) + ANY);
        for (Rule other : whole.files().rules()) {
            if (rule.covers(other.path())) {
                paths.add(other.path());
                paths.add((other.path().equals("/") ? "" : other.path()) + ANY);
            }
        }
        for (String path : paths) {
            for (int bit = 0; bit < Access.COUNT; bit++) {
                Decision with = whole.files().decide(path, 1 << bit);
                Decision without = fewer.decide(path, 1 << bit);
                if (with.allowed() != without.allowed() || with.errno() != without.errno()) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Compares the names that any rule is about, and one more with the same beginning. */
    private boolean sameEnvironment(EnvironmentRules fewer) {
        for (EnvironmentRules.Rule rule : whole.environment().rules()) {
            String name = rule.name().replace("*", "");
            for (String variable : List.of(name, name + ANY)) {
                if (!value(whole.environment(), variable).equals(value(fewer, variable))) {
                    return false;
                }
            }
        }
        return true;
    }

    /** What becomes of a variable: empty if it stays outside. */
    private static Optional<String> value(EnvironmentRules rules, String variable) {
        EnvironmentRules.Rule rule = rules.deciding(variable);
        return EnvironmentRules.letsIn(rule)
                ? Optional.of(rule.verb() == EnvironmentRules.Verb.SET ? "=" + rule.value() : "")
                : Optional.empty();
    }

    private boolean sameNetwork(String origin) {
        return rest.network().stream()
                .filter(rule -> rule.origin().equals(origin))
                .allMatch(rule -> rest.network().stream()
                        .anyMatch(other -> !other.origin().equals(origin) && other.says(rule)));
    }

    private boolean sameCalls(CallRules fewer) {
        for (Syscall syscall : Syscall.values()) {
            CallRules.Rule with = whole.calls().refusing(syscall);
            CallRules.Rule without = fewer.refusing(syscall);
            if ((with == null ? 0 : with.errno()) != (without == null ? 0 : without.errno())) {
                return false;
            }
        }
        return true;
    }

    /** The rule that makes this one idle. */
    private String why(String origin, List<Rule> own, PolicyBuilder.RunPolicy fewer) {
        if (!own.isEmpty()) {
            Rule idle = own.get(0);
            Decision decision = fewer.files()
                    .decide(idle.path(), Integer.lowestOneBit(idle.kind().rights()));
            return decision.rule() + (decision.allowed() == idle.kind().allows() ? " says the same, or more" : " wins");
        }
        for (EnvironmentRules.Rule idle : rest.environment()) {
            if (idle.origin().equals(origin)) {
                EnvironmentRules.Rule other = fewer.environment().deciding(idle.name());
                return other == null
                        ? "nothing passes or sets it"
                        : other + (other.verb() == idle.verb() ? " says the same" : " wins");
            }
        }
        return "another rule says the same";
    }

    private void names(String origin) {
        for (Rule rule : rest.rules()) {
            boolean mayBeMissing = rule.kind() == Rule.Kind.HIDE; // that is what the program is to find
            if (!rule.origin().equals(origin) || rule.path().equals("/") || mayBeMissing) {
                continue;
            }
            boolean makes =
                    (rule.kind().rights() & Access.CREATE) != 0 && rule.kind().allows();
            String needed = makes ? parent(rule.path()) : rule.path();
            if (!isThere.test(needed) && !isThere.test(rule.path())) {
                warn(
                        origin,
                        rule.toString().replace(" (" + origin + ")", "") + " is about what is not there",
                        "there is no " + Quoted.of(needed),
                        makes ? "make the directory, or check the spelling" : "check the spelling, or take it out");
            }
        }
    }

    private void warn(String origin, String what, String why, String next) {
        int column = origin.lastIndexOf(':');
        int line = origin.lastIndexOf(':', column - 1);
        warnings.add(new PolicyProblem(
                origin.substring(0, line),
                Integer.parseInt(origin.substring(line + 1, column)),
                Integer.parseInt(origin.substring(column + 1)),
                what,
                why,
                next));
    }

    private static String parent(String path) {
        return path.substring(0, Math.max(path.lastIndexOf('/'), 1));
    }
}
