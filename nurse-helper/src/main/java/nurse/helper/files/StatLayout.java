package nurse.helper.files;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import nurse.ffm.Errno;
import nurse.helper.calls.CallError;

/**
 * The stat structures of i386, filled from a struct statx, which is the same everywhere (statx(2)).
 *
 * <p>Layouts: arch/x86/include/uapi/asm/stat.h (struct stat, stat64, __old_kernel_stat under __i386__).
 */
final class StatLayout {
    static final int STATX_SIZE = 256;
    static final int STAT64_SIZE = 96;
    static final int STAT_SIZE = 64;
    static final int OLD_STAT_SIZE = 32;

    private StatLayout() {}

    static void stat64(MemorySegment statx, MemorySegment to) {
        to.fill((byte) 0);
        long dev = device(statx, 136);
        long ino = statx.get(JAVA_LONG_UNALIGNED, 32);
        to.set(JAVA_LONG_UNALIGNED, 0, dev);
        to.set(JAVA_INT_UNALIGNED, 12, (int) ino);
        to.set(JAVA_INT_UNALIGNED, 16, statx.get(JAVA_SHORT_UNALIGNED, 28) & 0xffff);
        to.set(JAVA_INT_UNALIGNED, 20, statx.get(JAVA_INT_UNALIGNED, 16));
        to.set(JAVA_INT_UNALIGNED, 24, statx.get(JAVA_INT_UNALIGNED, 20));
        to.set(JAVA_INT_UNALIGNED, 28, statx.get(JAVA_INT_UNALIGNED, 24));
        to.set(JAVA_LONG_UNALIGNED, 32, device(statx, 128));
        to.set(JAVA_LONG_UNALIGNED, 44, statx.get(JAVA_LONG_UNALIGNED, 40));
        to.set(JAVA_INT_UNALIGNED, 52, statx.get(JAVA_INT_UNALIGNED, 4));
        to.set(JAVA_LONG_UNALIGNED, 56, statx.get(JAVA_LONG_UNALIGNED, 48));
        times(statx, to, 64);
        to.set(JAVA_LONG_UNALIGNED, 88, ino);
    }

    /** The stat of Linux 2.0: EOVERFLOW for what its 32-bit fields cannot say. */
    static void stat(MemorySegment statx, MemorySegment to) {
        to.fill((byte) 0);
        long size = statx.get(JAVA_LONG_UNALIGNED, 40);
        long ino = statx.get(JAVA_LONG_UNALIGNED, 32);
        if (size > Integer.MAX_VALUE || ino >>> 32 != 0) {
            throw CallError.of(Errno.EOVERFLOW);
        }
        to.set(JAVA_INT_UNALIGNED, 0, (int) device(statx, 136));
        to.set(JAVA_INT_UNALIGNED, 4, (int) ino);
        to.set(JAVA_SHORT_UNALIGNED, 8, statx.get(JAVA_SHORT_UNALIGNED, 28));
        to.set(JAVA_SHORT_UNALIGNED, 10, (short) statx.get(JAVA_INT_UNALIGNED, 16));
        to.set(JAVA_SHORT_UNALIGNED, 12, id16(statx.get(JAVA_INT_UNALIGNED, 20)));
        to.set(JAVA_SHORT_UNALIGNED, 14, id16(statx.get(JAVA_INT_UNALIGNED, 24)));
        to.set(JAVA_INT_UNALIGNED, 16, (int) device(statx, 128));
        to.set(JAVA_INT_UNALIGNED, 20, (int) size);
        to.set(JAVA_INT_UNALIGNED, 24, statx.get(JAVA_INT_UNALIGNED, 4));
        to.set(JAVA_INT_UNALIGNED, 28, (int) statx.get(JAVA_LONG_UNALIGNED, 48));
        times(statx, to, 32);
    }

    /** The stat of Linux 0.9, all of 16 bits but size and times: EOVERFLOW for an inode that does not fit (fs/stat.c). */
    static void oldStat(MemorySegment statx, MemorySegment to) {
        to.fill((byte) 0);
        long ino = statx.get(JAVA_LONG_UNALIGNED, 32);
        long size = statx.get(JAVA_LONG_UNALIGNED, 40);
        int links = statx.get(JAVA_INT_UNALIGNED, 16);
        if (ino >>> 16 != 0 || links >>> 16 != 0 || size > Integer.MAX_VALUE) {
            throw CallError.of(Errno.EOVERFLOW);
        }
        to.set(JAVA_SHORT_UNALIGNED, 0, oldDevice(statx, 136));
        to.set(JAVA_SHORT_UNALIGNED, 2, (short) ino);
        to.set(JAVA_SHORT_UNALIGNED, 4, statx.get(JAVA_SHORT_UNALIGNED, 28));
        to.set(JAVA_SHORT_UNALIGNED, 6, (short) links);
        to.set(JAVA_SHORT_UNALIGNED, 8, id16(statx.get(JAVA_INT_UNALIGNED, 20)));
        to.set(JAVA_SHORT_UNALIGNED, 10, id16(statx.get(JAVA_INT_UNALIGNED, 24)));
        to.set(JAVA_SHORT_UNALIGNED, 12, oldDevice(statx, 128));
        to.set(JAVA_INT_UNALIGNED, 16, (int) size);
        to.set(JAVA_INT_UNALIGNED, 20, (int) statx.get(JAVA_LONG_UNALIGNED, 64));
        to.set(JAVA_INT_UNALIGNED, 24, (int) statx.get(JAVA_LONG_UNALIGNED, 112));
        to.set(JAVA_INT_UNALIGNED, 28, (int) statx.get(JAVA_LONG_UNALIGNED, 96));
    }

    private static short oldDevice(MemorySegment statx, int at) {
        return (short) (statx.get(JAVA_INT_UNALIGNED, at) << 8 | statx.get(JAVA_INT_UNALIGNED, at + 4L) & 0xff);
    }

    /** linux/highuid.h: high2lowuid. */
    private static short id16(int id) {
        return (short) (id >>> 16 == 0 ? id : 65534);
    }

    /** atime, mtime, ctime: seconds and nanoseconds, 32 bits each. */
    private static void times(MemorySegment statx, MemorySegment to, int at) {
        int[] sources = {64, 112, 96};
        for (int i = 0; i < 3; i++) {
            to.set(JAVA_INT_UNALIGNED, at + 8L * i, (int) statx.get(JAVA_LONG_UNALIGNED, sources[i]));
            to.set(JAVA_INT_UNALIGNED, at + 8L * i + 4, statx.get(JAVA_INT_UNALIGNED, sources[i] + 8L));
        }
    }

    /** linux/kdev_t.h, new_encode_dev. */
    private static long device(MemorySegment statx, int at) {
        long major = statx.get(JAVA_INT_UNALIGNED, at) & 0xffffffffL;
        long minor = statx.get(JAVA_INT_UNALIGNED, at + 4L) & 0xffffffffL;
        return (minor & 0xff) | (major << 8) | ((minor & ~0xffL) << 12);
    }
}
