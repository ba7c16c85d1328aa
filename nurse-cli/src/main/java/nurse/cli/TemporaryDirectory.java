package nurse.cli;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.ffm.Statx;

/**
 * <code>${tmp}</code>: a directory for one run, that nobody else may enter, and that is removed with all that was left in it.
 *
 * <p>A helper that is killed removes nothing. So each holds a lock on its directory, which the kernel lets go of when the
 * helper is gone, and whoever makes a directory first removes those of this user's that nobody holds. It is a lock of the open
 * file description (F_OFD_SETLK, fcntl(2)), for reading: one that the program's own locks of a directory never meet, as a
 * directory cannot be opened for writing.
 */
final class TemporaryDirectory {
    private static final String PREFIX = "nurse-tmp-";
    private static final int OPEN = Kernel.O_RDONLY | Kernel.O_DIRECTORY | Kernel.O_NOFOLLOW | Kernel.O_CLOEXEC;
    private static final int CHUNK = 1 << 15;
    private static final int MODE_MASK = 07777;

    private final Kernel kernel;
    private final String name;
    private final String hostParent;
    private int held = -1;

    /** @param root the host directory that the program sees as {@code /} */
    TemporaryDirectory(Kernel kernel, String root) {
        this.kernel = kernel;
        this.name = "/tmp/" + PREFIX + random(kernel);
        this.hostParent = root.equals("/") ? "/tmp" : root + "/tmp";
    }

    private static String random(Kernel kernel) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment random = arena.allocate(8, 8);
            kernel.getrandom(random, 8, 0);
            return HexFormat.of().toHexDigits(random.get(JAVA_LONG, 0));
        }
    }

    /** Its name, as the program sees it. */
    String name() {
        return name;
    }

    private String entry() {
        return name.substring(name.lastIndexOf('/') + 1);
    }

    /** Makes it, after those of helpers that were killed have gone. */
    void make() {
        int parent = kernel.openat(Kernel.AT_FDCWD, hostParent, OPEN, 0);
        try {
            removeForsaken(parent);
            makeHeld(parent);
        } finally {
            kernel.close(parent);
        }
    }

    /** Under another name until it is locked: by its own, somebody could take it for forsaken before. */
    private void makeHeld(int parent) {
        String unheld = "nurse-new-" + random(kernel);
        int result = parent < 0 ? parent : kernel.mkdirat(parent, unheld, 0700);
        if (result >= 0) {
            held = kernel.openat(parent, unheld, OPEN, 0);
            result = held;
        }
        if (result >= 0) {
            kernel.lock(
                    held, Kernel.F_OFD_SETLK, Kernel.F_RDLCK); // a file system without locks has none to ask for either
            result = kernel.renameat2(parent, unheld, parent, entry(), 0);
        }
        if (result < 0) {
            kernel.unlinkat(parent, unheld, Kernel.AT_REMOVEDIR);
            throw new CannotRun(
                    CannotRun.FAILED,
                    "the policy asks for a temporary directory, which cannot be made",
                    Errno.name(-result) + " for " + hostParent + "/" + entry(),
                    "let everyone write the directory above it, as /tmp usually is (chmod 1777)");
        }
    }

    /** Removes it. */
    void remove() {
        if (held >= 0) {
            int parent = kernel.openat(Kernel.AT_FDCWD, hostParent, OPEN, 0);
            Removal.remove(kernel, parent, entry(), random(kernel));
            kernel.close(parent);
            kernel.close(held);
            held = -1;
        }
    }

    private void removeForsaken(int parent) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment chunk = arena.allocate(CHUNK, 8);
            int got;
            while ((got = kernel.getdents64(parent, chunk, CHUNK)) > 0) {
                for (String other : Removal.names(chunk, got)) {
                    if (other.startsWith(PREFIX) && isForsaken(parent, other)) {
                        Removal.remove(kernel, parent, other, random(kernel));
                    }
                }
            }
        }
    }

    private boolean isForsaken(int parent, String other) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment statx = arena.allocate(Statx.SIZE, 8);
            int result = kernel.statx(parent, other, Kernel.AT_SYMLINK_NOFOLLOW, Kernel.STATX_BASIC_STATS, statx);
            if (result < 0 || Statx.uid(statx) != kernel.geteuid()) {
                return false;
            }
            int fd = kernel.openat(parent, other, OPEN, 0);
            boolean closed = fd == -Errno.EACCES; // by its program, to its owner as well
            if (closed) {
                fd = Removal.open(kernel, parent, other);
            }
            boolean forsaken = fd >= 0 && kernel.lock(fd, Kernel.F_OFD_GETLK, Kernel.F_WRLCK) == Kernel.F_UNLCK;
            if (closed && fd >= 0 && !forsaken) {
                kernel.fchmod(fd, Statx.mode(statx) & MODE_MASK);
            }
            kernel.close(fd);
            return forsaken;
        }
    }
}
