package nurse.ffm;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/** The fields of a struct statx (include/uapi/linux/stat.h), read from the segment that statx(2) wrote. */
public final class Statx {
    /** Bytes of a struct statx. */
    public static final int SIZE = 256;

    private static final int MASK = 0;
    private static final int NLINK = 16;
    private static final int UID = 20;
    private static final int GID = 24;
    private static final int MODE = 28;
    private static final int INO = 32;
    private static final int FILE_SIZE = 40;
    private static final int BLOCKS = 48;
    private static final int ATIME = 64;
    private static final int CTIME = 96;
    private static final int MTIME = 112;
    private static final int NSEC = 8; // within a struct statx_timestamp
    private static final int RDEV = 128;
    private static final int DEV = 136;

    private Statx() {}

    /** STATX_* bits of the fields that the kernel filled. */
    public static int mask(MemorySegment statx) {
        return statx.get(JAVA_INT_UNALIGNED, MASK);
    }

    public static int nlink(MemorySegment statx) {
        return statx.get(JAVA_INT_UNALIGNED, NLINK);
    }

    public static int uid(MemorySegment statx) {
        return statx.get(JAVA_INT_UNALIGNED, UID);
    }

    public static int gid(MemorySegment statx) {
        return statx.get(JAVA_INT_UNALIGNED, GID);
    }

    /** Type (S_IFMT) and permissions. */
    public static int mode(MemorySegment statx) {
        return statx.get(JAVA_SHORT_UNALIGNED, MODE) & 0xffff;
    }

    public static long ino(MemorySegment statx) {
        return statx.get(JAVA_LONG_UNALIGNED, INO);
    }

    /** Size in bytes. */
    public static long size(MemorySegment statx) {
        return statx.get(JAVA_LONG_UNALIGNED, FILE_SIZE);
    }

    /** Space taken, in units of 512 bytes. */
    public static long blocks(MemorySegment statx) {
        return statx.get(JAVA_LONG_UNALIGNED, BLOCKS);
    }

    /** Device that holds the file: major number in the high half, minor number in the low half. */
    public static long dev(MemorySegment statx) {
        return device(statx, DEV);
    }

    /** Device that the file is: major number in the high half, minor number in the low half. */
    public static long rdev(MemorySegment statx) {
        return device(statx, RDEV);
    }

    /** Last access, nanoseconds since 1970; right until 2262. */
    public static long atimeNanos(MemorySegment statx) {
        return nanos(statx, ATIME);
    }

    /** Last change of the content, nanoseconds since 1970; right until 2262. */
    public static long mtimeNanos(MemorySegment statx) {
        return nanos(statx, MTIME);
    }

    /** Last change of the inode, nanoseconds since 1970; right until 2262. */
    public static long ctimeNanos(MemorySegment statx) {
        return nanos(statx, CTIME);
    }

    private static long device(MemorySegment statx, int offset) {
        long major = statx.get(JAVA_INT_UNALIGNED, offset);
        return major << 32 | statx.get(JAVA_INT_UNALIGNED, offset + 4) & 0xffffffffL;
    }

    private static long nanos(MemorySegment statx, int offset) {
        return statx.get(JAVA_LONG_UNALIGNED, offset) * Kernel.NANOS + statx.get(JAVA_INT_UNALIGNED, offset + NSEC);
    }
}
