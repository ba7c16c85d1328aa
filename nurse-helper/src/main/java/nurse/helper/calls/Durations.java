package nurse.helper.calls;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;
import nurse.ffm.Errno;

/** struct timespec and timeval of i386: 8 bytes, or 16 in the 64-bit-time forms (linux/time_types.h). */
public final class Durations {
    private static final long SECOND = 1_000_000_000;

    private Durations() {}

    /**
     * A timespec in nanoseconds; what does not fit is for ever, {@link Long#MAX_VALUE}.
     *
     * @param size 8 or 16
     * @throws CallError EINVAL for a negative time or a fraction of a second or more
     */
    public static long ofTimespec(MemorySegment from, int size) {
        return of(seconds(from, size), from.get(JAVA_INT_UNALIGNED, size / 2));
    }

    private static long seconds(MemorySegment from, int size) {
        return size == 8 ? from.get(JAVA_INT_UNALIGNED, 0) : from.get(JAVA_LONG_UNALIGNED, 0);
    }

    /** The timeval of select(2), in nanoseconds: whole seconds of microseconds count as seconds (fs/select.c, kern_select). */
    public static long ofTimeval(MemorySegment from) {
        int micros = from.get(JAVA_INT_UNALIGNED, 4);
        return of((long) from.get(JAVA_INT_UNALIGNED, 0) + micros / 1_000_000, micros % 1_000_000 * 1000);
    }

    private static long of(long seconds, int fraction) {
        if (seconds < 0 || fraction < 0 || fraction >= SECOND) {
            throw CallError.of(Errno.EINVAL);
        }
        return seconds >= Long.MAX_VALUE / SECOND ? Long.MAX_VALUE : seconds * SECOND + fraction;
    }

    /** The sum of two times that are not negative; what does not fit is for ever (ktime_add_safe, kernel/time/hrtimer.c). */
    public static long sum(long one, long other) {
        return one > Long.MAX_VALUE - other ? Long.MAX_VALUE : one + other;
    }

    /** Microseconds in nanoseconds; what does not fit is for ever. */
    public static long ofMicros(long micros) {
        return micros > Long.MAX_VALUE / 1000 ? Long.MAX_VALUE : micros * 1000;
    }

    /** Writes nanoseconds as a timespec. */
    public static void putTimespec(MemorySegment to, long nanos, int size) {
        put(to, nanos, size, 1);
    }

    /** Writes nanoseconds as a timeval. */
    public static void putTimeval(MemorySegment to, long nanos, int size) {
        put(to, nanos, size, 1000);
    }

    private static void put(MemorySegment to, long nanos, int size, int unit) {
        if (size == 8) {
            to.set(JAVA_INT_UNALIGNED, 0, (int) (nanos / SECOND));
            to.set(JAVA_INT_UNALIGNED, 4, (int) (nanos % SECOND / unit));
        } else {
            to.set(JAVA_LONG_UNALIGNED, 0, nanos / SECOND);
            to.set(JAVA_LONG_UNALIGNED, 8, nanos % SECOND / unit);
        }
    }
}
