package nurse.cli;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;

/** Text for people, in UTF-8, onto a descriptor that need not be this process's own standard error. */
final class Messages {
    private Messages() {}

    /**
     * Writes all of it, or as much as there is room for.
     *
     * @return how many bytes were written, or a negative errno when that are not all
     */
    static int write(Kernel kernel, int fd, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(Math.max(bytes.length, 1));
            MemorySegment.copy(bytes, 0, memory, JAVA_BYTE, 0, bytes.length);
            int done = 0;
            while (done < bytes.length) {
                int written = kernel.write(fd, memory.asSlice(done), bytes.length - done);
                if (written == -Errno.EINTR) {
                    continue;
                }
                if (written <= 0) {
                    return written;
                }
                done += written;
            }
            return done;
        }
    }

    /**
     * Appends a text by one write(2).
     *
     * @return how many bytes were written, or a negative errno
     */
    static int append(Kernel kernel, int fd, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(Math.max(bytes.length, 1));
            MemorySegment.copy(bytes, 0, memory, JAVA_BYTE, 0, bytes.length);
            return kernel.write(fd, memory, bytes.length);
        }
    }
}
