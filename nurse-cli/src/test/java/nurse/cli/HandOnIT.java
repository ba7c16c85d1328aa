package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import nurse.cli.Jar.Result;
import nurse.cli.Jar.User;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code java -jar} as users type it, without a flag: the native client takes the process over, or there is a reason not to. */
class HandOnIT {
    private static final String DESCRIPTORS =
            "import os; print([os.readlink(f'/proc/self/fd/{fd}') for fd in (0, 1, 2)],"
                    + " sorted(os.listdir('/proc/self/fd')))";

    private Path directory;
    private Native nurse;

    @BeforeEach
    void makeDirectory() {
        directory = Jar.directory();
        nurse = new Native(User.ROOT);
    }

    @AfterEach
    void endHelper() {
        nurse.close();
    }

    @Test
    void aRunIsAsOneOfTheJvmsOwnAndServedByTheResidentHelper() {
        for (User user : User.all()) {
            try (Native mine = new Native(user)) {
                Result own = Jar.run(user, directory, Native.TELLS);
                Native.assertTellsTheSame(own, run(mine.jarCommand(List.of(), Native.TELLS)));
                assertThat(mine.residents()).hasSize(1);
            }
        }
    }

    @Test
    void theProcessOfTheJvmBecomesTheProgramsAndLeavesNothing() throws Exception {
        Process program = new ProcessBuilder(nurse.jarCommand(List.of(), "sleep", "70"))
                .directory(directory.toFile())
                .start();
        Path proc = Path.of("/proc", Long.toString(program.pid()));
        Native.await(() -> Files.readString(proc.resolve("comm")).equals("sleep\n"));
        assertThat(program.children()).isEmpty();
        assertThat(Path.of("/tmp/hsperfdata_" + System.getProperty("user.name"), Long.toString(program.pid())))
                .doesNotExist();
        program.destroy();
        assertThat(program.waitFor()).isEqualTo(143);
        assertThat(run(nurse.jarCommand(List.of(), "sh", "-c", "kill -SEGV $$")).status())
                .isEqualTo(139);
    }

    @Test
    void signalsThatTheUserIgnoresAreIgnoredAndNoOthers() {
        String script = "import signal; print([signal.getsignal(s).name for s in (signal.SIGHUP, signal.SIGTERM)])";
        List<String> command = nurse.jarCommand(List.of(), "python3", "-c", script);
        List<String> ignoring = new ArrayList<>(List.of("sh", "-c", "trap '' HUP; exec \"$@\"", "sh"));
        ignoring.addAll(command);
        assertThat(run(command).succeeded().out()).isEqualTo("['SIG_DFL', 'SIG_DFL']\n");
        assertThat(run(ignoring).succeeded().out()).isEqualTo("['SIG_IGN', 'SIG_DFL']\n");
    }

    /** In the POSIX locale Java cannot tell one such byte from another. */
    @ParameterizedTest
    @ValueSource(strings = {"C", "C.UTF-8"})
    void argumentsAreTheBytesThatTheyAre(String locale) {
        List<String> command = nurse.jarCommand(List.of("LC_ALL=" + locale), "printf", "%s|");
        String quoted = "exec \"$@\" \"$(printf 'a\\303\\244')\" '' \"$(printf '\\377\\376')\" '*'";
        List<String> shell = new ArrayList<>(List.of("sh", "-c", quoted, "sh"));
        shell.addAll(command);
        assertThat(run(shell).succeeded().bytes())
                .isEqualTo(
                        new byte[] {'a', (byte) 0xc3, (byte) 0xa4, '|', '|', (byte) 0xff, (byte) 0xfe, '|', '*', '|'});
    }

    @Test
    void flagsAndSettingsAreForTheHelperSoTheRunStaysHere() {
        List<String> flag = nurse.jarCommand(List.of(), "echo", "here");
        flag.add(flag.indexOf("-jar"), "-Xmx200m");
        assertThat(run(flag).succeeded().out()).isEqualTo("here\n");
        List<String> setting = nurse.jarCommand(List.of("JDK_JAVA_OPTIONS=-Xmx200m"), "echo", "here");
        assertThat(run(setting).succeeded().out()).isEqualTo("here\n");
        assertThat(nurse.residents()).isEmpty();
        assertThat(run(nurse.jarCommand(List.of(), "echo", "there")).succeeded().out())
                .isEqualTo("there\n");
        assertThat(nurse.residents()).hasSize(1);
    }

    @Test
    void whoWantsNoResidentHelperHasOneThatIsTheProgramsParent() {
        String script = "import os; print(open(f'/proc/self/stat').read().split()[3] == str(os.getppid()))";
        Result alone = run(nurse.jarCommand(List.of("NURSE_RESIDENT=no"), "--stats", "python3", "-c", script));
        assertThat(alone.succeeded().out()).isEqualTo("True\n");
        assertThat(alone.err()).contains("helper-landlock").doesNotContain("no helper-landlock");
        assertThat(nurse.residents()).isEmpty();
        Result resident = run(nurse.jarCommand(List.of(), "--stats", "true"));
        assertThat(resident.err())
                .contains("no helper-landlock: a resident helper")
                .containsPattern("java +\\d")
                .containsPattern("helper +\\d");
    }

