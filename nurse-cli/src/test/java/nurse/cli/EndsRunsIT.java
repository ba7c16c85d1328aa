package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import nurse.cli.Jar.Result;
import nurse.cli.Jar.User;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Streams pass unharmed, errors have their status, and whatever ends first, nothing is left behind. */
class EndsRunsIT {
    /** Of this test and no other's: what one leaves behind in failing must not fail the next. */
    private final String seconds =
            Integer.toString(70_000_000 + ThreadLocalRandom.current().nextInt(10_000_000));

    private Path directory;

    @BeforeEach
    void makeDirectory() {
        directory = Jar.directory();
    }

    @Test
    void binaryDataPassesUnharmed() {
        byte[] data = new byte[5_000_000];
        new Random(2).nextBytes(data);
        List<String> command = Jar.command(User.ROOT, List.of("run", "--root", Jar.TREE.toString(), "cat"));
        Result result = Jar.execute(directory, data, command).succeeded();
        assertThat(Arrays.equals(result.bytes(), data)).isTrue();
        assertThat(result.err()).isEmpty();
    }

    @Test
    void anOutputThatIsClosedEarlyEndsTheProgramBySigpipe() {
        String run = String.join(" ", Jar.command(User.ROOT, List.of("run", "--root", Jar.TREE.toString(), "yes")));
        Result result =
                Jar.execute(directory, new byte[0], List.of("bash", "-c", run + " | head -1; exit ${PIPESTATUS[0]}"));
        assertThat(result.out()).isEqualTo("y\n");
        assertThat(result.status()).isEqualTo(141);
    }

    @Test
    void theProgramsOwnStatusAndSignalsPassThrough() {
        assertThat(Jar.run(directory, "sh", "-c", "exit 42").status()).isEqualTo(42);
        assertThat(Jar.run(directory, "sh", "-c", "kill -TERM $$").status()).isEqualTo(143);
        assertThat(Jar.run(directory, "python3", "-c", "import ctypes; ctypes.string_at(0)")
                        .status())
                .isEqualTo(139);
    }

    @Test
    void errorsHaveTheirStatusAndThreeParts() throws IOException {
        Files.writeString(directory.resolve("text"), "no program\n");
        directory.resolve("text").toFile().setExecutable(true);
        threeParts(Jar.run(directory, "no-such-program"), 127);
        threeParts(Jar.run(directory, "./text"), 126);
        threeParts(Jar.run(directory, "/usr"), 126);
        threeParts(Jar.runOnHost(directory, "/usr/bin/true"), 126); // 64-bit
        threeParts(Jar.run(directory, "--read", "/absent", "true"), 125);
        threeParts(
                Jar.execute(
                        directory, new byte[0], Jar.command(User.ROOT, List.of("run", "--root", "/absent", "true"))),
                125);
    }

    private static void threeParts(Result result, int status) {
        assertThat(result.status()).as(result.err()).isEqualTo(status);
        assertThat(result.err()).containsPattern("nurse: .+\n {2}why: .+\n {2}do: {2}.+\n");
        assertThat(result.out()).isEmpty();
    }

    @Test
    void aScriptRunsByItsFirstLine() throws IOException {
        Files.writeString(directory.resolve("script"), "#!/usr/bin/env python3\nimport sys\nprint(sys.argv)\n");
        directory.resolve("script").toFile().setExecutable(true);
        assertThat(Jar.run(directory, "./script", "a b").succeeded().out()).isEqualTo("['./script', 'a b']\n");
    }

    @Test
    void whenTheProgramIsKilledNothingIsLeft() throws Exception {
        Process nurse = startSleep();
        long program = awaitSleep();
        kill("-KILL", program);
        assertThat(nurse.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(nurse.exitValue()).isEqualTo(137);
        assertGone(program);
    }

    @Test
    void whenTheHelperIsKilledTheProgramEnds() throws Exception {
        Process nurse = startSleep();
        long program = awaitSleep();
        kill("-KILL", nurse.pid());
        assertThat(nurse.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertGone(program);
    }

    @Test
    void ctrlCEndsEverything() throws Exception {
        Process nurse = startSleep();
        long program = awaitSleep();
        kill("-INT", nurse.pid()); // a terminal signals the whole group
        kill("-INT", program);
        assertThat(nurse.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(nurse.exitValue()).isEqualTo(130);
        assertGone(program);
    }

    private Process startSleep() throws IOException {
        // Who builds in the background of a script has SIGINT ignored, and a program inherits that.
        List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT"));
        command.addAll(Jar.command(User.ROOT, List.of("run", "--root", Jar.TREE.toString(), "sleep", seconds)));
        return new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    /** The sandboxed sleep, once it is locked and asleep. */
    private long awaitSleep() throws Exception {
        for (int i = 0; i < 1000; i++) {
            try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
                long pid = all.mapToLong(ProcessHandle::pid)
                        .filter(this::isLockedSleep)
                        .findFirst()
                        .orElse(0);
                if (pid != 0) {
                    return pid;
                }
            }
            Thread.sleep(50);
        }
        throw new AssertionError("the program did not start");
    }

    private boolean isLockedSleep(long pid) {
        try {
            String line = Files.readString(Path.of("/proc/" + pid + "/cmdline"));
            String mode = Jar.LOCK.equals("strict") ? "1" : "2";
            String status = Files.readString(Path.of("/proc/" + pid + "/status"));
            return line.startsWith(Jar.LOCK.equals("strict") ? "ld-linux.so.2\0" : "sleep\0")
                    && line.contains("\0" + seconds + "\0")
                    && status.contains("Seccomp:\t" + mode);
        } catch (IOException gone) {
            return false;
        }
    }

    private static void kill(String signal, long pid) {
        Jar.execute(Path.of("/"), new byte[0], List.of("kill", signal, Long.toString(pid)));
    }

    /** Gone, or a zombie whose new parent has not looked yet: no memory, no descriptor, no thread. */
    private static void assertGone(long pid) throws Exception {
        for (int i = 0; i < 1000; i++) {
            try {
                if (Files.readString(Path.of("/proc/" + pid + "/stat")).contains(") Z ")) {
                    return;
                }
            } catch (IOException gone) {
                return;
            }
            Thread.sleep(50);
        }
        throw new AssertionError("process " + pid + " is still there");
    }
}
