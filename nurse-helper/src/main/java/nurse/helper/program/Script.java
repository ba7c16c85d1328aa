package nurse.helper.program;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Arrays;
import java.util.Optional;

/**
 * The first line of a script, read as the kernel reads it (fs/binfmt_script.c, load_script): the first 256 bytes count, the
 * interpreter's name ends at a blank, and all that follows, without blanks around it, is one argument.
 *
 * @param interpreter the interpreter's name as it stands there, perhaps empty
 * @param argument the one argument; present and empty where the kernel would pass an empty one
 */
record Script(String interpreter, Optional<String> argument) {
    /** BINPRM_BUF_SIZE: what the kernel has read of a file when it chooses how to execute it. */
    static final int HEAD = 256;

    private static final int LAST = HEAD - 1;

    static boolean is(byte[] head) {
        return head.length >= 2 && head[0] == '#' && head[1] == '!';
    }

    /**
     * The first line of a file that {@link #is} a script.
     *
     * @return empty where the kernel says ENOEXEC: there is no interpreter, or its name goes on behind the 256 bytes
     */
    static Optional<Script> parse(byte[] head) {
        byte[] text = Arrays.copyOf(head, HEAD); // the kernel's buffer is zeroed before a short file is read into it
        int end = newline(text);
        if (end < 0) {
            int first = nonBlank(text, 2, LAST);
            if (first < 0 || terminator(text, first, LAST) < 0) {
                return Optional.empty();
            }
            end = LAST;
        }
        while (isBlank(text[end - 1])) {
            end--;
        }
        text[end] = 0;
        int name = nonBlank(text, 2, end);
        if (name < 0 || name == end) {
            return Optional.empty();
        }
        int separator = terminator(text, name, end);
        int argument = text[separator] == 0 ? -1 : nonBlank(text, separator, end);
        return Optional.of(new Script(
                string(text, name, separator),
                argument < 0 ? Optional.empty() : Optional.of(string(text, argument, zero(text, argument)))));
    }

    /** Whether the line ends in CR LF: the kernel takes the CR for a part of the last word. */
    boolean endsInCarriageReturn() {
        return argument.orElse(interpreter).endsWith("\r");
    }

    /** As strnchr() does, which looks no further than a zero byte. */
    private static int newline(byte[] text) {
        for (int i = 0; i < HEAD && text[i] != 0; i++) {
            if (text[i] == '\n') {
                return i;
            }
        }
        return -1;
    }

    private static int nonBlank(byte[] text, int from, int last) {
        for (int i = from; i <= last; i++) {
            if (!isBlank(text[i])) {
                return i;
            }
        }
        return -1;
    }

    private static int terminator(byte[] text, int from, int last) {
        for (int i = from; i <= last; i++) {
            if (isBlank(text[i]) || text[i] == 0) {
                return i;
            }
        }
        return -1;
    }

    private static int zero(byte[] text, int from) {
        int i = from;
        while (text[i] != 0) {
            i++;
        }
        return i;
    }

    private static boolean isBlank(byte character) {
        return character == ' ' || character == '\t';
    }

    private static String string(byte[] text, int start, int end) {
        return new String(text, start, end - start, ISO_8859_1);
    }
}
