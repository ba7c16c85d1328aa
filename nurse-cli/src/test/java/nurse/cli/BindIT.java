package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import nurse.cli.Jar.Result;
import nurse.cli.Jar.User;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code --bind}: what is shown under another name behaves as what is mounted there, and is no way out. */
class BindIT {
    /** Does what each word says, {@code CALL:NAME} or {@code CALL:NAME:NAME}, and tells what came of it. */
    private static final String DO = """
            import os, sys
            def read(name): return open(name).readline().strip()
            def write(name): open(name, "w").write("written")
            def append(name): open(name, "a").write("more")
            def cwd(name):
                os.chdir(name)
                return os.getcwd()
            def fd(name):
                fd = os.open(name, os.O_RDONLY)
                try: return os.readlink("/proc/self/fd/%d" % fd)
                finally: os.close(fd)
            def real(name): return os.path.realpath(name)
            def ls(name): return sorted(os.listdir(name))
            for word in sys.argv[1:]:
                call, *names = word.split(":")
                try: result = (globals().get(call) or getattr(os, call))(*names)
                except OSError as error: result = error.strerror
                print(result)
            """;

    private final Path directory = Jar.directory();
    /** Beside the current directory: the program sees it by a bind only. */
    private final Path work = directory.resolve("work");

    private final Path data = directory.resolve("data");

    @BeforeEach
    void makeFiles() throws Exception {
        Files.createDirectories(data.resolve("sub"));
        Files.createDirectory(work);
        Files.writeString(work.resolve("do.py"), DO);
        Files.writeString(data.resolve("file"), "text");
        Files.writeString(data.resolve("sub/below"), "deep");
        Files.writeString(directory.resolve("single"), "one");
        Files.writeString(directory.resolve("secret"), "secret");
        Files.createSymbolicLink(data.resolve("in"), Path.of("sub/below"));
        Jar.execute(directory, new byte[0], List.of("chmod", "-R", "a+rwX", directory.toString()))
                .succeeded();
    }

    private Result run(User user, List<String> options, String... words) {
        List<String> all = new ArrayList<>(List.of("--quiet"));
        all.addAll(options);
        all.addAll(List.of("python3", "do.py"));
        all.addAll(List.of(words));
        return Jar.run(user, work, all.toArray(String[]::new));
    }

    private List<String> lines(User user, List<String> options, String... words) {
        Result result = run(user, options, words);
        return result.succeeded().out().lines().toList();
    }

    /** The JVM's counters are out of reach by every name (jvm-counters in Attacks). */
    @Test
    void theHelpersOwnFilesAreNotToBeHadByAnotherName() {
        String counters = "/hsperfdata_" + System.getProperty("user.name");
        List<String> options = List.of("--bind", "/tmp:/mnt/a:rw", "--bind", "/:/mnt/b:rw");
        String other = directory.toString().substring("/tmp".length());
        String[] words = {
            "ls:/mnt/a" + counters,
            "ls:/mnt/b/tmp" + counters,
            "readlink:/mnt/b/proc/self/exe",
            "read:/mnt/b/proc/self/status",
            "read:/mnt/b/proc/version",
            "read:/mnt/a" + other + "/secret",
            "read:/mnt/b/etc/hostname"
        };
        List<String> lines = lines(User.ROOT, options, words);
        assertThat(lines.subList(0, 5)).containsOnly("Operation not permitted");
        assertThat(lines.subList(5, 7))
                .doesNotContain("Operation not permitted")
                .startsWith("secret");
    }

