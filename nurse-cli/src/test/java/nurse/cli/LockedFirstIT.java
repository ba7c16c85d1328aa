package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import nurse.cli.BrokenBuild.Change;
import nurse.cli.Jar.Result;
import nurse.cli.Jar.User;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever foreign file runs first in a process, runs under the lock: its first call is judged ({@code first.c} tells by the
 * errno). The twin is a build that never locks, in which the kernel answers. Under strict a loader runs before the lock, and is
 * refused unless somebody trusts it.
 */
class LockedFirstIT {
    private static final boolean TRAP = Jar.LOCK.equals("trap");
    private static final Path SOURCE = Path.of("src/test/native/layers/first.c").toAbsolutePath();

    /** Never locks, and does not look whether it is locked. */
    static Change[] tooLate() {
        return new Change[] {
            new Change("audit", "lock.c", "put_on_filter(orders.start))", "0)"),
            Change.ofJava(
                    "nurse/helper/sandbox/LockCheck.java",
                    "require(\"Seccomp mode of the program's thread\",",
                    "if (program == null) require(\"\","),
            Change.ofJava("nurse/helper/sandbox/LockCheck.java", "lock == Lock.TRAP ? 1 : 0", "0")
        };
    }

    private Path directory;

    @BeforeEach
    void makeDirectory() {
        directory = Jar.directory();
    }

    private void compile(String file, String... options) throws IOException {
        List<String> all = new ArrayList<>(List.of(options));
        all.addAll(List.of("-o", file));
        Jar.compile(directory, SOURCE, all.toArray(String[]::new));
    }

    private void standingAlone(String file, String... options) throws IOException {
        List<String> all = new ArrayList<>(
                List.of("-DSTANDS_ALONE", "-fPIC", "-fno-stack-protector", "-nostdlib", "-Wl,-e,start"));
        all.addAll(List.of("-Wl,-z,noexecstack"));
        all.addAll(List.of(options));
        compile(file, all.toArray(String[]::new));
    }

    /** Each way, as options and command of {@code nurse run}. */
    private List<String> loaderOfATree() throws IOException {
        Path root = Files.createDirectories(directory.resolve("root"));
        Files.createDirectories(root.resolve("lib"));
        Files.createDirectories(root.resolve("bin"));
        standingAlone(root.resolve("lib/ld-linux.so.2").toString(), "-shared");
        Files.copy(Jar.TREE.resolve("bin/true"), root.resolve("bin/true"));
        return List.of("--root", root.toString(), "true");
    }

    private List<String> loaderOfTheProgramsOwn() throws IOException {
        standingAlone("loader", "-shared");
        Jar.compile(
                directory,
                "int main(void) { return 0; }",
                "-Wl,--dynamic-linker=" + directory.resolve("loader"),
                "-o",
                "program");
        return List.of("./program");
    }

    private List<String> programWithoutALoader() throws IOException {
        standingAlone("program", "-static");
        return List.of("./program");
    }

    private List<String> auditModule() throws IOException {
        compile("module.so", "-shared", "-fPIC", "-nostdlib");
        Jar.compile(
                directory,
                "int main(void) { return 0; }",
                "-Wl,--audit=" + directory.resolve("module.so"),
                "-o",
                "program");
        return List.of("./program");
    }

    /** By the tree's own /etc/ld.so.preload: no variable that does it gets in. */
    private List<String> preloadedLibrary() throws IOException {
        compile("preloaded.so", "-shared", "-fPIC", "-nostdlib");
        Files.writeString(directory.resolve("preload"), directory.resolve("preloaded.so") + "\n");
        return List.of(
                "--root", Jar.TREE.toString(), "--bind", directory.resolve("preload") + ":/etc/ld.so.preload", "true");
    }

    private List<String> chainOfScripts() throws IOException {
        programWithoutALoader();
        script("first", "#!/usr/bin/env -S HARMLESS=1 " + directory.resolve("second"));
        script("second", "#!" + directory.resolve("program"));
        return List.of("./first");
    }

