package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import nurse.cli.Jar.User;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a program is started with is the same inside as outside: src/test/native/started/started.c. */
class StartedIT {
    private static final Path SOURCE =
            Path.of("src/test/native/started/started.c").toAbsolutePath();
    /** The program is a child of the shell, whose number it is told. */
    private static final String FROM_A_SHELL = "\"$@\" $$ < in; true";

    private final Path directory = Jar.directory();

    StartedIT() throws IOException {
        Jar.compile(directory, SOURCE, "-o", "started");
        Files.writeString(directory.resolve("in"), "abcdefghi");
    }

    /** The client of a helper becomes the program, whether the helper is resident or for this run alone. */
    @ParameterizedTest
    @EnumSource
    void parentAndSignalsAndInputAreThoseOutside(User user) {
        List<String> outside = new ArrayList<>(user.become());
        outside.add("./started");
        String expected = shell(outside, "USR1", "QUIT", "TERM", "SEGV");
        assertThat(expected)
                .contains(
                        "parent 1 1", "blocked 10", "blocked 11", "came 0\ncame 10", "read abc, anew abc, and on def");
        String inside = shell(client(user), "USR1", "QUIT", "TERM", "SEGV");
        assertThat(inside.replace("to write: refused", "to write: opened"))
                .isEqualTo(expected.replace("to write: refused", "to write: opened"));
    }

    /** With a limit the program is a child of the helper. */
    @Test
    void theParentIsTheOneThatTheProcessHas() {
        List<String> command = Jar.command(User.ROOT, List.of("run", "--quiet", "--limit", "cpu=60s", "./started"));
        assertThat(shell(command, "USR1")).contains("parent 0 1", "blocked 10", "came 0\ncame 10");
    }

    @Test
    void nothingIsBlockedThatWasNotBlockedBefore() {
        assertThat(shell(Jar.command(User.ROOT, List.of("run", "--quiet", "./started"))))
                .doesNotContain("blocked")
                .contains("came 10\ncame 10");
    }

    /** Nobody named the file to the policy: what was given to be read is not opened to be written. */
    @Test
    void inputIsNotOpenedAnewToBeWritten() {
        assertThat(shell(Jar.command(User.ROOT, List.of("run", "--quiet", "./started"))))
                .contains("to write: refused");
        List<String> both = new ArrayList<>(List.of("sh", "-c", "\"$@\" $$ <> in", "sh"));
        both.addAll(Jar.command(User.ROOT, List.of("run", "--quiet", "./started")));
        assertThat(Jar.execute(directory, new byte[0], both).succeeded().out()).contains("to write: opened");
    }

    private static List<String> client(User user) {
        Path client = Path.of(System.getProperty("nurse.jar")).resolveSibling("nurse");
        List<String> command = new ArrayList<>(user.become());
        command.addAll(List.of("env", "-i", "PATH=/usr/bin:/bin", "HOME=/nowhere", "NURSE_RESIDENT=no"));
        command.add("NURSE_JAVA_HOME=" + System.getProperty("java.home"));
        command.addAll(List.of(client.toString(), "run", "--lock", Jar.LOCK, "--quiet", "./started"));
        return command;
    }

    /** The shell's own mask is empty (dash clears it), so env(1) blocks, and becomes the program. */
    private String shell(List<String> program, String... blocked) {
        List<String> command = new ArrayList<>(List.of("sh", "-c", FROM_A_SHELL, "sh", "env"));
        for (String signal : blocked) {
            command.add("--block-signal=" + signal);
        }
        command.addAll(program);
        return Jar.execute(directory, new byte[0], command).succeeded().out();
    }
}
