package nurse.helper.descriptors;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import nurse.helper.calls.Call;

/** An array of struct pollfd (poll(2)) in native memory, for {@link nurse.helper.calls.Trustee#await}. Not thread-safe. */
public final class PollEntries {
    /** Bytes of an entry: int fd, short events, short revents. */
    public static final int SIZE = 8;

    public static final int POLLIN = 1;
    public static final int POLLOUT = 4;

    private final MemorySegment entries;

    public PollEntries(Arena arena, int capacity) {
        entries = arena.allocate((long) SIZE * capacity, 8);
    }

    /** The array itself. */
    public MemorySegment memory() {
        return entries;
    }

    /** Enters a descriptor of the helper's, or -1 for an entry to pass over. */
    public void set(int i, int fd, int events) {
        entries.set(JAVA_INT_UNALIGNED, (long) SIZE * i, fd);
        entries.set(JAVA_SHORT_UNALIGNED, (long) SIZE * i + 4, (short) events);
        entries.set(JAVA_SHORT_UNALIGNED, (long) SIZE * i + 6, (short) 0);
    }

    public int fd(int i) {
        return entries.get(JAVA_INT_UNALIGNED, (long) SIZE * i);
    }

    /** What was found at the last wait. */
    public short found(int i) {
        return entries.get(JAVA_SHORT_UNALIGNED, (long) SIZE * i + 6);
    }

    /**
     * Waits until one descriptor of the program's is ready.
     *
     * @param timeoutNanos negative for ever
     * @return 1, 0 when the time is over, or -EINTR
     */
    public int await(Call call, Descriptors descriptors, int fd, int events, long timeoutNanos) {
        int borrowed = descriptors.borrow(fd);
        try {
            set(0, borrowed, events);
            return call.trustee().await(entries, 1, timeoutNanos);
        } finally {
            descriptors.giveBack(fd, borrowed);
        }
    }
}