    @ParameterizedTest
    @MethodSource("nurse.cli.Jar$User#all")
    void whatIsBoundHasItsNameThereAndIsReadOnly(User user) {
        String[] words = {
            "read:/mnt/d/file",
            "read:/mnt/d/in",
            "ls:/mnt/d",
            "cwd:/mnt/d/sub",
            "read:../file",
            "real:../in",
            "fd:below",
            "read:/opt/one.txt",
            "fd:/opt/one.txt",
            "write:/mnt/d/file",
            "write:/mnt/d/new",
            "write:/opt/one.txt",
            "remove:/mnt/d/file"
        };
        String refused = "Operation not permitted";
        assertThat(lines(user, List.of("--bind", "../data:/mnt/d", "--bind", "../single:/opt/one.txt"), words))
                .containsExactly(
                        "text",
                        "deep",
                        "['file', 'in', 'sub']",
                        "/mnt/d/sub",
                        "text",
                        "/mnt/d/sub/below",
                        "/mnt/d/sub/below",
                        "one",
                        "/opt/one.txt",
                        refused,
                        refused,
                        refused,
                        refused);
        // Twin: without it nothing is there.
        assertThat(lines(user, List.of(), "read:/mnt/d/file", "read:/opt/one.txt", "read:../data/file"))
                .containsExactly(refused, refused, refused);
    }

    /** The twin of what is read-only. */
    @ParameterizedTest
    @MethodSource("nurse.cli.Jar$User#all")
    void whatIsBoundToBeWrittenArrivesOnTheHost(User user) {
        assertThat(lines(
                        user,
                        List.of("--bind", "../data:/mnt/d:rw", "--bind", "../single:/opt/one.txt:rw"),
                        "write:/mnt/d/new",
                        "rename:/mnt/d/file:/mnt/d/sub/moved",
                        "append:/opt/one.txt",
                        "read:/opt/one.txt",
                        "remove:/mnt/d/in"))
                .containsExactly("None", "None", "None", "onemore", "None");
        assertThat(data.resolve("new")).hasContent("written");
        assertThat(data.resolve("sub/moved")).hasContent("text");
        assertThat(directory.resolve("single")).hasContent("onemore");
        assertThat(data.resolve("in")).doesNotExist();
    }

    @ParameterizedTest
    @MethodSource("nurse.cli.Jar$User#all")
    void nothingLeadsOutOfIt(User user) throws Exception {
        Files.createSymbolicLink(data.resolve("up"), Path.of("../secret"));
        Files.createSymbolicLink(data.resolve("host"), directory.resolve("secret"));
        Files.createSymbolicLink(data.resolve("root"), Path.of("/var/lib/dpkg/status"));
        String[] words = {
            "read:/mnt/d/../secret",
            "read:/mnt/d/up",
            "read:/mnt/d/host",
            "read:/mnt/d/root",
            "rename:/mnt/d/file:stolen",
            "link:/mnt/d/file:stolen",
            "rename:mine:/mnt/d/mine"
        };
        Files.writeString(work.resolve("mine"), "mine");
        Jar.execute(work, new byte[0], List.of("chmod", "a+rw", "mine")).succeeded();
        String refused = "Operation not permitted";
        List<String> bind = List.of("--write", ".", "--bind", "../data:/mnt/d");
        assertThat(lines(user, bind, words)).hasSize(words.length).containsOnly(refused);
        assertThat(work).isDirectoryNotContaining("glob:**/stolen");
        // Twins: each goes where a rule lets it; what leads out of it is looked for where the program is, not on the
        // host.
        List<String> more = List.of(
                "--write",
                ".",
                "--bind",
                "../data:/mnt/d:rw",
                "--bind",
                "../secret:/mnt/secret",
                "--read",
                "/var/lib/dpkg");
        List<String> out = lines(user, more, words);
        assertThat(out.subList(0, 2)).containsExactly("secret", "secret");
        assertThat(out.get(2)).isEqualTo(refused);
        assertThat(out.get(3)).startsWith("Package:");
        assertThat(out.subList(4, 7)).containsExactly("None", "No such file or directory", "None");
        assertThat(work.resolve("stolen")).hasContent("text");
        assertThat(data.resolve("mine")).hasContent("mine");
    }

