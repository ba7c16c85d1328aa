package nurse.cli;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;

/** <code>${tmp}</code>: a directory for one run, that nobody else may enter, and that is removed with all that was left in it. */
final class TemporaryDirectory {
    private static final int RECLEN = 16; // struct linux_dirent64: u64 ino, s64 off, u16 reclen, u8 type, name
    private static final int NAME = 19;
    private static final int OPEN = Kernel.O_RDONLY | Kernel.O_DIRECTORY | Kernel.O_NOFOLLOW | Kernel.O_CLOEXEC;

    private final Kernel kernel;
    private final String name;
    private final String hostName;
    private boolean made;

    /** @param root the host directory that the program sees as {@code /} */
    TemporaryDirectory(Kernel kernel, String root) {
        this.kernel = kernel;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment random = arena.allocate(8, 8);
            kernel.getrandom(random, 8, 0);
            this.name = "/tmp/nurse-" + Long.toHexString(random.get(JAVA_LONG, 0));
        }
        this.hostName = root.equals("/") ? name : root + name;
    }

    /** Its name, as the program sees it. */
    String name() {
        return name;
    }

    void make() {
        int result = kernel.mkdirat(Kernel.AT_FDCWD, hostName, 0700);
        if (result < 0) {
            throw new CannotRun(
                    CannotRun.FAILED,
                    "the policy asks for a temporary directory, which cannot be made",
                    Errno.name(-result) + " for " + hostName,
                    "let everyone write the directory above it, as /tmp usually is (chmod 1777)");
        }
        made = true;
    }

    /** Removes it. No link is followed: what is in it, a stranger's program has made. */
    void remove() {
        if (made) {
            int parent = kernel.openat(Kernel.AT_FDCWD, hostName.substring(0, hostName.lastIndexOf('/')), OPEN, 0);
            remove(parent, name.substring(name.lastIndexOf('/') + 1));
            kernel.close(parent);
        }
    }

    private void remove(int parent, String entry) {
        int directory = kernel.openat(parent, entry, OPEN, 0);
        if (directory >= 0) {
            for (String below : entries(directory)) {
                if (kernel.unlinkat(directory, below, 0) < 0) {
                    remove(directory, below);
                }
            }
            kernel.close(directory);
        }
        kernel.unlinkat(parent, entry, Kernel.AT_REMOVEDIR);
    }

    private List<String> entries(int directory) {
        List<String> names = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment chunk = arena.allocate(1 << 15, 8);
            int got;
            while ((got = kernel.getdents64(directory, chunk, 1 << 15)) > 0) {
                int next;
                for (int at = 0; at < got; at = next) {
                    next = at + (chunk.get(JAVA_SHORT_UNALIGNED, at + RECLEN) & 0xffff);
                    StringBuilder text = new StringBuilder();
                    for (int i = at + NAME, character; (character = chunk.get(JAVA_BYTE, i) & 0xff) != 0; i++) {
                        text.append((char) character);
                    }
                    if (!text.toString().equals(".") && !text.toString().equals("..")) {
                        names.add(text.toString());
                    }
                }
            }
        }
        return names;
    }
}
