package nurse.helper.policy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import nurse.helper.messages.Quoted;

/** Writes a name as a policy file has to have it. */
public final class TomlString {
    private TomlString() {}

    /** Whether {@link #of} can write these bytes: TOML holds UTF-8 only. */
    public static boolean canHold(String bytes) {
        return PolicyEncoding.isText(bytes);
    }

    /**
     * A basic string of TOML, with its quotes. What cannot be seen is escaped; bytes that are no UTF-8 stand as U+FFFD.
     *
     * @param bytes one char a byte
     */
    public static String of(String bytes) {
        StringBuilder quoted = new StringBuilder("\"");
        new String(bytes.getBytes(ISO_8859_1), UTF_8).codePoints().forEach(c -> append(c, quoted));
        return quoted.append('"').toString();
    }

    /**
     * The same of a path. What {@link PathVariables} reads as more than a character is marked as one of the name, and a byte
     * that is no UTF-8 is written as <code>${xNN}</code>.
     */
    public static String ofPath(String bytes) {
        StringBuilder quoted = new StringBuilder("\"");
        ByteBuffer in = ByteBuffer.wrap(bytes.getBytes(ISO_8859_1));
        CharBuffer out = CharBuffer.allocate(bytes.length());
        CharsetDecoder decoder = UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPORT);
        while (true) {
            boolean malformed = decoder.decode(in, out, true).isError();
            name(out.flip().toString(), malformed, quoted);
            out.clear();
            if (!malformed) {
                return quoted.append('"').toString();
            }
            quoted.append(PathVariables.ofByte(in.get()));
        }
    }

    /** @param isBeforeByte whether a byte's escape follows, which begins with a dollar */
    private static void name(String text, boolean isBeforeByte, StringBuilder quoted) {
        int[] characters = text.codePoints().toArray();
        for (int i = 0; i < characters.length; i++) {
            int next = i + 1 < characters.length ? characters[i + 1] : isBeforeByte ? '$' : 0;
            boolean meansMore = characters[i] == '$' && (next == '$' || next == '{' || next == '*');
            if (meansMore || characters[i] == '*') {
                quoted.append('$');
            }
            append(characters[i], quoted);
        }
    }

    /** The same of a network rule, whose name of a UNIX socket is written as a path is. */
    public static String ofRule(String rule) {
        return NetworkRules.parse(null, rule, "").get(0).name() == null ? of(rule) : ofPath(rule);
    }

    private static void append(int character, StringBuilder quoted) {
        if (character == '"' || character == '\\') {
            quoted.append('\\').append((char) character);
        } else if (Quoted.isVisible(character)) {
            quoted.appendCodePoint(character);
        } else {
            quoted.append(
                    character > 0xffff ? String.format("\\U%08x", character) : String.format("\\u%04x", character));
        }
    }
}
