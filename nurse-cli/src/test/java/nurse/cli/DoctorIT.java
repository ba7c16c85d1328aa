package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import nurse.cli.Jar.Result;
import nurse.cli.Jar.User;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * {@code doctor} on this machine, and on the same with something taken away (src/test/native/doctor/without.c, ulimit, setarch):
 * what is broken is named with its remedy, and a run agrees with it.
 */
class DoctorIT {
    private static final Path SOURCE =
            Path.of("src/test/native/doctor/without.c").toAbsolutePath();

    private Path directory;

    @BeforeEach
    void makeDirectory() {
        directory = Jar.directory();
        Jar.execute(directory, new byte[0], List.of("gcc", "-O1", SOURCE.toString(), "-o", "without"))
                .succeeded();
    }

    private Result doctor(List<String> before, String... options) {
        List<String> command = new ArrayList<>(before);
        List<String> arguments = new ArrayList<>(List.of("doctor"));
        arguments.addAll(List.of(options));
        command.addAll(Jar.command(User.ROOT, arguments));
        return Jar.execute(directory, new byte[0], command);
    }

    private Result onTree(List<String> before) {
        return doctor(before, "--root", Jar.TREE.toString());
    }

    private Result run(List<String> before) {
        List<String> command = new ArrayList<>(before);
        command.addAll(Jar.command(
                User.ROOT, List.of("run", "--root", Jar.TREE.toString(), "--lock", "trap", "sh", "-c", "echo ran")));
        return Jar.execute(directory, new byte[0], command);
    }

    /** The line of one thing, its reason and its remedy. */
    private static String about(Result result, String what, String state) {
        List<String> lines = result.out().lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).matches("\\s*" + what + "\\s+" + state + "\\s.*")) {
                int end = i + 1;
                while (end < lines.size() && lines.get(end).startsWith(" ".repeat(20))) {
                    end++;
                }
                return String.join("\n", lines.subList(i, end));
            }
        }
        throw new AssertionError("no line for " + what + " " + state + " in\n" + result.out() + result.err());
    }

    @ParameterizedTest
    @MethodSource("nurse.cli.Jar$User#all")
    void whereNothingIsTakenAwayProgramsCanBeRun(User user) {
        Result result = Jar.execute(
                directory, new byte[0], Jar.command(user, List.of("doctor", "--root", Jar.TREE.toString())));
        assertThat(result.status()).as(result.out() + result.err()).isZero();
        assertThat(result.out()).doesNotContain("BROKEN").contains("Programs can be run here");
        assertThat(about(result, "a run, --lock trap", "ok")).contains("no-new-privs", "filter");
    }

    @ParameterizedTest
    @CsvSource({"32-bit,32-bit", "memfd,memory files", "filters,SECCOMP"})
    void whatNoProgramRunsWithoutIsNamedAndRunFailsToo(String thing, String what) {
        List<String> without = List.of("./without", thing, "--");
        Result result = onTree(without);
        assertThat(result.status()).as(result.out() + result.err()).isEqualTo(1);
        assertThat(about(result, what, "BROKEN")).contains("why: ", "do:  ");
        assertThat(result.out()).contains("Programs cannot be run here");
        assertThat(run(without).status()).isNotZero();
        assertThat(run(List.of("./without", "nothing", "--")).out()).isEqualTo("ran\n");
    }

    @ParameterizedTest
    @CsvSource({
        "landlock,landlock",
        "landlock,helper-landlock",
        "mseal,seals",
        "namespaces,network-namespace",
        "other-namespaces,network-namespace",
        "chroot,root",
        "nothing,SECCOMP"
    })
    void whatProgramsRunWithoutIsMissingAndTheyRun(String thing, String what) {
        List<String> without = List.of("./without", thing, "--");
        Result result = onTree(without);
        assertThat(result.status()).as(result.out() + result.err()).isZero();
        assertThat(about(result, what, "missing")).contains("why: ", "do:  ");
        Result ran = run(without);
        assertThat(ran.out()).as(ran.err()).isEqualTo("ran\n");
    }

    /** max_net_namespaces=0, or a kernel without them, takes an ordinary user's root directory no more than it takes root's. */
    @Test
    void aUserNamespaceAloneIsEnoughToLeaveAllFiles() {
        User user = User.all().getLast();
        List<String> run = Jar.command(
                user,
                "trap",
                List.of("run", "--root", Jar.TREE.toString(), "--require", "root", "sh", "-c", "echo ran"));
        List<String> alone = new ArrayList<>(List.of("./without", "other-namespaces", "--"));
        alone.addAll(run);
        List<String> none = new ArrayList<>(List.of("./without", "namespaces", "chroot", "--"));
        none.addAll(run);
        if (LayersIT.mayMakeNamespaces(user)) {
            assertThat(Jar.execute(directory, new byte[0], alone).succeeded().out())
                    .isEqualTo("ran\n");
        }
        Result refused = Jar.execute(directory, new byte[0], none);
        assertThat(refused.status()).as(refused.out() + refused.err()).isEqualTo(125);
        assertThat(refused.err()).contains("chroot(2) was refused");
    }

    @Test
    void aLimitThatIsTooLowIsNamed() {
        Result files = onTree(List.of("sh", "-c", "ulimit -n 512; exec \"$@\"", "sh"));
        assertThat(files.status()).as(files.out() + files.err()).isEqualTo(1);
        assertThat(about(files, "limit of open files", "BROKEN")).contains("512", "ulimit -Hn");
        Result size = onTree(List.of("bash", "-c", "ulimit -f 20000; exec \"$@\"", "bash"));
        assertThat(size.status()).as(size.out() + size.err()).isEqualTo(1);
        assertThat(about(size, "limit of file size", "BROKEN")).contains("ulimit -f");
    }

    @Test
    void anOldKernelIsNamed() {
        Result result = onTree(List.of("setarch", "x86_64", "--uname-2.6"));
        assertThat(result.status()).as(result.out() + result.err()).isEqualTo(1);
        assertThat(about(result, "kernel", "BROKEN")).contains("Linux 2.6");
    }

    @Test
    void aRootWithoutALoaderIsNamedAndOneThatIsNotThereIsAnError() throws Exception {
        Files.createDirectory(directory.resolve("empty"));
        Result empty = doctor(List.of(), "--root", "empty");
        assertThat(empty.status()).isEqualTo(1);
        assertThat(about(empty, "loader", "BROKEN")).contains("bin/make-i386-tree");
        assertThat(doctor(List.of(), "--root", "absent").status()).isEqualTo(125);
        assertThat(doctor(List.of(), "--no-such-option").status()).isEqualTo(2);
    }

    @Test
    void aJarWithoutItsCacheIsNamed() throws Exception {
        Path jar = Path.of(System.getProperty("nurse.jar"));
        Files.copy(jar, directory.resolve("nurse-cli.jar"));
        List<String> command = Jar.command(User.ROOT, List.of("doctor", "--root", Jar.TREE.toString()));
        command.set(
                command.indexOf("-jar") + 1, directory.resolve("nurse-cli.jar").toString());
        Result result = Jar.execute(directory, new byte[0], command);
        assertThat(result.status()).as(result.out() + result.err()).isZero();
        assertThat(about(result, "Java", "missing")).contains("./setup");
        assertThat(about(onTree(List.of()), "Java", "ok")).contains("cache");
    }
}
