package nurse.helper.policy;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import nurse.helper.messages.Quoted;

/** Writes a name as a policy file has to have it. */
public final class TomlString {
    /** What {@link PathVariables} reads as more than a character. */
    private static final Pattern MEANS_SOMETHING = Pattern.compile("[*]|[$](?=[$*{])");

    private TomlString() {}

    /**
     * A basic string of TOML, with its quotes. What cannot be seen is escaped; bytes that are no UTF-8 cannot be written in
     * TOML, and stand as U+FFFD.
     *
     * @param bytes one char a byte
     */
    public static String of(String bytes) {
        return quoted(bytes);
    }

    /**
     * The same of a path, in which a dollar and a brace would begin a variable, and a star be a mistake: these are marked as
     * characters of the name.
     */
    public static String ofPath(String bytes) {
        return quoted(MEANS_SOMETHING.matcher(bytes).replaceAll("\\$$0"));
    }

    /** The same of a network rule: one that names a UNIX socket by its path holds a path, all others hold none. */
    public static String ofRule(String rule) {
        return NetworkRules.parse(null, rule, "").get(0).path() == null ? of(rule) : ofPath(rule);
    }

    private static String quoted(String bytes) {
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
