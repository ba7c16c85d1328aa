package nurse.cli.watch;

import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import nurse.helper.messages.Quoted;

/**
 * One JSON object on one line, written key by key.
 *
 * <p>A line is fit to be shown on a terminal whatever name a hostile program made up: what {@link Quoted} would escape stands
 * as {@code \}{@code uNNNN}.
 */
public final class Json {
    private final StringBuilder text = new StringBuilder(256).append('{');

    /** A string that is Unicode already. */
    public Json put(String key, String value) {
        key(key);
        string(value);
        return this;
    }

    /**
     * A name as the program gave it, one char a byte, decoded as UTF-8. What is none stands as U+FFFD, and all of it once more
     * under {@code keyHex}, byte by byte: so no name is lost.
     */
    public Json putBytes(String key, String bytes) {
        put(key, decode(bytes));
        if (!isUtf8(bytes)) {
            put(key + "Hex", HexFormat.of().formatHex(bytes.getBytes(StandardCharsets.ISO_8859_1)));
        }
        return this;
    }

    public Json put(String key, long value) {
        key(key);
        text.append(value);
        return this;
    }

    public Json put(String key, boolean value) {
        key(key);
        text.append(value);
        return this;
    }

    /** A list of names, each as in {@link #putBytes}. */
    public Json putAllBytes(String key, List<String> values) {
        key(key);
        text.append('[');
        for (int i = 0; i < values.size(); i++) {
            text.append(i == 0 ? "" : ",");
            string(decode(values.get(i)));
        }
        text.append(']');
        return this;
    }

    /** Text that is JSON already. */
    public Json putRaw(String key, String json) {
        key(key);
        text.append(json);
        return this;
    }

    /** The object, without a line's end. */
    @Override
    public String toString() {
        return text + "}";
    }

    /** Bytes, one a char, as Unicode text; what is no UTF-8 is U+FFFD. */
    static String decode(String bytes) {
        return new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    private static boolean isUtf8(String bytes) {
        try {
            StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .decode(java.nio.ByteBuffer.wrap(bytes.getBytes(StandardCharsets.ISO_8859_1)));
            return true;
        } catch (CharacterCodingException malformed) {
            return false;
        }
    }

    private void key(String key) {
        text.append(text.length() == 1 ? "" : ",");
        string(key);
        text.append(':');
    }

    private void string(String value) {
        text.append('"');
        value.codePoints().forEach(this::character);
        text.append('"');
    }

    private void character(int c) {
        if (c == '"' || c == '\\') {
            text.append('\\').append((char) c);
        } else if (Quoted.isVisible(c)) {
            text.appendCodePoint(c);
        } else {
            for (char half : Character.toChars(c)) {
                text.append("\\u").append(HexFormat.of().toHexDigits(half));
            }
        }
    }
}
