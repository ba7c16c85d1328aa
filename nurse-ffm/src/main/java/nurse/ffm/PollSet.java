package nurse.ffm;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * The descriptors that a thread waits for, as an array of struct pollfd (poll(2)) in native memory: waiting and
 * looking at what happened allocates nothing.
 *
 * <p>Not thread-safe.
 */
public final class PollSet {
    /** Descriptors in a set, at most. */
    public static final int CAPACITY = 64;

    private static final int POLLFD_SIZE = 8; // int fd; short events; short revents
    private static final int EVENTS = 4;
    private static final int REVENTS = 6;
    private static final int NO_FD = -1; // poll(2) passes over negative descriptors

    private final MemorySegment fds;
    private int count;

    public PollSet(Arena arena) {
        fds = arena.allocate((long) CAPACITY * POLLFD_SIZE, POLLFD_SIZE);
    }

    /**
     * Adds a descriptor.
     *
     * @param events POLL* bits to wait for
     * @return its index, which stays as it is whatever else is added or removed
     * @throws IllegalStateException when the set is full
     */
    public int add(int fd, int events) {
        int index = 0;
        while (index < count && fds.get(JAVA_INT, at(index)) != NO_FD) {
            index++;
        }
        if (index == CAPACITY) {
            throw new IllegalStateException("too many descriptors to wait for: capacity=" + CAPACITY);
        }
        count = Math.max(count, index + 1);
        fds.set(JAVA_INT, at(index), fd);
        fds.set(JAVA_SHORT, at(index) + EVENTS, (short) events);
        fds.set(JAVA_SHORT, at(index) + REVENTS, (short) 0);
        return index;
    }

    /** Waits for {@code index} no longer; it may be given to a descriptor that is added later. */
    public void remove(int index) {
        Objects.checkIndex(index, count);
        fds.set(JAVA_INT, at(index), NO_FD);
        fds.set(JAVA_SHORT, at(index) + REVENTS, (short) 0);
    }

    /**
     * Waits until one of the descriptors has something to tell.
     *
     * @param timeoutNanos nanoseconds; 0 only looks, a negative number waits for ever
     * @return how many have, 0 when the time is over, or a negative errno (EINTR)
     */
    public int poll(Kernel kernel, long timeoutNanos) {
        return kernel.ppoll(fds, count, timeoutNanos);
    }

    /** POLL* bits that the last {@link #poll} found, POLLERR, POLLHUP and POLLNVAL included. */
    public int revents(int index) {
        Objects.checkIndex(index, count);
        return fds.get(JAVA_SHORT, at(index) + REVENTS) & 0xffff;
    }

    private static long at(int index) {
        return (long) index * POLLFD_SIZE;
    }
}
