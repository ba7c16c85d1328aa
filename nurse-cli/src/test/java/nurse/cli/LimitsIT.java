package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import nurse.cli.Jar.Result;
import nurse.cli.Jar.User;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    /** Twin: without a limit of it each of them writes. */
    @Test
    void whatCannotBeCountedIsNotWrittenWhereWritingIsLimited() throws IOException {
        String script = """
                import errno, mmap, os
                file = os.open("file", os.O_RDWR | os.O_CREAT)
                pipe = os.pipe()
                os.write(pipe[1], b"spliced")
                os.ftruncate(file, 4096)
                def tell(what, call):
                    try:
                        call()
                        print(what, "done")
                    except OSError as error:
                        print(what, errno.errorcode[error.errno])
                tell("splice", lambda: os.splice(pipe[0], file, 7))
                tell("mmap", lambda: mmap.mmap(file, 4096))
                tell("private", lambda: mmap.mmap(file, 4096, mmap.MAP_PRIVATE))
                tell("read only", lambda: mmap.mmap(os.open("file", os.O_RDONLY), 4096, prot=mmap.PROT_READ))
                tell("copy", lambda: os.copy_file_range(os.open("file", os.O_RDONLY), os.open("copy", os.O_WRONLY | os.O_CREAT), 4096))
                tell("allocate", lambda: os.posix_fallocate(file, 0, 4096))
                """;
        assertThat(python("written=1M", script).succeeded().out())
                .isEqualTo("splice EINVAL\nmmap ENODEV\nprivate done\nread only done\ncopy done\nallocate done\n");
        assertThat(python("wall=1h", script).succeeded().out())
                .isEqualTo("splice done\nmmap done\nprivate done\nread only done\ncopy done\nallocate done\n");
    }

    @Test
    void memoryThatIsNoAddressSpaceIsCountedOrNotGiven() {
        String script = """
                import os, socket
                def count(make, most):
                    made = []
                    try:
                        while len(made) < most:
                            made.append(make())
                    except OSError as error:
                        return len(made), error.errno
                    return len(made)
                print(count(lambda: os.memfd_create("m"), 1), count(os.pipe, 100), count(socket.socketpair, 100))
                """;
        assertThat(python("memory=128M", script).succeeded().out()).isEqualTo("(0, 12) 100 100\n");
        assertThat(python("memory=64M", script).succeeded().out()).isEqualTo("(0, 12) 100 (71, 105)\n");
        assertThat(python("wall=1h", script).succeeded().out()).isEqualTo("1 100 100\n");
    }

    /** A run's part of what the kernel counts for all of a user's processes; twin: what it has outside. */
    @Test
    void aRunHasAPartOfTheUsersQueuedSignals() {
        String script = "import resource; print(resource.getrlimit(resource.RLIMIT_SIGPENDING)[1])";
        String[] command = {"python3", "-c", script};
        long outside = Long.parseLong(
                Jar.outside(Jar.User.ROOT, directory, command).succeeded().out().strip());
        long inside =
                Long.parseLong(Jar.run(directory, command).succeeded().out().strip());
        assertThat(inside).isEqualTo(Math.min(outside, Math.max(128, outside / 16)));
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

    /** A shell's command around nurse's, which is its "$@". */
    private Result around(String shell, String limit, String script) {
        List<String> command = new ArrayList<>(List.of("bash", "-c", shell, "bash"));
        command.addAll(nurse(limit, script));
        return Jar.execute(directory, new byte[0], command);
    }

    private static List<String> nurse(String limit, String script) {
        List<String> arguments =
                List.of("run", "--root", Jar.TREE.toString(), "--limit", limit, "python3", "-c", script);
        return Jar.command(User.ROOT, arguments);
    }

    @Test
    void outputThatTheUsersFileDoesNotTakeIsToldAsLost() {
        Result full = around("\"$@\" > /dev/full", "output=1M", "print('hello')");
        assertThat(full.status()).isEqualTo(125);
        assertThat(full.err()).contains("not all that the program wrote has arrived", "ENOSPC");
        Result taken = around("\"$@\" > /dev/null", "output=1M", "print('hello')");
        assertThat(taken.succeeded().err()).isEmpty();
    }

    @Test
    void aProgramWhoseReaderHasGoneEnds() {
        String writes = "import signal\nsignal.signal(signal.SIGPIPE, signal.SIG_DFL)\nfor i in range(%s): print(i)";
        String pipe = "\"$@\" | { read -r line; echo \"$line\"; %s; }; echo \"${PIPESTATUS[0]}\"";
        assertThat(around(pipe.formatted("exec <&-"), "output=1G", writes.formatted("10 ** 9"))
                        .out())
                .isEqualTo("0\n141\n");
        assertThat(around(pipe.formatted("cat"), "output=1G", writes.formatted("3"))
                        .out())
                .isEqualTo("0\n1\n2\n0\n");
    }

    @Test
    void twoStreamsOfOneFileKeepTheirOrderAndTwoFilesTheirOwn() {
        String writes = "import os\nfor i in range(200): os.write(1 + i % 2, b'%d\\n' % i)";
        String all = IntStream.range(0, 200).mapToObj(i -> i + "\n").collect(Collectors.joining());
        assertThat(around("\"$@\" 2>&1", "output=1M", writes).succeeded().out()).isEqualTo(all);
        assertThat(around("\"$@\" > file 2>&1; cat file", "output=1M", writes)
                        .succeeded()
                        .out())
                .isEqualTo(all);
        Result apart = around("\"$@\"", "output=1M", writes).succeeded();
        assertThat(apart.out()).hasLineCount(100).startsWith("0\n2\n");
        assertThat(apart.err()).hasLineCount(100).startsWith("1\n3\n");
    }

    /** The reader waits until the pipe is full. */
    @ParameterizedTest
    @ValueSource(strings = {"False", "True"})
    void aPipeThatDoesNotBlockLosesNothing(String blocks) {
        String reader = """
                import os, select, subprocess, sys
                r, w = os.pipe()
                os.set_blocking(w, %s)
                nurse = subprocess.Popen(sys.argv[1:], stdout=w)
                while select.select([], [w], [], 0)[1] and nurse.poll() is None: pass
                os.close(w)
                count = 0
                while part := os.read(r, 65536): count += len(part)
                print(count, nurse.wait())
                """.formatted(blocks);
        List<String> command = new ArrayList<>(List.of("python3", "-c", reader));
        command.addAll(nurse("output=10M", "print('x' * 1000000)"));
        assertThat(Jar.execute(directory, new byte[0], command).succeeded().out())
                .isEqualTo("1000001 0\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"output=1M", "wall=1h"})
    void aReaderSeesThatTheProgramClosesItsOutput(String limit) throws Exception {
        Process process = new ProcessBuilder(nurse(limit, "import os\nos.write(1, b'all')\nos.close(1)\nos.read(0, 1)"))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        assertThat(process.getInputStream().readAllBytes()).asString().isEqualTo("all");
        assertThat(process.isAlive()).isTrue();
        process.getOutputStream().close();
        assertThat(process.waitFor()).isZero();
    }

    @Test
    void whereNobodyReadsAnotherLimitEndsTheRunAllTheSame() throws Exception {
        List<String> command = nurse("output=1G", "while True: print('x' * 1000)");
        command.addAll(command.indexOf("--limit"), List.of("--limit", "wall=3s"));
        Process process = new ProcessBuilder(command).start();
        assertThat(process.waitFor()).isEqualTo(LIMIT_REACHED);
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
