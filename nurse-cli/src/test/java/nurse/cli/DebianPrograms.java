package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import nurse.cli.Jar.User;

/** Debian's own programs that the tests run, and their inputs: the one list of them. */
final class DebianPrograms {
    /** OpenMP, in ImageMagick and tesseract, aborts where it cannot have the threads that it counts on. */
    static final String ONE_THREAD = "OMP_THREAD_LIMIT=1";

    private DebianPrograms() {}

    /** Made when they are asked for first. */
    private static final class Inputs {
        private static final Path MADE = made();

        private static Path made() {
            try {
                return makeInputs();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static Path makeInputs() throws IOException {
        Path inputs = Jar.directory();
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
        String written = "-size 500x120 xc:white -font DejaVu-Sans -pointsize 40 -draw";
        List<String> drawing = new ArrayList<>(List.of(("convert " + written).split(" ")));
        drawing.addAll(List.of("text 20,75 'Read by a machine'", "text.png"));
        Jar.outside(User.ROOT, inputs, drawing.toArray(String[]::new)).succeeded();
        for (String git : List.of("init -q", "add dir", "commit -qm first", "rm -q dir/link", "commit -qm second")) {
            List<String> command = new ArrayList<>(List.of("git", "-c", "user.name=T", "-c", "user.email=t@localhost"));
            command.addAll(List.of(git.split(" ")));
            Jar.outside(User.ROOT, inputs, command.toArray(String[]::new)).succeeded();
        }
        Files.writeString(inputs.resolve("dir/sub/file"), "changed text\n");
        return inputs;
    }

    /** What is run, in a directory with a copy of the inputs. */
    static List<List<String>> commands() {
        return List.of(
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
                List.of("sort", "-n", "-o", "sorted", "numbers"),
                List.of("convert", "image.png", "-resize", "50%", "small.jpg"),
                List.of("gs", "-q", "-sDEVICE=png16m", "-r50", "-o", "page.png", "page.pdf"),
                List.of("exiftool", "-S", "-FileType", "-ImageSize", "-BitDepth", "-Producer", "image.png", "page.pdf"),
                List.of(
                        "perl",
                        "-MCompress::Zlib",
                        "-e",
                        "my $c = compress('x' x 100000); print length $c, ' ', length uncompress($c), ' ', crc32('abc')"),
                List.of(
                        "python3",
                        "-c",
                        "import numpy as n; a = n.arange(90.).reshape(9, 10); print(n.linalg.svd(a @ a.T)[1].round(6), n.fft.fft(a)[3])"),
                List.of(
                        "sqlite3",
                        "wal.db",
                        "pragma journal_mode=wal; create table t(a); insert into t values (1), (41); select sum(a) from t;"
                                + " pragma wal_checkpoint(truncate);"),
                List.of("git", "-c", "safe.directory=*", "log", "--stat", "--format=%an %s"),
                List.of("git", "-c", "safe.directory=*", "diff"),
                List.of(
                        "lua5.4",
                        "-e",
                        "local t = {} for w in ('b c a'):gmatch('%a') do t[#t + 1] = w end"
                                + " table.sort(t) print(table.concat(t), _VERSION, 7 // 2, io.open('main.py'):read('l'))"),
                List.of("qpdf", "--deterministic-id", "--qdf", "page.pdf", "plain.pdf"),
                List.of("qpdf", "--check", "page.pdf"),
                List.of("tesseract", "text.png", "-"));
    }

    /** A fresh copy of the inputs, in a directory that every user may work in. */
    static Path copy() {
        Path directory = Jar.directory();
        Jar.execute(Inputs.MADE, new byte[0], List.of("cp", "-a", ".", directory.toString()))
                .succeeded();
        Jar.execute(directory, new byte[0], List.of("chmod", "-R", "a+rwX", "."))
                .succeeded();
        return directory;
    }
}