    /** mount(8): a mount point is busy. The entry that it hides is out of reach. */
    @ParameterizedTest
    @MethodSource("nurse.cli.Jar$User#all")
    void thePlaceItselfIsNotRemovedRenamedOrMade(User user) throws Exception {
        Path hidden = Files.writeString(work.resolve("hidden"), "hidden");
        Files.createDirectory(work.resolve("under"));
        Files.createDirectory(work.resolve("above"));
        Files.writeString(work.resolve("other"), "other");
        Jar.execute(work, new byte[0], List.of("chmod", "-R", "a+rwX", ".")).succeeded();
        List<String> options = List.of(
                "--write",
                ".",
                "--bind",
                "../single:" + hidden + ":rw",
                "--bind",
                "../data:" + work + "/under:rw",
                "--bind",
                "../data:" + work + "/none:rw",
                "--bind",
                "../data:" + work + "/above/in");
        String[] words = {
            "read:hidden",
            "unlink:hidden",
            "rename:hidden:x",
            "rename:other:hidden",
            "rmdir:under",
            "rename:under:x",
            "mkdir:none",
            "symlink:x:none",
            "rmdir:none",
            "ls:under",
            "ls:none",
            "rename:above:x",
            "rmdir:above"
        };
        String busy = "Device or resource busy";
        String list = "['file', 'in', 'sub']";
        assertThat(lines(user, options, words))
                .containsExactly(
                        "one",
                        busy,
                        busy,
                        busy,
                        busy,
                        busy,
                        "File exists",
                        "File exists",
                        busy,
                        list,
                        list,
                        busy,
                        busy);
        assertThat(hidden).hasContent("hidden");
        assertThat(directory.resolve("single")).hasContent("one");
        // Twin: without the binds.
        assertThat(lines(user, List.of("--write", "."), words))
                .containsExactly(
                        "hidden",
                        "None",
                        "No such file or directory",
                        "None",
                        "None",
                        "No such file or directory",
                        "None",
                        "File exists",
                        "None",
                        "No such file or directory",
                        "No such file or directory",
                        "None",
                        "No such file or directory");
    }

    /** In whatever order they are given. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aBindInABindIsSeenInIt(boolean innerFirst) {
        List<String> outer = List.of("--bind", "../data:/mnt/d");
        List<String> inner = List.of("--bind", "../single:/mnt/d/sub/below");
        List<String> both = Stream.concat((innerFirst ? inner : outer).stream(), (innerFirst ? outer : inner).stream())
                .toList();
        if (innerFirst) { // its directory is not there yet
            assertThat(run(User.ROOT, both, "read:/mnt/d/sub/below").status()).isEqualTo(2);
            return;
        }
        assertThat(lines(User.ROOT, both, "read:/mnt/d/sub/below", "read:/mnt/d/in", "read:/mnt/d/file"))
                .containsExactly("one", "one", "text");
    }

    /** Real programs, through a bind, under the helper's own Landlock rules. */
    @ParameterizedTest
    @MethodSource("nurse.cli.Jar$User#all")
    void programsWorkOnWhatIsBound(User user) {
        List<String> options = List.of("--require", "helper-landlock", "--bind", "../data:/mnt/d", "--write", ".");
        Result find = program(user, options, "find", "/mnt/d", "-name", "f*", "-o", "-type", "l");
        assertThat(find.succeeded().out().lines()).containsExactlyInAnyOrder("/mnt/d/file", "/mnt/d/in");
        program(user, options, "tar", "-cf", "all.tar", "-C", "/mnt/d", ".").succeeded();
        Result list = Jar.execute(work, new byte[0], List.of("tar", "-tf", "all.tar"));
        assertThat(list.succeeded().out().lines())
                .containsExactlyInAnyOrder("./", "./file", "./in", "./sub/", "./sub/below");
        List<String> unpack = List.of("--bind", "../data/sub:/mnt/out:rw", "--read", ".");
        program(user, unpack, "tar", "-xf", "all.tar", "-C", "/mnt/out", "./file")
                .succeeded();
        assertThat(data.resolve("sub/file")).hasContent("text");
        // Twin: what is not to be written is not.
        assertThat(program(user, List.of("--bind", "../data:/mnt/out"), "tar", "-xf", "all.tar", "-C", "/mnt/out")
                        .status())
                .isNotZero();
        // The program itself, bound.
        Result bound =
                program(user, List.of("--bind", Jar.TREE + "/usr/bin/expr:/opt/expr"), "/opt/expr", "6", "*", "7");
        assertThat(bound.succeeded().out()).isEqualTo("42\n");
    }

