import java.util.Locale;

/** A source that grows line by line. */
final class Text {
    private final StringBuilder text = new StringBuilder();

    void line(String line) {
        text.append(line).append('\n');
    }

    void lines(String... lines) {
        for (String line : lines) {
            line(line);
        }
    }

    @Override
    public String toString() {
        return text.toString();
    }

    static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    static String upper(String name) {
        return name.toUpperCase(Locale.ROOT);
    }
}
