package nurse.cli.fidelity;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import nurse.cli.FileTree;
import nurse.cli.Jar;

/** Programs of coreutils and busybox, one after the other over the same files. */
record Tour() implements Suite {
    private static final Path COMMANDS = Path.of("src/test/fidelity/tour.txt");
    private static final Pattern WORD = Pattern.compile("'([^']*)'|(\\S+)");
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    @Override
    public String name() {
        return "tour";
    }

    @Override
    public Map<String, Outcome> run(Place place) {
        Map<String, Outcome> outcomes = new LinkedHashMap<>();
        Path directory = Jar.directory();
        Path output = Jar.directory().resolve("output");
        try {
            Map<String, String> before = FileTree.of(directory);
            for (String command : Files.readAllLines(COMMANDS)) {
                if (!command.startsWith("#")) {
                    int status = place.run(directory, output, output, PATIENCE, List.of(), words(command));
                    String said = Files.readString(output, StandardCharsets.ISO_8859_1)
                            .replace(place.nameOf(directory), "DIRECTORY");
                    Map<String, String> after = FileTree.of(directory);
                    Set<Map.Entry<String, String>> made = new LinkedHashSet<>(after.entrySet());
                    made.removeAll(before.entrySet());
                    before.keySet().removeAll(after.keySet());
                    String all =
                            "status " + status + ", makes " + made + ", removes " + before.keySet() + ", says " + said;
                    outcomes.put(command, new Outcome(true, all));
                    before = after;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return outcomes;
    }

    private static List<String> words(String command) {
        List<String> words = new ArrayList<>();
        WORD.matcher(command)
                .results()
                .forEach(match -> words.add(match.group(1) != null ? match.group(1) : match.group(2)));
        return words;
    }
}
