package nurse.helper.descriptors;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import nurse.ffm.Errno;
import nurse.ffm.lane.LaneLayout;
import nurse.helper.calls.Call;
import nurse.helper.calls.CallHandler;
import nurse.helper.calls.Syscall;
import nurse.helper.processes.ProcessState;

/**
 * poll and select: the helper waits, on descriptors of its own or borrowed for this call, so that a signal to the program
 * can end the wait, which in the trustee nothing could.
 */
public final class ReadinessCalls implements CallHandler {
    private static final int POLLFD = 8;
    private static final short POLLNVAL = 0x20;
    // select(2), "Correspondence between select() and poll() notifications"
    private static final short READABLE = 0x0001 | 0x0040 | 0x0080 | 0x0010 | 0x0008;
    private static final short WRITABLE = 0x0004 | 0x0100 | 0x0200 | 0x0008;
    private static final short EXCEPTIONAL = 0x0002;
    private static final int SET_BYTES = 128;

    private final Descriptors descriptors;
    private final MemorySegment entries;
    private final int[] numbers = new int[LaneLayout.FD_BASE];

    public ReadinessCalls(ProcessState process, Arena arena) {
        this.descriptors = process.descriptors();
        this.entries = arena.allocate((long) POLLFD * LaneLayout.FD_BASE, 8);
    }

    @Override
    public int answer(Syscall syscall, Call call) {
        return switch (syscall) {
            case POLL -> poll(call, call.argument(2) < 0 ? -1 : call.argument(2) * 1_000_000L);
            case PPOLL -> poll(call, timeout(call, 2, 8, 1));
            case PPOLL_TIME64 -> poll(call, timeout(call, 2, 16, 1));
            case _NEWSELECT -> select(call, timeout(call, 4, 8, 1000));
            case PSELECT6 -> select(call, timeout(call, 4, 8, 1));
            case PSELECT6_TIME64 -> select(call, timeout(call, 4, 16, 1));
            default -> UNANSWERED;
        };
    }

    /** Nanoseconds; negative for ever (a null pointer). */
    private static long timeout(Call call, int argument, int size, int factor) {
        MemorySegment time = call.struct(argument, size);
        if (time == null) {
            return -1;
        }
        long seconds = size == 8 ? time.get(JAVA_INT_UNALIGNED, 0) : time.get(JAVA_LONG_UNALIGNED, 0);
        long fraction = time.get(JAVA_INT_UNALIGNED, size / 2) * (long) factor;
        if (seconds < 0 || fraction < 0 || (factor == 1 && fraction >= 1_000_000_000)) {
            throw nurse.helper.calls.CallError.of(Errno.EINVAL);
        }
        return seconds > 1L << 32 ? -1 : seconds * 1_000_000_000 + fraction;
    }

    private int poll(Call call, long timeout) {
        int count = call.argument(1);
        if (count < 0 || count > LaneLayout.FD_BASE) {
            return -Errno.EINVAL;
        }
        MemorySegment asked = count == 0 ? MemorySegment.NULL : call.struct(0, POLLFD * count);
        if (asked == null) {
            return -Errno.EFAULT;
        }
        int invalid = 0;
        int entered = 0;
        try {
            for (int i = 0; i < count; i++) {
                numbers[i] = asked.get(JAVA_INT_UNALIGNED, (long) POLLFD * i);
                invalid += enter(i, numbers[i], asked.get(JAVA_SHORT_UNALIGNED, (long) POLLFD * i + 4)) ? 0 : 1;
                entered++;
            }
            int ready = call.trustee().await(entries, count, invalid > 0 ? 0 : timeout);
            if (ready < 0) {
                return ready;
            }
            if (count > 0) {
                MemorySegment answer = call.out(0, POLLFD * count);
                MemorySegment.copy(asked, 0, answer, 0, (long) POLLFD * count);
                for (int i = 0; i < count; i++) {
                    answer.set(JAVA_SHORT_UNALIGNED, (long) POLLFD * i + 6, events(i));
                }
            }
            return ready + invalid;
        } finally {
            leave(entered);
        }
    }

    /** Enters a descriptor of the program's as entry {@code i}; false if it has no such descriptor. */
    private boolean enter(int i, int fd, short events) {
        boolean known = fd < 0 || descriptors.find(fd) != null;
        entries.set(JAVA_INT_UNALIGNED, (long) POLLFD * i, fd < 0 || !known ? -1 : descriptors.borrow(fd));
        entries.set(JAVA_SHORT_UNALIGNED, (long) POLLFD * i + 4, events);
        entries.set(JAVA_SHORT_UNALIGNED, (long) POLLFD * i + 6, (short) 0);
        return known;
    }

    private short events(int i) {
        return numbers[i] >= 0 && descriptors.find(numbers[i]) == null
                ? POLLNVAL
                : entries.get(JAVA_SHORT_UNALIGNED, (long) POLLFD * i + 6);
    }

    private void leave(int count) {
        for (int i = 0; i < count; i++) {
            int borrowed = entries.get(JAVA_INT_UNALIGNED, (long) POLLFD * i);
            if (borrowed >= 0) {
                descriptors.giveBack(numbers[i], borrowed);
            }
        }
    }

    private int select(Call call, long timeout) {
        int limit = Math.min(call.argument(0), LaneLayout.FD_BASE);
        if (limit < 0) {
            return -Errno.EINVAL;
        }
        MemorySegment[] sets = {call.struct(1, SET_BYTES), call.struct(2, SET_BYTES), call.struct(3, SET_BYTES)};
        short[] meanings = {READABLE, WRITABLE, EXCEPTIONAL};
        int count = 0;
        try {
            for (int fd = 0; fd < limit; fd++) {
                short events = 0;
                for (int s = 0; s < 3; s++) {
                    events |= contains(sets[s], fd) ? meanings[s] : 0;
                }
                if (events != 0) {
                    descriptors.get(fd);
                    numbers[count] = fd;
                    enter(count, fd, events);
                    count++;
                }
            }
            int ready = call.trustee().await(entries, count, timeout);
            return ready < 0 ? ready : selected(call, limit, count, sets, meanings);
        } finally {
            leave(count);
        }
    }

    private int selected(Call call, int limit, int count, MemorySegment[] sets, short[] meanings) {
        int total = 0;
        int bytes = (limit + 31) / 32 * 4;
        for (int s = 0; s < 3; s++) {
            if (sets[s] == null || bytes == 0) {
                continue;
            }
            MemorySegment answer = call.out(s + 1, bytes);
            answer.fill((byte) 0);
            for (int i = 0; i < count; i++) {
                int fd = numbers[i];
                if (contains(sets[s], fd) && (entries.get(JAVA_SHORT_UNALIGNED, 8L * i + 6) & meanings[s]) != 0) {
                    answer.set(JAVA_BYTE, fd / 8, (byte) (answer.get(JAVA_BYTE, fd / 8) | 1 << fd % 8));
                    total++;
                }
            }
        }
        return total;
    }

    private static boolean contains(MemorySegment set, int fd) {
        return set != null && (set.get(JAVA_BYTE, fd / 8) & 1 << fd % 8) != 0;
    }
}
