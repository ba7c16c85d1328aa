package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import nurse.cli.Jar.Result;
import nurse.cli.Jar.User;
import nurse.helper.profiles.Profiles;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each built-in profile with its real program: real input works, hostile input gets nothing. The twin is the same hostile input
 * with the secret, or the place outside, allowed: so it would have worked.
 */
class ProfilesIT {
    private static final String SECRET = "the-secret-is-7301";

    private final Path directory = Jar.directory();
    /** Within the working directory, so that the program sees it: what the profile does not allow is outside all the same. */
    private final Path outside = directory.resolve("private");

    private final Path secret = outside.resolve("secret.txt");

    ProfilesIT() throws IOException {
        Files.createDirectory(outside);
        Files.setPosixFilePermissions(outside, PosixFilePermissions.fromString("rwxrwxrwx"));
        Files.writeString(secret, SECRET + "\n");
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-r--r--"));
    }

    static List<User> users() {
        return User.all();
    }

    private Result run(User user, String profile, List<String> options, String... command) {
        List<String> arguments = new ArrayList<>(List.of("--quiet", "--profile", profile));
        arguments.addAll(options);
        arguments.addAll(List.of(command));
        return Jar.run(user, directory, arguments.toArray(String[]::new));
    }

    private Path write(String name, String text) throws IOException {
        return write(directory.resolve(name), text);
    }

    private static Path write(Path file, String text) throws IOException {
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
        return file;
    }

    private List<String> input(String... names) {
        List<String> options = new ArrayList<>();
        for (String name : names) {
            options.addAll(List.of("--input", name));
        }
        return options;
    }

    private static List<String> plus(List<String> options, String... more) {
        List<String> all = new ArrayList<>(options);
        all.addAll(List.of(more));
        return all;
    }

    private void neverSaysTheSecret(Result result) {
        assertThat(result.out() + result.err()).doesNotContain(SECRET);
    }

    /** A PPM picture of 32 x 32, which every one of these programs reads. */
    private void picture(String name) throws IOException {
        StringBuilder text = new StringBuilder("P3 32 32 255\n");
        for (int i = 0; i < 32 * 32; i++) {
            text.append(i % 32 * 8).append(' ').append(i / 32 * 8).append(" 0\n");
        }
        write(name, text.toString());
    }

    @ParameterizedTest
    @MethodSource("users")
    void python(User user) throws IOException {
        write("script.py", """
                import json, tempfile, sys
                with tempfile.TemporaryFile('w+') as f:
                    f.write(json.dumps({'answer': 42})); f.seek(0)
                    open('out.json', 'w').write(f.read())
                """);
        List<String> options = plus(input("script.py"), "--output", "out.json");
        run(user, "python", options, "python3", "script.py").succeeded();
        assertThat(directory.resolve("out.json")).hasContent("{\"answer\": 42}");

        Path key = Files.createDirectory(outside.resolve(".ssh")).resolve("id_rsa");
        Files.setPosixFilePermissions(key.getParent(), PosixFilePermissions.fromString("rwxr-xr-x"));
        write(key, SECRET);
        write("hostile.py", "import os\nprint(open(os.path.join('" + outside + "', '.ssh', 'id_rsa')).read())\n");
        Result stopped = run(user, "python", input("hostile.py"), "python3", "hostile.py");
        assertThat(stopped.err()).contains("PermissionError");
        neverSaysTheSecret(stopped);
        assertThat(run(user, "python", plus(input("hostile.py"), "--read", key.toString()), "python3", "hostile.py")
                        .out())
                .contains(SECRET);
    }

