package nurse.ffm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcFsTest {
    private static final int NONE = Integer.MAX_VALUE;

    private final Arena arena = Arena.ofConfined();
    private final Kernel kernel = Kernel.confined();
    private final int self = kernel.getpid();

    @AfterEach
    void close() {
        kernel.close();
        arena.close();
    }

    @Test
    void fieldsOfAThreadsStatusAreRead() {
        assertThat(ProcFs.status(kernel, self, kernel.gettid(), "Seccomp")).isIn("0", "1", "2");
        assertThat(ProcFs.status(kernel, self, kernel.gettid(), "NoNewPrivs")).isIn("0", "1");
        assertThat(ProcFs.status(kernel, self, kernel.gettid(), "SigBlk")).matches("[0-9a-f]{16}");
        assertThat(ProcFs.status(kernel, self, kernel.gettid(), "Pid")).isEqualTo("" + kernel.gettid());
        assertThat(ProcFs.status(kernel, self, self, "Name")).isNotEmpty(); // the first line
        assertThat(ProcFs.status(kernel, self, self, "ame")).isNull();
        assertThat(ProcFs.status(kernel, self, NONE, "Pid")).isNull();
    }

    @Test
    void everyThreadIsListed() throws IOException {
        List<Integer> tasks = ProcFs.tasks(kernel, self);
        assertThat(tasks)
                .contains(self, kernel.gettid())
                .doesNotHaveDuplicates()
                .allMatch(tid -> tid > 0);
        assertThat(ProcFs.tasks(kernel, NONE)).isEmpty();
    }

    @Test
    void mappingsAreReadWithAllTheirFields() {
        assertThat(ProcFs.maps(kernel, self)).anySatisfy(mapping -> {
            assertThat(mapping.path()).isEqualTo("[stack]");
            assertThat(mapping.permissions()).startsWith("rw");
            assertThat(mapping.inode()).isZero();
            assertThat(mapping.device()).isEqualTo("00:00");
        });
        assertThat(ProcFs.maps(kernel, NONE)).isEmpty();
    }

    @Test
    void aHostileFileNameMakesNoMappingOfItsOwn(@TempDir Path directory) throws IOException {
        String name = "a  b\r00001000-00002000 rwxp 00000000 00:00 0\nc";
        Path file = Files.write(directory.resolve(name), new byte[8192]);
        try (OwnedFd fd =
                OwnedFd.of(kernel, "open", kernel.openat(Kernel.AT_FDCWD, file.toString(), Kernel.O_CLOEXEC, 0))) {
            MemorySegment mapping = kernel.map(arena, 4096, Kernel.PROT_READ, Kernel.MAP_PRIVATE, fd.fd(), 4096);
            MemorySegment statx = arena.allocate(Statx.SIZE);
            kernel.statx(fd.fd(), "", Kernel.AT_EMPTY_PATH, Kernel.STATX_BASIC_STATS, statx);
            assertThat(ProcFs.maps(kernel, self))
                    .noneMatch(found -> found.start() == 0x1000)
                    .contains(new ProcFs.Mapping(
                            mapping.address(),
                            mapping.address() + 4096,
                            "r--p",
                            4096,
                            String.format("%02x:%02x", Statx.dev(statx) >>> 32, Statx.dev(statx) & 0xffffffffL),
                            Statx.ino(statx),
                            file.toString().replace("\n", "\\012")));
        }
    }

    @Test
    void aFileThatCannotBeReadToItsEndIsNoAnswer() {
        assertThat(ProcFs.read(kernel, "/proc/self/stat")).startsWith(self + " (");
        assertThat(ProcFs.read(kernel, "/proc/self/none")).isNull();
        assertThat(ProcFs.read(kernel, "/proc/self/mem")).isNull(); // opens, but address 0 gives EIO
        assertThat(ProcFs.read(kernel, "/proc")).isNull(); // a directory
    }
}
