package nurse.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import nurse.cli.Jar.User;

/**
 * Runs programs of all kinds of ends by one resident helper, several at a time, for a while, and looks at what the helper
 * holds: descriptors, threads, memory, files. Its heap is small, so that what is kept of each run fills it.
 *
 * <p>{@code bin/soak} runs it for ten minutes; SoakIT for some seconds.
 */
final class Soak {
    private static final int WORKERS = 3;
    private static final int HEAP_MEGABYTES = 40;
    private static final int ROWS = 10;
    /** By then all classes are loaded, and the compilers have done most of their work. */
    private static final int WARM_RUNS = 300;

    private static final long END_SECONDS = 60;
    /** The JVM opens a file of its own now and then. */
    private static final long SLACK_DESCRIPTORS = 4;

    private static final long SLACK_THREADS = 4;
    /** Code that is still being compiled, the allocator's arenas: as much however long it runs. */
    private static final long SLACK_KILOBYTES = 48 * 1024;

    private final long seed;
    private final Path directory = Jar.directory();
    private final AtomicLong started = new AtomicLong();
    private final AtomicLong killed = new AtomicLong();
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
    private final List<Sample> samples = new ArrayList<>();

    /** What the helper holds after so many runs. */
    record Sample(long seconds, long runs, long descriptors, long threads, long kilobytes, long files) {}

    /** One kind of program, and how it has to end. */
    private record Kind(List<String> arguments, int status, String out) {
        /** {@code @} stands for the worker. */
        String[] of(Path output) {
            String worker = output.getFileName().toString();
            return arguments.stream().map(word -> word.replace("@", worker)).toArray(String[]::new);
        }
    }

    private static final List<Kind> KINDS = List.of(
            new Kind(List.of("true"), 0, ""),
            new Kind(List.of("sh", "-c", "read x < /etc/debian_version; echo read; exit 3"), 3, "read\n"),
            new Kind(List.of("--quiet", "cat", "/etc/shadow"), 1, ""),
            new Kind(List.of("no-such-program"), 127, ""),
            new Kind(List.of("--env", "WORD=given", "sh", "-c", "echo $WORD"), 0, "given\n"),
            new Kind(List.of("sh", "-c", "kill -SEGV $$"), 139, ""),
            new Kind(List.of("--no-such-option"), 2, ""),
            new Kind(List.of("--write", ".", "sh", "-c", "echo word > file@; read x < file@; echo $x"), 0, "word\n"));

    private Soak(long seed) {
        this.seed = seed;
    }

    /** Arguments: how many seconds at most, how many runs at most. Ends with status 1 if something grew or went wrong. */
    public static void main(String[] arguments) throws Exception {
        List<String> found = new Soak(new Random().nextLong())
                .soak(Long.parseLong(arguments[0]), Long.parseLong(arguments[1]), System.out);
        found.forEach(System.out::println);
        System.exit(found.isEmpty() ? 0 : 1);
    }

    /** @return what is wrong, one line each */
    static List<String> run(long seconds, long runs, PrintStream to) throws Exception {
        return new Soak(new Random().nextLong()).soak(seconds, runs, to);
    }

    private List<String> soak(long seconds, long runs, PrintStream to) throws Exception {
        to.println("Soak: seed " + seed + ", lock " + Jar.LOCK + ", " + WORKERS + " programs at a time, "
                + Runtime.getRuntime().availableProcessors() + " CPUs, helper's heap " + HEAP_MEGABYTES + " MiB");
        try (Native nurse = new Native(User.ROOT)) {
            nurse.serve("env", "JDK_JAVA_OPTIONS=-Xmx" + HEAP_MEGABYTES + "m");
            for (int i = 0; i < WORKERS; i++) { // what they write is there from the beginning
                Files.createFile(directory.resolve("output" + i));
                Files.createFile(directory.resolve("fileoutput" + i));
            }
            long begin = System.nanoTime();
            long whole = TimeUnit.SECONDS.toNanos(seconds);
            for (Thread worker : start(nurse, begin + whole / 3, Math.min(runs / 2, WARM_RUNS))) {
                worker.join();
            }
            samples.add(settled(nurse, begin));
            // From now on: on a machine with other work the first part takes longer than its third.
            long second = System.nanoTime();
            long rest = Math.max(whole - whole / 3, begin + whole - second);
            List<Thread> workers = start(nurse, second + rest, runs);
            for (int row = 1; row < ROWS; row++) {
                long next = second + row * rest / ROWS;
                while (System.nanoTime() < next && workers.stream().anyMatch(Thread::isAlive)) {
                    Thread.sleep(50);
                }
                if (System.nanoTime() - next < rest / ROWS && workers.stream().anyMatch(Thread::isAlive)) {
                    samples.add(sample(nurse, begin));
                }
            }
            for (Thread worker : workers) {
                worker.join();
            }
            samples.add(settled(nurse, begin));
            if (!nurse.helper().isAlive()) {
                wrong.add("the helper has ended");
            }
        }
        table(to);
        compare();
        return List.copyOf(wrong);
    }