    @ParameterizedTest
    @MethodSource("users")
    void imagemagick(User user) throws IOException {
        picture("in.ppm");
        List<String> options = plus(input("in.ppm"), "--output", "out.png");
        run(user, "imagemagick", options, "convert", "in.ppm", "-resize", "8x8", "out.png")
                .succeeded();
        assertThat(run(user, "imagemagick", input("out.png"), "identify", "out.png")
                        .out())
                .contains("PNG 8x8");

        // A picture made of what other files hold: a caption from a file, and another's picture.
        Path elsewhere = write(outside.resolve("private.ppm"), "P3 1 1 255 7 30 1\n");
        write(
                "hostile.mvg",
                "push graphic-context\nviewbox 0 0 1 1\nimage over 0,0 1,1 '" + elsewhere + "'\npop graphic-context\n");
        List<String> stolen = plus(input("hostile.mvg"), "--output", "stolen.txt");
        String[] convert = {"convert", "mvg:hostile.mvg", "stolen.txt"};
        run(user, "imagemagick", stolen, convert);
        if (Files.exists(directory.resolve("stolen.txt"))) {
            assertThat(directory.resolve("stolen.txt")).content().doesNotContain("(7,30,1");
        }
        run(user, "imagemagick", plus(stolen, "--read", elsewhere.toString()), convert)
                .succeeded();
        assertThat(directory.resolve("stolen.txt")).content().contains("(7,30,1");
    }

    @ParameterizedTest
    @MethodSource("users")
    void ghostscript(User user) throws IOException {
        write("in.ps", "%!PS\n/Helvetica findfont 20 scalefont setfont 72 72 moveto (good) show showpage\n");
        List<String> options = plus(input("in.ps"), "--output", "out.pdf");
        run(
                        user,
                        "ghostscript",
                        options,
                        "gs",
                        "-q",
                        "-dBATCH",
                        "-dNOPAUSE",
                        "-sDEVICE=pdfwrite",
                        "-o",
                        "out.pdf",
                        "in.ps")
                .succeeded();
        assertThat(Files.readString(directory.resolve("out.pdf"), java.nio.charset.StandardCharsets.ISO_8859_1))
                .startsWith("%PDF");

        // -dNOSAFER: as in the years before, and after each hole that is found in -dSAFER
        write("hostile.ps", "%!PS\n(" + secret + ") (r) file 99 string readline pop =\n");
        String[] gs = {"gs", "-q", "-dNOSAFER", "-dBATCH", "-dNOPAUSE", "-dNODISPLAY", "hostile.ps"};
        Result stopped = run(user, "ghostscript", input("hostile.ps"), gs);
        assertThat(stopped.out()).contains("Operation not permitted");
        neverSaysTheSecret(stopped);
        assertThat(run(user, "ghostscript", plus(input("hostile.ps"), "--read", secret.toString()), gs)
                        .out())
                .contains(SECRET);
    }

    /** What a hole in a program that parses strangers' files comes down to: the stranger's code runs in it. */
    private void takenOver(User user, String profile, List<String> options, String... command) {
        Path library = directory.resolve("exploit.so");
        if (!Files.exists(library)) {
            Jar.compile(
                    directory,
                    """
                    static int call(int nr, const void *a, int b, int c) {
                        int result;
                        __asm__ volatile("call *%%gs:0x10" : "=a"(result) : "a"(nr), "b"(a), "c"(b), "d"(c) : "memory");
                        return result;
                    }
                    static char text[64];
                    __attribute__((constructor)) static void stolen(void) {
                        int fd = call(5, SECRET, 0, 0);
                        int got = fd < 0 ? 0 : call(3, (void *) fd, (int) text, 63);
                        int out = call(5, LOOT, 0101, 0600);
                        call(4, (void *) 2, (int) (fd < 0 ? "no secret " : "secret "), fd < 0 ? 10 : 7);
                        call(4, (void *) 2, (int) (out < 0 ? "no loot " : "loot "), out < 0 ? 8 : 5);
                        call(4, (void *) 2, (int) text, got);
                    }
                    """,
                    "-shared",
                    "-fPIC",
                    "-nostdlib",
                    "-DSECRET=\"" + secret + "\"",
                    "-DLOOT=\"" + outside + "/loot\"",
                    "-o",
                    "exploit.so");
        }
        List<String> preloaded = plus(options, "--input", "exploit.so", "--env", "LD_PRELOAD=" + library);
        Result stopped = run(user, profile, preloaded, command);
        assertThat(stopped.err()).contains("no secret no loot");
        neverSaysTheSecret(stopped);
        assertThat(outside.resolve("loot")).doesNotExist();
        Result twin =
                run(user, profile, plus(preloaded, "--read", secret.toString(), "--write", outside + "/loot"), command);
        assertThat(twin.err()).contains("secret loot " + SECRET);
        assertThat(outside.resolve("loot")).exists();
    }

