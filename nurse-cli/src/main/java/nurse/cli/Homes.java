package nurse.cli;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import nurse.ffm.Kernel;
import nurse.ffm.Statx;
import nurse.helper.files.View;

/**
 * Knows a home directory, and one that homes are in: keys, mail and settings of people lie there, and to stand there says nothing
 * about them. A home is what HOME and the user's entry in passwd(5) name, {@code /root}, and each directory of {@code /home},
 * whatever link or mount leads there.
 */
final class Homes {
    private static final String PARENT = "/home";
    private static final String OF_ROOT = "/root";

    private final Kernel kernel;

    Homes(Kernel kernel) {
        this.kernel = kernel;
    }

    /**
     * Whether a directory of the host is a home, or one is below it that is the user's, root's or in {@code /home}.
     *
     * @param directory the directory: a descriptor, or AT_FDCWD for the current one
     * @param name its canonical name
     * @param environment the user's
     */
    boolean include(int directory, String name, Map<String, String> environment) {
        String base = name.substring(name.lastIndexOf('/') + 1);
        return isOrHolds(directory, name, environment.getOrDefault("HOME", ""))
                || isOrHolds(directory, name, System.getProperty("user.home")) // the JDK asks getpwuid(3)
                || isOrHolds(directory, name, OF_ROOT)
                || isOrHolds(directory, name, PARENT)
                || isSame(directory, "..", PARENT)
                || isSame(directory, ".", PARENT + "/" + base);
    }

    private boolean isOrHolds(int directory, String name, String home) {
        return home.startsWith("/") && (isSame(directory, ".", home) || View.isBelow(canonical(home), name));
    }

    /** Whether two names are of one directory: the kernel's numbers of it are the same through links and bind mounts. */
    private boolean isSame(int directory, String relative, String absolute) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment one = arena.allocate(Statx.SIZE, Long.BYTES);
            MemorySegment other = arena.allocate(Statx.SIZE, Long.BYTES);
            return kernel.statx(directory, relative, 0, Kernel.STATX_BASIC_STATS, one) == 0
                    && kernel.statx(Kernel.AT_FDCWD, absolute, 0, Kernel.STATX_BASIC_STATS, other) == 0
                    && Statx.ino(one) == Statx.ino(other)
                    && Statx.dev(one) == Statx.dev(other);
        }
    }

    /** The name with its links followed; as it is where nothing is there. */
    private String canonical(String name) {
        int fd = kernel.openat(Kernel.AT_FDCWD, name, Kernel.O_PATH | Kernel.O_CLOEXEC, 0);
        String canonical = fd < 0 ? null : kernel.readlinkat(Kernel.AT_FDCWD, "/proc/self/fd/" + fd);
        kernel.close(fd);
        return canonical == null ? name : canonical;
    }
}
