package nurse.helper.policy;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import nurse.helper.messages.Quoted;

/**
 * Puts a run's policy together from the built-in rules, policy files and options.
 *
 * <p>What the user says, in a file or by an option, is one set of rules, whatever its order. The built-in rules fill in what it
 * leaves open, and never go against it:
 *
 * <ul>
 *   <li>where the user denies a path, built-in rules below it fall away, although they are more specific;
 *   <li>where the user lets a path be written, built-in rules below it do not make parts of it read-only;
 *   <li>a built-in denial falls away only where the user allows the very same path, or a part of it; that of keys in the current
 *       directory also where the user says anything of that directory.
 * </ul>
 *
 * <p>Errors are gathered and reported together. Not thread-safe; for one use.
 */
public final class PolicyBuilder {
    private static final String USUAL = "built-in: usual variables";

    private final String workingDirectory;
    private final List<Rule> rules = new ArrayList<>();
    private final List<EnvironmentRules.Rule> environment = new ArrayList<>();
    private final List<EnvironmentRules.Rule> environmentByOption = new ArrayList<>();
    private final List<PolicyProblem> problems = new ArrayList<>();
    private LinkResolver links = path -> List.of(path);
    private final List<NetworkRules.Rule> network = new ArrayList<>();
    private final List<CallRules.Rule> calls = new ArrayList<>();
    private final Map<Limits.Limit, Long> limits = new EnumMap<>(Limits.Limit.class);
    private final Map<Limits.Limit, Long> limitsByOption = new EnumMap<>(Limits.Limit.class);
    private Repeat repeat = Repeat.NOTHING;
    private boolean systemRules = true;
    private boolean atHome;

    /**
     * A run's policy.
     *
     * @param files which files it may use
     * @param network which addresses it may talk to
     * @param environment which variables it gets
     * @param calls which calls are refused whatever they ask for
     * @param limits how much it may use up
     * @param repeat what is the same in every run
     * @param notes what the user should be told, a sentence each
     */
    public record RunPolicy(
            Policy files,
            NetworkRules network,
            EnvironmentRules environment,
            CallRules calls,
            Limits limits,
            Repeat repeat,
            List<String> notes) {
        public RunPolicy {
            notes = List.copyOf(notes);
        }

        /** A policy of files, and nothing else. */
        public static RunPolicy of(Policy files) {
            return new RunPolicy(
                    files,
                    NetworkRules.NONE,
                    EnvironmentRules.of(List.of()),
                    CallRules.NONE,
                    Limits.NONE,
                    Repeat.NOTHING,
                    List.of());
        }
    }

    /**
     * Follows the links of a path that a rule names. Links are judged by where they lead, so a rule about a link has to be one
     * about its target too.
     */
    @FunctionalInterface
    public interface LinkResolver {
        /**
         * The path's spellings, from its own to the canonical one, with one link more followed in each: for {@code /a/x/f},
         * where x is a link to {@code /b}, that is {@code /b/f}. The path itself may be left out; what it leads to need not
         * exist.
         *
         * @param path absolute, without {@code .} and {@code ..}, one char a byte
         */
        List<String> spellings(String path);
    }

    /** @param workingDirectory canonical name of the directory that the program starts in, as it sees it */
    public PolicyBuilder(String workingDirectory) {
        this.workingDirectory = workingDirectory;
    }

    /** Follows links in the paths of files and options that are added from now on. Without this none are followed. */
    public PolicyBuilder links(LinkResolver resolver) {
        links = resolver;
        return this;
    }

    /** Says that the working directory is a home, or that homes are in it: then no built-in rule lets all of it be read. */
    public PolicyBuilder atHome(boolean isHome) {
        atHome = isHome;
        return this;
    }

    /** {@code --policy FILE}. */
    public PolicyBuilder file(PolicyFile file) {
        systemRules &= file.systemRules();
        file.rules().forEach(this::add);
        environment.addAll(file.environment());
        network.addAll(file.network());
        calls.addAll(file.calls());
        limits.putAll(file.limits().most());
        repeat = repeat.extendedBy(file.repeat());
        return this;
    }

