package nurse.helper.messages;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.util.HexFormat;

/**
 * Shows bytes that somebody else chose (a path, a name out of a file) in a message for people.
 *
 * <p>A hostile program chooses its paths: a name may carry an escape sequence that rewrites the terminal, a right-to-left
 * mark that turns the rest of the line around, or characters that cannot be seen. What is not plainly visible is shown as an
 * escape: {@code \n}, {@code \xNN} for a byte (control characters, malformed UTF-8), and a backslash, {@code u{N}} for any
 * other character. Backslash and quote are escaped too, so that no two different byte strings look the same.
 *
 * <p>Stateless and thread-safe.
 */
public final class Quoted {
    private static final HexFormat HEX = HexFormat.of();

    private Quoted() {}

    /**
     * The bytes in single quotes, decoded as UTF-8, on one line.
     *
     * @param bytes one char for each byte (ISO-8859-1). A char above 0xFF, which is no byte, is shown as an escape
     */
    public static String of(String bytes) {
        StringBuilder shown = new StringBuilder(bytes.length() + 2).append('\'');
        int start = 0;
        for (int i = 0; i < bytes.length(); i++) {
            if (bytes.charAt(i) > 0xff) {
                decode(bytes, start, i, shown);
                escape(bytes.charAt(i), shown);
                start = i + 1;
            }
        }
        decode(bytes, start, bytes.length(), shown);
        return shown.append('\'').toString();
    }

    /** As {@link #of}, without the quotes: for a text that holds hostile parts and is shown as a sentence. */
    public static String plain(String bytes) {
        String quoted = of(bytes);
        return quoted.substring(1, quoted.length() - 1).replace("\\'", "'").replace("\\\\", "\\");
    }

    private static void decode(String bytes, int start, int end, StringBuilder shown) {
        ByteBuffer in = ByteBuffer.allocate(end - start);
        for (int i = start; i < end; i++) {
            in.put((byte) bytes.charAt(i));
        }
        in.flip();
        // Java's decoder refuses what Unicode calls ill-formed: overlong forms, surrogates, beyond U+10FFFF.
        CharsetDecoder decoder = UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPORT);
        CharBuffer out = CharBuffer.allocate(end - start);
        while (true) {
            CoderResult result = decoder.decode(in, out, true);
            out.flip().codePoints().forEach(character -> append(character, shown));
            out.clear();
            if (!result.isError()) {
                return;
            }
            for (int i = 0; i < result.length(); i++) {
                escapeByte(in.get(), shown);
            }
        }
    }

    private static void append(int character, StringBuilder shown) {
        switch (character) {
            case '\\' -> shown.append("\\\\");
            case '\'' -> shown.append("\\'");
            case '\n' -> shown.append("\\n");
            case '\r' -> shown.append("\\r");
            case '\t' -> shown.append("\\t");
            default -> {
                if (character < ' ' || character == 0x7f) {
                    escapeByte((byte) character, shown);
                } else if (isVisible(character)) {
                    shown.appendCodePoint(character);
                } else {
                    escape(character, shown);
                }
            }
        }
    }

    /** Whether a character is plainly seen as what it is, so that it needs no escape. Quote and backslash are. */
    public static boolean isVisible(int character) {
        if (character == ' ') {
            return true;
        }
        return switch (Character.getType(character)) {
            // FORMAT holds the bidirectional controls, the zero-width characters, the soft hyphen and the tags.
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SPACE_SEPARATOR -> false;
            default -> !isBlank(character);
        };
    }

    /** Letters, marks and symbols that are drawn as nothing at all (Default_Ignorable_Code_Point, and blank Braille). */
    private static boolean isBlank(int character) {
        return character == 0x034f // combining grapheme joiner
                || character == 0x115f // Hangul fillers
                || character == 0x1160
                || character == 0x3164
                || character == 0xffa0
                || character == 0x17b4 // Khmer inherent vowels
                || character == 0x17b5
                || character == 0x2800
                || (character >= 0x180b && character <= 0x180f) // Mongolian selectors
                || (character >= 0xfe00 && character <= 0xfe0f) // variation selectors
                || (character >= 0xe0100 && character <= 0xe01ef);
    }

    private static void escapeByte(byte value, StringBuilder shown) {
        shown.append("\\x").append(HEX.toHexDigits(value));
    }

    private static void escape(int character, StringBuilder shown) {
        shown.append("\\u{").append(Integer.toHexString(character)).append('}');
    }
}
