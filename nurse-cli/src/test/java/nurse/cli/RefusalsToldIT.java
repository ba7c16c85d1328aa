package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import nurse.cli.Jar.Result;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each refusal is a line of the log and of the summary, and the same thing allowed is none. */
class RefusalsToldIT {
    private static final String TRIES = """
        import ctypes, fcntl, os, resource, signal, socket, sys, termios
        libc = ctypes.CDLL(None, use_errno=True)
        def checked(result):
            if result < 0: raise OSError(ctypes.get_errno(), '')
        try:
            %s
        except OSError as e:
            print(e.errno)
        raise SystemExit(3)
        """;
    private static final String POLICY = """
        version = 1
        [files]
        write = ["work", "drop"]
        read = ["work/d/part", "kept"]
        create = ["kept/in"]
        """;

    /** What is refused, the error, and what is allowed. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "fchmod       | 1  | os.fchmod(os.open('kept/file', 0), 0o600)   | os.fchmod(os.open('work/file', 0),"
                        + " 0o600)",
                "fchown32     | 1  | os.fchown(os.open('kept/file', 0), -1, -1)  | os.fchown(os.open('work/file', 0),"
                        + " -1, -1)",
                "fsetxattr    | 1  | os.setxattr(os.open('kept/file', 0), 'user.a', b'')"
                        + " | os.listxattr(os.open('work/file', 0))",
                "setxattr     | 1  | os.setxattr('work/file', 'security.capability', b'')  | os.listxattr('work/file')",
                "rename       | 1  | os.rename('work/d', 'work/e')               | os.rename('work/file',"
                        + " 'work/other')",
                "rename       | 18 | os.rename('work/file', 'drop/file')         | os.rename('work/file', 'work/drop')",
                "chmod        | 1  | os.chmod('/dev/null', 0o666)                | os.chmod('work/file', 0o666)",
                "mknodat      | 1  | os.mknod('work/null', 0o20666, 0x103)       | os.mknod('work/fifo', 0o10666)",
                "ioctl        | 1  | fcntl.ioctl(0, termios.TIOCSTI, b'x')       | fcntl.ioctl(os.pipe()[0],"
                        + " termios.FIONREAD, b'0000')",
                "kill         | 1  | os.kill(0, 0)                               | os.kill(os.getpid(), 0)",
                "prlimit64    | 1  | checked(libc.setrlimit(7, (ctypes.c_ulong * 2)(5000, 5000)))"
                        + " | resource.setrlimit(7, (100, 100))",
                "setpriority  | 13 | os.setpriority(os.PRIO_PROCESS, 0, -20)     | os.setpriority(os.PRIO_PROCESS, 0,"
                        + " 19)",
                "prctl        | 1  | checked(libc.prctl(4, 0, 0, 0, 0))          | checked(libc.prctl(4, 1, 0, 0, 0))",
                "mmap2        | 1  | libc.mmap(4096, 4096, 3, 0x32, -1, 0) == -1 and checked(-1)"
                        + " | libc.mmap(0, 4096, 3, 0x22, -1, 0) == -1 and checked(-1)"
            })
    void isToldInTheLogAndInTheSummary(String call, String errno, String refused, String allowed) throws Exception {
        Path directory = Jar.directory();
        Files.createDirectories(directory.resolve("work/d/part"));
        Files.createDirectories(directory.resolve("kept/in"));
        Files.createDirectories(directory.resolve("drop/x"));
        Files.writeString(directory.resolve("work/file"), "");
        Files.writeString(directory.resolve("kept/file"), "");
        String policy = POLICY + (errno.equals("18") ? "noexec = [\"work\"]\n" : "");
        Files.writeString(directory.resolve("p.toml"), policy);
        String[] options = {
            "--net", "all", "--policy", "p.toml", "--log", "log", "python3", "-Ic", TRIES.formatted(refused)
        };
        Result result = Jar.run(directory, options);
        assertThat(result.out()).isEqualTo(errno + "\n");
        assertThat(refusals(directory)).anyMatch(line -> line.contains("\"call\":\"" + call));
        assertThat(result.err()).contains(" refused\n  " + call);

        Files.delete(directory.resolve("log"));
        options[8] = TRIES.formatted(allowed);
        Result twin = Jar.run(directory, options);
        assertThat(twin.status()).isEqualTo(3);
        assertThat(twin.out()).isEmpty();
        assertThat(twin.err()).doesNotContain("\n  " + call);
    }

    private static List<String> refusals(Path directory) throws Exception {
        return Files.readAllLines(directory.resolve("log")).stream()
                .filter(line -> line.contains("\"allowed\":false"))
                .toList();
    }
}
