package nurse.helper.files;

import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.List;
import java.util.Locale;
import nurse.ffm.Kernel;
import nurse.ffm.Statx;
import nurse.helper.policy.Policy;

/**
 * Tells which names of one directory are the same entry. In most file systems a file has the name that its directory lists;
 * some take others for it: in another case (vfat, exfat, SMB; ext4, f2fs and tmpfs in a directory with the attribute +F), the
 * short name of a long one (vfat), whatever a FUSE server likes.
 *
 * <p>The kernel does not tell the name that is listed: a dentry has the spelling of the first look-up (fs/ext4/namei.c,
 * fs/fat/namei_vfat.c). So the entries themselves are compared.
 */
final class Spellings implements Policy.Spelling {
    private static final int STATFS_SIZE = 120;
    private static final int FS_CASEFOLD_FL = 0x40000000; // linux/fs.h

    /** How a file system reads names. */
    private enum Reading {
        /** By their bytes. */
        EXACT,
        /** By their bytes, or without regard to case, in some directories. */
        BY_DIRECTORY,
        /** The same, as the file system was made; it does not tell how. */
        AS_MADE,
        /** In a way that is not known here. */
        OTHER
    }

    /** What is there under a name. */
    private sealed interface Entry {
        record Absent() implements Entry {}

        record There(long device, long inode) implements Entry {}
    }

    private final Kernel kernel;
    private final View view;

    Spellings(Kernel kernel, View view) {
        this.kernel = kernel;
        this.view = view;
    }

    @Override
    public String sameEntry(String directory, String name, List<String> others) {
        Reading reading = reading(directory);
        if (reading == Reading.EXACT) {
            return null;
        }
        for (String other : others) {
            boolean folds = !other.equals(name) && folds(name, other);
            if (!other.equals(name)
                    && (folds || reading == Reading.OTHER)
                    && isSame(directory, name, other, reading, folds)) {
                return other;
            }
        }
        return null;
    }

    private boolean isSame(String directory, String name, String other, Reading reading, boolean folds) {
        if (reading == Reading.BY_DIRECTORY && !ignoresCase(directory)) {
            return false;
        }
        Entry one = entry(directory, name);
        Entry two = entry(directory, other);
        boolean isThere = one instanceof Entry.There;
        if (isThere != two instanceof Entry.There) {
            return false;
        }
        // Of a FUSE server each spelling may have an inode number of its own. What is in no directory yet is one entry
        // once made.
        return isThere && one.equals(two) || folds && (!isThere || reading == Reading.OTHER);
    }

    /** statfs(2), f_type: linux/magic.h. */
    private Reading reading(String directory) {
        int fd = view.open(directory, false, Kernel.O_PATH | Kernel.O_DIRECTORY | Kernel.O_CLOEXEC, 0);
        if (fd < 0) {
            return Reading.EXACT; // then nothing can be opened in it either
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment statfs = arena.allocate(STATFS_SIZE, 8);
            if (kernel.fstatfs(fd, statfs) < 0) {
                return Reading.OTHER;
            }
            return switch ((int) statfs.get(JAVA_LONG_UNALIGNED, 0)) {
                case 0x9fa0, 0x62656572, 0x1cd1, 0x63677270 -> Reading.EXACT; // proc, sysfs, devpts, cgroup2
                case 0x9123683e, 0x73717368, 0xe0f5e1e2, 0x858458f6 -> Reading.EXACT; // btrfs, squashfs, erofs, ramfs
                case 0xef53, 0xf2f52010, 0x01021994, 0x794c7630 -> Reading.BY_DIRECTORY; // ext4, f2fs, tmpfs, overlay
                case 0x58465342 -> Reading.AS_MADE; // XFS: mkfs.xfs -n version=ci
                default -> Reading.OTHER;
            };
        } finally {
            kernel.close(fd);
        }
    }

    /** Whether a directory has the attribute +F (chattr(1)); a file system without attributes has none. */
    private boolean ignoresCase(String directory) {
        int how = Kernel.O_RDONLY | Kernel.O_DIRECTORY | Kernel.O_NONBLOCK | Kernel.O_CLOEXEC;
        int fd = view.open(directory, false, how, 0);
        if (fd < 0) {
            return true;
        }
        int flags = kernel.inodeFlags(fd);
        kernel.close(fd);
        return flags > 0 && (flags & FS_CASEFOLD_FL) != 0;
    }

    private Entry entry(String directory, String name) {
        String whole = directory.equals("/") ? "/" + name : directory + "/" + name;
        int fd = view.open(whole, false, Kernel.O_PATH | Kernel.O_NOFOLLOW | Kernel.O_CLOEXEC, 0);
        if (fd < 0) {
            return new Entry.Absent();
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment statx = arena.allocate(Statx.SIZE, 8);
            int result = kernel.statx(fd, "", Kernel.AT_EMPTY_PATH, Kernel.STATX_BASIC_STATS, statx);
            return result < 0 ? new Entry.Absent() : new Entry.There(Statx.dev(statx), Statx.ino(statx));
        } finally {
            kernel.close(fd);
        }
    }

    /** Whether two names differ in what file systems that ignore case ignore. */
    static boolean folds(String one, String other) {
        return folded(one).equals(folded(other));
    }

    private static String folded(String name) {
        int end = name.length();
        while (end > 0 && (name.charAt(end - 1) == '.' || name.charAt(end - 1) == ' ')) { // fs/fat/namei_vfat.c
            end--;
        }
        String bare = name.substring(0, end);
        boolean ascii = bare.chars().allMatch(c -> c < 0x80);
        if (ascii) {
            return bare.toLowerCase(Locale.ROOT);
        }
        String text = new String(bare.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
        StringBuilder seen = new StringBuilder();
        Normalizer.normalize(text, Normalizer.Form.NFKD)
                .codePoints()
                .filter(c -> Character.getType(c) != Character.FORMAT) // U+200C and its kin, which ext4 passes over
                .forEach(seen::appendCodePoint);
        return seen.toString().toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
    }
}
