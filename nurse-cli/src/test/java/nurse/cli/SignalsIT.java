package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import nurse.cli.Jar.Result;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Signals inside are as outside: src/test/native/signals. */
class SignalsIT {
    private static final Path SOURCES = Path.of("src/test/native/signals").toAbsolutePath();

    private final Path directory = Jar.directory();

    private void compile(String name) {
        Jar.compile(directory, SOURCES.resolve(name + ".c"), "-o", name);
    }

    private Result outside(String... command) {
        return Jar.execute(directory, new byte[0], List.of(command));
    }

    @ParameterizedTest
    @CsvSource({"none,3", "term,143", "segv,139", "abort,134", "trap,133", "sys,159"})
    void whatAProgramSeesOfSignalsIsTheSame(String way, int status) {
        compile("signals");
        String[] command = way.equals("none") ? new String[] {"./signals"} : new String[] {"./signals", way};
        String[] quietly =
                way.equals("none") ? new String[] {"--quiet", "./signals"} : new String[] {"--quiet", "./signals", way};
        Result expected = outside(command);
        Result actual = Jar.runOnHost(directory, quietly);
        assertThat(actual.out()).isEqualTo(expected.out());
        assertThat(expected.status()).isEqualTo(status);
        assertThat(actual.status()).as(actual.err()).isEqualTo(status);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "restart"})
    void aStormOfSignalsLosesNothing(String restart) {
        compile("storm");
        Result result = restart.isEmpty()
                ? Jar.runOnHost(directory, "./storm", "2")
                : Jar.runOnHost(directory, "./storm", "2", restart);
        assertThat(result.out()).isEqualTo("good, signals: many\n");
        assertThat(result.succeeded().err()).isEmpty();
    }

    /** The gate's own look at a frame that the program has spoilt ends the program, as the kernel's does. */
    @ParameterizedTest
    @CsvSource({"kept,0", "bad,139", "bad-and-pending,139", "queued,0"})
    void aFrameWithoutItsFpuStateEndsTheProgramOnly(String way, int status) {
        compile("frames");
        assertThat(outside("./frames", way).status()).isEqualTo(status);
        Result actual = Jar.runOnHost(directory, "--quiet", "./frames", way);
        assertThat(actual.status()).as(actual.err()).isEqualTo(status);
        assertThat(actual.err()).isEmpty();
    }

    /** The signal of SECCOMP's trap, by which direct calls come to the gate, cannot be sent; outside it can. */
    @Test
    void theSignalOfADirectCallCannotBeForged() {
        compile("frames");
        assertThat(outside("./frames", "forged").status()).isEqualTo(159);
        Result actual = Jar.runOnHost(directory, "--quiet", "./frames", "forged");
        assertThat(actual.status()).as(actual.err()).isEqualTo(1);
        assertThat(actual.out()).isEqualTo("1\n"); // EPERM
    }

    @Test
    void aProgramSeesWhichSignalsItWasStartedWithAsIgnored() {
        List<String> ignoring = List.of("sh", "-c", "trap '' USR1 && exec \"$@\"", "sh");
        String python = "import signal; print(signal.getsignal(signal.SIGUSR1), signal.getsignal(signal.SIGUSR2))";
        List<String> command = new java.util.ArrayList<>(ignoring);
        command.addAll(
                Jar.command(Jar.User.ROOT, List.of("run", "--root", Jar.TREE.toString(), "python3", "-c", python)));
        assertThat(Jar.execute(directory, new byte[0], command).succeeded().out())
                .isEqualTo("1 0\n");
        assertThat(Jar.run(directory, "python3", "-c", python).succeeded().out())
                .isEqualTo("0 0\n");
    }
}
