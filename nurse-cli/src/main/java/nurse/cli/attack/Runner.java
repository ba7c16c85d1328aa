package nurse.cli.attack;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import nurse.helper.sandbox.Lock;

/** Runs one attack and its twin, and judges how they ended. Any thread may ask. */
final class Runner {
    /** A status that no program has: the time was over, and the run was ended from outside. */
    static final int TIME_OVER = -1;

    /** Another: the helper itself has failed. */
    static final int HELPER_FAILED = -2;

    private static final long LIMIT_MILLIS = 240_000;
    private static final long END_MILLIS = 5_000;
    private static final int SHOWN = 300;
    /** As JDK 24 and older, and as JDK 25 says it. */
    private static final Pattern BUSY = Pattern.compile("error[=:] ?26\\b");

    private static final int ATTEMPTS = 100;

    private final Nurse nurse;
    private final Lock lock;
    private final String root;

    /** @param root what the programs see as {@code /}: an i386 tree, or the host itself */
    Runner(Nurse nurse, Lock lock, String root) {
        this.nurse = nurse;
        this.lock = lock;
        this.root = root;
    }

    private record Ended(int status, String words, Optional<String> loot) {
        boolean got() {
            return status == Attack.GOT || loot.isPresent();
        }
    }

    /** Tries it. Whatever goes wrong with that is a result, too. */
    Result attack(Attack attack) {
        long begin = System.nanoTime();
        Result.Outcome outcome;
        String why;
        try {
            Optional<String> missing = attack.surroundings().missing();
            if (missing.isPresent()) {
                return new Result(attack, lock, Result.Outcome.NOT_TRIED, missing.get(), 0);
            }
            Ended ended = inSandbox(attack, List.of());
            why = judge(attack, ended).or(() -> judgeTwin(attack)).orElse("");
            outcome = why.isEmpty()
                    ? Result.Outcome.HELD
                    : ended.got() ? Result.Outcome.ESCAPED : Result.Outcome.UNDECIDED;
        } catch (IOException | RuntimeException failure) {
            outcome = Result.Outcome.UNDECIDED;
            why = "it could not be tried: " + failure;
        }
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
        return new Result(attack, lock, outcome, why, millis);
    }

    private Optional<String> judge(Attack attack, Ended ended) {
        if (ended.loot().isPresent()) {
            return ended.loot();
        }
        if (ended.status() == Attack.GOT) {
            return Optional.of("it got what the policy does not give; " + ended.words());
        }
        if (ended.status() == HELPER_FAILED || ended.words().contains("the helper failed")) {
            return Optional.of("the helper failed; " + ended.words());
        }
        return attack.endings(lock).contains(ended.status())
                ? Optional.empty()
                : Optional.of("it ended with " + named(ended.status()) + ", declared is "
                        + attack.endings(lock).stream().map(Runner::named).toList() + "; " + ended.words());
    }

    private Optional<String> judgeTwin(Attack attack) {
        Ended ended;
        try {
            ended = switch (attack.twin()) {
                case Attack.Twin.Inside inside -> new Ended(Attack.GOT, "", Optional.empty());
                case Attack.Twin.Honest twin -> honest(twin.honest());
                case Attack.Twin.Allowed allowed -> inSandbox(attack, allowed.options());
                case Attack.Twin.Outside outside -> outside(attack);
                case Attack.Twin.OutsideAsRoot outside ->
                    Place.isRoot() ? outside(attack) : new Ended(Attack.GOT, "", Optional.empty());
            };
        } catch (IOException failure) {
            return Optional.of("its twin could not be tried: " + failure);
        }
        boolean as = ended.got()
                || ended.status() == TIME_OVER && attack.endings(lock).contains(TIME_OVER);
        return as
                ? Optional.empty()
                : Optional.of(
                        "its twin, which must succeed, ended with " + named(ended.status()) + "; " + ended.words());
    }

    private static String named(int status) {
        return switch (status) {
            case TIME_OVER -> "time over";
            case HELPER_FAILED -> "a failure of the helper";
            case Attack.HELD -> "40 (held)";
            case Attack.GOT -> "41 (got it)";
            case 42 -> "42 (could not be tried)";
            default -> Integer.toString(status);
        };
    }

    // ---- runs -------------------------------------------------------------------------------------------------------

    private Ended inSandbox(Attack attack, List<String> further) throws IOException {
        try (Place place = new Place(root)) {
            List<String> arguments = new ArrayList<>(List.of("--lock", lock.word()));
            if (!root.equals("/")) {
                arguments.addAll(List.of("--root", root));
                if (lock == Lock.STRICT) {
                    arguments.addAll(List.of("--trust-loader", root + "/lib/ld-linux.so.2"));
                }
            }
            arguments.addAll(attack.options());
            arguments.addAll(further);
            arguments.addAll(attack.command());
            List<String> filled = place.inside(arguments);
            boolean here = attack.surroundings() == Surroundings.PLAIN
                    && !attack.endings(lock).contains(TIME_OVER);
            return with(
                    attack, place, () -> here ? withinThisProcess(place, filled) : byCommand(attack, place, filled));
        }
    }

    private Ended honest(Attack honest) throws IOException {
        Ended ended = inSandbox(honest, List.of());
        return ended.status() == Attack.HELD ? new Ended(Attack.GOT, "", Optional.empty()) : ended;
    }

    private Ended outside(Attack attack) throws IOException {
        try (Place place = new Place(root)) {
            executable(place);
            List<String> command = place.outside(native_(attack.command()));
            return with(
                    attack,
                    place,
                    () -> run(attack, place, attack.surroundings().around(command, native_(List.of("./attacks")))));
        }
    }

    private interface Run {
        int run() throws IOException;
    }