    private Result program(User user, List<String> options, String... program) {
        List<String> all = new ArrayList<>(List.of("--quiet"));
        all.addAll(options);
        all.addAll(List.of(program));
        return Jar.run(user, work, all.toArray(String[]::new));
    }

    @Test
    void aRuleNamesWhatIsBoundByItsNameInside() throws Exception {
        Files.writeString(work.resolve("p.toml"), """
                version = 1
                [files]
                deny = ["/mnt/d/sub"]
                write = ["/mnt/d/file"]
                """);
        List<String> options = List.of("--policy", "p.toml", "--bind", "../data:/mnt/d");
        assertThat(lines(User.ROOT, options, "read:/mnt/d/in", "append:/mnt/d/file", "read:/mnt/d/file"))
                .containsExactly("Operation not permitted", "None", "textmore");
        Result told = Jar.run(work, "--bind", "../data:/mnt/d", "sh", "-c", "echo x > /mnt/d/file");
        assertThat(told.err())
                .contains("no more than read '/mnt/d' (--bind '../data:/mnt/d'); --write /mnt/d/file would");
        assertThat(lines(User.ROOT, List.of("--bind", "../data:/mnt/d", "--write", "/mnt/d/file"), "write:/mnt/d/file"))
                .containsExactly("None");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../data",
                "../data:",
                "../data:relative",
                ":/mnt/x",
                "none:/mnt/x",
                "../data:/",
                "../data:/proc/self",
                "../data:/dev/x",
                "../data:/none/x",
                "../data:/mnt/../dev/x"
            })
    void whatCannotBeBoundIsSaid(String bind) {
        Result result = run(User.ROOT, List.of("--bind", bind), "read:do.py");
        assertThat(result.status()).isEqualTo(2);
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).containsPattern("nurse: --bind .+ cannot be\n {2}why: .+\n {2}do: {2}.+\n");
    }

    /** The directories above what is placed, where the root has none. */
    @Test
    void lookingAtTheWayToTheCurrentDirectoryCostsNoDescriptors() {
        String look = "import os; print(all(os.stat('" + directory + "') for _ in range(4000)))";
        List<String> command = new ArrayList<>(List.of("sh", "-c", "ulimit -n 1200; exec \"$@\"", "sh"));
        command.addAll(Jar.command(
                User.ROOT, List.of("run", "--quiet", "--root", Jar.TREE.toString(), "python3", "-c", look)));
        assertThat(Jar.execute(work, new byte[0], command).succeeded().out()).isEqualTo("True\n");
    }

    @Test
    void aBindThatHidesTheTemporaryDirectoryIsSaid() throws Exception {
        Files.writeString(work.resolve("p.toml"), "version = 1\n[files]\nwrite = [\"${tmp}\"]\n");
        Result hidden = run(User.ROOT, List.of("--policy", "p.toml", "--bind", "../data:/tmp:rw"), "getenv:TMPDIR");
        assertThat(hidden.status()).isEqualTo(125);
        assertThat(hidden.err()).contains("a --bind stands in the way");
        assertThat(run(User.ROOT, List.of("--policy", "p.toml", "--bind", "../data:/mnt/d:rw"), "getenv:TMPDIR")
                        .succeeded()
                        .out())
                .startsWith("/tmp/nurse-");
    }
}
