package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import nurse.cli.Jar.Result;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Programs in a container of Docker's kind, which has no user namespace to give, refuses pidfd_getfd(2), and of whose
 * capabilities an ordinary user has none. Run by root, as whoever makes a container is; each command is the container's root's
 * or an ordinary user's. Each refusal has its twin in a container that allows pidfd_getfd(2).
 */
class ContainerIT {
    private static final Path SOURCE =
            Path.of("src/test/native/container/control.c").toAbsolutePath();
    private static final String BORROWS = """
            import os, select, socket, sys
            print(sys.stdin.readline().strip(), [os.isatty(fd) for fd in range(3)], os.fstat(1).st_mode > 0)
            print(len(select.select([0], [1, 2], [], 5)[1]), os.get_blocking(0))
            a, b = socket.socketpair()
            a.settimeout(5)
            socket.send_fds(a, [b'r'], [1])
            data, fds, flags, address = socket.recv_fds(b, 1, 1)
            os.write(fds[0], b'by another number\\n')
            os.close(0)
            try:
                os.fstat(0)
            except OSError as closed:
                print(closed.errno)
            """;

    private Path directory;

    @BeforeEach
    void makeDirectory() {
        directory = Jar.directory();
    }

    /** Who is the container's process 1, which no signal from inside the container ends, and who has the helper. */
    enum How {
        RESIDENT,
        OWN,
        FIRST_PROCESS
    }

    private Result run(Container container, How how, String... program) {
        List<String> command = new ArrayList<>();
        if (how != How.FIRST_PROCESS) {
            command.addAll(List.of("sh", "-c", "\"$@\"; exit $?", "sh"));
        }
        command.addAll(List.of(Native.CLIENT.toString(), "run", "--lock", "trap"));
        command.addAll(List.of("--root", Jar.TREE.toString(), "--quiet"));
        command.addAll(List.of(program));
        return container.run(directory, how == How.OWN ? Map.of("NURSE_RESIDENT", "no") : Map.of(), command);
    }

    @ParameterizedTest
    @CsvSource({"0,RESIDENT", "0,OWN", "0,FIRST_PROCESS", "65534,RESIDENT", "65534,OWN", "65534,FIRST_PROCESS"})
    void aProgramHasItsStandardStreams(int user, How how) {
        Result result = run(new Container(user), how, "python3", "-u", "-c", BORROWS);
        String expected = "in [False, False, False] True\n2 True\nby another number\n9\n";
        assertThat(result.out()).as(result.err()).isEqualTo(expected);
        assertThat(result.status()).isZero();
        Result twin = run(new Container(user).allowing("pidfd_getfd"), how, "python3", "-u", "-c", BORROWS);
        assertThat(twin.out()).as(twin.err()).isEqualTo(expected);
    }

    /** What the trustee is ordered to send is the only message that the helper takes; where it needs none, none matters. */
    @ParameterizedTest
    @EnumSource(How.class)
    void aMessageOfTheProgramsOnTheControlSocketEndsTheRun(How how) {
        Jar.compile(directory, SOURCE, "-o", directory.resolve("control").toString());
        Result written = run(new Container(0), how, "./control", "write");
        assertThat(written.err()).as(written.out()).contains("the sandbox killed the program");
        assertThat(written.out()).doesNotContain("flags");
        assertThat(written.status()).isEqualTo(137);
        assertThat(run(new Container(0), how, "./control", "leave").succeeded().out())
                .isEqualTo("flags 1\n");
        Container allowing = new Container(0).allowing("pidfd_getfd");
        assertThat(run(allowing, how, "./control", "write").succeeded().out()).isEqualTo("written 1\nflags 1\n");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 65534})
    void doctorTellsByWhichWayDescriptorsCome(int user) {
        List<String> doctor = List.of(Native.CLIENT.toString(), "doctor", "--root", Jar.TREE.toString());
        Result refused = new Container(user).run(directory, Map.of(), doctor);
        assertThat(refused.succeeded().out())
                .containsPattern("descriptors +ok +its programs' trustees send theirs .*EPERM")
                .contains("Programs can be run here");
        Result allowed = new Container(user).allowing("pidfd_getfd").run(directory, Map.of(), doctor);
        assertThat(allowed.succeeded().out()).containsPattern("descriptors +ok +.* by pidfd_getfd\\(2\\)");
    }
}
