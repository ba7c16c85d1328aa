package nurse.ffm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PathBufferTest {
    private static int open(Kernel kernel, String path) {
        return kernel.openat(Kernel.AT_FDCWD, path, Kernel.O_PATH | Kernel.O_CLOEXEC, 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/etc\0hidden", "/etc\u012fpasswd", "\0"})
    void aPathThatIsNoCStringIsRefusedAndNotCut(String path) {
        try (Kernel kernel = Kernel.confined()) {
            assertThat(open(kernel, path)).isEqualTo(-Errno.EFAULT);
        }
    }

    @Test
    void aPathThatIsOneIsOpened() {
        try (Kernel kernel = Kernel.confined()) {
            assertThat(open(kernel, "/etc\0")).isEqualTo(-Errno.EFAULT);
            int fd = open(kernel, "/etc");
            assertThat(fd).isNotNegative();
            assertThat(kernel.close(fd)).isZero();
        }
    }

    @Test
    void aPathOfPathMaxBytesIsTooLongAndOneByteLessIsNot() {
        try (Kernel kernel = Kernel.confined()) {
            String longest = "/".repeat(PathBuffer.PATH_MAX - 1);
            assertThat(open(kernel, longest + "/")).isEqualTo(-Errno.ENAMETOOLONG);
            assertThat(open(kernel, "/".repeat(100_000))).isEqualTo(-Errno.ENAMETOOLONG);
            int fd = open(kernel, longest);
            assertThat(fd).isNotNegative();
            kernel.close(fd);
        }
    }

    @Test
    void bytesOfAnotherSegmentAreAPathToo() {
        try (Arena arena = Arena.ofConfined();
                Kernel kernel = Kernel.confined()) {
            MemorySegment lane = arena.allocateFrom("xx/etc/passwd", StandardCharsets.ISO_8859_1);
            PathBuffer path = new PathBuffer(arena);
            int fd = kernel.openat2(Kernel.AT_FDCWD, path.set(lane, 2, 11), Kernel.O_PATH | Kernel.O_CLOEXEC, 0, 0);
            assertThat(fd).isNotNegative();
            assertThat(kernel.readlinkat(Kernel.AT_FDCWD, "/proc/self/fd/" + fd))
                    .isEqualTo("/etc/passwd");
            kernel.close(fd);
            assertThat(path.set(lane, 2, 12).isUsable()).isFalse(); // the twelfth byte is the NUL
            assertThat(kernel.faccessat2(Kernel.AT_FDCWD, path, 0, 0)).isEqualTo(-Errno.EFAULT);
            assertThat(kernel.faccessat2(Kernel.AT_FDCWD, path.set(lane, 2, 4), 0, 0))
                    .isZero();
            assertThatThrownBy(() -> path.set(lane, 2, 100)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }
}