    /** {@code --read PATH}; a relative path starts from the working directory. */
    public PolicyBuilder read(String path) {
        return option("--read " + Quoted.of(path), path, Rule.Kind.READ);
    }

    /** {@code --write PATH}: reading, too. */
    public PolicyBuilder write(String path) {
        return option("--write " + Quoted.of(path), path, Rule.Kind.WRITE);
    }

    /** {@code --bind BIND}: what is shown under the path. */
    public PolicyBuilder bind(String bind, String path, boolean mayWrite) {
        return option("--bind " + Quoted.of(bind), path, mayWrite ? Rule.Kind.WRITE : Rule.Kind.READ);
    }

    /** What is the helper's own affair, and would be a way into it: denied even inside what may be written. Absolute. */
    public PolicyBuilder helperFile(String path) {
        rules.add(new Rule(path, Rule.Kind.DENY, "built-in: files of the helper itself"));
        return this;
    }

    private PolicyBuilder option(String origin, String path, Rule.Kind kind) {
        try {
            add(new Rule(WrittenPath.absolute(path, workingDirectory), kind, origin));
        } catch (WrittenPath.Unusable unusable) {
            problem(origin, "the path cannot be used", unusable.why(), unusable.next());
        }
        return this;
    }

    /** {@code --net RULE}: see {@link NetworkRules#parse}. */
    public PolicyBuilder network(String rule) {
        String origin = "--net " + Quoted.of(rule);
        try {
            List<NetworkRules.Rule> parsed = NetworkRules.parse(null, rule, origin);
            String path = parsed.get(0).path();
            if (path == null) {
                network.addAll(parsed);
            } else {
                parsed.get(0).kinds().forEach(kind -> option(origin, path, kind));
            }
        } catch (IllegalArgumentException wrong) {
            problem(
                    origin,
                    "this is no network rule",
                    wrong.getMessage(),
                    "such as --net loopback, --net 'tcp 192.0.2.7:443' or --net 'connect unix /run/x.sock'");
        }
        return this;
    }

    /** {@code --limit NAME=VALUE}, which wins over what a file says. */
    public PolicyBuilder limit(String argument) {
        String origin = "--limit " + Quoted.of(argument);
        int equals = argument.indexOf('=');
        String name = argument.substring(0, Math.max(equals, 0));
        Limits.Limit limit = Limits.Limit.of(name);
        if (limit == null) {
            problem(
                    origin,
                    "this is no limit",
                    equals < 0 ? "a limit is written NAME=VALUE" : "there is no limit of this name",
                    PolicyKeys.suggestion(name, PolicyKeys.TABLES.get(PolicyKeys.LIMITS)));
            return this;
        }
        try {
            limitsByOption.put(limit, limit.parse(argument.substring(equals + 1)));
        } catch (IllegalArgumentException wrong) {
            problem(origin, "this is no value for the limit", wrong.getMessage(), "write one such as --limit cpu=10s");
        }
        return this;
    }

    /** {@code --env NAME}, {@code --env 'BEGINNING*'} or {@code --env NAME=value}, which wins over what a file says. */
    public PolicyBuilder environment(String argument) {
        String origin = "--env " + Quoted.of(argument);
        int equals = argument.indexOf('=');
        if (equals < 0) {
            EnvironmentRules.objectionToPass(argument)
                    .ifPresentOrElse(
                            o -> problem(origin, "the variable cannot be passed on", o.why(), o.next()),
                            () -> environmentByOption.add(
                                    new EnvironmentRules.Rule(EnvironmentRules.Verb.PASS, argument, "", origin)));
            return this;
        }
        String name = argument.substring(0, equals);
        String value = argument.substring(equals + 1);
        EnvironmentRules.objectionToSet(name, value)
                .ifPresentOrElse(
                        o -> problem(origin, "the variable cannot be set", o.why(), o.next()),
                        () -> environmentByOption.add(
                                new EnvironmentRules.Rule(EnvironmentRules.Verb.SET, name, value, "--env " + name)));
        return this;
    }

