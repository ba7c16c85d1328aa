package nurse.ffm;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What proc(5) says of another process: read fresh at every question. */
public final class ProcFs {
    private static final int CHUNK = 32 * 1024;

    private ProcFs() {}

    /** One line of /proc/PID/maps. */
    public record Mapping(long start, long end, String permissions, long inode) {}

    /**
     * A field of /proc/PID/task/TID/status, such as {@code Seccomp}, without the blanks around it.
     *
     * @return null when there is no such thread or field
     */
    public static String status(Kernel kernel, int pid, int tid, String field) {
        String text = read(kernel, "/proc/" + pid + "/task/" + tid + "/status");
        int at = text == null ? -1 : ("\n" + text).indexOf("\n" + field + ":");
        if (at < 0) {
            return null;
        }
        int from = at + field.length() + 1;
        int end = text.indexOf('\n', from);
        return text.substring(from, end < 0 ? text.length() : end).trim();
    }

    /** The mappings of a process; empty if it is gone or cannot be looked at. */
    public static List<Mapping> maps(Kernel kernel, int pid) {
        List<Mapping> mappings = new ArrayList<>();
        String text = read(kernel, "/proc/" + pid + "/maps");
        if (text != null) {
            text.lines().forEach(line -> mappings.add(mapping(line)));
        }
        return mappings;
    }

    private static Mapping mapping(String line) {
        String[] fields = line.split(" +", 6);
        int dash = fields[0].indexOf('-');
        return new Mapping(
                Long.parseUnsignedLong(fields[0], 0, dash, 16),
                Long.parseUnsignedLong(fields[0], dash + 1, fields[0].length(), 16),
                fields[1],
                Long.parseLong(fields[4]));
    }

    /** A whole file of proc, one char a byte; null if it cannot be read. */
    public static String read(Kernel kernel, String path) {
        int fd = kernel.openat(Kernel.AT_FDCWD, path, Kernel.O_RDONLY | Kernel.O_CLOEXEC, 0);
        if (fd < 0) {
            return null;
        }
        StringBuilder text = new StringBuilder();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment chunk = arena.allocate(CHUNK);
            byte[] bytes = new byte[CHUNK];
            int got;
            while ((got = kernel.read(fd, chunk, CHUNK)) > 0) {
                MemorySegment.copy(chunk, JAVA_BYTE, 0, bytes, 0, got);
                text.append(new String(bytes, 0, got, StandardCharsets.ISO_8859_1));
            }
        } finally {
            kernel.close(fd);
        }
        return text.toString();
    }
}
