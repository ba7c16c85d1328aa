package nurse.helper.program;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import nurse.helper.messages.Quoted;

/**
 * What {@code env} in a script's first line would execute.
 *
 * <p>{@code #!/usr/bin/env python3} is how real scripts are written, but env(1) executes the interpreter with execve(2), which
 * a sandboxed process cannot do yet. So the helper reads env's arguments in its place, as coreutils' env does: {@code
 * NAME=VALUE}, {@code -S STRING} with its quotes, escapes and <code>${NAME}</code>, and {@code --}. Whether the env program
 * itself is there is not asked. All other options are refused.
 *
 * @param command the command and its arguments; never empty
 * @param environment the variables that it sets
 */
record EnvCommand(List<String> command, Map<String, String> environment) {
    private static final String SPLIT = "--split-string=";

    /** What env(1) would refuse, or what is not supported here; the message is half a sentence. */
    static final class Unsupported extends Exception {
        private static final long serialVersionUID = 1;

        Unsupported(String message) {
            super(message);
        }
    }

    /** Whether an interpreter is env(1), by its name. */
    static boolean is(String interpreter) {
        return interpreter.equals("/usr/bin/env") || interpreter.equals("/bin/env");
    }

    /**
     * Reads env's arguments.
     *
     * @param arguments what follows the name {@code env}; the last one is the script's name
     * @param variables the environment that <code>${NAME}</code> in a split string is looked up in
     */
    static EnvCommand parse(List<String> arguments, Map<String, String> variables) throws Unsupported {
        Deque<String> rest = new ArrayDeque<>(arguments);
        Map<String, String> environment = new HashMap<>();
        boolean split = false;
        boolean options = true;
        while (options && !rest.isEmpty() && rest.peek().startsWith("-")) {
            String option = rest.pop();
            if (option.equals("--")) {
                options = false;
            } else if (!split && (option.startsWith("-S") || option.startsWith(SPLIT))) {
                split = true; // once: env itself would take another -S out of the string, but nobody writes that
                List<String> words = split(option.substring(option.startsWith("-S") ? 2 : SPLIT.length()), variables);
                words.reversed().forEach(rest::push);
            } else {
                throw new Unsupported("its option " + Quoted.of(option) + " is not supported");
            }
        }
        while (!rest.isEmpty() && rest.peek().indexOf('=') >= 0) {
            String assignment = rest.pop();
            int equals = assignment.indexOf('=');
            if (equals == 0) {
                throw new Unsupported("it is to set a variable without a name");
            }
            environment.put(assignment.substring(0, equals), assignment.substring(equals + 1));
        }
        if (rest.isEmpty()) {
            throw new Unsupported("it names no program");
        }
        return new EnvCommand(List.copyOf(rest), Map.copyOf(environment));
    }

    /** Splits a string into words by the rules of env(1), "-S/--split-string usage in scripts". */
    private static List<String> split(String text, Map<String, String> variables) throws Unsupported {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean inWord = false;
        char quote = 0;
        for (int i = 0; i < text.length(); i++) {
            char character = text.charAt(i);
            if (quote == 0 && " \t\n\u000b\f\r".indexOf(character) >= 0) {
                if (inWord) {
                    words.add(word.toString());
                    word.setLength(0);
                    inWord = false;
                }
                continue;
            }
            if (quote == 0 && !inWord && character == '#') {
                return words; // a comment, to the end
            }
            if (character == quote) {
                quote = 0;
            } else if (quote == 0 && (character == '\'' || character == '"')) {
                quote = character;
            } else if (character == '\\' && i + 1 < text.length()) {
                char escaped = text.charAt(++i);
                if (quote == '\'' && escaped != '\'' && escaped != '\\') {
                    word.append('\\').append(escaped);
                } else if (escaped == 'c' && quote == 0) {
                    break; // the rest is ignored
                } else if (escaped == '_' && quote == 0) {
                    if (inWord) {
                        words.add(word.toString());
                        word.setLength(0);
                        inWord = false;
                    }
                    continue;
                } else {
                    word.append(unescape(escaped));
                }
            } else if (character == '\\') {
                throw new Unsupported("its -S string ends in a backslash");
            } else if (character == '$' && quote != '\'') {
                int close = text.indexOf('}', i);
                if (i + 1 >= text.length() || text.charAt(i + 1) != '{' || close < 0) {
                    throw new Unsupported("a '$' in its -S string is not followed by {NAME}");
                }
                Optional<String> value = Optional.ofNullable(variables.get(text.substring(i + 2, close)));
                i = close;
                if (value.isEmpty()) {
                    continue; // as env does: an unset variable alone makes no word
                }
                word.append(value.get());
            } else {
                word.append(character);
            }
            inWord = true;
        }
        if (quote != 0) {
            throw new Unsupported("a quote in its -S string is not closed");
        }
        if (inWord) {
            words.add(word.toString());
        }
        return words;
    }

    private static char unescape(char escaped) throws Unsupported {
        return switch (escaped) {
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'v' -> '\u000b';
            case '_' -> ' ';
            case '#', '$', '"', '\'', '\\' -> escaped;
            default -> throw new Unsupported("its -S string holds an escape that env does not know");
        };
    }
}
