package nurse.helper.policy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import nurse.helper.messages.Quoted;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseError;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/** Reads one policy file. The only class that knows the TOML library. */
final class PolicyFileParser {
    private static final String VERSION = "version";
    private static final String DEFAULT = "default";
    private static final String FILES = "files";
    private static final String ENV = "env";
    private static final String PASS = "pass";
    private static final String SET = "set";
    private static final String NET = "net";
    private static final String ALLOW = "allow";
    private static final String SYSTEM = "system";
    private static final String NONE = "none";
    private static final String CWD = "cwd";
    private static final String HOME = "home";

    private static final List<String> TOP_KEYS = List.of(VERSION, DEFAULT, FILES, ENV, NET);
    private static final List<String> FILES_KEYS =
            List.of(Rule.Kind.READ.word(), Rule.Kind.WRITE.word(), Rule.Kind.DENY.word());
    private static final List<String> ENV_KEYS = List.of(PASS, SET);
    private static final List<String> NET_KEYS = List.of(ALLOW);
    private static final List<String> VARIABLES = List.of(CWD, HOME);
    private static final Map<String, List<String>> TABLES = Map.of(FILES, FILES_KEYS, ENV, ENV_KEYS, NET, NET_KEYS);
    private static final TomlPosition START = TomlPosition.positionAt(1, 1);

    private final String source;
    private final PolicyFile.Place place;
    private final List<PolicyProblem> problems = new ArrayList<>();
    private final List<Rule> rules = new ArrayList<>();
    private final List<String> pass = new ArrayList<>();
    private final Map<String, String> set = new LinkedHashMap<>();
    private final List<String> network = new ArrayList<>();

    PolicyFileParser(String name, PolicyFile.Place place) {
        String quoted = Quoted.of(name);
        this.source = quoted.substring(1, quoted.length() - 1);
        this.place = place;
    }

