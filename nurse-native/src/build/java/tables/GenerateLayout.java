import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Turns layout.h, the layout of the memory that the three parties share, into the class nurse.ffm.lane.LaneLayout: a constant
 * for each #define, without NURSE_, with the comment that stands behind it.
 *
 * <p>Run as {@code java -cp CLASSES GenerateLayout LAYOUT.h DIR}. A #define that is
 * not one number fails the build, so nothing of the header is missing in Java.
 */
public final class GenerateLayout {
    private static final Pattern DEFINE = Pattern.compile("(?m)^#define[ \t]+(\\S+)[ \t]*(.*)$");
    /** With the comment behind it, which may go on in the next lines. */
    private static final Pattern NUMBER = Pattern.compile(
            "(0x[0-9a-f]{1,8}|[0-9]{1,9})[ \t]*(?:/\\*(.*?)\\*/[ \t]*)?$", Pattern.DOTALL | Pattern.MULTILINE);

    private static final String GUARD = "NURSE_LAYOUT_H";
    private static final String PREFIX = "NURSE_";

    private GenerateLayout() {}

    public static void main(String[] args) throws IOException {
        if (args.length != 2) {
            System.err.println("usage: GenerateLayout LAYOUT.h DIR");
            System.exit(2);
        }
        try {
            String source = source(Files.readString(Path.of(args[0]), StandardCharsets.UTF_8));
            Output.writeIfChanged(Path.of(args[1], "nurse/ffm/lane/LaneLayout.java"), source);
        } catch (IllegalArgumentException mistake) {
            System.err.println(args[0] + ": " + mistake.getMessage());
            System.exit(1);
        }
    }

    /**
     * The Java source.
     *
     * @throws IllegalArgumentException for a #define that is not a number, or is given twice
     */
    public static String source(String header) {
        StringBuilder out =
                new StringBuilder("// Written by GenerateLayout.java from layout.h: change the header, not this"
                        + " file.\n"
                        + "package nurse.ffm.lane;\n\n"
                        + "/**\n"
                        + " * Offsets, sizes and numbers of the memory that the three parties share, in bytes, as"
                        + " nurse-native's layout.h has\n"
                        + " * them. The header says who writes each field.\n"
                        + " */\n"
                        + "public final class LaneLayout {\n"
                        + "    private LaneLayout() {}\n");
        read(header).forEach((name, value) -> out.append(constant(name, value)));
        return out.append("}\n").toString();
    }

    /** Each name with its number and its comment. */
    private static Map<String, String[]> read(String header) {
        Map<String, String[]> defines = new LinkedHashMap<>();
        Matcher define = DEFINE.matcher(header);
        while (define.find()) {
            String name = define.group(1);
            if (name.equals(GUARD)) {
                continue;
            }
            Matcher number = NUMBER.matcher(header).region(define.start(2), header.length());
            if (!name.matches(PREFIX + "[A-Z0-9_]+") || !number.lookingAt()) {
                throw new IllegalArgumentException("not NURSE_NAME and one number: " + define.group());
            }
            String comment =
                    number.group(2) == null ? "" : number.group(2).trim().replaceAll("\\s*\n\\s*\\*?\\s*", " ");
            if (defines.put(name.substring(PREFIX.length()), new String[] {number.group(1), comment}) != null) {
                throw new IllegalArgumentException("given twice: " + name);
            }
        }
        if (defines.isEmpty()) {
            throw new IllegalArgumentException("there is no #define in it");
        }
        return defines;
    }

    private static String constant(String name, String[] value) {
        String comment = value[1].replace("&", "&amp;").replace("<", "&lt;").replace("@", "&#64;");
        return (comment.isEmpty() ? "\n" : "\n    /** " + comment + " */\n") + "    public static final int " + name
                + " = " + value[0] + ";\n";
    }
}
