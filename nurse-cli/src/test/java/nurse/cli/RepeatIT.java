package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import nurse.cli.Jar.Result;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A run with time and random fixed is the same as every other one; without, it is not. */
class RepeatIT {
    private static final String FIXED =
            "version = 1\n[repeat]\ntime = 2024-01-01T00:00:00Z\nrandom = \"a seed\"\n[files]\nwrite = [\"/tmp\"]\n";

    private final Path directory = Jar.directory();

    private Result run(Jar.User user, String policy, List<String> program) {
        try {
            Files.writeString(directory.resolve("p.toml"), policy);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<String> arguments = new ArrayList<>(List.of("--quiet", "--policy", "p.toml"));
        arguments.addAll(program);
        return Jar.run(user, directory, arguments.toArray(String[]::new));
    }

    private String python(String policy, String script) {
        return run(Jar.User.all().get(0), policy, List.of("python3", "-c", script))
                .succeeded()
                .out();
    }

    static Stream<List<String>> programs() {
        return Stream.of(
                List.of(
                        "python3",
                        "-c",
                        "import time, os, random, uuid; print(time.time(), time.monotonic(), time.process_time(),"
                                + " os.urandom(8), random.random(), uuid.uuid4(), hash('x'), id(object()))"),
                List.of(
                        "python3",
                        "-c",
                        "import ctypes; l = ctypes.CDLL(None); print(ctypes.string_at(l.getauxval(25), 16))"),
                List.of("python3", "-c", "print(open('/dev/urandom', 'rb').read(70000)[-9:])"),
                List.of("date", "+%N"),
                List.of("perl", "-e", "print rand, keys %{{map {$_ => 1} 1..99}}"),
                List.of("shuf", "-i", "1-9999", "-n", "9"),
                List.of("mktemp", "-u"));
    }

    @ParameterizedTest
    @MethodSource("programs")
    void twoRunsDifferOnlyWithoutAFixedTimeAndSeed(List<String> program) {
        for (Jar.User user : Jar.User.all()) {
            String first = run(user, FIXED, program).succeeded().out();
            assertThat(first).isNotEmpty();
            assertThat(run(user, FIXED, program).out()).isEqualTo(first);
            String free = FIXED.replaceAll("(time|random) = .*\n", "");
            assertThat(run(user, free, program).succeeded().out())
                    .isNotEqualTo(run(user, free, program).out());
        }
    }

    /** One helper serves both runs: what it has given the first is not missing from the second. */
    @Test
    void aResidentHelpersRunsAreTheSameToo() throws IOException {
        Files.writeString(directory.resolve("fixed.toml"), FIXED);
        Files.writeString(directory.resolve("free.toml"), FIXED.replaceAll("(time|random) = .*\n", ""));
        String script = "import os, time; print(time.time(), os.urandom(8), open('/dev/urandom', 'rb').read(9))";
        try (Native nurse = new Native(Jar.User.ROOT)) {
            for (String policy : List.of("fixed.toml", "free.toml")) {
                String[] run = {"--policy", policy, "python3", "-c", script};
                String first = nurse.run(directory, run).succeeded().out();
                String second = nurse.run(directory, run).succeeded().out();
                assertThat(second.equals(first)).as(policy).isEqualTo(policy.equals("fixed.toml"));
            }
            assertThat(nurse.residents()).hasSize(1);
        }
    }

    @Test
    void whatIsNotFixedStaysAsItIs() {
        String script = "import os, time; print(os.urandom(8), int(time.time()) // 10**8)";
        String time = FIXED.replaceAll("random = .*\n", "");
        assertThat(python(time, script)).endsWith(" 17\n").isNotEqualTo(python(time, script));
        String random = FIXED.replaceAll("time = .*\n", "");
        String now = "import os, time; print(os.urandom(8)); print(time.time() > 1.75e9)";
        assertThat(python(random, now)).endsWith("True\n").isEqualTo(python(random, now));
    }

    @Test
    void anotherSeedIsAnotherRun() {
        String script = "import os; print(os.urandom(8))";
        assertThat(python(FIXED, script)).isNotEqualTo(python(FIXED.replace("a seed", "another"), script));
    }

    @Test
    void theFixedTimeIsToldAndAWaitTakesAsLongAsItWasToTake() {
        assertThat(run(Jar.User.all().get(0), FIXED, List.of("date", "-u", "+%FT%T"))
                        .out())
                .isEqualTo("2024-01-01T00:00:00\n");
        assertThat(python(
                        FIXED,
                        "import time, select, threading\nt = time.monotonic(); time.sleep(0.1)\n"
                                + "select.select([], [], [], 0.1); select.epoll().poll(0.1)\n"
                                + "print(round(time.monotonic() - t, 1))"))
                .isEqualTo("0.3\n");
    }

    @Test
    void aProgramThatWaitsByAskingForTheTimeComesToAnEnd() {
        assertThat(python(FIXED, "import time\nt = time.time()\nwhile time.time() < t + 0.01: pass\nprint('end')"))
                .isEqualTo("end\n");
    }

    /** Past libc: by the instruction that reads the counter, and by the call itself. */
    @Test
    void theTimeStampCounterIsFixedToo() {
        String script = "import ctypes, mmap\nm = mmap.mmap(-1, 4096, prot=7)\nm.write(bytes.fromhex('0f31c3'))\n"
                + "f = ctypes.CFUNCTYPE(ctypes.c_uint)(ctypes.addressof(ctypes.c_char.from_buffer(m)))\nprint(f())";
        assertThat(python(FIXED, script)).isEqualTo(python(FIXED, script));
    }

    @Test
    void devicesBeyondThoseThatCanBeServedAreRefused() {
        String script = "import os\nn = 0\ntry:\n  while True: os.open('/dev/urandom', 0); n += 1\n"
                + "except OSError as e: print(n, e.errno)";
        assertThat(python(FIXED, script)).isEqualTo("64 23\n");
        assertThat(python(FIXED, "import os\nfor i in range(200): os.close(os.open('/dev/random', 0))\nprint('all')"))
                .isEqualTo("all\n");
    }
}
