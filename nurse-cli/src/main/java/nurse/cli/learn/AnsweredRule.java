package nurse.cli.learn;

import java.util.List;
import nurse.helper.policy.Remedy;
import nurse.helper.policy.TomlString;

/** What the user allowed when asked, as a line of a policy file. */
public final class AnsweredRule {
    private static final String WHY = "allowed when asked";

    private AnsweredRule() {}

    /** The text of a policy file, with a rule about a file. */
    public static String addTo(String text, Remedy remedy, String directory, String home) {
        return switch (remedy.option()) {
            case READ -> addTo(text, "files", "read", LearnedPolicy.path(remedy.path(), directory, home));
            case WRITE -> addTo(text, "files", "write", LearnedPolicy.path(remedy.path(), directory, home));
            case CONNECT, BIND -> addTo(text, remedy.value());
        };
    }

    /** The text of a policy file, with a network rule. */
    public static String addTo(String text, String rule) {
        return addTo(text, "net", "allow", TomlString.ofRule(rule));
    }

    private static String addTo(String text, String table, String key, String quoted) {
        PolicyText file = new PolicyText(text);
        file.add(table, key, List.of(LearnedPolicy.entry(quoted, WHY)));
        return file.toString();
    }
}