    @ParameterizedTest
    @MethodSource("users")
    void poppler(User user) throws IOException {
        write("in.ps", "%!PS\n/Helvetica findfont 20 scalefont setfont 72 72 moveto (good text) show showpage\n");
        run(
                        user,
                        "ghostscript",
                        plus(input("in.ps"), "--output", "in.pdf"),
                        "gs",
                        "-q",
                        "-sDEVICE=pdfwrite",
                        "-o",
                        "in.pdf",
                        "in.ps")
                .succeeded();
        run(user, "poppler", plus(input("in.pdf"), "--output", "out.txt"), "pdftotext", "in.pdf", "out.txt")
                .succeeded();
        assertThat(directory.resolve("out.txt")).content().startsWith("good text");
        takenOver(user, "poppler", input("in.pdf"), "pdftotext", "in.pdf", "-");
    }

    @ParameterizedTest
    @MethodSource("users")
    void exiftool(User user) throws IOException {
        picture("in.ppm");
        assertThat(run(user, "exiftool", input("in.ppm"), "exiftool", "-ImageSize", "in.ppm")
                        .out())
                .contains("32x32");
        run(user, "exiftool", List.of("--output", "in.ppm"), "exiftool", "-Comment=good", "in.ppm")
                .succeeded();
        assertThat(directory.resolve("in.ppm")).content().contains("good");

        write("hostile.args", "-Comment<=" + secret + "\nin.ppm\n");
        List<String> options = plus(input("hostile.args"), "--output", "in.ppm");
        Result stopped = run(user, "exiftool", options, "exiftool", "-overwrite_original", "-@", "hostile.args");
        assertThat(stopped.out() + stopped.err()).contains("Error opening file");
        assertThat(directory.resolve("in.ppm")).content().doesNotContain(SECRET);
        run(
                        user,
                        "exiftool",
                        plus(options, "--read", secret.toString()),
                        "exiftool",
                        "-overwrite_original",
                        "-@",
                        "hostile.args")
                .succeeded();
        assertThat(directory.resolve("in.ppm")).content().contains(SECRET);
    }

    @ParameterizedTest
    @MethodSource("users")
    void jq(User user) throws IOException {
        write("in.json", "{\"a\": [1, 2, 3]}");
        assertThat(run(user, "jq", input("in.json"), "jq", "-c", ".a|map(.*2)", "in.json")
                        .out())
                .isEqualTo("[2,4,6]\n");

        write(outside.resolve("secret.json"), "\"" + SECRET + "\"");
        write("hostile.jq", "import \"secret\" as $s {search: \"" + outside + "\"}; $s");
        Result stopped = run(user, "jq", input("hostile.jq"), "jq", "-n", "-f", "hostile.jq");
        assertThat(stopped.status()).isNotZero();
        neverSaysTheSecret(stopped);
        assertThat(run(
                                user,
                                "jq",
                                plus(input("hostile.jq"), "--read", outside.toString()),
                                "jq",
                                "-n",
                                "-f",
                                "hostile.jq")
                        .out())
                .contains(SECRET);
    }