    private void problem(String origin, String what, String why, String next) {
        problems.add(new PolicyProblem(origin, 0, 0, what, why, next));
    }

    /**
     * Compiles it.
     *
     * @throws PolicyException with all that was wrong with the options
     */
    public RunPolicy build() throws PolicyException {
        if (!problems.isEmpty()) {
            throw new PolicyException(problems);
        }
        List<Rule> all = new ArrayList<>(rules);
        List<EnvironmentRules.Rule> variables = new ArrayList<>();
        List<String> notes = List.of();
        if (systemRules) {
            DefaultPolicy builtIn = DefaultPolicy.of(workingDirectory, atHome);
            for (Rule rule : builtIn.rules()) {
                if (fitsWhatTheUserSays(rule)) {
                    all.add(rule);
                    noExecution(rule.path()).ifPresent(all::add);
                }
            }
            for (String usual : DefaultPolicy.ENVIRONMENT) {
                variables.add(new EnvironmentRules.Rule(EnvironmentRules.Verb.PASS, usual, "", USUAL));
            }
            notes = rules.stream().anyMatch(rule -> rule.covers(workingDirectory)) ? notes : builtIn.notes();
        }
        variables.addAll(environment);
        variables.addAll(environmentByOption);
        Map<Limits.Limit, Long> most = new EnumMap<>(Limits.Limit.class);
        most.putAll(limits);
        most.putAll(limitsByOption);
        return new RunPolicy(
                Policy.of(all),
                NetworkRules.of(network),
                EnvironmentRules.of(variables),
                CallRules.of(calls),
                new Limits(most),
                repeat,
                notes);
    }

    private boolean fitsWhatTheUserSays(Rule builtIn) {
        if (DefaultPolicy.isOfKeysHere(builtIn)) {
            return mostSpecific(builtIn.path()).isEmpty();
        }
        if (builtIn.kind() == Rule.Kind.DENY) {
            return rules.stream()
                    .noneMatch(rule ->
                            rule.path().equals(builtIn.path()) && rule.kind().decides());
        }
        return mostSpecific(builtIn.path()).map(kind -> kind == Rule.Kind.READ).orElse(true);
    }

    /**
     * What the user says of a path: of the longest rules that cover it the strongest kind, a denial being the strongest. What
     * only adds to other rules is left out.
     */
    private Optional<Rule.Kind> mostSpecific(String path) {
        Rule found = null;
        for (Rule rule : rules) {
            if (rule.kind().decides()
                    && rule.covers(path)
                    && (found == null
                            || rule.path().length() > found.path().length()
                            || rule.path().equals(found.path()) && rule.kind().compareTo(found.kind()) > 0)) {
                found = rule;
            }
        }
        return Optional.ofNullable(found).map(Rule::kind);
    }

    /** Where the user lets nothing be executed, a built-in rule below, which is more specific, must not allow it. */
    private Optional<Rule> noExecution(String path) {
        Rule found = null;
        for (Rule rule : rules) {
            boolean says = rule.kind() == Rule.Kind.NOEXEC || rule.kind().does() == Rule.Kind.Does.SETS;
            if (says
                    && rule.covers(path)
                    && (found == null || rule.path().length() > found.path().length())) {
                found = rule;
            }
        }
        for (Rule rule : rules) {
            if (found != null && rule.kind() == Rule.Kind.NOEXEC && rule.path().equals(found.path())) {
                return Optional.of(new Rule(path, Rule.Kind.NOEXEC, rule.origin()));
            }
        }
        return Optional.empty();
    }

    /** Adds the rule for each spelling of its path: so the program may follow the links in it, and gets to the same rule. */
    private void add(Rule rule) {
        rules.add(rule);
        for (String path : links.spellings(rule.path())) {
            if (!path.equals(rule.path())) {
                rules.add(new Rule(path, rule.kind(), rule.origin()));
            }
        }
    }
}
