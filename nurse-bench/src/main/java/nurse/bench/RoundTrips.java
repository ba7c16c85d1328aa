package nurse.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import nurse.bench.roundtrip.AllocationBenchmark;
import nurse.bench.roundtrip.RingBenchmark;
import nurse.bench.roundtrip.RoundTripBenchmark;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** The JMH benchmarks, in parts of which each leaves a file of JMH's own format. */
final class RoundTrips implements Section {
    /** File names of the parts begin so. */
    static final String PREFIX = "roundtrips-";

    static final String RING = PREFIX + "ring";
    static final String ALLOCATION = PREFIX + "allocation";

    private record Part(String file, Class<?> benchmark, String what) {}

    @Override
    public String name() {
        return "roundtrips";
    }

    static String file(RoundTripBenchmark.What what) {
        return PREFIX + what;
    }

    @Override
    public void measure(Effort effort, Results results, Progress progress) throws IOException {
        List<Part> parts = new ArrayList<>();
        parts.add(new Part(RING, RingBenchmark.class, null));
        for (RoundTripBenchmark.What what : RoundTripBenchmark.What.values()) {
            parts.add(new Part(file(what), RoundTripBenchmark.class, what.name()));
        }
        parts.add(new Part(ALLOCATION, AllocationBenchmark.class, null));
        for (int i = 0; i < parts.size(); i++) {
            Part part = parts.get(i);
            progress.step(
                    i + 1,
                    parts.size(),
                    part.benchmark().getSimpleName() + " " + (part.what() == null ? "" : part.what()));
            if (!Files.exists(results.file(part.file()))) {
                measure(effort, part, results.file(part.file()));
            }
        }
        progress.end();
    }

    private static void measure(Effort effort, Part part, Path file) throws IOException {
        Path half = Path.of(file + ".half");
        TimeValue time = new TimeValue(effort.iterationMillis(), TimeUnit.MILLISECONDS);
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include("\\b" + part.benchmark().getSimpleName() + "\\b")
                .forks(effort.forks())
                .warmupIterations((effort.iterations() + 1) / 2)
                .warmupTime(time)
                .measurementIterations(effort.iterations())
                .measurementTime(time)
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT)
                .resultFormat(ResultFormatType.JSON)
                .result(half.toString());
        if (part.what() != null) {
            options.param("what", part.what());
        }
        if (part.benchmark() == AllocationBenchmark.class) {
            options.addProfiler(GCProfiler.class);
        }
        try {
            new Runner(options.build()).run();
        } catch (RunnerException e) {
            throw new IOException("a benchmark failed: " + part, e);
        }
        Files.move(half, file, StandardCopyOption.REPLACE_EXISTING);
    }
}