    private Ended with(Attack attack, Place place, Run run) throws IOException {
        attack.preparation().prepare(place);
        Optional<List<String>> racer = attack.racer();
        Process against = racer.isEmpty()
                ? null
                : started(new ProcessBuilder(place.outside(native_(racer.get())))
                        .directory(place.run().toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD));
        int status;
        try {
            status = run.run();
        } finally {
            if (against != null) {
                // Gone, too: until then it makes files in the place, which is to be removed.
                against.destroyForcibly().onExit().join();
            }
        }
        return new Ended(
                status, words(place.out()) + words(place.err()), attack.loot().look(place));
    }

    /** On the host itself an i386 program needs the host's own loader; else that of the tree runs it. */
    private List<String> native_(List<String> command) {
        if (root.equals("/")) {
            return command;
        }
        List<String> whole = new ArrayList<>(List.of(
                root + "/lib/ld-linux.so.2",
                "--library-path",
                root + "/lib/i386-linux-gnu:" + root + "/usr/lib/i386-linux-gnu"));
        whole.addAll(command);
        return whole;
    }

    private int withinThisProcess(Place place, List<String> arguments) {
        AtomicReference<Object> ended = new AtomicReference<>(TIME_OVER);
        Thread thread = Thread.ofPlatform().daemon().start(() -> {
            try {
                ended.set(nurse.run(place.run(), place.out(), place.err(), arguments));
            } catch (Throwable failure) {
                ended.set(failure);
            }
        });
        try {
            thread.join(LIMIT_MILLIS);
            if (thread.isAlive()) {
                // Whose process it is only its thread knows: all end, and the attacks beside this one are undecided.
                ProcessHandle.current().children().forEach(ProcessHandle::destroyForcibly);
                thread.join(END_MILLIS);
                return TIME_OVER;
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            return TIME_OVER;
        }
        if (ended.get() instanceof Throwable failure) {
            append(place.err(), "the helper failed: " + failure + " at " + failure.getStackTrace()[0]);
            return HELPER_FAILED;
        }
        return (int) ended.get();
    }

    private static void append(Path file, String text) {
        try {
            Files.writeString(file, Files.readString(file, StandardCharsets.ISO_8859_1) + text);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** As a process of its own, in the surroundings that it asks for. */
    private int byCommand(Attack attack, Place place, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                Stream.of(System.getProperty("java.class.path").split(":"))
                        .map(entry -> Path.of(entry).toAbsolutePath().toString())
                        .collect(Collectors.joining(":")),
                "nurse.cli.Main",
                "run"));
        command.addAll(arguments);
        return run(attack, place, attack.surroundings().around(command, native_(List.of("./attacks"))));
    }

    private int run(Attack attack, Place place, List<String> command) throws IOException {
        Process process = started(new ProcessBuilder(command)
                .directory(place.run().toFile())
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(place.out().toFile())
                .redirectError(place.err().toFile()));
        try {
            if (attack.surroundings() == Surroundings.QUIT) {
                quit(process, place);
            }
            long limit = attack.endings(lock).contains(TIME_OVER) ? 3_000 : LIMIT_MILLIS;
            if (process.waitFor(limit, TimeUnit.MILLISECONDS)) {
                return process.exitValue();
            }
            // The helper is ended, and with it must end whatever it looks after.
            List<ProcessHandle> below = process.descendants().toList();
            process.destroyForcibly().waitFor();
            for (ProcessHandle survivor : below) {
                long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(END_MILLIS);
                while (survivor.isAlive() && System.nanoTime() < deadline) {
                    Thread.sleep(20);
                }
                if (survivor.isAlive()) {
                    survivor.destroyForcibly();
                    append(place.err(), "a process outlived its helper");
                    return HELPER_FAILED;
                }
            }
            return TIME_OVER;
        } catch (InterruptedException stop) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            return TIME_OVER;
        }
    }

    /**
     * Starts what was written a moment ago. It is busy (ETXTBSY) as long as a child that the other thread makes at the same
     * time has the descriptor by which it was written, which is until the child's execve.
     */
    private static Process started(ProcessBuilder builder) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                return builder.start();
            } catch (IOException refused) {
                if (attempt == ATTEMPTS
                        || !BUSY.matcher(String.valueOf(refused.getMessage())).find()) {
                    throw refused;
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            }
        }
    }

    /** Waits until the program can be started by a shell too, which does not try again: it only lists what it has. */
    private void executable(Place place) throws IOException {
        started(new ProcessBuilder(native_(List.of("./attacks")))
                        .directory(place.run().toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD))
                .onExit()
                .join();
    }

    private static void quit(Process process, Place place) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LIMIT_MILLIS);
        while (process.isAlive() && words(place.out()).isEmpty() && System.nanoTime() < deadline) {
            Thread.sleep(20);
        }
        String pid = words(place.out()).replaceAll("[^0-9].*", "");
        if (!pid.isEmpty()) {
            // The shell's own: a minimal Debian has no program kill (procps).
            new ProcessBuilder("sh", "-c", "kill -QUIT \"$0\"", pid).start().waitFor();
            process.waitFor(LIMIT_MILLIS, TimeUnit.MILLISECONDS);
            Files.deleteIfExists(Path.of("/tmp/.attach_pid" + pid));
            Files.deleteIfExists(Path.of("/tmp/.java_pid" + pid));
        }
    }

    private static String words(Path file) throws IOException {
        if (!Files.exists(file)) {
            return "";
        }
        byte[] head;
        try (var in = Files.newInputStream(file)) {
            head = in.readNBytes(SHOWN);
        }
        String text = new String(head, StandardCharsets.ISO_8859_1).strip().replaceAll("\\s*\\R\\s*", " | ");
        return text.isEmpty() ? "" : text + " ";
    }
}