    @ParameterizedTest
    @MethodSource("users")
    void sqlite(User user) throws IOException {
        String good =
                "create table t(a); insert into t values(7); begin; update t set a = a * 6; commit; select a from t;";
        assertThat(run(user, "sqlite", List.of("--output", "data.db"), "sqlite3", "data.db", good)
                        .succeeded()
                        .out())
                .isEqualTo("42\n");

        write(
                "hostile.sql",
                "select readfile('" + secret + "');\n.read " + secret + "\n.output " + outside
                        + "/loot\nselect 'taken';\n");
        List<String> options = plus(input("hostile.sql"), "--output", "data.db");
        Result stopped = run(user, "sqlite", options, "sqlite3", "data.db", ".read hostile.sql");
        neverSaysTheSecret(stopped);
        assertThat(outside.resolve("loot")).doesNotExist();
        Result twin = run(
                user,
                "sqlite",
                plus(options, "--write", outside.toString()),
                "sqlite3",
                "data.db",
                ".read hostile.sql");
        assertThat(twin.out() + twin.err()).contains(SECRET);
        assertThat(outside.resolve("loot")).hasContent("taken");
    }

    @ParameterizedTest
    @MethodSource("users")
    void tesseract(User user) throws IOException {
        write("in.ps", "%!PS\n/Helvetica findfont 60 scalefont setfont 72 400 moveto (NURSE) show showpage\n");
        run(
                        user,
                        "ghostscript",
                        plus(input("in.ps"), "--output", "in.png"),
                        "gs",
                        "-q",
                        "-sDEVICE=pnggray",
                        "-o",
                        "in.png",
                        "in.ps")
                .succeeded();
        run(user, "tesseract", plus(input("in.png"), "--output", "out.txt"), "tesseract", "in.png", "out")
                .succeeded();
        assertThat(directory.resolve("out.txt")).content().contains("NURSE");

        // A text file as the input is a list of pictures to read.
        Path elsewhere = Files.move(directory.resolve("in.png"), outside.resolve("private.png"));
        write("hostile.txt", elsewhere + "\n");
        Result stopped = run(user, "tesseract", input("hostile.txt"), "tesseract", "hostile.txt", "-");
        assertThat(stopped.out()).doesNotContain("NURSE");
        assertThat(run(
                                user,
                                "tesseract",
                                plus(input("hostile.txt"), "--read", elsewhere.toString()),
                                "tesseract",
                                "hostile.txt",
                                "-")
                        .out())
                .contains("NURSE");
    }

    @ParameterizedTest
    @MethodSource("users")
    void tar(User user) throws IOException {
        write("good.txt", "good");
        run(user, "tar", plus(input("good.txt"), "--output", "good.tar"), "tar", "cf", "good.tar", "good.txt")
                .succeeded();
        Path into = Files.createDirectory(directory.resolve("into"));
        Files.setPosixFilePermissions(into, PosixFilePermissions.fromString("rwxrwxrwx"));
        List<String> options = plus(input("good.tar"), "--output", "into");
        run(user, "tar", options, "tar", "xf", "good.tar", "-C", "into").succeeded();
        assertThat(into.resolve("good.txt")).hasContent("good");

        // -P: as if tar took no care of absolute names itself
        Jar.execute(
                        directory,
                        new byte[0],
                        List.of(
                                "tar",
                                "cPf",
                                "hostile.tar",
                                "--transform",
                                "s,^good.txt," + outside + "/loot,",
                                "good.txt"))
                .succeeded();
        options = plus(input("hostile.tar"), "--output", "into");
        Result stopped = run(user, "tar", options, "tar", "xPf", "hostile.tar", "-C", "into");
        assertThat(stopped.status()).isEqualTo(2);
        assertThat(outside.resolve("loot")).doesNotExist();
        run(user, "tar", plus(options, "--write", outside.toString()), "tar", "xPf", "hostile.tar", "-C", "into")
                .succeeded();
        assertThat(outside.resolve("loot")).hasContent("good");
    }

