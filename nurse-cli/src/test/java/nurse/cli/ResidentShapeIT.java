package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import nurse.cli.Jar.Result;
import nurse.cli.Jar.User;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A run that starts the resident helper gives it nothing of its own: limits, priority, places, traits (client_shape.c). */
class ResidentShapeIT {
    /** The program's own; the soft limits of the shell that starts it are in what it prints. */
    private static final String TELLS = "import os, resource as r; print(os.nice(0), len(os.sched_getaffinity(0)),"
            + " *(r.getrlimit(limit)[0] for limit in (r.RLIMIT_FSIZE, r.RLIMIT_CPU, r.RLIMIT_DATA)))";

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

    /** Runs a program from a shell that was changed, without the right to undo what only a privileged process may undo. */
    private Result runFrom(String change, String... arguments) {
        List<String> before = new ArrayList<>();
        if (User.isRoot()) {
            before.addAll(List.of("setpriv", "--bounding-set", "-sys_resource"));
        }
        before.addAll(List.of("bash", "-c", change + "; exec \"$@\"", "bash"));
        return nurse.run(directory, before, arguments);
    }

    /** The program has what its user gave it; the helper, which others use, has it not. */
    @Test
    void theHelperHasNothingOfTheRunThatStartedIt() throws Exception {
        String change = "ulimit -Sf 64; ulimit -St 300; ulimit -Sd 900000; ulimit -Sn 1500; ulimit -Ss 4096; umask 077;"
                + " export MARK=1; echo 900 > /proc/self/oom_score_adj";
        List<String> before = new ArrayList<>(List.of("bash", "-c", change + "; exec \"$@\"", "bash"));
        if (User.isRoot()) { // who may not take it back has no resident helper: the next test
            before.addAll(List.of("nice", "-n", "7"));
        }
        before.addAll(List.of("chrt", "-b", "0", "ionice", "-c", "3", "taskset", "-c", firstCpu(), "setarch", "-R"));
        Result first = nurse.run(directory, before, "python3", "-c", TELLS).succeeded();
        assertThat(first.out()).isEqualTo((User.isRoot() ? 7 : 0) + " 1 65536 300 921600000\n");
        assertThat(nurse.residents()).hasSize(1);
        assertIsAsNobodyMadeIt(nurse.residents().findFirst().orElseThrow().pid());
        assertThat(nurse.run(directory, "echo", "again").succeeded().out()).isEqualTo("again\n");
        assertThat(nurse.residents()).hasSize(1);
    }

    /** Twin: without the change, the same run starts a helper that stays. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "ulimit -f 64",
                "ulimit -t 30",
                "ulimit -n 2000",
                "ulimit -v 4000000",
                "ulimit -d 4000000",
                "ulimit -s 4096",
                "ulimit -u 900"
            })
    void whereTheHelperCannotBeFreedOfALimitItDoesNotStay(String change) throws Exception {
        runFrom(change, "true"); // it may be too little for a helper of its own as well
        assertThat(nurse.residents()).isEmpty();
        assertThat(runFrom("true", "echo", "again").succeeded().out()).isEqualTo("again\n");
        assertThat(nurse.residents()).hasSize(1);
        assertThat(runFrom(change, "echo", "served").succeeded().out()).isEqualTo("served\n");
        assertThat(nurse.residents()).hasSize(1);
    }

    @Test
    void aHelperInTheForegroundDoesNotStartWithWhatIsLeftOfALimit() throws Exception {
        List<String> command = new ArrayList<>();
        if (User.isRoot()) {
            command.addAll(List.of("setpriv", "--bounding-set", "-sys_resource"));
        }
        command.addAll(List.of("sh", "-c", "ulimit -f 64; exec \"$@\"", "sh"));
        command.addAll(nurse.command(List.of("serve")));
        Result refused = Jar.execute(directory, new byte[0], command);
        assertThat(refused.status()).isEqualTo(125);
        assertThat(refused.err()).contains("the hard limit of a file's size is lowered", "do:  ");
        nurse.serve("sh", "-c", "ulimit -Sf 64; MARK=1 exec \"$@\"", "sh");
        long helper = nurse.helper().pid();
        assertThat(limit(helper, "Max file size")).containsExactly("unlimited", "unlimited");
        assertThat(environment(helper)).containsExactlyInAnyOrder("PATH=/usr/bin:/bin", "LANG=C.UTF-8");
    }

    private static void assertIsAsNobodyMadeIt(long helper) throws IOException {
        for (String unlimited : List.of("Max cpu time", "Max file size", "Max data size", "Max address space")) {
            assertThat(limit(helper, unlimited)).as(unlimited).containsExactly("unlimited", "unlimited");
        }
        assertThat(limit(helper, "Max stack size")[0]).isEqualTo("8388608");
        String[] files = limit(helper, "Max open files");
        assertThat(files[0]).isEqualTo(files[1]);
        String stat = read(helper, "stat");
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).trim().split(" "); // from field 3 on: proc(5)
        assertThat(fields[6 - 3]).as("session").isNotEqualTo(Long.toString(helper));
        assertThat(fields[7 - 3]).as("terminal").isEqualTo("0");
        assertThat(fields[19 - 3]).as("niceness").isEqualTo("0");
        assertThat(fields[41 - 3]).as("scheduling policy").isEqualTo("0");
        assertThat(status(helper, "Cpus_allowed_list"))
                .isEqualTo(status(ProcessHandle.current().pid(), "Cpus_allowed_list"));
        assertThat(status(helper, "SigBlk")).isEqualTo("0000000000000000");
        assertThat(read(helper, "personality")).isEqualTo("00000000\n");
        assertThat(Integer.parseInt(read(helper, "oom_score_adj").trim())).isLessThan(900);
        assertThat(environment(helper)).containsExactlyInAnyOrder("PATH=/usr/bin:/bin", "LANG=C.UTF-8");
        assertThat(Files.readSymbolicLink(Path.of("/proc", Long.toString(helper), "cwd")))
                .isEqualTo(Path.of("/"));
    }

    private static String firstCpu() throws IOException {
        return status(ProcessHandle.current().pid(), "Cpus_allowed_list").split("[,-]")[0];
    }

    private static String read(long pid, String name) throws IOException {
        return Files.readString(Path.of("/proc", Long.toString(pid), name), StandardCharsets.ISO_8859_1);
    }

    private static List<String> environment(long pid) throws IOException {
        return Arrays.asList(read(pid, "environ").split("\0"));
    }

    private static String status(long pid, String field) throws IOException {
        return read(pid, "status")
                .lines()
                .filter(line -> line.startsWith(field + ":"))
                .collect(Collectors.joining())
                .substring(field.length() + 1)
                .trim();
    }

    /** Soft and hard. */
    private static String[] limit(long pid, String name) throws IOException {
        String line = read(pid, "limits")
                .lines()
                .filter(each -> each.startsWith(name))
                .findFirst()
                .orElseThrow();
        return Arrays.copyOf(line.substring(26).trim().split(" +"), 2);
    }
}