    /** From the jar and from the client: what only the program's parent can give is given. */
    @Test
    void whatNeedsTheHelperAsAParentHasOne() {
        for (List<String> command : List.of(
                nurse.jarCommand(List.of(), "--limit", "output=10", "seq", "9999"),
                nurse.runCommand("--limit", "output=10", "seq", "9999"))) {
            Result limited = run(command);
            assertThat(limited.err()).contains("ended at a limit, output = 10 bytes");
            assertThat(limited.bytes()).hasSizeLessThanOrEqualTo(10);
        }
        for (List<String> command : List.of(
                nurse.jarCommand(List.of(), "--limit", "wall=300ms", "sleep", "70"),
                nurse.runCommand("--limit", "wall=300ms", "sleep", "70"))) {
            Result ended = run(command);
            assertThat(ended.status()).isEqualTo(124);
            assertThat(ended.err()).contains("ended at a limit, wall");
        }
        assertThat(nurse.residents()).hasSize(1); // which sent them away
        for (List<String> command : List.of(
                nurse.jarCommand(List.of(), "--require", "helper-landlock", "echo", "confined"),
                nurse.runCommand("--require", "helper-landlock", "echo", "confined"))) {
            assertThat(run(command).succeeded().out()).isEqualTo("confined\n");
        }
        assertThat(run(nurse.jarCommand(List.of(), "seq", "9999")).succeeded().bytes())
                .hasSizeGreaterThan(40_000);
    }

    /** This kernel may have no Yama: its setting is shown to the client in a mount namespace, where only root can put it. */
    @ParameterizedTest
    @ValueSource(strings = {"0", "1"})
    void whereAHelperMayLookAtItsChildrenOnlyItIsTheProgramsParent(String scope) {
        assumeTrue(User.isRoot(), "mounting is root's");
        String show = "mount -t tmpfs none /proc/sys/kernel && mkdir /proc/sys/kernel/yama && echo " + scope
                + " > /proc/sys/kernel/yama/ptrace_scope && exec \"$@\"";
        try (Native mine = new Native(User.ORDINARY)) {
            for (List<String> command :
                    List.of(mine.jarCommand(List.of(), "echo", "x"), mine.runCommand("echo", "x"))) {
                List<String> inside = new ArrayList<>(List.of("unshare", "-m", "sh", "-c", show, "sh"));
                inside.addAll(command);
                assertThat(run(inside).succeeded().out()).isEqualTo("x\n");
                assertThat(mine.residents()).hasSize(scope.equals("0") ? 1 : 0);
            }
        }
    }

    @Test
    void aJarWithoutAClientThatRunsBesideItRunsTheProgramItself() throws Exception {
        Path copy = Files.copy(Path.of(System.getProperty("nurse.jar")), directory.resolve("nurse-cli.jar"));
        List<String> command = nurse.jarCommand(List.of(), "echo", "alone");
        command.set(command.indexOf("-jar") + 1, copy.toString());
        assertThat(run(command).succeeded().out()).isEqualTo("alone\n");
        Path library = Native.CLIENT.resolveSibling("libnurse-handon.so");
        Files.copy(library, directory.resolve(library.getFileName()));
        Path client = Files.writeString(directory.resolve("nurse"), "no program\n"); // ENOEXEC
        Files.setPosixFilePermissions(client, PosixFilePermissions.fromString("rwxr-xr-x"));
        assertThat(run(command).succeeded().out()).isEqualTo("alone\n");
        assertThat(nurse.residents()).isEmpty();
    }

    /** The JVM's own file gets the lowest number: it is neither the program's, nor closed under the JVM. */
    @ParameterizedTest
    @ValueSource(strings = {"-XX:+UseSerialGC", ""})
    void aStandardDescriptorThatIsClosedIsDevNullAndNoFileOfTheJvm(String flag) {
        List<String> command = nurse.jarCommand(List.of(), "python3", "-c", DESCRIPTORS);
        if (!flag.isEmpty()) {
            command.add(command.indexOf("-jar"), flag);
        }
        List<String> closed = new ArrayList<>(List.of("sh", "-c", "exec 9</etc/passwd \"$@\" <&-", "sh"));
        closed.addAll(command);
        assertThat(run(closed).succeeded().out())
                .matches("\\['/dev/null', 'pipe:.*', 'pipe:.*'\\] \\['0', '1', '2', '3'\\]\n");
        closed.set(2, "exec \"$@\" <&- 3>&1 1>&- 2>&3");
        Result silent = run(closed); // the script cannot print, which is Python's to say
        assertThat(silent.status()).as(silent.err()).isZero();
        assertThat(silent.out()).isEmpty();
    }

    private Result run(List<String> command) {
        return Jar.execute(directory, new byte[0], command);
    }
}
