package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import nurse.cli.Jar.Result;
import nurse.cli.Jar.User;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Debian's own programs say, write and return the same inside as outside. */
class RunsProgramsIT {
    private static Path inputs;

    @BeforeAll
    static void makeInputs() throws IOException {
        inputs = Jar.directory();
        Random random = new Random(1);
        StringBuilder numbers = new StringBuilder();
        while (numbers.length() < 10_000_000) {
            numbers.append(random.nextInt(1_000_000_000)).append('\n');
        }
        Files.writeString(inputs.resolve("numbers"), numbers);
        StringBuilder json = new StringBuilder("[");
        for (int i = 0; i < 20_000; i++) {
            json.append(i == 0 ? "" : ",\n")
                    .append("{\"id\":")
                    .append(i)
                    .append(",\"name\":\"n")
                    .append(random.nextInt());
            json.append("\",\"tags\":[\"a\",\"b\",").append(i % 7).append("]}");
        }
        Files.writeString(inputs.resolve("big.json"), json.append(']'));
        assertThat(Files.size(inputs.resolve("big.json"))).isGreaterThan(1_000_000);
        Files.writeString(inputs.resolve("greet.py"), "def greet(who):\n    return 'hello ' + who\n");
        Files.writeString(inputs.resolve("main.py"), "import greet, string\nprint(greet.greet(string.digits))\n");
        Files.createDirectories(inputs.resolve("dir/sub"));
        Files.writeString(inputs.resolve("dir/sub/file"), "text\n");
        Files.createSymbolicLink(inputs.resolve("dir/link"), Path.of("sub/file"));
        Jar.outside(
                        User.ROOT,
                        inputs,
                        "gs",
                        "-q",
                        "-sDEVICE=pdfwrite",
                        "-o",
                        "page.pdf",
                        "-c",
                        "/Helvetica findfont 24 scalefont setfont 72 700 moveto (Made outside) show showpage")
                .succeeded();
        Jar.outside(User.ROOT, inputs, "convert", "-size", "64x48", "gradient:red-blue", "image.png")
                .succeeded();
    }

    static Stream<Arguments> programs() {
        List<List<String>> commands = List.of(
                List.of("python3", "-c", "import sys; print(sys.version, 6 * 7); sys.exit(3)"),
                List.of("python3", "-B", "main.py"),
                List.of("pdftotext", "page.pdf", "page.txt"),
                List.of("pdfinfo", "page.pdf"),
                List.of("pngtopnm", "image.png"),
                List.of("jq", "map(.tags | length) | add", "big.json"),
                List.of(
                        "sqlite3",
                        "data.db",
                        "create table t(a); insert into t values (1), (41); select sum(a) from t;"),
                List.of("xz", "-1", "-k", "big.json"),
                List.of("file", "image.png", "page.pdf", "main.py", "dir", "absent"),
                List.of("gawk", "{ s += $1 } END { print NR, s }", "numbers"),
                List.of("sha256sum", "numbers", "image.png", "absent"),
                List.of("ls", "-lR", "/usr/share/python3", "/etc/alternatives"),
                List.of("cp", "-a", "dir", "copy"),
                List.of("sort", "-n", "-o", "sorted", "numbers"));
        return User.all().stream().flatMap(user -> commands.stream().map(c -> Arguments.of(user, c)));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("programs")
    void aProgramDoesTheSameInsideAsOutside(User user, List<String> command) throws IOException {
        Path inside = copy();
        Path outside = copy();
        List<String> arguments = new ArrayList<>(List.of("--quiet", "--write", "."));
        arguments.addAll(command);

        Result expected = Jar.outside(user, outside, command.toArray(String[]::new));
        Result actual = Jar.run(user, inside, arguments.toArray(String[]::new));

        assertThat(actual.status()).as("status; stderr: %s", actual.err()).isEqualTo(expected.status());
        assertThat(actual.out()).isEqualTo(expected.out());
        assertThat(actual.err()).isEqualTo(expected.err());
        assertThat(FileTree.of(inside)).isEqualTo(FileTree.of(outside));
    }

    private static Path copy() {
        Path directory = Jar.directory();
        Jar.execute(inputs, new byte[0], List.of("cp", "-a", ".", directory.toString()))
                .succeeded();
        Jar.execute(directory, new byte[0], List.of("chmod", "-R", "a+rwX", "."))
                .succeeded();
        return directory;
    }
}
