package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import nurse.cli.Jar.Result;
import nurse.cli.Jar.User;

/** Runs the native client beside the jar, with a run directory, and so a resident helper, of its own. */
final class Native implements AutoCloseable {
    private static final long AWAIT_SECONDS = 120;
    static final Path CLIENT = Jar.JAR.resolveSibling("nurse");

    /** A program that tells what it was started with, on both streams, and ends with 7. */
    static final String[] TELLS = {
        "--quiet",
        "python3",
        "-c",
        "import os, sys; print(sys.argv[1:], os.getcwd(), oct(os.umask(0)), os.getuid());"
                + " print('e', file=sys.stderr); sys.exit(7)",
        "a b",
        "\u00e4",
        ""
    };

    private final User user;
    private final Path runtime;
    private Process helper;

    Native(User user) {
        this.user = user;
        this.runtime = Jar.directory().resolve("run");
        List<String> make = new ArrayList<>(user.become());
        make.addAll(List.of("install", "-d", "-m", "700", runtime.toString()));
        Jar.execute(Path.of("/"), new byte[0], make).succeeded();
    }

    /**
     * Makes a helper resident, in the foreground of a process that this can kill.
     *
     * @param before what starts it: {@code env} and its like, or a shell
     */
    Native serve(String... before) throws Exception {
        List<String> command = command(List.of("serve"));
        command.addAll(command.indexOf(CLIENT.toString()), List.of(before));
        helper = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        await(() -> socket() != null);
        return this;
    }

    Process helper() {
        return helper;
    }

    /** The helper's socket, or null while there is none. */
    String socket() {
        try (Stream<Path> files = Files.list(runtime.resolve("nurse"))) {
            return files.map(Path::toString)
                    .filter(name -> name.endsWith(".socket"))
                    .findFirst()
                    .orElse(null);
        } catch (IOException notYet) {
            return null;
        }
    }

    List<String> command(List<String> arguments) {
        List<String> command = new ArrayList<>(user.become());
        command.addAll(List.of("env", "-i", "PATH=/usr/bin:/bin", "LANG=C.UTF-8", "HOME=/nowhere"));
        command.add("XDG_RUNTIME_DIR=" + runtime);
        command.add("NURSE_JAVA_HOME=" + System.getProperty("java.home"));
        command.add(CLIENT.toString());
        command.addAll(arguments);
        return command;
    }

    List<String> runCommand(String... arguments) {
        return command(runArguments(arguments));
    }

    private static List<String> runArguments(String... arguments) {
        List<String> all = new ArrayList<>(List.of("run", "--lock", Jar.LOCK, "--root", Jar.TREE.toString()));
        all.addAll(Jar.trust(Jar.LOCK));
        all.addAll(List.of(arguments));
        return all;
    }

    /** The same by {@code java -jar}, without a flag, which hands it on to the client. */
    List<String> jarCommand(List<String> variables, String... arguments) {
        List<String> command = command(runArguments(arguments));
        int client = command.indexOf(CLIENT.toString());
        command.set(client, Jar.JAR.toString());
        command.addAll(client, List.of(System.getProperty("java.home") + "/bin/java", "-jar"));
        command.addAll(client, variables);
        return command;
    }

    Result run(Path directory, String... arguments) {
        return Jar.execute(directory, new byte[0], runCommand(arguments));
    }

    /** The same in an environment of its own: {@code env} first. */
    Result run(Path directory, List<String> before, String... arguments) {
        List<String> command = new ArrayList<>(before);
        command.addAll(runCommand(arguments));
        return Jar.execute(directory, new byte[0], command);
    }

    /** That it went as in a JVM which the user started. */
    static void assertTellsTheSame(Result jar, Result other) {
        assertThat(other.out()).as(other.err()).isEqualTo(jar.out());
        assertThat(other.err()).isEqualTo(jar.err());
        assertThat(other.status()).isEqualTo(7);
    }

    static void await(BooleanCondition condition) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(AWAIT_SECONDS);
        while (!condition.holds()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("it did not come to pass in " + AWAIT_SECONDS + " s");
            }
            Thread.sleep(20);
        }
    }

    /** Something to wait for. */
    interface BooleanCondition {
        boolean holds() throws Exception;
    }

    /** Ends the helper, or whichever was started on demand, so that none is left behind for its idle minute. */
    @Override
    public void close() {
        if (helper != null) {
            helper.destroyForcibly();
        }
        residents().forEach(ProcessHandle::destroyForcibly);
    }

    /** The helpers that have this run directory's socket, by their command lines. */
    Stream<ProcessHandle> residents() {
        return ProcessHandle.allProcesses().filter(this::isOurs);
    }

    private boolean isOurs(ProcessHandle process) {
        try {
            String line = Files.readString(
                    Path.of("/proc", Long.toString(process.pid()), "cmdline"),
                    java.nio.charset.StandardCharsets.ISO_8859_1);
            return line.contains("-Dnurse.socket=" + runtime + "/");
        } catch (IOException gone) {
            return false;
        }
    }
}
