package nurse.cli.fidelity;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What was found so far, a file for each suite and place: all of it takes hours, and a run that was cut off goes on where it
 * stopped.
 */
final class Results {
    private static final Path DIRECTORY = Path.of("target/fidelity");

    private Results() {}

    /** @return the outcome of each test, or null if the suite was not run there yet */
    static Map<String, Outcome> of(Suite suite, Place place) throws IOException {
        Path file = file(suite, place);
        if (!Files.exists(file)) {
            return null;
        }
        Map<String, Outcome> outcomes = new LinkedHashMap<>();
        for (String line : Files.readAllLines(file)) {
            String[] fields = line.split("\t", 3);
            outcomes.put(plain(fields[1]), new Outcome(fields[0].equals("passed"), plain(fields[2])));
        }
        return outcomes;
    }

    /** Whole or not at all. */
    static void keep(Suite suite, Place place, Map<String, Outcome> outcomes) throws IOException {
        List<String> lines = new ArrayList<>();
        outcomes.forEach((test, outcome) -> lines.add(
                (outcome.passed() ? "passed" : "failed") + '\t' + escaped(test) + '\t' + escaped(outcome.detail())));
        Path file = file(suite, place);
        Path half = file.resolveSibling(file.getFileName() + ".half");
        Files.createDirectories(DIRECTORY);
        Files.write(half, lines);
        Files.move(half, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private static Path file(Suite suite, Place place) {
        return DIRECTORY.resolve(suite.name() + " " + place + ".tsv");
    }

    private static String escaped(String text) {
        return text.replace("\\", "\\\\")
                .replace("\t", "\\t")
                .replace("\n", "\\n")
                .replace("\r", "\\r");
    }

    private static String plain(String escaped) {
        return escaped.translateEscapes();
    }
}
