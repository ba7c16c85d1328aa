package nurse.helper.policy;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Puts the values of variables into a path of a policy file, and refuses what looks like another thing than a path. */
final class PathVariables {
    private static final String CWD = "cwd";
    private static final String HOME = "home";
    private static final String INPUT = "input";
    private static final String OUTPUT = "output";
    private static final String TMP = "tmp";
    private static final String BYTE = "${x";
    private static final List<String> NAMES = List.of(CWD, HOME, INPUT, OUTPUT, TMP);

    private final PolicyFile.Place place;
    private final boolean mayBeMissing;

    /** @param mayBeMissing whether a path with an input or output that there is not stands for no path */
    PathVariables(PolicyFile.Place place, boolean mayBeMissing) {
        this.place = place;
        this.mayBeMissing = mayBeMissing;
    }

    /** The canonical paths that {@code written} stands for: one, or one for each input or output. */
    List<String> paths(String written) throws WrittenPath.Unusable {
        if (written.equals("~") || written.startsWith("~/")) {
            throw new WrittenPath.Unusable("~ is the shell's word", "write ${home}");
        }
        if (!written.startsWith("${") || isByte(written, 0)) {
            return List.of(absolute(name(written, false)));
        }
        int end = written.indexOf('}');
        if (end < 0) {
            throw notClosed();
        }
        String name = written.substring(2, end);
        String rest = name(written.substring(end + 1), false);
        List<String> values = values(name);
        if (!rest.isEmpty() && rest.charAt(0) != '/' && !name.equals(INPUT) && !name.equals(OUTPUT)) {
            throw notAtTheBeginning();
        }
        List<String> paths = new ArrayList<>();
        for (String value : values) {
            String path = absolute(value + rest);
            if (path.equals("/")) {
                // Written for some directory: that it happens to be the root is no wish to open everything.
                throw new WrittenPath.Unusable(
                        "it is / here, so that the rule would be about every file there is",
                        "run it from another directory, or write \"/\" if you mean to");
            }
            paths.add(path);
        }
        return paths;
    }

    /**
     * The name that is meant where no variable may stand, one char a byte. A dollar before a dollar or a star makes that a
     * character of the name; <code>${xNN}</code> is the byte NN, in hexadecimal, which no text in UTF-8 need have ({@link
     * TomlString#ofPath} writes both so).
     *
     * @param mayHoldStars whether a star is a character of the name anyway: there are names that nobody takes for patterns
     */
    static String name(String written, boolean mayHoldStars) throws WrittenPath.Unusable {
        StringBuilder name = new StringBuilder();
        for (int i = 0; i < written.length(); ) {
            if (isByte(written, i)) {
                name.append((char) HexFormat.fromHexDigits(written, i + BYTE.length(), i + BYTE.length() + 2));
                i += BYTE.length() + 3;
                continue;
            }
            int c = written.codePointAt(i);
            char next = c == '$' && i + 1 < written.length() ? written.charAt(i + 1) : 0;
            if (next == '{') {
                throw written.indexOf('}', i) < 0 ? notClosed() : notAtTheBeginning();
            }
            if (c == '*' && !mayHoldStars) {
                throw new WrittenPath.Unusable(
                        "there are no wildcards in paths",
                        "name the directory: a rule covers everything below its path; a * of the name itself is $*");
            }
            if (next == '$' || next == '*') {
                i++;
                c = next;
            }
            name.append(PolicyDocument.bytes(Character.toString(c)));
            i += Character.charCount(c);
        }
        return name.toString();
    }

    /** How a byte of a name is written. */
    static String ofByte(byte value) {
        return BYTE + HexFormat.of().toHexDigits(value) + "}";
    }

    private static boolean isByte(String written, int start) {
        int digits = start + BYTE.length();
        return written.startsWith(BYTE, start)
                && written.startsWith("}", digits + 2)
                && HexFormat.isHexDigit(written.charAt(digits))
                && HexFormat.isHexDigit(written.charAt(digits + 1));
    }

    private static WrittenPath.Unusable notClosed() {
        return new WrittenPath.Unusable(
                "a ${ is not closed", "write the } behind the variable's name; a ${ of the name itself is $${");
    }

    private static WrittenPath.Unusable notAtTheBeginning() {
        return new WrittenPath.Unusable(
                "a variable holds a whole absolute path",
                "write it at the beginning, and nothing or a / behind it; a ${ of the name itself is $${, and a byte of it"
                        + " ${xff}, with two hexadecimal digits");
    }

    private String absolute(String path) throws WrittenPath.Unusable {
        return WrittenPath.absolute(path, place.directory());
    }

    private List<String> values(String name) throws WrittenPath.Unusable {
        return switch (name) {
            case CWD -> List.of(known(name, place.workingDirectory()));
            case HOME -> List.of(known(name, place.home()));
            case TMP ->
                mayBeMissing && place.temporary().isEmpty() ? List.of() : List.of(known(name, place.temporary()));
            case INPUT -> given(name, place.inputs());
            case OUTPUT -> given(name, place.outputs());
            default ->
                throw new WrittenPath.Unusable(
                        "there is no variable " + PolicyDocument.quoted(name), PolicyKeys.suggestion(name, NAMES));
        };
    }

    private static String known(String name, String value) throws WrittenPath.Unusable {
        if (!value.startsWith("/")) {
            throw new WrittenPath.Unusable("${" + name + "} is not known here", "write the path itself");
        }
        return value;
    }

    private List<String> given(String name, List<String> values) throws WrittenPath.Unusable {
        if (values.isEmpty() && !mayBeMissing) {
            throw new WrittenPath.Unusable(
                    "${" + name + "} is not known: the run names no " + name,
                    "say --" + name + " FILE before the program, once for each file");
        }
        return values;
    }
}
