package nurse.ffm;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SpawnTest {
    private static final int EXITED = 0;
    private static final int KILLED = 256;

    private final Arena arena = Arena.ofConfined();
    private final Kernel kernel = Kernel.confined();

    @AfterEach
    void close() {
        kernel.close();
        arena.close();
    }

    private OwnedFd open(String path, int flags) {
        return OwnedFd.of(kernel, "open", kernel.openat(Kernel.AT_FDCWD, path, flags | Kernel.O_CLOEXEC, 0));
    }

    private int waitFor(int pid) {
        assertThat(pid).isPositive();
        try (OwnedFd pidfd = OwnedFd.of(kernel, "pidfd_open", kernel.pidfd_open(pid, 0))) {
            return kernel.waitExit(pidfd.fd());
        }
    }

    private record Outcome(int exit, String output) {}

    /** Runs /bin/sh -c {@code script} with a pipe as standard output. */
    private Outcome shell(String script, List<String> environment, int[] sources, int[] targets) {
        long pipe = KernelRefused.check("pipe2", kernel.pipe2(Kernel.O_CLOEXEC));
        int[] from = java.util.Arrays.copyOf(sources, sources.length + 1);
        int[] to = java.util.Arrays.copyOf(targets, targets.length + 1);
        from[sources.length] = (int) (pipe >>> 32);
        to[targets.length] = 1;
        int pid = Spawn.spawn("/bin/sh", List.of("sh", "-c", script), environment, from, to);
        kernel.close((int) (pipe >>> 32));
        StringBuilder output = new StringBuilder();
        MemorySegment buffer = arena.allocate(4096);
        int got;
        while ((got = kernel.read((int) pipe, buffer, 4096)) > 0) {
            output.append(new String(buffer.asSlice(0, got).toArray(JAVA_BYTE), ISO_8859_1));
        }
        kernel.close((int) pipe);
        return new Outcome(waitFor(pid), output.toString());
    }

    @Test
    void theChildHasExactlyItsArgumentsAndEnvironment() {
        Outcome outcome = shell("exec env", List.of("A=1 \u00ff", "PATH=/usr/bin:/bin"), new int[0], new int[0]);
        assertThat(outcome.exit()).isEqualTo(EXITED);
        assertThat(outcome.output().lines().filter(line -> !line.matches("(_|PWD|SHLVL|OLDPWD)=.*")))
                .containsExactlyInAnyOrder("A=1 \u00ff", "PATH=/usr/bin:/bin");
    }

    @Test
    void theExitStatusIsTheChilds() {
        assertThat(shell("exit 0", List.of(), new int[0], new int[0]).exit()).isZero();
        assertThat(shell("exit 200", List.of(), new int[0], new int[0]).exit()).isEqualTo(200);
    }

    @Test
    void descriptorsThatChangePlacesAndNoOthersArriveInTheChild() throws IOException {
        try (OwnedFd null1 = open("/dev/null", Kernel.O_RDONLY);
                OwnedFd zero1 = open("/dev/zero", Kernel.O_RDONLY);
                OwnedFd full = open("/dev/full", Kernel.O_RDONLY)) {
            int a = null1.fd();
            int b = zero1.fd();
            int leaked = kernel.fcntl(full.fd(), 0, 300); // F_DUPFD: without close-on-exec, above all targets
            int gap = kernel.fcntl(full.fd(), 0, Math.max(a, b) + 1);
            int far = gap + 1;
            // a and b swap, a goes to a far number too, and b twice
            Outcome outcome = shell(
                    "for f in 0 " + a + " " + b + " " + far
                            + "; do readlink /proc/$$/fd/$f; done; echo; ls /proc/$$/fd",
                    List.of("PATH=/usr/bin:/bin"),
                    new int[] {a, b, a, b},
                    new int[] {b, a, far, 0});
            kernel.close(leaked);
            kernel.close(gap);
            assertThat(outcome.exit()).isEqualTo(EXITED);
            String[] parts = outcome.output().split("\n\n");
            assertThat(parts[0].lines()).containsExactly("/dev/zero", "/dev/zero", "/dev/null", "/dev/null");
            assertThat(parts[1].lines()).containsExactlyInAnyOrder("0", "1", "" + a, "" + b, "" + far);
            // ours are as they were
            assertThat(Files.readSymbolicLink(Path.of("/proc/self/fd/" + a))).isEqualTo(Path.of("/dev/null"));
            assertThat(kernel.fcntl(a, Kernel.F_GETFD, 0)).isEqualTo(Kernel.FD_CLOEXEC);
        }
    }

    @Test
    void aDescriptorThatKeepsItsNumberStaysOpenInTheChild() {
        try (OwnedFd zero = open("/dev/zero", Kernel.O_RDONLY)) {
            Outcome outcome = shell(
                    "readlink /proc/$$/fd/" + zero.fd(),
                    List.of("PATH=/usr/bin:/bin"),
                    new int[] {zero.fd()},
                    new int[] {zero.fd()});
            assertThat(outcome.output()).isEqualTo("/dev/zero\n");
            assertThat(kernel.fcntl(zero.fd(), Kernel.F_GETFD, 0)).isEqualTo(Kernel.FD_CLOEXEC);
        }
    }

    @Test
    void aDescriptorThatIsNotOpenEndsTheSpawnAndNothingIsLeftOpen() throws IOException {
        int fd = kernel.memfd_create("nurse-spawned", Kernel.MFD_CLOEXEC);
        int[] swapped = {fd, 1}; // each is copied first
        assertThat(Spawn.spawn("/bin/true", List.of("true"), List.of(), new int[] {900}, new int[] {0}))
                .isEqualTo(-Errno.EBADF);
        assertThat(Spawn.spawn("/no/such/program", List.of("x"), List.of(), swapped, new int[] {1, fd}))
                .isEqualTo(-Errno.ENOENT);
        assertThat(Spawn.spawn(901, List.of("x"), List.of(), 0, new int[0])).isEqualTo(-Errno.EBADF);
        assertThat(OpenFiles.of("/memfd:nurse-spawned")).isEqualTo(1);
        kernel.close(fd);
        assertThatThrownBy(() -> Spawn.spawn("/bin/true", List.of("a\0b"), List.of(), new int[0], new int[0]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aProgramRunsFromADescriptorThatIsItselfATarget() {
        try (OwnedFd program = open("/bin/true", Kernel.O_PATH);
                OwnedFd zero = open("/dev/zero", Kernel.O_RDONLY)) {
            int pid = Spawn.spawn(
                    program.fd(), List.of("true"), List.of(), new int[] {zero.fd()}, new int[] {program.fd()});
            assertThat(waitFor(pid)).isEqualTo(EXITED);
            assertThat(waitFor(Spawn.spawn(program.fd(), List.of("true"), List.of(), 0, new int[] {0, 1, 2})))
                    .isEqualTo(EXITED);
        }
    }

    @Test
    void aProgramInMemoryRunsAndCannotBeChanged() throws IOException {
        byte[] content = Files.readAllBytes(Path.of("/bin/false"));
        try (OwnedFd program = MemFile.of(kernel, "nurse-false", content)) {
            assertThat(waitFor(Spawn.spawn(program.fd(), List.of("false"), List.of(), 0, new int[0])))
                    .isEqualTo(1);
            assertThat(kernel.pwrite(program.fd(), arena.allocate(1), 1, 0)).isEqualTo(-Errno.EPERM);
            assertThat(kernel.mmap(4096, Kernel.PROT_READ | Kernel.PROT_WRITE, program.fd()))
                    .isEqualTo(-Errno.EPERM);
            assertThat(kernel.lseek(program.fd(), 0, Kernel.SEEK_END)).isEqualTo(content.length);
            MemorySegment back = arena.allocate(content.length);
            assertThat(kernel.pread(program.fd(), back, content.length, 0)).isEqualTo(content.length);
            assertThat(back.toArray(JAVA_BYTE)).isEqualTo(content);
        }
        assertThatThrownBy(() -> MemFile.ofResource(kernel, SpawnTest.class, "/no/such"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("/no/such");
    }

    @Test
    void aResourceOfTheClassPathBecomesAFileInMemory() throws IOException {
        try (OwnedFd file = MemFile.ofResource(kernel, Kernel.class, "/nurse/ffm/Kernel.class")) {
            assertThat(Files.readAllBytes(Path.of("/proc/self/fd/" + file.fd())))
                    .startsWith(0xca, 0xfe, 0xba, 0xbe)
                    .hasSizeGreaterThan(1000);
        }
    }

    @Test
    void aKilledChildIsSeenAsKilled() {
        int pid =
                Spawn.spawn("/bin/sleep", List.of("sleep", "60"), List.of(), new int[] {0, 1, 2}, new int[] {0, 1, 2});
        assertThat(pid).isPositive();
        int pidfd = kernel.pidfd_open(pid, 0);
        assertThat(kernel.waitExit(pidfd, Kernel.WNOHANG)).isEqualTo(-Errno.EAGAIN);
        assertThat(kernel.poll(pidfd, Kernel.POLLIN, 0)).isZero();
        assertThat(kernel.pidfd_send_signal(pidfd, Kernel.SIGKILL)).isZero();
        assertThat(kernel.poll(pidfd, Kernel.POLLIN, -1)).isEqualTo(Kernel.POLLIN);
        assertThat(kernel.waitExit(pidfd)).isEqualTo(KILLED + Kernel.SIGKILL);
        assertThat(kernel.waitExit(pidfd)).isEqualTo(-Errno.ECHILD);
        assertThat(kernel.pidfd_send_signal(pidfd, 0)).isEqualTo(-Errno.ESRCH);
        kernel.close(pidfd);
    }

    /** Linux before 6.15 does not tell; that it does is looked at where it is new enough. */
    @Test
    void howAnotherEndedIsToldByItsPidfdOnceItIsReaped() throws IOException {
        String[] version =
                Files.readString(Path.of("/proc/sys/kernel/osrelease")).split("[^0-9]+");
        boolean tells = Integer.parseInt(version[0]) * 1000 + Integer.parseInt(version[1]) >= 6015;
        for (String[] end : new String[][] {{"exit 3", "768"}, {"kill -TERM $$", "15"}}) {
            int pid = Spawn.spawn(
                    "/bin/sh", List.of("sh", "-c", end[0]), List.of(), new int[] {0, 1, 2}, new int[] {0, 1, 2});
            int pidfd = kernel.pidfd_open(pid, 0);
            assertThat(kernel.poll(pidfd, Kernel.POLLIN, -1)).isEqualTo(Kernel.POLLIN);
            assertThat(kernel.pidfdExitCode(pidfd)).isNegative(); // a zombie yet
            assertThat(kernel.waitExit(pidfd)).isNotNegative();
            int code = kernel.pidfdExitCode(pidfd);
            if (tells) {
                assertThat(code).isEqualTo(Integer.parseInt(end[1]));
            } else {
                assertThat(code).isNegative();
            }
            kernel.close(pidfd);
        }
    }

    @Test
    void noSignalIsBlockedOrIgnoredInTheChild() {
        Outcome outcome = shell(
                "exec grep -E '^Sig(Blk|Ign):' /proc/self/status",
                List.of("PATH=/usr/bin:/bin"),
                new int[0],
                new int[0]);
        assertThat(outcome.output()).isEqualTo("SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
    }

    @Test
    void theChildsParentIsThisProcess() {
        assertThat(shell("echo $PPID", List.of(), new int[0], new int[0]).output())
                .isEqualTo(kernel.getpid() + "\n");
    }
}
