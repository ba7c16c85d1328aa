package nurse.helper.policy;

import java.util.List;
import java.util.Map;

/**
 * What a policy file says. The format is described in docs/policy.md.
 *
 * @param systemRules whether the built-in rules hold beside it
 * @param rules its rules; their origin is {@code NAME:LINE:COLUMN}
 * @param pass environment variables that are passed on, as {@link EnvironmentRules} takes them
 * @param set environment variables that are set
 * @param network rules as {@link NetworkRules#of} takes them
 */
public record PolicyFile(
        boolean systemRules, List<Rule> rules, List<String> pass, Map<String, String> set, List<String> network) {
    public PolicyFile {
        rules = List.copyOf(rules);
        pass = List.copyOf(pass);
        set = Map.copyOf(set);
        network = List.copyOf(network);
    }

    /**
     * Where a policy file stands, and what its variables mean. All canonical names, one char a byte.
     *
     * @param directory the file's own directory, where its relative paths start from
     * @param workingDirectory <code>${cwd}</code>: the directory that the program starts in
     * @param home <code>${home}</code>: the user's home directory; empty if there is none
     */
    public record Place(String directory, String workingDirectory, String home) {}

    /**
     * Reads a policy file. The TOML parser, which takes its time to load, is touched here only.
     *
     * @param text the file's text
     * @param name the file's name for messages, one char a byte
     * @throws PolicyException with all that is wrong with it
     */
    public static PolicyFile parse(String text, String name, Place place) throws PolicyException {
        return new PolicyFileParser(name, place).parse(text);
    }
}
