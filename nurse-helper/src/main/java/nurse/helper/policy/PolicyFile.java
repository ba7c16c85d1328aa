package nurse.helper.policy;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a policy file says, with all that it extends. The format is described in docs/policy.md.
 *
 * @param systemRules whether the built-in rules hold beside it
 * @param rules its rules; their origin is {@code NAME:LINE:COLUMN}
 * @param replaced rules of what it extends that do not count, since it says something else of their paths
 * @param environment rules about variables, in the order in which they count
 * @param network rules about addresses and abstract names; those about the paths of UNIX sockets are among {@code rules}
 * @param calls rules about calls, in the order in which they count
 * @param limits how much the program may use up
 * @param repeat what is the same in every run
 */
public record PolicyFile(
        boolean systemRules,
        List<Rule> rules,
        List<Replaced> replaced,
        List<EnvironmentRules.Rule> environment,
        List<NetworkRules.Rule> network,
        List<CallRules.Rule> calls,
        Limits limits,
        Repeat repeat) {
    public PolicyFile {
        rules = List.copyOf(rules);
        replaced = List.copyOf(replaced);
        environment = List.copyOf(environment);
        network = List.copyOf(network);
        calls = List.copyOf(calls);
    }

    /** A file of these rules alone. */
    public PolicyFile(boolean systemRules, List<Rule> rules, List<EnvironmentRules.Rule> environment) {
        this(systemRules, rules, List.of(), environment, List.of(), List.of(), Limits.NONE, Repeat.NOTHING);
    }

    /**
     * A rule that does not count as long as one of a file that extends its own speaks of the same path.
     *
     * @param by the origins of those that do
     */
    public record Replaced(Rule rule, Set<String> by) {
        public Replaced {
            by = Set.copyOf(by);
        }

        /** The same, if further rules speak of its path. */
        private Replaced by(Set<String> further) {
            Set<String> all = new HashSet<>(by);
            all.addAll(further);
            return new Replaced(rule, all);
        }

        private Replaced without(String origin) {
            return new Replaced(rule, by.stream().filter(o -> !o.equals(origin)).collect(Collectors.toSet()));
        }
    }

    /**
     * Where a policy file stands, and what its variables mean. All canonical names, one char a byte.
     *
     * @param directory the file's own directory, where its relative paths start from
     * @param workingDirectory <code>${cwd}</code>: the directory that the program starts in
     * @param home <code>${home}</code>: the user's home directory; empty if there is none
     * @param inputs <code>${input}</code>: what {@code --input} names
     * @param outputs <code>${output}</code>: what {@code --output} names
     * @param temporary <code>${tmp}</code>: a directory that is made for the run, and removed behind it
     */
    public record Place(
            String directory,
            String workingDirectory,
            String home,
            List<String> inputs,
            List<String> outputs,
            String temporary) {
        public Place {
            inputs = List.copyOf(inputs);
            outputs = List.copyOf(outputs);
        }

        /** Without input and output. */
        public Place(String directory, String workingDirectory, String home) {
            this(directory, workingDirectory, home, List.of(), List.of(), "");
        }

        /** The same, for a file in another directory. */
        public Place in(String other) {
            return new Place(other, workingDirectory, home, inputs, outputs, temporary);
        }
    }

    /** Where the texts of what a policy file extends come from. */
    public interface Sources {
        /** Nothing can be extended. */
        Sources NONE = new Sources() {
            @Override
            public List<String> profiles() {
                return List.of();
            }

            @Override
            public String profile(String name) {
                return null;
            }

            @Override
            public String file(String path) {
                return null;
            }
        };

        /** The names of the built-in profiles. */
        List<String> profiles();

        /** The text of a built-in profile, or null if there is none of this name. */
        String profile(String name);

        /** What a file holds, one char a byte, or null if it cannot be read. {@code path}: absolute, one char a byte. */
        String file(String path);
    }

    /** As {@link #parse(String, String, Place, Sources)}, of a file that extends nothing. */
    public static PolicyFile parse(String text, String name, Place place) throws PolicyException {
        return parse(text, name, place, Sources.NONE);
    }

    /**
     * Reads a policy file. The TOML parser, which takes its time to load, is touched here only.
     *
     * @param text the file's text
     * @param name the file's name for messages, one char a byte
     * @throws PolicyException with all that is wrong with it
     */
    public static PolicyFile parse(String text, String name, Place place, Sources sources) throws PolicyException {
        return PolicyFileParser.parse(text, name, place, sources);
    }

    /**
     * Reads a built-in profile. What it says of <code>${input}</code> and <code>${output}</code> counts for nothing if there is
     * none.
     *
     * @throws PolicyException if there is no such profile
     */
    public static PolicyFile profile(String name, Place place, Sources sources) throws PolicyException {
        return PolicyFileParser.profile(name, place, sources);
    }

    /**
     * Both together: where {@code other} reads, writes, denies or hides a path, that replaces what this says of the same path;
     * and so does what it says of a variable ({@link EnvironmentRules}), of a call, a limit, time or random.
     */
    PolicyFile extendedBy(PolicyFile other, boolean saysDefault) {
        Map<String, Set<String>> said = new HashMap<>();
        // Also those that are replaced themselves: they speak of it again without what replaced them.
        Stream.concat(other.rules.stream(), other.replaced.stream().map(Replaced::rule))
                .filter(rule -> rule.kind().decides())
                .forEach(rule -> said.computeIfAbsent(rule.path(), path -> new HashSet<>())
                        .add(rule.origin()));
        List<Rule> allRules = new ArrayList<>(other.rules);
        List<Replaced> allReplaced = new ArrayList<>(other.replaced);
        replaced.forEach(old -> allReplaced.add(old.by(said.getOrDefault(old.rule.path(), Set.of()))));
        for (Rule rule : rules) {
            Set<String> by = said.get(rule.path());
            if (by == null) {
                allRules.add(rule);
            } else {
                allReplaced.add(new Replaced(rule, by));
            }
        }
        Map<Limits.Limit, Long> most = new EnumMap<>(Limits.Limit.class);
        most.putAll(limits.most());
        most.putAll(other.limits.most());
        return new PolicyFile(
                saysDefault ? other.systemRules : systemRules,
                allRules,
                allReplaced,
                joined(environment, other.environment),
                joined(network, other.network),
                joined(calls, other.calls),
                new Limits(most),
                repeat.extendedBy(other.repeat));
    }

    /**
     * The same without what was written at one place, be it a rule of files, variables, the network or about a call. What that
     * alone replaced counts again.
     */
    public PolicyFile without(String origin) {
        List<Rule> fewer = new ArrayList<>(
                rules.stream().filter(rule -> !rule.origin().equals(origin)).toList());
        List<Replaced> still = new ArrayList<>();
        for (Replaced old : replaced) {
            if (old.rule.origin().equals(origin)) {
                continue;
            }
            Replaced now = old.without(origin);
            if (now.by.isEmpty()) {
                fewer.add(now.rule);
            } else {
                still.add(now);
            }
        }
        return new PolicyFile(
                systemRules,
                fewer,
                still,
                environment.stream()
                        .filter(rule -> !rule.origin().equals(origin))
                        .toList(),
                network.stream().filter(rule -> !rule.origin().equals(origin)).toList(),
                calls.stream().filter(rule -> !rule.origin().equals(origin)).toList(),
                limits,
                repeat);
    }

    /** The same with one rule more. */
    PolicyFile with(Rule rule) {
        return new PolicyFile(
                systemRules, joined(rules, List.of(rule)), replaced, environment, network, calls, limits, repeat);
    }

    private static <T> List<T> joined(List<T> first, List<T> second) {
        List<T> all = new ArrayList<>(first);
        all.addAll(second);
        return all;
    }
}