    private List<Thread> start(Native nurse, long end, long runs) {
        List<Thread> workers = new ArrayList<>();
        for (int i = 0; i < WORKERS; i++) {
            Random random = new Random(seed + 31 * started.get() + i);
            Path output = directory.resolve("output" + i);
            workers.add(Thread.ofPlatform().start(() -> work(nurse, random, output, end, runs)));
        }
        return workers;
    }

    private void work(Native nurse, Random random, Path output, long end, long runs) {
        while (System.nanoTime() < end && started.incrementAndGet() <= runs && wrong.size() < 20) {
            Kind kind = KINDS.get(random.nextInt(KINDS.size()));
            boolean kills = random.nextInt(10) == 0;
            try {
                one(nurse, kind, output, kills ? random.nextInt(30) : -1);
            } catch (IOException | InterruptedException failed) {
                wrong.add(kind + ": " + failed);
            }
        }
    }

    /** @param killAfter milliseconds, or -1 */
    private void one(Native nurse, Kind kind, Path output, long killAfter) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(nurse.runCommand(kind.of(output)))
                .directory(directory.toFile())
                .redirectOutput(output.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        process.getOutputStream().close();
        if (killAfter >= 0) {
            Thread.sleep(killAfter);
            process.destroyForcibly();
            killed.incrementAndGet();
        }
        if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
            wrong.add(kind + ": it has not ended");
            process.destroyForcibly();
        } else if (killAfter < 0) {
            String out = Files.readString(output);
            if (process.exitValue() != kind.status || !out.equals(kind.out)) {
                wrong.add(kind + ": status " + process.exitValue() + ", output " + out);
            }
        }
    }

    /** With no program running: the helper learns of an end a little later than who waits for the program. */
    private Sample settled(Native nurse, long begin) throws InterruptedException {
        Sample last = sample(nurse, begin);
        int same = 0;
        for (int i = 0; i < 200 && same < 10; i++) {
            Thread.sleep(50);
            Sample now = sample(nurse, begin);
            same = now.descriptors == last.descriptors && now.threads == last.threads ? same + 1 : 0;
            last = now;
        }
        return last;
    }

    private void compare() {
        Sample first = samples.get(0);
        Sample last = samples.get(samples.size() - 1);
        if (last.runs <= first.runs) {
            wrong.add("there was no run after the first look");
        }
        grew("descriptors", first.descriptors, last.descriptors, SLACK_DESCRIPTORS);
        grew("threads", first.threads, last.threads, SLACK_THREADS);
        grew("memory, KiB", first.kilobytes, last.kilobytes, SLACK_KILOBYTES);
        grew("files", first.files, last.files, 0);
    }

    private void grew(String what, long from, long to, long slack) {
        if (to > from + slack) {
            wrong.add(what + " grew from " + from + " to " + to);
        }
    }

    private void table(PrintStream to) {
        to.println("| seconds | runs | descriptors | threads | resident MiB | files |\n|---|---|---|---|---|---|");
        for (Sample sample : samples) {
            to.printf(
                    "| %d | %d | %d | %d | %.1f | %d |%n",
                    sample.seconds,
                    sample.runs,
                    sample.descriptors,
                    sample.threads,
                    sample.kilobytes / 1024.0,
                    sample.files);
        }
        to.println(killed + " of the programs were killed at some moment");
    }

    // ---- what the helper holds -------------------------------------------------------------------------------------

    private Sample sample(Native nurse, long begin) {
        Path proc = Path.of("/proc", Long.toString(nurse.helper().pid()));
        return new Sample(
                TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin),
                started.get(),
                count(proc.resolve("fd")),
                count(proc.resolve("task")),
                resident(proc),
                count(directory) + count(Path.of(nurse.socket()).getParent()));
    }

    private static long count(Path directory) {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.count();
        } catch (IOException gone) {
            return 0;
        }
    }

    private static long resident(Path proc) {
        try {
            return Files.readAllLines(proc.resolve("status")).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElse(0);
        } catch (IOException gone) {
            return 0;
        }
    }
}
