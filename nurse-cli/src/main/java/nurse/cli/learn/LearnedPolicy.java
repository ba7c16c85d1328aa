package nurse.cli.learn;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import nurse.cli.watch.Spectator;
import nurse.helper.files.View;
import nurse.helper.messages.ShellWord;
import nurse.helper.policy.EnvironmentRules;
import nurse.helper.policy.Rule;
import nurse.helper.policy.TomlString;

/** What was learned, to be written into a policy file: a line for each rule, with why it is there. */
public final class LearnedPolicy {
    /** What every file begins with; its rules need no line. */
    public static final String BASE = "version = 1\nextends = \"minimal\"\n";

    private static final List<Rule.Kind> ORDER =
            List.of(Rule.Kind.READ, Rule.Kind.WRITE, Rule.Kind.LIST, Rule.Kind.HIDE);
    private static final int COLUMN = 40;

    private final Spectator.Run run;
    private final String home;
    private final List<LearnedRules.Learned> rules;
    private final List<String> network;
    private final EnvironmentRules environment;

    /** @param environment which variables get in anyway */
    LearnedPolicy(
            Spectator.Run run,
            String home,
            List<LearnedRules.Learned> rules,
            List<String> network,
            EnvironmentRules environment) {
        this.run = run;
        this.home = home;
        this.rules = rules;
        this.network = network;
        this.environment = environment;
    }

    /** How many rules about files and the network it has. */
    public int size() {
        return rules.size() + network.size();
    }

    /** A new file. */
    public String text() {
        List<String> words = run.command().stream().map(ShellWord::of).toList();
        String command = String.join(" ", words).replace("\n", " ");
        return addTo("# Learned by nurse from one run; read it before you trust it.\n#   "
                + TomlString.of(command)
                        .replaceAll("^\"|\"$", "")
                        .replace("\\\"", "\"")
                        .replace("\\\\", "\\") + "\n"
                + BASE);
    }

    /** The text of a file that is there, with what it lacks. */
    public String addTo(String text) {
        PolicyText file = new PolicyText(text);
        for (Rule.Kind kind : ORDER) {
            file.add(
                    "files",
                    kind.word(),
                    rules.stream()
                            .filter(rule -> rule.kind() == kind)
                            .map(rule -> entry(path(rule.path(), run.directory(), home), rule.why()))
                            .toList());
        }
        file.add(
                "net",
                "allow",
                network.stream()
                        .map(rule -> entry(TomlString.ofRule(rule), "used"))
                        .toList());
        Map<String, String> variables = new TreeMap<>(run.variables());
        variables.remove("TMPDIR"); // the run's own: ${tmp}
        // No TOML string holds these; the option that gave them still does.
        variables
                .entrySet()
                .removeIf(variable -> !TomlString.canHold(variable.getKey())
                        || run.set().contains(variable.getKey()) && !TomlString.canHold(variable.getValue()));
        List<String> passed = variables.keySet().stream()
                .filter(name -> !run.set().contains(name) && !environment.passes(name))
                .map(TomlString::of)
                .toList();
        file.add("env", "pass", passed.isEmpty() ? List.of() : List.of("    " + String.join(", ", passed) + ","));
        List<String> set = variables.entrySet().stream()
                .filter(variable -> run.set().contains(variable.getKey()) && !environment.sets(variable.getKey()))
                .map(variable -> key(variable.getKey()) + " = " + TomlString.of(variable.getValue()))
                .toList();
        if (!set.isEmpty()) {
            file.addLine("env", "set = { " + String.join(", ", set) + " }");
        }
        return file.toString();
    }

    private static String key(String name) {
        return name.matches("[A-Za-z0-9_-]+") ? name : TomlString.of(name);
    }

    static String entry(String quoted, String why) {
        StringBuilder entry = new StringBuilder("    ").append(quoted).append(',');
        while (entry.length() < COLUMN) {
            entry.append(' ');
        }
        return entry.append("  # ").append(why).toString();
    }

    /** A path as a policy file writes it: what is in the working directory or at home may be elsewhere next time. */
    static String path(String path, String directory, String home) {
        if (isIn(directory, path)) {
            return in(directory, "${cwd}", path);
        }
        return isIn(home, path) ? in(home, "${home}", path) : TomlString.ofPath(path);
    }

    private static boolean isIn(String directory, String path) {
        return !directory.equals("/") && !directory.isEmpty() && View.isBelow(path, directory);
    }

    private static String in(String directory, String variable, String path) {
        return "\"" + variable
                + TomlString.ofPath(path.substring(directory.length())).substring(1);
    }
}