    private void script(String name, String line) throws IOException {
        Path file = Files.writeString(directory.resolve(name), line + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    interface Way {
        List<String> make(LockedFirstIT test) throws IOException;
    }

    private static Stream<Arguments> ways() {
        List<Arguments> ways = new ArrayList<>();
        for (User user : User.all()) {
            ways.add(Arguments.of("the loader of a tree", user, (Way) LockedFirstIT::loaderOfATree));
            ways.add(Arguments.of("a loader of the program's own", user, (Way) LockedFirstIT::loaderOfTheProgramsOwn));
            ways.add(Arguments.of("a program without a loader", user, (Way) LockedFirstIT::programWithoutALoader));
            ways.add(Arguments.of("an audit module", user, (Way) LockedFirstIT::auditModule));
            ways.add(Arguments.of("a preloaded library", user, (Way) LockedFirstIT::preloadedLibrary));
            ways.add(Arguments.of("a chain of scripts", user, (Way) LockedFirstIT::chainOfScripts));
        }
        return ways.stream();
    }

    private static List<String> run(List<String> way) {
        List<String> all = new ArrayList<>(List.of("run", "--quiet"));
        all.addAll(way);
        return all;
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("ways")
    void itsFirstCallIsJudged(String name, User user, Way way) throws IOException {
        List<String> command = run(way.make(this));
        Result result = Jar.execute(directory, new byte[0], Jar.command(user, command));
        if (TRAP) {
            assertThat(result.succeeded().out()).startsWith("judged\n").doesNotContain("kernel", "other");
        } else {
            assertThat(result.out()).doesNotContain("kernel");
            assertThat(result.status()).isIn(126, 137); // what runs before the lock is refused; behind it mode 1 kills
        }
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("ways")
    void inABuildThatLocksTooLateTheKernelAnswers(String name, User user, Way way) throws IOException {
        List<String> command = run(way.make(this));
        BrokenBuild build = new BrokenBuild(directory);
        build.make(tooLate());
        Result result = Jar.execute(directory, new byte[0], build.command(user, command));
        if (TRAP) {
            // of a library ld.so is told ENOENT already, by the kernel
            assertThat(result.out() + result.err()).containsAnyOf("kernel\n", ": No such file or directory\n");
            assertThat(result.out()).doesNotContain("judged");
        } else {
            assertThat(result.out()).doesNotContain("kernel"); // that build changes nothing of strict
        }
    }

    @Test
    void aResidentHelperJudgesItsFirstCall() throws Exception {
        List<String> way = loaderOfATree();
        for (User user : User.all()) {
            try (Native nurse = new Native(user).serve()) {
                List<String> command = new ArrayList<>(List.of("run", "--lock", Jar.LOCK, "--quiet"));
                command.addAll(way);
                Result result = Jar.execute(directory, new byte[0], nurse.command(command));
                if (TRAP) {
                    assertThat(result.succeeded().out()).isEqualTo("judged\n");
                } else {
                    assertThat(result.status()).isEqualTo(126);
                    assertThat(result.err()).contains("would run before the lock", "--trust-loader");
                }
            }
        }
    }

    /** Dynamic, static, position-independent and not, by its own name, a path, and as a script's interpreter. */
    @Test
    void aProgramFindsWhatItWouldFindOutside() throws IOException {
        Path source = Path.of("src/test/native/layers/started.c").toAbsolutePath();
        Jar.compile(directory, source, "-o", "started");
        Jar.compile(directory, source, "-no-pie", "-o", "fixed");
        script("script", "#!" + directory.resolve("started") + " argument");
        for (String command : List.of("./started", directory + "/fixed", "./script")) {
            Result outside = Jar.execute(
                    directory, new byte[0], List.of("env", "-i", "PATH=/usr/bin:/bin", command, "a b", "last"));
            Result inside = Jar.runOnHost(directory, "--quiet", "--read", "/proc", command, "a b", "last");
            assertThat(outside.status()).isEqualTo(7);
            assertThat(inside.status()).as(inside.err()).isEqualTo(7);
            if (TRAP) {
                assertThat(inside.out()).isEqualTo(outside.out());
            } else {
                assertThat(inside.out()).contains("|last|"); // behind the loader's own command line
            }
        }
    }

    /** A limit of memory holds for what is mapped before the first instruction, too. */
    @Test
    void memoryThatAProgramBeginsWithIsLimited() throws IOException {
        Jar.compile(
                directory,
                "static char much[300 << 20]; int main(void) { much[200 << 20] = 1; return much[1]; }",
                "-static",
                "-o",
                "much");
        Result limited = Jar.runOnHost(directory, "--limit", "memory=128M", "./much");
        Result twin = Jar.runOnHost(directory, "--limit", "memory=1G", "./much");
        if (TRAP) {
            assertThat(limited.status()).isEqualTo(125);
            assertThat(limited.err()).contains("could not be mapped", "--limit memory");
            assertThat(twin.succeeded().out()).isEmpty();
        } else {
            assertThat(limited.status()).isEqualTo(126);
            assertThat(twin.err()).contains("statically linked", "--lock trap runs it");
        }
    }

    /** The user's word, of the very file: by another root directory or a bind it is another file. */
    @Test
    void strictRunsTheLoaderThatItsUserNames() throws IOException {
        List<String> tree = List.of("run", "--lock", "strict", "--root", Jar.TREE.toString());
        List<String> untrusted = new ArrayList<>(tree);
        untrusted.add("true");
        List<String> trusted = new ArrayList<>(tree);
        trusted.addAll(List.of("--trust-loader", Jar.TREE + "/lib/ld-linux.so.2", "true"));
        List<String> another = new ArrayList<>(tree);
        loaderOfATree();
        another.addAll(List.of("--trust-loader", directory + "/root/lib/ld-linux.so.2", "true"));
        assertThat(status(untrusted)).isEqualTo(126);
        assertThat(status(another)).isEqualTo(126);
        assertThat(status(trusted)).isZero();
    }

    /** Of several locks the last one counts. */
    private int status(List<String> arguments) {
        return Jar.execute(directory, new byte[0], Jar.command(User.ROOT, "trap", arguments))
                .status();
    }
}
