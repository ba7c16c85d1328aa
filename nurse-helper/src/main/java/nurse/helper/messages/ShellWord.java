package nurse.helper.messages;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Writes bytes that somebody else chose so that a person can paste them into a shell, and nothing else happens. */
public final class ShellWord {
    private ShellWord() {}

    /** One word for sh or bash: as it is, in single quotes, or in bash's $'…' if something in it cannot be seen. */
    public static String of(String bytes) {
        return !bytes.isEmpty() && bytes.chars().allMatch(ShellWord::isPlain) ? bytes : quoted(bytes);
    }

    /** The same, in quotes even where none are needed. */
    public static String quoted(String bytes) {
        String shown = Quoted.of(bytes);
        if (!shown.substring(1, shown.length() - 1).contains("\\")) {
            return shown;
        }
        StringBuilder word = new StringBuilder("$'");
        for (byte b : bytes.getBytes(StandardCharsets.ISO_8859_1)) {
            if (b == '\'' || b == '\\') {
                word.append('\\').append((char) b);
            } else if (b >= ' ' && b < 0x7f) {
                word.append((char) b);
            } else {
                word.append("\\x").append(HexFormat.of().toHexDigits(b));
            }
        }
        return word.append('\'').toString();
    }

    private static boolean isPlain(int c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || "/._-+:,@%=".indexOf(c) >= 0;
    }
}
