package nurse.helper.policy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import nurse.helper.messages.Quoted;
import org.jspecify.annotations.Nullable;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseError;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;
import org.tomlj.TomlVersion;

/** A policy file as a TOML document: its tables, arrays and values, and what is wrong with them, by line and column. */
final class PolicyDocument {
    static final TomlPosition START = TomlPosition.positionAt(1, 1);
    static final String MISSING = "there is no ";

    /** The words of these tables are too many and too common for a hint at where a key belongs. */
    private static final List<String> NAMES_OF_CALLS = List.of("", PolicyKeys.CALLS, PolicyKeys.CATEGORIES);

    private static final String BYTE_ESCAPE = "Invalid escape sequence '\\x";

    private final String source;
    private final TomlParseResult toml;
    private final String text;
    private final boolean unreadable;
    private final List<PolicyProblem> problems = new ArrayList<>();

    /** @param source the file's name, fit to be shown */
    PolicyDocument(String source, String text) {
        this.source = source;
        this.text = text;
        TomlParseResult parsed = parsed(text);
        this.unreadable = parsed == null;
        this.toml = parsed == null ? Toml.parse("") : parsed;
    }

    /** Null where the parser loses its way: after several mistakes it may find its own assertions wrong (bin/fuzz policy). */
    private static @Nullable TomlParseResult parsed(String text) {
        try {
            // In TOML 1.1 "\\xff" is the character U+00FF, while messages show the byte 0xff of a name so: an error in
            // 1.0.
            return Toml.parse(text, TomlVersion.V1_0_0);
        } catch (AssertionError | RuntimeException lost) {
            return null;
        }
    }

    TomlTable top() {
        return toml;
    }

    /** What is wrong, sorted by line. To be asked when all has been read. */
    List<PolicyProblem> problems() {
        if (unreadable) {
            problems.clear();
            problem(
                    START,
                    "this is not TOML",
                    "there are too many mistakes to tell where",
                    "see the examples in docs/policy.md");
        }
        if (toml.hasErrors()) {
            syntax(toml.errors(), text.lines().toList());
        }
        problems.sort(Comparator.comparingInt(PolicyProblem::line).thenComparingInt(PolicyProblem::column));
        return problems;
    }

    /**
     * Of the line of a mistake nothing more is said, nor of what is missing: it may be what could not be read. Behind a
     * mistake in a table's head the parser takes the keys for another table's: nothing is said of them either.
     */
    private void syntax(List<TomlParseError> errors, List<String> lines) {
        Set<Integer> wrong = new HashSet<>();
        int lost = Integer.MAX_VALUE;
        for (TomlParseError error : errors) {
            int line = error.position().line();
            wrong.add(line);
            if (line <= lines.size() && lines.get(line - 1).strip().startsWith("[")) {
                lost = Math.min(lost, line);
            }
        }
        int unread = lost;
        problems.removeIf(problem -> wrong.contains(problem.line())
                || problem.line() > unread
                || problem.what().startsWith(MISSING));
        for (TomlParseError error : errors) {
            problem(
                    error.position(),
                    "this is not TOML",
                    visible(error.getMessage()),
                    error.getMessage().startsWith(BYTE_ESCAPE)
                            ? "in a path, " + PathVariables.ofByte((byte) 0xff) + " is the byte ff of a name"
                            : "see the examples in docs/policy.md");
        }
    }

    /** The table of this name, its keys checked; empty if there is none. */
    Optional<TomlTable> table(String name) {
        List<String> key = List.of(name);
        if (!toml.contains(key)) {
            return Optional.empty();
        }
        if (toml.get(key) instanceof TomlTable table) {
            refuseUnknownKeys(table, name);
            return Optional.of(table);
        }
        wrongType(toml, key, "a table", toml.get(key), "write [" + name + "] on a line of its own, and its keys below");
        return Optional.empty();
    }

    void refuseUnknownKeys(TomlTable table, String name) {
        List<String> known = PolicyKeys.TABLES.get(name);
        for (String key : table.keySet()) {
            if (known.contains(key)) {
                continue;
            }
            String place = name.isEmpty() ? "a policy file" : "[" + name + "]";
            Optional<String> home = PolicyKeys.TABLES.entrySet().stream()
                    .filter(entry -> !NAMES_OF_CALLS.contains(entry.getKey()))
                    .filter(entry -> entry.getValue().contains(key))
                    .map(Map.Entry::getKey)
                    .findFirst();
            problem(
                    position(table, List.of(key)),
                    "unknown key " + quoted(key),
                    place + " has no such key",
                    home.map(other -> "put it below [" + other + "]")
                            .orElseGet(() -> PolicyKeys.suggestion(key, known)));
        }
    }

    /** What is done with one string of an array. */
    interface Entry {
        void read(String text, TomlPosition position);
    }

    void strings(TomlTable table, String tableName, String name, Entry entry) {
        List<String> key = List.of(name);
        if (!table.contains(key)) {
            return;
        }
        if (!(table.get(key) instanceof TomlArray array)) {
            wrongType(table, key, "an array of strings", table.get(key), "write " + name + " = [\"…\", \"…\"]");
            return;
        }
        for (int i = 0; i < array.size(); i++) {
            TomlPosition position = array.inputPositionOf(i);
            if (array.get(i) instanceof String string) {
                entry.read(string, position);
            } else {
                problem(
                        position,
                        "an entry of " + name + " is " + typeOf(array.get(i)),
                        "in [" + tableName + "] " + name + " is an array of strings",
                        "put it in double quotes");
            }
        }
    }

    void wrongType(TomlTable table, List<String> key, String wanted, Object found, String next) {
        String name = quoted(key.get(key.size() - 1));
        problem(position(table, key), name + " is " + typeOf(found), "it has to be " + wanted, next);
    }

    void problem(TomlPosition position, String what, String why, String next) {
        problems.add(new PolicyProblem(source, position.line(), position.column(), what, why, next));
    }

    /** {@code policy.toml:4:9}. */
    String origin(TomlPosition position) {
        return source + ":" + position.line() + ":" + position.column();
    }

    static TomlPosition position(TomlTable table, List<String> key) {
        TomlPosition position = table.inputPositionOf(key);
        return position == null ? START : position;
    }

    static String typeOf(Object value) {
        return switch (value) {
            case String text -> "a string";
            case Long number -> "a number";
            case Double number -> "a number";
            case Boolean truth -> "true or false";
            case TomlArray array -> "an array";
            case TomlTable table -> "a table";
            default -> "a date or a time";
        };
    }

    static String quoted(String text) {
        return Quoted.of(bytes(text));
    }

    /** From text to a name as the kernel has it. TOML has no unpaired surrogates, so that nothing is lost. */
    static String bytes(String text) {
        return new String(text.getBytes(UTF_8), ISO_8859_1);
    }

    /** The parser's message, which may quote any character of the file. */
    private static String visible(String message) {
        String quoted = Quoted.of(bytes(message));
        return quoted.substring(1, quoted.length() - 1).replace("\\'", "'");
    }
}
