package nurse.helper.policy;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a policy file says, with all that it extends. The format is described in docs/policy.md.
 *
 * @param systemRules whether the built-in rules hold beside it
 * @param rules its rules; their origin is {@code NAME:LINE:COLUMN}
 * @param pass environment variables that are passed on, as {@link EnvironmentRules} takes them
 * @param drop environment variables that are not, as far as no whole name is passed
 * @param set environment variables that are set
 * @param network rules about addresses and abstract names; those about the paths of UNIX sockets are among {@code rules}
 * @param calls rules about calls, in the order in which they count
 * @param limits how much the program may use up
 * @param repeat what is the same in every run
 */
public record PolicyFile(
        boolean systemRules,
        List<Rule> rules,
        List<String> pass,
        List<String> drop,
        Map<String, String> set,
        List<NetworkRules.Rule> network,
        List<CallRules.Rule> calls,
        Limits limits,
        Repeat repeat) {
    public PolicyFile {
        rules = List.copyOf(rules);
        pass = List.copyOf(pass);
        drop = List.copyOf(drop);
        set = Map.copyOf(set);
        network = List.copyOf(network);
        calls = List.copyOf(calls);
    }

    /** A file that says nothing of the network, calls, limits and repeatable runs. */
    public PolicyFile(boolean systemRules, List<Rule> rules, List<String> pass, Map<String, String> set) {
        this(systemRules, rules, pass, List.of(), set, List.of(), List.of(), Limits.NONE, Repeat.NOTHING);
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

        /** The text of a file, or null if it cannot be read. {@code path}: absolute, one char a byte. */
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
     * and so does what it says of a variable, be it set, dropped or passed by its whole name, of a call, a limit, time or random.
     */
    PolicyFile extendedBy(PolicyFile other, boolean saysDefault) {
        Set<String> said = new HashSet<>();
        other.rules.stream()
                .filter(rule ->
                        rule.kind().does() == Rule.Kind.Does.SETS || rule.kind().denies())
                .forEach(rule -> said.add(rule.path()));
        List<Rule> allRules = new ArrayList<>(other.rules);
        rules.stream().filter(rule -> !said.contains(rule.path())).forEach(allRules::add);
        Map<String, String> allSet = new LinkedHashMap<>(set);
        other.pass.forEach(allSet::remove);
        allSet.keySet().removeIf(name -> EnvironmentRules.matches(other.drop, name));
        allSet.putAll(other.set);
        List<String> stillPassed = pass.stream()
                .filter(pattern -> !EnvironmentRules.takesAway(other.drop, pattern))
                .toList();
        Map<Limits.Limit, Long> most = new EnumMap<>(Limits.Limit.class);
        most.putAll(limits.most());
        most.putAll(other.limits.most());
        return new PolicyFile(
                saysDefault ? other.systemRules : systemRules,
                allRules,
                joined(stillPassed, other.pass),
                joined(drop, other.drop),
                allSet,
                joined(network, other.network),
                joined(calls, other.calls),
                new Limits(most),
                repeat.extendedBy(other.repeat));
    }

    /** The same without what was written at one place, be it a rule of files, of the network or about a call. */
    public PolicyFile without(String origin) {
        return new PolicyFile(
                systemRules,
                rules.stream().filter(rule -> !rule.origin().equals(origin)).toList(),
                pass,
                drop,
                set,
                network.stream().filter(rule -> !rule.origin().equals(origin)).toList(),
                calls.stream().filter(rule -> !rule.origin().equals(origin)).toList(),
                limits,
                repeat);
    }

    /** The same with one rule more. */
    PolicyFile with(Rule rule) {
        return new PolicyFile(
                systemRules, joined(rules, List.of(rule)), pass, drop, set, network, calls, limits, repeat);
    }

    private static <T> List<T> joined(List<T> first, List<T> second) {
        List<T> all = new ArrayList<>(first);
        all.addAll(second);
        return all;
    }
}
