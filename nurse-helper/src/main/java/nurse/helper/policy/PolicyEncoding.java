package nurse.helper.policy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.util.HexFormat;
import java.util.List;
import nurse.helper.messages.Quoted;

/**
 * Between the bytes of a policy file and its text: TOML is UTF-8, and nothing else. A byte that is none is an error, as a decoder
 * that puts U+FFFD in its place would make another name of it, and a rule about that name denies nothing.
 */
public final class PolicyEncoding {
    private static final String BYTE_ORDER_MARK = "\ufeff";

    private PolicyEncoding() {}

    /**
     * The text of a policy file.
     *
     * @param bytes one char a byte
     * @param name the file's name, one char a byte
     * @throws PolicyException with the line and column of the first byte that is no UTF-8
     */
    public static String decoded(String bytes, String name) throws PolicyException {
        ByteBuffer in = ByteBuffer.wrap(bytes.getBytes(ISO_8859_1));
        CharBuffer out = CharBuffer.allocate(bytes.length());
        // Java's decoder refuses what Unicode calls ill-formed: overlong forms, surrogates, beyond U+10FFFF.
        CoderResult result =
                UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPORT).decode(in, out, true);
        String text = out.flip().toString();
        if (result.isError()) {
            String found = HexFormat.of().toHexDigits(in.get(in.position()));
            throw problem(
                    name,
                    text,
                    "the byte \\x" + found + " is no UTF-8",
                    "a policy file is a text in UTF-8",
                    "save it as UTF-8; in a path, ${x" + found + "} is this byte of a name");
        }
        if (text.startsWith(BYTE_ORDER_MARK)) {
            throw problem(
                    name,
                    "",
                    "the file begins with a byte order mark",
                    "TOML has none",
                    "save it as UTF-8 without one");
        }
        return text;
    }

    /** Whether TOML can hold these bytes, one a char, as they are. */
    static boolean isText(String bytes) {
        try {
            UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes.getBytes(ISO_8859_1)));
            return true;
        } catch (CharacterCodingException none) {
            return false;
        }
    }

    /** @param before the text up to where the mistake is */
    private static PolicyException problem(String name, String before, String what, String why, String next) {
        int line = (int) before.chars().filter(c -> c == '\n').count() + 1;
        int start = before.lastIndexOf('\n') + 1;
        int column = before.codePointCount(start, before.length()) + 1;
        String quoted = Quoted.of(name);
        String shown = quoted.substring(1, quoted.length() - 1);
        return new PolicyException(List.of(new PolicyProblem(shown, line, column, what, why, next)));
    }
}
