package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import nurse.cli.Jar.User;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a loader could do to the user's other processes, terminal and files ({@code early.c}). Under trap it runs locked, and the
 * helper refuses. Under strict it runs before the lock, if somebody trusts it: there the attempts are made, and the process
 * ends without a program (docs/layers.md).
 */
class BeforeTheLockIT {
    private static final boolean TRAP = Jar.LOCK.equals("trap");
    private static final int SET_ID = 06000;
    private static final String TYPE = "type on the terminal";
    private static final Set<String> BY_LOCK_ALONE = Set.of(
            "set the terminal's discipline",
            "limit another process",
            "slow another process",
            "slow its disk",
            "let it starve",
            "have it signalled",
            "make a set-id file",
            "use a keyring",
            "talk to the kernel",
            "outlive the helper");
    /** By what else they hold: the layers {@code root} and {@code landlock-scopes}, capabilities. */
    private static final Set<String> BY_OTHERS_TOO = Set.of(
            "signal another process", "signal all processes", "change a mode", "change an owner", "open by a handle");
    /** Of root's processes these need CAP_SYS_NICE, which the program has not (cap_safe_nice in security/commoncap.c). */
    private static final Set<String> NOT_TO_ROOTS = Set.of("slow another process", "slow its disk", "let it starve");

    private Path directory;
    private Path output;
    private Process other;

    @BeforeEach
    void compile() throws Exception {
        directory = Jar.directory();
        output = directory.resolve("output");
        HostileLoader.root(directory, "early.c");
    }

    @AfterEach
    void endTheOther() {
        if (other != null) {
            other.destroyForcibly();
        }
    }

    @ParameterizedTest
    @MethodSource("nurse.cli.Jar$User#all")
    void theLockKeepsFromItWhatNoLayerDoes(User user) throws Exception {
        startAnother(user);
        String before = state();
        String inside = attempts(user, TRAP ? 0 : 125, Jar.command(User.ROOT, arguments()));
        if (TRAP) {
            assertThat(inside).contains(TYPE + " refused");
            assertThat(BY_LOCK_ALONE).allMatch(name -> inside.contains(name + " refused"));
            assertThat(BY_OTHERS_TOO).allMatch(name -> inside.contains(name + " refused"));
            assertThat(state()).isEqualTo(before);
            assertThat(mode(output) & SET_ID).isZero();
        } else {
            assertThat(inside).contains(TYPE).contains(BY_LOCK_ALONE).contains(BY_OTHERS_TOO);
        }
    }

    /** The same code without a sandbox. */
    @ParameterizedTest
    @MethodSource("nurse.cli.Jar$User#all")
    void withoutASandboxAllOfItIsDone(User user) throws Exception {
        startAnother(user);
        String before = state();
        List<String> twin = new ArrayList<>(List.of("root/" + HostileLoader.NAME, directory + "/file"));
        twin.add(Long.toString(other.pid()));
        String outside = attempts(user, 0, twin);
        assertThat(BY_LOCK_ALONE).allMatch(name -> outside.contains(name + " done\n"));
        assertThat(BY_OTHERS_TOO)
                .allMatch(name -> outside.contains(name + " done\n")
                        || name.equals("open by a handle") && !(user == User.ROOT && User.isRoot()));
        assertThat(outside).contains(TYPE + (mayType(user) ? " done\n" : " refused"));
        assertThat(state()).isNotEqualTo(before);
        assertThat(mode(output) & SET_ID).isEqualTo(04000);
        assertThat(mode(directory.resolve("file")) & 0777).isEqualTo(0666);
    }

    /** That the lock is what keeps it: in a build that locks too late all of it is done in the sandbox, too. */
    @ParameterizedTest
    @MethodSource("nurse.cli.Jar$User#all")
    void inABuildThatLocksTooLateItIsDoneInTheSandbox(User user) throws Exception {
        BrokenBuild build = new BrokenBuild(directory);
        build.make(LockedFirstIT.tooLate());
        startAnother(user);
        String before = state();
        String inside = attempts(user, TRAP ? 0 : 125, build.command(arguments()));
        boolean asRoot = user == User.ROOT && User.isRoot();
        assertThat(BY_LOCK_ALONE)
                .allMatch(name -> inside.contains(name + " done\n") || asRoot && NOT_TO_ROOTS.contains(name));
        assertThat(state()).isNotEqualTo(before);
        assertThat(mode(output) & SET_ID).isEqualTo(04000);
    }

    private List<String> arguments() {
        List<String> arguments = new ArrayList<>(List.of("run", "--root", directory + "/root", "--quiet"));
        arguments.addAll(HostileLoader.trust(directory.resolve("root")));
        arguments.addAll(List.of("true", directory + "/file", Long.toString(other.pid())));
        return arguments;
    }

    /** Standard output is a file of the user's, as in {@code nurse run program > output}; the terminal is standard input. */
    private String attempts(User user, int status, List<String> command) throws Exception {
        List<String> shell = new ArrayList<>(user.become());
        shell.addAll(List.of("sh", "-c", ": > file; chmod 600 file; exec \"$0\" \"$@\" > output"));
        shell.addAll(command);
        try (PseudoTerminal terminal = new PseudoTerminal(directory, shell)) {
            assertThat(terminal.status()).as("%s", terminal.seen()).isEqualTo(status);
        }
        return Files.readString(output);
    }

    /** Another process of the same user's. */
    private void startAnother(User user) throws Exception {
        List<String> command = new ArrayList<>(user.become());
        command.addAll(List.of("sleep", "600"));
        other = new ProcessBuilder(command).start();
        while (!Files.readString(ofTheOther("comm")).equals("sleep\n")) {
            assertThat(other.isAlive()).isTrue();
            Thread.sleep(10);
        }
    }

    private Path ofTheOther(String file) {
        return Path.of("/proc", Long.toString(other.pid()), file);
    }

    /** Its limit on open files, and how it is scheduled (proc(5), stat: fields 19 and 41). */
    private String state() throws IOException {
        String limit = Files.readAllLines(ofTheOther("limits")).stream()
                .filter(line -> line.startsWith("Max open files"))
                .findFirst()
                .orElseThrow();
        String stat = Files.readString(ofTheOther("stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return limit + ", nice " + fields[16] + ", policy " + fields[38];
    }

    private static int mode(Path file) throws IOException {
        return (int) Files.getAttribute(file, "unix:mode");
    }

    /** tty_ioctl.c, tiocsti: since Linux 6.2 the administrator may forbid it to all but CAP_SYS_ADMIN. */
    private static boolean mayType(User user) throws IOException {
        Path legacy = Path.of("/proc/sys/dev/tty/legacy_tiocsti");
        return user == User.ROOT && User.isRoot()
                || !Files.exists(legacy)
                || Files.readString(legacy).strip().equals("1");
    }
}
