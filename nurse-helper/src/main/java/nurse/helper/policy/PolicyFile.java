package nurse.helper.policy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/**
 * A policy as a person writes it: TOML, see docs/policy.md. All that is wrong with a file is told at once, each with its
 * line and column.
 *
 * @param rules what the file says of files
 * @param environment {@code NAME}, {@code PREFIX*} or {@code NAME=value}, as {@link EnvironmentRules#with} takes them
 * @param withSystem whether the built-in rules hold too
 */
public record PolicyFile(List<Rule> rules, List<String> environment, boolean withSystem) {
    private static final List<String> TOP = List.of("version", "default", "files", "env");
    private static final List<String> FILES = List.of("read", "write", "deny");
    private static final List<String> ENV = List.of("pass", "set");
    private static final long VERSION = 1;

    /** Everything that is wrong with a file, one line each. */
    public static final class Wrong extends Exception {
        private static final long serialVersionUID = 1;

        Wrong(List<String> errors) {
            super(String.join("\n", errors));
        }
    }

    /**
     * Reads a policy.
     *
     * @param name how messages call the file
     * @param directory canonical name of its directory, which relative paths start from
     * @param workingDirectory what {@code ${cwd}} stands for
     * @param home what {@code ${home}} stands for
     */
    public static PolicyFile parse(String text, String name, String directory, String workingDirectory, String home)
            throws Wrong {
        return new Reader(name, directory, workingDirectory, home).read(Toml.parse(text));
    }

    private static final class Reader {
        private final List<String> errors = new ArrayList<>();
        private final List<Rule> rules = new ArrayList<>();
        private final List<String> environment = new ArrayList<>();
        private final String name;
        private final String directory;
        private final String workingDirectory;
        private final String home;

        Reader(String name, String directory, String workingDirectory, String home) {
            this.name = name;
            this.directory = directory;
            this.workingDirectory = workingDirectory;
            this.home = home;
        }

        PolicyFile read(TomlParseResult toml) throws Wrong {
            toml.errors().forEach(error -> wrong(error.position(), error.getMessage()));
            boolean withSystem = true;
            if (errors.isEmpty()) {
                known(toml, TOP, "");
                if (!(toml.get("version") instanceof Long version) || version != VERSION) {
                    wrong(position(toml, "version"), "the file must begin with version = 1");
                }
                Object base = toml.get("default");
                if (base != null && !Set.of("system", "none").contains(base)) {
                    wrong(position(toml, "default"), "default must be \"system\" or \"none\"");
                }
                withSystem = !"none".equals(base);
                files(table(toml, "files"));
                env(table(toml, "env"));
            }
            if (!errors.isEmpty()) {
                throw new Wrong(errors);
            }
            return new PolicyFile(List.copyOf(rules), List.copyOf(environment), withSystem);
        }

        private void files(TomlTable files) {
            if (files == null) {
                return;
            }
            known(files, FILES, "files.");
            list(files, "read", (text, at) -> rule(text, Rule.Kind.READ, at));
            list(files, "write", (text, at) -> rule(text, Rule.Kind.WRITE, at));
            list(files, "deny", (text, at) -> rule(text, Rule.Kind.DENY, at));
        }

        private void env(TomlTable env) {
            if (env == null) {
                return;
            }
            known(env, ENV, "env.");
            list(env, "pass", (text, at) -> variable(text, at));
            TomlTable set = table(env, "set");
            if (set != null) {
                for (String key : set.keySet()) {
                    TomlPosition at = set.inputPositionOf(List.of(key));
                    if (set.get(List.of(key)) instanceof String value) {
                        variable(key + "=" + bytes(value), at);
                    } else {
                        wrong(at, "the value of a variable must be a string");
                    }
                }
            }
        }

        private void variable(String rule, TomlPosition at) {
            try {
                EnvironmentRules.harmless().with(rule);
                environment.add(rule);
            } catch (IllegalArgumentException refused) {
                wrong(at, refused.getMessage());
            }
        }

        private void rule(String text, Rule.Kind kind, TomlPosition at) {
            String path = bytes(text).replace("${cwd}", workingDirectory).replace("${home}", home);
            if (path.contains("${")) {
                wrong(at, "unknown variable in \"" + text + "\": there are ${cwd} and ${home}");
                return;
            }
            if (!path.startsWith("/")) {
                path = (directory.equals("/") ? "" : directory) + "/" + path;
            }
            while (path.length() > 1 && path.endsWith("/")) {
                path = path.substring(0, path.length() - 1);
            }
            if (!Rule.isCanonical(path)) {
                wrong(at, "\"" + text + "\" must not contain '.', '..' or '//'");
                return;
            }
            rules.add(new Rule(path, kind, name + ":" + at.line() + ":" + at.column()));
        }

        private interface Entry {
            void accept(String text, TomlPosition at);
        }

        private void list(TomlTable table, String key, Entry entry) {
            Object value = table.get(key);
            if (value == null) {
                return;
            }
            if (!(value instanceof TomlArray array)) {
                wrong(position(table, key), key + " must be a list of strings: " + key + " = [\"...\"]");
                return;
            }
            for (int i = 0; i < array.size(); i++) {
                TomlPosition at = array.inputPositionOf(i);
                if (array.get(i) instanceof String text) {
                    entry.accept(text, at);
                } else {
                    wrong(at, key + " must be a list of strings");
                }
            }
        }

        private TomlTable table(TomlTable parent, String key) {
            Object value = parent.get(key);
            if (value == null || value instanceof TomlTable) {
                return (TomlTable) value;
            }
            wrong(position(parent, key), key + " must be a table: [" + key + "]");
            return null;
        }

        private void known(TomlTable table, List<String> keys, String prefix) {
            for (String key : table.keySet()) {
                if (!keys.contains(key)) {
                    wrong(
                            table.inputPositionOf(List.of(key)),
                            "unknown key '" + prefix + key + "'; did you mean '" + prefix + nearest(key, keys) + "'?");
                }
            }
        }

        private static TomlPosition position(TomlTable table, String key) {
            TomlPosition at = table.inputPositionOf(List.of(key));
            return at == null ? TomlPosition.positionAt(1, 1) : at;
        }

        private void wrong(TomlPosition at, String what) {
            errors.add(name + ":" + at.line() + ":" + at.column() + ": " + what);
        }

        private static String bytes(String text) {
            return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        }
    }

    /** The word with the fewest edits (Levenshtein) from {@code key}. */
    private static String nearest(String key, List<String> words) {
        String best = words.get(0);
        int least = Integer.MAX_VALUE;
        for (String word : words) {
            int edits = edits(key, word);
            if (edits < least) {
                least = edits;
                best = word;
            }
        }
        return best;
    }

    private static int edits(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
