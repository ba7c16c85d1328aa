package nurse.cli.learn;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A policy file's text, to which rules are added where they belong; everything that a person wrote in it stays as it is. Knows
 * as much of TOML as that needs: who calls it reads the result by the real parser, and keeps it only if that finds the rules.
 */
final class PolicyText {
    private final StringBuilder text;

    PolicyText(String text) {
        this.text = new StringBuilder(text.isEmpty() || text.endsWith("\n") ? text : text + "\n");
    }

    /**
     * Adds lines to an array, which is made if it is not there, and its table too.
     *
     * @param entries lines as {@code "/path",   # why}, without their ends
     */
    void add(String table, String key, List<String> entries) {
        if (entries.isEmpty()) {
            return;
        }
        String lines = String.join("\n", entries) + "\n";
        int head = find("^[ \t]*\\[" + table + "][ \t]*(#.*)?$", 0, text.length());
        if (head < 0) {
            text.append("\n[")
                    .append(table)
                    .append("]\n")
                    .append(key)
                    .append(" = [\n")
                    .append(lines)
                    .append("]\n");
            return;
        }
        int begin = text.indexOf("\n", head) + 1;
        int next = find("^[ \t]*\\[", begin, text.length());
        int array = find("^[ \t]*" + key + "[ \t]*=[ \t]*\\[", begin, next < 0 ? text.length() : next);
        if (array < 0) {
            text.insert(endOfTable(begin, next), key + " = [\n" + lines + "]\n");
            return;
        }
        append(text.indexOf("[", text.indexOf("=", array)), lines);
    }

    /** Adds a line to a table, which is made if it is not there. */
    void addLine(String table, String line) {
        int head = find("^[ \t]*\\[" + table + "][ \t]*(#.*)?$", 0, text.length());
        if (head < 0) {
            text.append("\n[").append(table).append("]\n").append(line).append('\n');
        } else {
            text.insert(text.indexOf("\n", head) + 1, line + "\n");
        }
    }

    /** Behind the last line that is the table's own: blank lines and comments in front of the next one are that one's. */
    private int endOfTable(int begin, int next) {
        int end = next < 0 ? text.length() : next;
        while (end > begin) {
            int line = text.lastIndexOf("\n", end - 2) + 1;
            String before = text.substring(line, end).strip();
            if (!before.isEmpty() && !before.startsWith("#")) {
                break;
            }
            end = line;
        }
        return end;
    }

    private int find(String regex, int from, int to) {
        Matcher matcher =
                Pattern.compile(regex, Pattern.MULTILINE).matcher(text).region(from, to);
        return matcher.find() ? matcher.start() : -1;
    }

    /** Appends to the array that begins at {@code open}. */
    private void append(int open, String lines) {
        int last = open; // of what counts: neither blank nor in a comment
        int at = open + 1;
        while (at < text.length() && text.charAt(at) != ']') {
            char c = text.charAt(at);
            if (c == '#') {
                at = text.indexOf("\n", at);
                at = at < 0 ? text.length() : at;
                continue;
            }
            int end = c == '"' || c == '\'' ? endOfString(at) : at + 1;
            if (!Character.isWhitespace(c)) {
                last = end - 1;
            }
            at = end;
        }
        boolean needsComma = last != open && text.charAt(last) != ',';
        boolean ownLine = text.lastIndexOf("\n", at) > last;
        int line = ownLine ? text.lastIndexOf("\n", at) + 1 : at;
        text.insert(line, (ownLine ? "" : "\n") + lines);
        if (needsComma) {
            text.insert(last + 1, ',');
        }
    }

    private int endOfString(int start) {
        char quote = text.charAt(start);
        int at = start + 1;
        while (at < text.length() && text.charAt(at) != quote) {
            at += quote == '"' && text.charAt(at) == '\\' ? 2 : 1;
        }
        return Math.min(at + 1, text.length());
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
