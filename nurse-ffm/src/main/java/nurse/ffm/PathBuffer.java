package nurse.ffm;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A path as the kernel takes it, in native memory that is used again and again: bytes, and a NUL at the end.
 *
 * <p>What cannot be a C string (a char above 0xff, a NUL within) is not cut or replaced, as the kernel would then get a
 * name other than the one that was judged: the buffer becomes {@link #isUsable() unusable}, and calls given it fail
 * with EFAULT. A path of PATH_MAX bytes or more is left to the kernel, which answers ENAMETOOLONG.
 *
 * <p>Not thread-safe.
 */
public final class PathBuffer {
    /** Bytes of a path with its NUL, at most (linux/limits.h). */
    public static final int PATH_MAX = 4096;

    private static final int SIZE =
            PATH_MAX + 64; // with no NUL in the first PATH_MAX bytes, the kernel says ENAMETOOLONG
    private static final long NOWHERE = -1; // no user space there: a call that is given it fails with EFAULT

    private final MemorySegment bytes;
    private boolean usable;

    public PathBuffer(Arena arena) {
        bytes = arena.allocate(SIZE, 8);
        usable = true;
    }

    /** Takes a path with one char a byte (ISO 8859-1). */
    public PathBuffer set(String path) {
        int length = Math.min(path.length(), SIZE - 1);
        usable = true;
        for (int i = 0; i < length; i++) {
            char c = path.charAt(i);
            usable &= c != 0 && c <= 0xff;
            bytes.set(JAVA_BYTE, i, (byte) c);
        }
        bytes.set(JAVA_BYTE, length, (byte) 0);
        return this;
    }

    /**
     * Takes bytes of another segment, without a NUL at their end. They are copied once, then judged: the other segment
     * may change meanwhile.
     */
    public PathBuffer set(MemorySegment from, long offset, int length) {
        int kept = Math.min(length, SIZE - 1);
        MemorySegment.copy(from, offset, bytes, 0, kept);
        bytes.set(JAVA_BYTE, kept, (byte) 0);
        usable = true;
        for (int i = 0; i < kept; i++) {
            usable &= bytes.get(JAVA_BYTE, i) != 0;
        }
        return this;
    }

    /** Whether the path that was set is one that a C string can hold. */
    public boolean isUsable() {
        return usable;
    }

    long address() {
        return usable ? bytes.address() : NOWHERE;
    }
}