    PolicyFile parse(String text) throws PolicyException {
        TomlParseResult file = Toml.parse(text);
        refuseUnknownKeys(file, List.of(), TOP_KEYS);
        version(file);
        boolean systemRules = systemRules(file);
        files(file);
        environment(file);
        table(file, NET).ifPresent(table -> strings(table, NET, ALLOW, this::network));
        if (file.hasErrors()) {
            syntax(file.errors(), text.lines().toList());
        }
        if (!problems.isEmpty()) {
            problems.sort(Comparator.comparingInt(PolicyProblem::line).thenComparingInt(PolicyProblem::column));
            throw new PolicyException(problems);
        }
        return new PolicyFile(systemRules, rules, pass, set, network);
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
                    "see the examples in docs/policy.md");
        }
    }

    // ---- keys -----------------------------------------------------------------------------------------------------

    private static final String MISSING = "there is no ";

    private void version(TomlTable file) {
        if (!file.contains(List.of(VERSION))) {
            problem(
                    START,
                    MISSING + VERSION,
                    "a policy file says which version of the format it is written in",
                    "write version = 1 as its first line");
            return;
        }
        Object version = file.get(List.of(VERSION));
        if (!(version instanceof Long number)) {
            wrongType(file, List.of(VERSION), "a number", version, "write version = 1");
        } else if (number != 1) {
            problem(
                    position(file, List.of(VERSION)),
                    "version " + number + " is not known",
                    "this nurse reads version 1",
                    "write version = 1, or use a nurse that knows it");
        }
    }

    private boolean systemRules(TomlTable file) {
        List<String> key = List.of(DEFAULT);
        if (!file.contains(key)) {
            return true;
        }
        Object value = file.get(key);
        if (value instanceof String word) {
            if (!word.equals(SYSTEM) && !word.equals(NONE)) {
                problem(
                        position(file, key),
                        "unknown default " + quoted(word),
                        "default says which rules hold beside this file's own",
                        suggestion(word, List.of(SYSTEM, NONE)));
            }
            return !word.equals(NONE);
        }
        wrongType(file, key, "a string", value, "write default = \"system\" or default = \"none\"");
        return true;
    }

    private void files(TomlTable file) {
        table(file, FILES).ifPresent(table -> {
            for (Rule.Kind kind : Rule.Kind.values()) {
                strings(table, FILES, kind.word(), (written, position) -> rule(written, kind, position));
            }
        });
    }

    private void environment(TomlTable file) {
        table(file, ENV).ifPresent(table -> {
            strings(table, ENV, PASS, this::pass);
            if (!table.contains(List.of(SET))) {
                return;
            }
            Object value = table.get(List.of(SET));
            if (value instanceof TomlTable values) {
                values.keySet().forEach(name -> set(values, name));
            } else {
                wrongType(table, List.of(SET), "a table", value, "write set = { NAME = \"value\" }");
            }
        });
    }

    private void network(String rule, TomlPosition position) {
        try {
            NetworkRules.of(List.of(rule));
            network.add(rule);
        } catch (IllegalArgumentException wrong) {
            problem(
                    position,
                    quoted(rule) + " is no network rule",
                    wrong.getMessage(),
                    "such as \"loopback\" or \"192.0.2.7:443\"");
        }
    }

    private Optional<TomlTable> table(TomlTable file, String name) {
        List<String> key = List.of(name);
        if (!file.contains(key)) {
            return Optional.empty();
        }
        if (file.get(key) instanceof TomlTable table) {
            refuseUnknownKeys(table, key, TABLES.get(name));
            return Optional.of(table);
        }
        wrongType(file, key, "a table", file.get(key), "write [" + name + "] on a line of its own, and its keys below");
        return Optional.empty();
    }

    /** What is done with one string of an array. */
    private interface Entry {
        void read(String text, TomlPosition position);
    }

    private void strings(TomlTable table, String tableName, String name, Entry entry) {
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
            if (array.get(i) instanceof String text) {
                entry.read(text, position);
            } else {
                problem(
                        position,
                        "an entry of " + name + " is " + typeOf(array.get(i)),
                        "in [" + tableName + "] " + name + " is an array of strings",
                        "put it in double quotes");
            }
        }
    }

    private void refuseUnknownKeys(TomlTable table, List<String> path, List<String> known) {
        for (String key : table.keySet()) {
            if (known.contains(key)) {
                continue;
            }
            String place = path.isEmpty() ? "a policy file" : "[" + path.get(0) + "]";
            Optional<String> home = TABLES.entrySet().stream()
                    .filter(entry -> entry.getValue().contains(key))
                    .map(Map.Entry::getKey)
                    .findFirst();
            problem(
                    position(table, List.of(key)),
                    "unknown key " + quoted(key),
                    place + " has no such key",
                    home.map(name -> "put it below [" + name + "]").orElseGet(() -> suggestion(key, known)));
        }
    }

    // ---- values ---------------------------------------------------------------------------------------------------

    private void rule(String written, Rule.Kind kind, TomlPosition position) {
        String what = "the path " + quoted(written) + " cannot be used";
        try {
            String path = WrittenPath.absolute(expand(written), place.directory());
            if (path.equals("/") && written.startsWith("$")) {
                // Written for some directory: that it happens to be the root is no wish to open everything.
                throw new WrittenPath.Unusable(
                        "it is / here, so that the rule would be about every file there is",
                        "run it from another directory, or write \"/\" if you mean to");
            }
            rules.add(new Rule(path, kind, source + ":" + position.line() + ":" + position.column()));
        } catch (WrittenPath.Unusable unusable) {
            problem(position, what, unusable.why(), unusable.next());
        }
    }

    /** Puts a variable's value in its place, and refuses what looks like another thing than a path. */
    private String expand(String written) throws WrittenPath.Unusable {
        if (written.equals("~") || written.startsWith("~/")) {
            throw new WrittenPath.Unusable("~ is the shell's word", "write ${home}");
        }
        if (written.indexOf('*') >= 0) {
            throw new WrittenPath.Unusable(
                    "there are no wildcards in paths", "name the directory: a rule covers everything below its path");
        }
        int variable = written.indexOf("${");
        if (variable < 0) {
            return bytes(written);
        }
        int end = written.indexOf('}', variable);
        if (end < 0) {
            throw new WrittenPath.Unusable("a ${ is not closed", "write the } behind the variable's name");
        }
        String name = written.substring(variable + 2, end);
        String value =
                switch (name) {
                    case CWD -> place.workingDirectory();
                    case HOME -> place.home();
                    default ->
                        throw new WrittenPath.Unusable(
                                "there is no variable " + quoted(name), suggestion(name, VARIABLES));
                };
        String rest = written.substring(end + 1);
        if (variable > 0 || !rest.isEmpty() && rest.charAt(0) != '/' || rest.contains("${")) {
            throw new WrittenPath.Unusable(
                    "a variable holds a whole absolute path",
                    "write it at the beginning, and nothing or a / behind it");
        }
        if (!value.startsWith("/")) {
            throw new WrittenPath.Unusable("${" + name + "} is not known here", "write the path itself");
        }
        return value + bytes(rest);
    }

    private void pass(String name, TomlPosition position) {
        Optional<EnvironmentRules.Objection> objection = EnvironmentRules.objectionToPass(bytes(name));
        objection.ifPresent(
                o -> problem(position, "the variable " + quoted(name) + " cannot be passed on", o.why(), o.next()));
        if (objection.isEmpty()) {
            pass.add(bytes(name));
        }
    }

    private void set(TomlTable values, String name) {
        List<String> key = List.of(name);
        if (!(values.get(key) instanceof String value)) {
            wrongType(values, key, "a string", values.get(key), "put the value in double quotes");
            return;
        }
        Optional<EnvironmentRules.Objection> objection = EnvironmentRules.objectionToSet(bytes(name), bytes(value));
        objection.ifPresent(o ->
                problem(position(values, key), "the variable " + quoted(name) + " cannot be set", o.why(), o.next()));
        if (objection.isEmpty()) {
            set.put(bytes(name), bytes(value));
        }
    }

    // ---- messages -------------------------------------------------------------------------------------------------

    private void wrongType(TomlTable table, List<String> key, String wanted, Object found, String next) {
        String name = quoted(key.get(key.size() - 1));
        problem(position(table, key), name + " is " + typeOf(found), "it has to be " + wanted, next);
    }

    private void problem(TomlPosition position, String what, String why, String next) {
        problems.add(new PolicyProblem(source, position.line(), position.column(), what, why, next));
    }

    private static TomlPosition position(TomlTable table, List<String> key) {
        TomlPosition position = table.inputPositionOf(key);
        return position == null ? START : position;
    }

    private static String typeOf(Object value) {
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

    private static String suggestion(String word, List<String> known) {
        return Nearest.of(word, known)
                .map(nearest -> "did you mean '" + nearest + "'?")
                .orElseGet(() ->
                        "write one of " + known.stream().map(w -> "'" + w + "'").collect(Collectors.joining(", ")));
    }

    private static String quoted(String text) {
        return Quoted.of(bytes(text));
    }

    /** From text to a name as the kernel has it. TOML has no unpaired surrogates, so that nothing is lost. */
    private static String bytes(String text) {
        return new String(text.getBytes(UTF_8), ISO_8859_1);
    }

    /** The parser's message, which may quote any character of the file. */
    private static String visible(String message) {
        String quoted = Quoted.of(bytes(message));
        return quoted.substring(1, quoted.length() - 1).replace("\\'", "'");
    }
}
