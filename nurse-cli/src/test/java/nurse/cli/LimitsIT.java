package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import nurse.cli.Jar.Result;
import org.junit.jupiter.api.Test;

/** What a program may use up, and that it goes on untouched below it. */
class LimitsIT {
    private static final int LIMIT_REACHED = 124;

    private final Path directory = Jar.directory();

    private Result python(String limit, String script) {
        return Jar.run(directory, "--write", ".", "--limit", limit, "python3", "-c", script);
    }

    private static void ended(Result result, String limit) {
        assertThat(result.status()).isEqualTo(LIMIT_REACHED);
        assertThat(result.err()).contains("the program was ended at a limit, " + limit);
    }

    @Test
    void aProgramThatComputesForLongerThanItMayIsEnded() {
        ended(python("cpu=300ms", "while True: pass"), "cpu = 300 ms");
        python("cpu=1h", "sum(range(1000))").succeeded();
    }

    @Test
    void aProgramThatIgnoresWhatTheKernelSignalsIsEndedAllTheSame() {
        ended(
                python("cpu=300ms", "import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass"),
                "cpu");
    }

    @Test
    void aProgramThatSleepsForLongerThanItMayIsEnded() {
        ended(python("wall=500ms", "import time; time.sleep(50)"), "wall = 500 ms");
        python("wall=1h", "import time; time.sleep(0.01)").succeeded();
    }

    @Test
    void memoryBeyondTheLimitIsNotGiven() {
        String script = "x = bytearray(150_000_000); print(len(x))";
        assertThat(python("memory=100M", script).err())
                .contains(
                        "MemoryError",
                        "ENOMEM",
                        "the limit memory = 100 MiB is reached; --limit memory=VALUE gives it more");
        Result enough = python("memory=1G", script).succeeded();
        assertThat(enough.out()).isEqualTo("150000000\n");
        assertThat(enough.err()).isEmpty();
    }

    @Test
    void aFileGrowsToItsLimitAndNoFurther() {
        String script = "f = open('file', 'wb', 0)\nfor i in range(9): f.write(b'x' * 1000)";
        assertThat(python("file-size=4000", script).err()).contains("File too large");
        assertThat(directory.resolve("file")).hasSize(4000);
        python("file-size=1M", script).succeeded();
        assertThat(directory.resolve("file")).hasSize(9000);
    }

    @Test
    void aSignalOfTheFileSizeLimitIsToldAsTheLimit() {
        String script = "import signal, os\nsignal.signal(signal.SIGXFSZ, signal.SIG_DFL)\n"
                + "fd = os.open('file', os.O_WRONLY | os.O_CREAT)\nfor i in range(3): os.write(fd, b'x' * 500)";
        ended(python("file-size=1000", script), "file-size = 1000 bytes");
    }

    @Test
    void whatIsWrittenToManyFilesIsAddedUp() throws IOException {
        String script = "for i in range(10**7):\n    with open('f%d' % (i % 9), 'wb', 0) as f: f.write(b'x' * 9999)";
        ended(python("written=1M", script), "written = 1 MiB");
        for (int i = 0; i < 9; i++) {
            assertThat(directory.resolve("f" + i).toFile().length()).isLessThanOrEqualTo(9999);
        }
        python("written=1M", "for i in range(9):\n    open('f%d' % i, 'wb', 0).write(b'x' * 9999)")
                .succeeded();
    }

    @Test
    void descriptorsBeyondTheLimitAreNotGiven() {
        String script =
                "import os\nn = 0\ntry:\n    while True: os.dup(0); n += 1\nexcept OSError as e: print(n, e.errno)";
        assertThat(python("open-files=8", script).out()).isEqualTo("5 24\n");
        assertThat(python("open-files=16", script).out()).isEqualTo("13 24\n");
    }

    /** The limit is the hard one, too. */
    @Test
    void aProgramCannotRaiseItsLimits() {
        String script = "import resource\ntry: resource.setrlimit(resource.RLIMIT_FSIZE, (9999, 9999))\n"
                + "except ValueError as e: print(e)\nprint(resource.getrlimit(resource.RLIMIT_FSIZE))";
        assertThat(python("file-size=4000", script).out()).contains("(4000, 4000)");
        assertThat(python("file-size=20000", script).out()).contains("(9999, 9999)");
    }

    @Test
    void notAByteMoreOfTheOutputArrivesThanMay() {
        Result result =
                python("output=1000", "import sys\nwhile True: print('x' * 100); print('y' * 100, file=sys.stderr)");
        ended(result, "output = 1000 bytes");
        int ofErr = result.err().indexOf("nurse: ");
        assertThat(result.bytes().length + ofErr).isPositive().isLessThanOrEqualTo(1000);
        assertThat(python("output=1K", "print('x' * 100)").succeeded().out()).isEqualTo("x".repeat(100) + "\n");
    }

    @Test
    void outputThatWasCutOffIsToldAlsoOfAProgramThatEndedWell() {
        Result result = python("output=10", "import os; os.write(1, b'0123456789abcdef')");
        assertThat(result.out()).isEqualTo("0123456789");
        ended(result, "output = 10 bytes");
    }

    @Test
    void limitsOfAPolicyFileHoldAndAWrongOneIsTold() throws IOException {
        Files.writeString(directory.resolve("p.toml"), "version = 1\n[limits]\nwall = \"300ms\"\n");
        ended(Jar.run(directory, "--policy", "p.toml", "sleep", "50"), "wall");
        Result wrong = Jar.run(directory, "--limit", "cpuu=1", "true");
        assertThat(wrong.status()).isEqualTo(125);
        assertThat(wrong.err()).contains("did you mean 'cpu'?");
    }
}
