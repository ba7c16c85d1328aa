package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import nurse.cli.Jar.Result;
import nurse.cli.Jar.User;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Options that name a descriptor of whoever started nurse mean that descriptor, whichever process the helper is. */
class OwnNamesIT {
    private static final String READS = "import sys; print(len(open(sys.argv[1]).read()) > 0)";

    private final Path directory = Jar.directory();

    /** By whom a run is made. */
    enum How {
        RESIDENT,
        OWN_HELPER,
        JAVA
    }

    /** A script of bash's, in which nurse is "$@" with a command behind it. */
    private Result bash(How how, String script) {
        try (Native nurse = new Native(User.ROOT)) {
            List<String> command = new ArrayList<>();
            if (how == How.JAVA) {
                command.addAll(nurse.jarCommand(List.of()));
                command.subList(command.indexOf("run"), command.size()).clear();
            } else {
                command.addAll(nurse.command(List.of()));
                if (how == How.OWN_HELPER) {
                    command.add(2, "NURSE_RESIDENT=no");
                }
            }
            command.addAll(0, List.of("bash", "-c", script.replace("TREE", Jar.TREE.toString()), "bash"));
            return Jar.execute(directory, new byte[0], command);
        }
    }

    @ParameterizedTest
    @EnumSource(How.class)
    void whatIsWrittenArrivesAtTheUsersOwn(How how) throws Exception {
        Result out = bash(how, "\"$@\" run --root TREE --log /dev/stdout true");
        assertThat(out.succeeded().out()).as(out.err()).contains("\"event\":\"end\"");
        Result fd = bash(how, "\"$@\" run --root TREE --log /proc/self/fd/5 true 5> log; cat log");
        assertThat(fd.succeeded().out()).contains("\"event\":\"end\"");
        Result pipe = bash(
                how, "\"$@\" run --root TREE --log >(cat > piped; echo > done) true; until [ -e done ]; do :; done");
        pipe.succeeded();
        assertThat(directory.resolve("piped")).content().contains("\"event\":\"end\"");
        Result report = bash(how, "\"$@\" run --root TREE --report /dev/stdout true | cat");
        assertThat(report.succeeded().out()).contains("<html").endsWith("</html>\n");
        Result trace = bash(how, "\"$@\" trace --root TREE -o /dev/stderr true");
        assertThat(trace.succeeded().err()).contains("openat(AT_FDCWD");
        Files.createSymbolicLink(directory.resolve("link"), Path.of("/dev/stdout"));
        assertThat(bash(how, "\"$@\" run --root TREE --log link true")
                        .succeeded()
                        .out())
                .contains("\"event\":\"end\"");
        Result file = bash(how, "\"$@\" run --root TREE --log file true; cat file");
        assertThat(file.succeeded().out()).contains("\"event\":\"end\"");
    }

    @ParameterizedTest
    @EnumSource(How.class)
    void whatIsReadIsTheUsersOwn(How how) {
        String program = " python3 -c '" + READS + "' /var/lib/dpkg/status";
        String policy = "printf 'version = 1\\n[files]\\nread = [\"/var/lib/dpkg\"]\\n'";
        Result pipe = bash(how, "\"$@\" run --root TREE --policy <(" + policy + ")" + program);
        assertThat(pipe.out()).as(pipe.err()).isEqualTo("True\n");
        Result in = bash(how, policy + " | \"$@\" run --root TREE --policy /dev/stdin" + program);
        assertThat(in.out()).as(in.err()).isEqualTo("True\n");
        Result file = bash(how, policy + " > p; \"$@\" run --root TREE --policy /dev/fd/4" + program + " 4< p");
        assertThat(file.out()).as(file.err()).isEqualTo("True\n");
        Result other = bash(how, "\"$@\" run --root TREE --policy <(echo 'version = 1')" + program);
        assertThat(other.status()).isEqualTo(1);
        Result none = bash(how, "\"$@\" run --root TREE --policy /dev/fd/9" + program);
        assertThat(none.status()).isEqualTo(125);
        Result bound = bash(how, "\"$@\" run --root TREE --bind /proc/self/cwd:/mnt/here ls /mnt/here");
        assertThat(bound.succeeded().out()).isEqualTo("p\n");
    }

    /** Linux calls a removed directory "gone (deleted)", and a directory of that name is another one. */
    @ParameterizedTest
    @EnumSource(
            value = How.class,
            names = {"RESIDENT", "OWN_HELPER"})
    void aRemovedDirectoryIsNoneAndOneThatIsCalledSoIsOne(How how) {
        String run = "\"$@\" run --root TREE --quiet cat file";
        String other = "mkdir 'gone (deleted)'; echo other > 'gone (deleted)/file'; ";
        Result removed = bash(how, other + "mkdir gone; cd gone; rmdir ../gone; " + run);
        assertThat(removed.status()).as(removed.out()).isEqualTo(125);
        assertThat(removed.err()).contains("the current directory has no name").doesNotContain("Exception");
        assertThat(bash(how, "cd 'gone (deleted)'; " + run).succeeded().out()).isEqualTo("other\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"doctor --root TREE", "man", "help run", "profiles"})
    void whatACommandSaysIsNotLostWithStatusZero(String command) {
        Result full = bash(How.OWN_HELPER, "\"$@\" " + command + " > /dev/full");
        assertThat(full.status()).as(full.err()).isEqualTo(125);
        assertThat(full.err()).contains("the output is not complete");
        assertThat(bash(How.OWN_HELPER, "\"$@\" " + command).succeeded().out()).isNotEmpty();
    }
}
