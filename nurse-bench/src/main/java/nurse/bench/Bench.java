package nurse.bench;

import com.google.gson.Gson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import nurse.bench.peers.Cpus;
import nurse.bench.programs.Runs;
import nurse.bench.report.Page;
import nurse.bench.report.RoundTripFigures;
import nurse.bench.report.Spread;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What bin/bench starts when it has everything together. */
@Command(
        name = "bench",
        description = {
            "Measures nurse beside native, ptrace, user notification, proot, strace, bwrap and runsc,",
            "and writes docs/benchmarks.md with its charts."
        },
        footer = {
            "",
            "What an interrupted run has measured is kept, and the next one goes on from there.",
            "For figures, let the machine do nothing else meanwhile."
        },
        sortOptions = false)
final class Bench implements Callable<Integer> {
    private static final long LOOK_MILLIS = 2_000;
    private static final List<Section> SECTIONS = List.of(new RoundTrips(), new Idle(), new WholePrograms());

    @Option(
            names = "--only",
            split = ",",
            paramLabel = "PART",
            description = "measure only these parts: roundtrips, idle, programs; the page has what there is of others")
    private List<String> only = List.of();

    @Option(
            names = "--quick",
            description = "a minute or two, to see that it works; the page goes to nurse-bench/target")
    private boolean quick;

    @Option(names = "--fresh", description = "measure again what is measured already")
    private boolean fresh;

    @Option(names = "--page", description = "measure nothing, write the page of what there is")
    private boolean page;

    @Option(names = "--help", usageHelp = true, description = "show this")
    @SuppressWarnings("UnusedVariable") // picocli's
    private boolean help;

    private Bench() {}

    public static void main(String[] arguments) {
        System.setProperty("java.awt.headless", "true");
        System.exit(new CommandLine(new Bench()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        for (String name : only) {
            if (SECTIONS.stream().noneMatch(section -> section.name().equals(name))) {
                System.err.println("bench: there is no part " + name
                        + "\n  why: --only takes roundtrips, idle and programs\n  do:  bin/bench --help");
                return 2;
            }
        }
        Path target = Commands.checkout().resolve("nurse-bench/target/bench");
        Path directory = target.resolve(quick ? "quick" : "full");
        Effort effort = quick ? Effort.QUICK : Effort.FULL;
        Results results = new Results(directory);
        Progress progress = new Progress();
        for (Section section : SECTIONS) {
            if (!page && (only.isEmpty() || only.contains(section.name()))) {
                if (fresh) {
                    forget(directory, section.name());
                }
                progress.part(section.name());
                noteLoad(results, section.name());
                section.measure(effort, results, progress);
            }
        }
        Path written = write(results, quick ? directory : Commands.checkout().resolve("docs"));
        System.err.println("bench: wrote " + written);
        return 0;
    }

    /**
     * How many CPUs others keep busy before a part begins; of one that goes on, the most. Not the load average, which has
     * the build of a minute ago in it.
     */
    private static void noteLoad(Results results, String section) throws IOException, InterruptedException {
        long[] before = ticks();
        Thread.sleep(LOOK_MILLIS);
        long[] after = ticks();
        double busy = (double) (after[0] - before[0]) / (after[1] - before[1]) * Cpus.count();
        Loads loads = loads(results);
        loads.byPart().merge(section, busy, Math::max);
        results.write("loads", loads);
    }

    /** Busy and all, of all CPUs: proc(5), stat, whose fourth and fifth number are idle. */
    private static long[] ticks() throws IOException {
        String line =
                Files.readString(Path.of("/proc/stat")).lines().findFirst().orElseThrow();
        String[] fields = line.trim().split(" +");
        long all = 0;
        for (int i = 1; i <= 8; i++) {
            all += Long.parseLong(fields[i]);
        }
        return new long[] {all - Long.parseLong(fields[4]) - Long.parseLong(fields[5]), all};
    }

    private record Loads(Map<String, Double> byPart) {}

    private static Loads loads(Results results) throws IOException {
        return results.read("loads", Loads.class).orElseGet(() -> new Loads(new TreeMap<>()));
    }

    private static void forget(Path directory, String section) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.filter(file -> file.getFileName().toString().startsWith(section))
                    .toList()) {
                Files.delete(file);
            }
        }
        Results results = new Results(directory);
        Loads loads = loads(results);
        loads.byPart().remove(section);
        results.write("loads", loads);
    }

    private static Path write(Results results, Path directory) throws IOException {
        RoundTripFigures figures = new RoundTripFigures();
        try (Stream<Path> files = Files.list(results.file("any").getParent())) {
            files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith(RoundTrips.PREFIX) && name.endsWith(".json"))
                    .sorted()
                    .forEach(name -> add(figures, results.file(name.substring(0, name.length() - 5))));
        }
        Idle.All idle = results.read("idle", Idle.All.class).orElse(new Idle.All(0, List.of()));
        List<List<String>> rows = new ArrayList<>();
        for (Idle.Waiting waiting : idle.waiting()) {
            rows.add(List.of(
                    waiting.lock(),
                    waiting.call(),
                    Long.toString(waiting.helperTicks()),
                    Long.toString(waiting.programTicks()),
                    Spread.number(waiting.helperMillis())));
        }
        return new Page(directory)
                .write(
                        figures,
                        results.read("programs", Runs.class).orElse(null),
                        rows,
                        Integer.toString(idle.seconds()),
                        loads(results).byPart());
    }

    private static void add(RoundTripFigures figures, Path file) {
        try {
            for (RoundTripFigures.Measured measured :
                    new Gson().fromJson(Files.readString(file), RoundTripFigures.Measured[].class)) {
                figures.add(measured);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
