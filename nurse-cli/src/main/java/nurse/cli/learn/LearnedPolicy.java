package nurse.cli.learn;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import nurse.cli.watch.ShellWord;
import nurse.cli.watch.Spectator;
import nurse.helper.messages.Quoted;
import nurse.helper.policy.Rule;

/** A learned policy as the text of a policy file: a line for each rule, with why it is there. */
public final class LearnedPolicy {
    private static final List<Rule.Kind> ORDER = List.of(Rule.Kind.READ, Rule.Kind.WRITE, Rule.Kind.LIST);
    private static final int COLUMN = 44;

    private final Spectator.Run run;
    private final String home;
    private final List<LearnedRules.Learned> rules;
    private final List<String> network;

    LearnedPolicy(Spectator.Run run, String home, List<LearnedRules.Learned> rules, List<String> network) {
        this.run = run;
        this.home = home;
        this.rules = rules;
        this.network = network;
    }

    /** How many rules about files and the network it has. */
    public int size() {
        return rules.size() + network.size();
    }

    /** The whole file. */
    public String text() {
        StringBuilder text = new StringBuilder("# Learned by nurse from one run; read it before you trust it.\n#   ");
        List<String> words = run.command().stream().map(ShellWord::of).toList();
        text.append(String.join(" ", words).replace("\n", " "))
                .append("\nversion = 1\ndefault = \"none\"\n\n[files]\n");
        for (Rule.Kind kind : ORDER) {
            array(text, kind.word(), entries(kind));
        }
        if (!network.isEmpty()) {
            text.append("\n[net]\n");
            array(
                    text,
                    "allow",
                    network.stream().map(rule -> entry(quoted(rule), "used")).toList());
        }
        text.append("\n[env]\n");
        List<String> names = new ArrayList<>(new TreeMap<>(run.variables()).keySet());
        text.append("pass = [")
                .append(String.join(
                        ", ", names.stream().map(LearnedPolicy::quoted).toList()))
                .append("]\n");
        return text.toString();
    }

    /** The lines of one array, without its brackets. */
    List<String> entries(Rule.Kind kind) {
        return rules.stream()
                .filter(rule -> rule.kind() == kind)
                .map(rule -> entry(path(rule.path()), rule.why()))
                .toList();
    }

    List<LearnedRules.Learned> rules() {
        return rules;
    }

    List<String> network() {
        return network;
    }

    static void array(StringBuilder text, String key, List<String> entries) {
        if (!entries.isEmpty()) {
            text.append(key).append(" = [\n");
            entries.forEach(entry -> text.append(entry).append('\n'));
            text.append("]\n");
        }
    }

    static String entry(String quoted, String why) {
        StringBuilder entry = new StringBuilder("    ").append(quoted).append(',');
        while (entry.length() < COLUMN) {
            entry.append(' ');
        }
        return entry.append("  # ").append(why).toString();
    }

    /** A path as a policy file writes it: what is in the working directory or at home may be elsewhere next time. */
    String path(String path) {
        String named = in(run.directory(), "${cwd}", path);
        return quoted(named.equals(path) ? in(home, "${home}", path) : named);
    }

    private static String in(String directory, String variable, String path) {
        boolean isIn = !directory.equals("/")
                && !directory.isEmpty()
                && (path.equals(directory) || path.startsWith(directory + "/"));
        return isIn ? variable + path.substring(directory.length()) : path;
    }

    /** A TOML string; bytes that are no UTF-8 cannot be written in one, and stand as U+FFFD. */
    static String quoted(String bytes) {
        String text = new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
        StringBuilder quoted = new StringBuilder("\"");
        text.codePoints().forEach(c -> {
            if (c == '"' || c == '\\') {
                quoted.append('\\').append((char) c);
            } else if (Quoted.isVisible(c)) {
                quoted.appendCodePoint(c);
            } else {
                quoted.append(c > 0xffff ? String.format("\\U%08x", c) : String.format("\\u%04x", c));
            }
        });
        return quoted.append('"').toString();
    }
}
