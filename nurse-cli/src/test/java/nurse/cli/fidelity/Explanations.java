package nurse.cli.fidelity;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The differences that are meant, from explained.tsv: a pattern for the test, one for what it died of, and why. The first
 * line that fits counts.
 */
final class Explanations {
    private static final Path FILE = Path.of("src/test/fidelity/explained.tsv");

    private record Explanation(Pattern test, Pattern detail, String why) {}

    private final List<Explanation> all = new ArrayList<>();

    Explanations() throws IOException {
        for (String line : Files.readAllLines(FILE)) {
            if (!line.isEmpty() && !line.startsWith("#")) {
                String[] fields = line.split("\t+");
                if (fields.length != 3) {
                    throw new IOException(FILE + ": not three fields: " + line);
                }
                all.add(new Explanation(Pattern.compile(fields[0]), Pattern.compile(fields[1]), fields[2]));
            }
        }
    }

    /** @return why the difference is meant, or null if it is a fault */
    String of(Difference difference) {
        return all.stream()
                .filter(e -> e.test.matcher(difference.test()).matches()
                        && e.detail.matcher(difference.inside()).find())
                .map(Explanation::why)
                .findFirst()
                .orElse(null);
    }
}
