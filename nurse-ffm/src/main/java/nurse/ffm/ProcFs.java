package nurse.ffm;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What proc(5) says of another process: read fresh at every question, through the kernel instance's own buffer.
 *
 * <p>The process may be hostile, and chooses the names that stand in these files. The kernel escapes newlines in them
 * and nothing else, so lines end at a newline only (not at a carriage return, as {@link String#lines()} has it).
 */
public final class ProcFs {
    private static final int DIRENT_RECLEN = 16; // struct linux_dirent64: u64 ino, s64 off, u16 reclen, u8 type, name
    private static final int DIRENT_NAME = 19;

    private ProcFs() {}

    /**
     * One line of /proc/PID/maps.
     *
     * @param start first address
     * @param end address after the last
     * @param permissions such as {@code r-xp}
     * @param offset within the file, in bytes
     * @param device major and minor number, hexadecimal, such as {@code fe:00}
     * @param inode 0 for memory without a file
     * @param path the file, a name such as {@code [vdso]}, or empty; chosen by the process, one char a byte
     */
    public record Mapping(
            long start, long end, String permissions, long offset, String device, long inode, String path) {}

    /**
     * A field of /proc/PID/task/TID/status, such as {@code Seccomp}, without the blanks around it.
     *
     * @return null when there is no such thread or field
     */
    public static String status(Kernel kernel, int pid, int tid, String field) {
        return status(kernel, pid, tid).field(field);
    }

    /** The whole of it, to ask for several fields of one moment. */
    public static Status status(Kernel kernel, int pid, int tid) {
        String text = read(kernel, "/proc/" + pid + "/task/" + tid + "/status");
        return new Status(text == null ? "" : text);
    }

    /** /proc/PID/task/TID/status at one moment; without any field if there was no such thread. */
    public record Status(String text) {
        /** As {@link ProcFs#status(Kernel, int, int, String)}. */
        public String field(String name) {
            int at = ("\n" + text).indexOf("\n" + name + ":");
            if (at < 0) {
                return null;
            }
            int from = at + name.length() + 1;
            int end = text.indexOf('\n', from);
            return text.substring(from, end < 0 ? text.length() : end).trim();
        }
    }

    /** How many SECCOMP filters a thread is under; 0 before Linux 5.9, which does not say, and for a thread that is gone. */
    public static int filters(Kernel kernel, int pid, int tid) {
        String count = status(kernel, pid, tid, "Seccomp_filters");
        return count == null ? 0 : Integer.parseInt(count);
    }

    /** The threads of a process, as the kernel lists them; empty if it is gone or cannot be looked at. */
    public static List<Integer> tasks(Kernel kernel, int pid) {
        return numbers(kernel, "/proc/" + pid + "/task");
    }

    /** The numbers of a process's descriptors; empty if it is gone or cannot be looked at. */
    public static List<Integer> descriptors(Kernel kernel, int pid) {
        return numbers(kernel, "/proc/" + pid + "/fd");
    }

    private static List<Integer> numbers(Kernel kernel, String directory) {
        int fd = kernel.openat(Kernel.AT_FDCWD, directory, Kernel.O_RDONLY | Kernel.O_DIRECTORY | Kernel.O_CLOEXEC, 0);
        if (fd < 0) {
            return List.of();
        }
        List<Integer> numbers = new ArrayList<>();
        MemorySegment chunk = kernel.chunk();
        int got;
        while ((got = kernel.getdents64(fd, chunk, (int) chunk.byteSize())) > 0) {
            int next;
            for (int at = 0; at < got; at = next) {
                next = at + (chunk.get(JAVA_SHORT_UNALIGNED, at + DIRENT_RECLEN) & 0xffff);
                if (chunk.get(JAVA_BYTE, at + DIRENT_NAME) != '.') {
                    numbers.add(number(chunk, at + DIRENT_NAME));
                }
            }
        }
        kernel.close(fd);
        return got < 0 ? List.of() : numbers;
    }

    private static int number(MemorySegment chunk, int at) {
        int number = 0;
        int digit;
        for (int i = at; (digit = chunk.get(JAVA_BYTE, i) - '0') >= 0 && digit <= 9; i++) {
            number = number * 10 + digit;
        }
        return number;
    }

    /** The mappings of a process; empty if it is gone or cannot be looked at. */
    public static List<Mapping> maps(Kernel kernel, int pid) {
        List<Mapping> mappings = new ArrayList<>();
        String text = read(kernel, "/proc/" + pid + "/maps");
        int end;
        for (int at = 0; text != null && (end = text.indexOf('\n', at)) >= 0; at = end + 1) {
            mappings.add(mapping(text.substring(at, end)));
        }
        return mappings;
    }

    // 08048000-08049000 r-xp 00001000 fe:00 1234     /a path, which may have blanks
    private static Mapping mapping(String line) {
        int dash = line.indexOf('-');
        int permissions = line.indexOf(' ', dash) + 1;
        int offset = line.indexOf(' ', permissions) + 1;
        int device = line.indexOf(' ', offset) + 1;
        int inode = line.indexOf(' ', device) + 1;
        int blanks = line.indexOf(' ', inode);
        int path = blanks;
        while (path < line.length() && line.charAt(path) == ' ') {
            path++;
        }
        return new Mapping(
                Long.parseUnsignedLong(line, 0, dash, 16),
                Long.parseUnsignedLong(line, dash + 1, permissions - 1, 16),
                line.substring(permissions, offset - 1),
                Long.parseUnsignedLong(line, offset, device - 1, 16),
                line.substring(device, inode - 1),
                Long.parseUnsignedLong(line, inode, blanks, 10),
                line.substring(path));
    }

    /** A whole file of proc, one char a byte; null if it cannot be read to its end. */
    public static String read(Kernel kernel, String path) {
        return read(kernel, Kernel.AT_FDCWD, path);
    }

    /** The same of a name that, if relative, begins at a directory. */
    public static String read(Kernel kernel, int directory, String path) {
        int fd = kernel.openat(directory, path, Kernel.O_RDONLY | Kernel.O_CLOEXEC, 0);
        if (fd < 0) {
            return null;
        }
        StringBuilder text = new StringBuilder();
        MemorySegment chunk = kernel.chunk();
        int got;
        while ((got = kernel.read(fd, chunk, (int) chunk.byteSize())) > 0) {
            byte[] bytes = new byte[got];
            MemorySegment.copy(chunk, JAVA_BYTE, 0, bytes, 0, got);
            text.append(new String(bytes, StandardCharsets.ISO_8859_1));
        }
        kernel.close(fd);
        return got < 0
                ? null
                : text.toString(); // half a file is no answer: what is missing in it might be what matters
    }
}
