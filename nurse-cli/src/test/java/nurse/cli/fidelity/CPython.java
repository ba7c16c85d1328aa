package nurse.cli.fidelity;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import nurse.cli.Jar;

/** A module of CPython's regression tests, {@code test.test_os} for example, as Debian ships them. */
record CPython(String module) implements Suite {
    private static final Path RUNNER = Path.of("src/test/fidelity/cpython.py");
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Override
    public String name() {
        return module;
    }

    /**
     * A test that hangs or kills the interpreter costs itself only: the others are run in a new one. Some end it when they
     * are over, with what they started and could not stop.
     */
    @Override
    public Map<String, Outcome> run(Place place) {
        Map<String, String[]> noted = new LinkedHashMap<>();
        for (boolean ended = false; !ended; ) {
            Path directory = Jar.directory();
            int before = noted.size();
            int status = attempt(place, directory, noted.keySet().stream().toList());
            String lost = null;
            for (String line : lines(directory.resolve("results"))) {
                String[] fields = line.split("\t", 3);
                noted.put(fields[0], fields);
                lost = fields[1].equals("started") ? fields[0] : null;
            }
            ended = noted.remove("end") != null;
            String how = status == Place.STOPPED ? "it hung" : "the interpreter ended with status " + status;
            if (!ended && noted.size() == before) {
                String said = String.join(" ", lines(directory.resolve("output")));
                noted.put("the module", new String[] {"", "failed", how + ": " + said});
                ended = true;
            } else if (lost != null) {
                noted.put(lost, new String[] {lost, "failed", how});
            }
        }
        Map<String, Outcome> outcomes = new LinkedHashMap<>();
        noted.forEach((test, fields) -> {
            if (!fields[1].equals("skipped")) {
                outcomes.put(test, new Outcome(fields[1].equals("passed"), fields[2]));
            } else if (!place.isOutside()) {
                outcomes.put(test, new Outcome(false, "skipped: " + fields[2]));
            }
        });
        return outcomes;
    }

    private int attempt(Place place, Path directory, List<String> leftOut) {
        try {
            Files.copy(RUNNER, directory.resolve("cpython.py"));
            Path results = Files.createFile(directory.resolve("results"));
            results.toFile().setWritable(true, false);
            Files.createDirectory(directory.resolve("work")).toFile().setWritable(true, false);
            String here = place.nameOf(directory);
            List<String> environment = List.of("HOME=" + here + "/work", "TMPDIR=" + here + "/work");
            List<String> program = new ArrayList<>(List.of("python3", "cpython.py", module, here + "/results"));
            program.addAll(leftOut);
            return place.run(directory, directory.resolve("output"), results, PATIENCE, environment, program);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1).lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