    @ParameterizedTest
    @MethodSource("users")
    void unzip(User user) throws IOException {
        write("good.txt", "good");
        Path into = Files.createDirectory(directory.resolve("into"));
        Files.setPosixFilePermissions(into, PosixFilePermissions.fromString("rwxrwxrwx"));
        String zip = "import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1], 'w')\n"
                + "for n in sys.argv[2:]: z.writestr(n, 'good')\nz.close()\n";
        Jar.execute(directory, new byte[0], List.of("python3", "-c", zip, "good.zip", "good.txt"))
                .succeeded();
        run(user, "unzip", plus(input("good.zip"), "--output", "into"), "unzip", "-q", "good.zip", "-d", "into")
                .succeeded();
        assertThat(into.resolve("good.txt")).hasContent("good");

        // -: as if unzip took no care of ../ itself
        Jar.execute(directory, new byte[0], List.of("python3", "-c", zip, "hostile.zip", "../private/loot"))
                .succeeded();
        List<String> options = plus(input("hostile.zip"), "--output", "into");
        Result stopped = run(user, "unzip", options, "unzip", "-:", "-q", "hostile.zip", "-d", "into");
        assertThat(stopped.status()).isNotZero();
        assertThat(outside.resolve("loot")).doesNotExist();
        run(
                        user,
                        "unzip",
                        plus(options, "--write", outside.toString()),
                        "unzip",
                        "-:",
                        "-q",
                        "hostile.zip",
                        "-d",
                        "into")
                .succeeded();
        assertThat(outside.resolve("loot")).hasContent("good");
    }

    /** The raw picture of an input, by one thread. */
    private static String[] ffmpeg(String output, String... input) {
        List<String> command = new ArrayList<>(List.of("ffmpeg", "-v", "error", "-nostdin"));
        command.addAll(List.of("-threads", "1", "-filter_threads", "1"));
        command.addAll(List.of(input));
        command.addAll(List.of("-threads", "1", "-f", "rawvideo", "-pix_fmt", "rgb24", output));
        return command.toArray(String[]::new);
    }

    @ParameterizedTest
    @MethodSource("users")
    void ffmpeg(User user) throws IOException {
        picture("in.ppm");
        String[] good = ffmpeg("out.raw", "-i", "in.ppm");
        run(user, "ffmpeg", plus(input("in.ppm"), "--output", "out.raw"), good).succeeded();
        assertThat(directory.resolve("out.raw")).hasSize(32 * 32 * 3);

        // A playlist that names another's file: -safe 0, as many a web service has it
        Path elsewhere = Files.move(directory.resolve("in.ppm"), outside.resolve("private.ppm"));
        write("hostile.txt", "ffconcat version 1.0\nfile '" + elsewhere + "'\n");
        String[] hostile = ffmpeg("stolen.raw", "-f", "concat", "-safe", "0", "-i", "hostile.txt");
        List<String> options = plus(input("hostile.txt"), "--output", "stolen.raw");
        Result stopped = run(user, "ffmpeg", options, hostile);
        assertThat(stopped.status()).isNotZero();
        assertThat(directory.resolve("stolen.raw").toFile().length()).isZero();
        run(user, "ffmpeg", plus(options, "--read", elsewhere.toString()), hostile)
                .succeeded();
        assertThat(directory.resolve("stolen.raw")).hasSize(32 * 32 * 3);
    }

    @Test
    void aProfileThatIsNotThereIsToldWithTheNearestThatIs() {
        Result result = Jar.run(directory, "--profile", "imagemagic", "true");
        assertThat(result.status()).isEqualTo(125);
        assertThat(result.err()).contains("there is no such profile", "did you mean 'imagemagick'?");
    }

    @Test
    void theTemporaryDirectoryIsGoneBehindTheRun() {
        String left =
                "import tempfile, os; d = tempfile.mkdtemp(); os.symlink('/', d + '/link'); open(d + '/f', 'w'); print(d)";
        String made = Jar.run(directory, "--profile", "python", "python3", "-c", left)
                .succeeded()
                .out()
                .strip();
        assertThat(made).startsWith("/tmp/nurse-");
        assertThat(Path.of(Jar.TREE + made).getParent()).doesNotExist();
    }

    @Test
    void everyProfileSaysWhatItIsFor() {
        assertThat(Profiles.NAMES)
                .isSorted()
                .allMatch(name -> Profiles.description(name).length() > 20);
    }
}
