package nurse.bench.programs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import nurse.bench.Commands;
import nurse.bench.peers.Programs;

/** Runs one program under one peer by measure.c, and keeps what it says. */
public final class Measurement {
    /** The same for all; convert without threads, which nurse does not have. */
    private static final Map<String, String> ENVIRONMENT = Map.of(
            "PATH",
            "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
            "HOME",
            "/tmp",
            "LC_ALL",
            "C",
            "MAGICK_THREAD_LIMIT",
            "1");

    private static final String NOT_MEDIATED = "trace=!read,write,sigreturn,rt_sigreturn,execve,exit_group";

    private final Place place;
    private final Runs runs;

    public Measurement(Place place, Runs runs) {
        this.place = place;
        this.runs = runs;
    }

    /** Makes the inputs, counts the calls, and sees which peers are there. */
    public void prepare() throws IOException, InterruptedException {
        Inputs.make(place);
        runs.missing().clear();
        for (Peer peer : Peer.values()) {
            String missing = peer.missing(place);
            if (missing != null) {
                runs.missing().put(peer.name(), missing);
            }
        }
        if (!runs.missing().containsKey(Peer.STRACE_ALL.name())) {
            for (WholeProgram program : WholeProgram.values()) {
                if (!runs.calls().containsKey(program.name())) {
                    runs.calls().put(program.name(), calls(program));
                }
            }
        }
    }

    private int calls(WholeProgram program) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(place.tree().toString(), place.workInside(), "-"));
        command.addAll(Peer.ofTree("strace", "-f -qq -o " + Place.INSIDE + "/calls.txt -e " + NOT_MEDIATED));
        command.addAll(program.command());
        run(command);
        try (var lines = Files.lines(place.directory().resolve("calls.txt"), StandardCharsets.ISO_8859_1)) {
            return (int) lines.filter(line -> !line.contains(" resumed>") && !line.contains(" --- "))
                    .count();
        }
    }

    /** Measures the program's run number {@code round}, unless it is there already or the peer cannot run it. */
    public void round(Peer peer, WholeProgram program, int round) throws IOException, InterruptedException {
        List<Runs.Sample> samples = runs.of(peer, program);
        boolean failed = !samples.isEmpty() && samples.get(0).status() != 0;
        if (samples.size() > round || failed || runs.missing().containsKey(peer.name())) {
            return;
        }
        if (peer.amd64() && !Files.isExecutable(Path.of(program.command().get(0)))) {
            return;
        }
        if (round == 0) {
            run(peer.command(place, program)); // what is read from disk has been read
        }
        samples.add(run(peer.command(place, program)));
    }

    public void bareJvm(int round) throws IOException, InterruptedException {
        if (runs.ofBareJvm().size() <= round) {
            String classes =
                    Path.of(Programs.path("measure")).resolveSibling("classes").toString();
            runs.ofBareJvm().add(run(List.of("/", "/", "-", Commands.java(), "-cp", classes, "nurse.bench.Hello")));
        }
    }

    /** A program that does nothing, in each way to start it, beside the bare JVM. */
    public void starts(int round) throws IOException, InterruptedException {
        for (Start start : Start.values()) {
            Optional<List<String>> arguments = start.arguments(place);
            if (arguments.isPresent() && runs.of(start).size() <= round) {
                runs.of(start).add(run(arguments.get()));
            }
        }
    }

    private static Runs.Sample run(List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(Programs.path("measure")));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().clear();
        builder.environment().putAll(ENVIRONMENT);
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).trim();
        if (process.waitFor() != 0) {
            throw new IOException("measure failed: " + String.join(" ", command));
        }
        String[] fields = said.split(" ");
        return new Runs.Sample(
                Long.parseLong(fields[0]) / 1e6,
                Long.parseLong(fields[1]) / 1e6,
                Long.parseLong(fields[2]),
                Integer.parseInt(fields[3]));
    }
}
