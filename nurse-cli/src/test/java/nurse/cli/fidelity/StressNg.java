package nurse.cli.fidelity;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import nurse.cli.Jar;

/** {@code stress-ng --verify}: each stressor does a few rounds and checks what it gets. */
record StressNg() implements Suite {
    private static final Path DATA = Path.of("src/test/fidelity").toAbsolutePath();
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Override
    public String name() {
        return "stress-ng";
    }

    @Override
    public Map<String, Outcome> run(Place place) {
        Map<String, Outcome> outcomes = new LinkedHashMap<>();
        try {
            for (String stressor : Files.readAllLines(DATA.resolve("stressors.txt"))) {
                if (!stressor.startsWith("#")) {
                    outcomes.put(stressor, stress(place, stressor));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return outcomes;
    }

    private static Outcome stress(Place place, String stressor) throws IOException {
        Path directory = Jar.directory();
        Jar.compile(directory, DATA.resolve("inline.c"), "-shared", "-fPIC", "-o", "inline.so");
        Path output = directory.resolve("output");
        String preload = "LD_PRELOAD=" + place.nameOf(directory) + "/inline.so";
        List<String> program = List.of(
                "stress-ng", "--verify", "--timeout", "4", "--" + stressor, "1", "--" + stressor + "-ops", "20");
        int status = place.run(directory, output, output, PATIENCE, List.of(preload), program);
        String said = Files.readAllLines(output).stream()
                .filter(line -> !line.contains(" info: "))
                .collect(Collectors.joining(" "));
        return status == 0 ? new Outcome(true, "") : new Outcome(false, "status " + status + ": " + said);
    }
}
