package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import nurse.cli.Jar.User;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A futex that a sandboxed process shares with another process, by a file: src/test/native/futex/futex.c. */
class FutexIT {
    private static final Path SOURCE = Path.of("src/test/native/futex/futex.c").toAbsolutePath();
    /** In the background ./futex, told to do $0, as long as the waiter runs, $1 and what follows. */
    private static final String BOTH =
            "./futex \"$0\" & other=$!; \"$@\"; status=$?; kill $other 2> /dev/null; exit $status";

    private final Path directory = Jar.directory();

    FutexIT() {
        Jar.compile(directory, SOURCE, "-o", "futex");
    }

    /** @param mediated with a fixed time, which takes the call from the kernel: the helper waits then, as under strict */
    @ParameterizedTest
    @CsvSource({"ROOT, false", "ORDINARY, false", "ROOT, true"})
    void anotherProcessWakesTheProgram(User user, boolean mediated) {
        assertThat(with("wake", inside(user, mediated, "wait"))).isEqualTo("woken\n");
    }

    @Test
    void outsideOfASandboxItIsTheSame() {
        assertThat(Jar.execute(directory, new byte[0], List.of("./futex", "time"))
                        .out())
                .isEqualTo("over -110\n");
        assertThat(with("nudge", List.of("./futex", "asleep"))).isEqualTo("woken 0, the word is 0\n");
        assertThat(with("wake", List.of("./futex", "wait"))).isEqualTo("woken\n");
    }

    @ParameterizedTest
    @CsvSource({"ROOT, false", "ORDINARY, false", "ROOT, true"})
    void aWakeUpWithoutAChangeEndsAWait(User user, boolean mediated) {
        assertThat(with("nudge", inside(user, mediated, "asleep"))).isEqualTo("woken 0, the word is 0\n");
    }

    @ParameterizedTest
    @CsvSource({"ROOT, false", "ORDINARY, false", "ROOT, true"})
    void nobodyWakesAndTheTimeEndsTheWait(User user, boolean mediated) {
        assertThat(Jar.execute(directory, new byte[0], inside(user, mediated, "time"))
                        .out())
                .isEqualTo("over -110\n");
    }

    private String with(String background, List<String> waiter) {
        List<String> command = new ArrayList<>(List.of("sh", "-c", BOTH, background));
        command.addAll(waiter);
        return Jar.execute(directory, new byte[0], command).succeeded().out();
    }

    private String policy(String text) {
        try {
            return Files.writeString(directory.resolve("policy.toml"), text).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> inside(User user, boolean mediated, String way) {
        List<String> run = new ArrayList<>(List.of("run", "--quiet", "--write", "."));
        if (mediated) {
            run.addAll(List.of("--policy", policy("version = 1\n[repeat]\ntime = 2024-01-01T00:00:00Z\n")));
        }
        run.addAll(List.of("./futex", way));
        return Jar.command(user, run);
    }
}
