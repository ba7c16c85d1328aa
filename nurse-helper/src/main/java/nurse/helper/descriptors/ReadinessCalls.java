package nurse.helper.descriptors;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import nurse.ffm.Errno;
import nurse.ffm.lane.LaneLayout;
import nurse.helper.calls.Call;
import nurse.helper.calls.CallHandler;
import nurse.helper.calls.Durations;
import nurse.helper.calls.Syscall;
import nurse.helper.memory.ProcessMemory;
import nurse.helper.time.Clocks;

/**
 * poll and select: the helper waits, on descriptors of its own or borrowed for this call, so that a signal to the program
 * can end the wait, which in the trustee nothing could. The masks of ppoll and pselect6 are the gate's affair (masks.c).
 */
public final class ReadinessCalls implements CallHandler {
    private static final short POLLNVAL = 0x20;
    // select(2), "Correspondence between select() and poll() notifications"
    private static final short READABLE = 0x0001 | 0x0040 | 0x0080 | 0x0010 | 0x0008;
    private static final short WRITABLE = 0x0004 | 0x0100 | 0x0200 | 0x0008;
    private static final short EXCEPTIONAL = 0x0002;
    private static final short[] MEANINGS = {READABLE, WRITABLE, EXCEPTIONAL};
    private static final int SET_BYTES = LaneLayout.FD_BASE / 8;

    private final Clocks clocks;
    private final Descriptors descriptors;
    private final ProcessMemory memory;
    private final PollEntries entries;
    private final MemorySegment asked;
    private final int[] numbers = new int[LaneLayout.FD_BASE];
    private final byte[][] sets = new byte[MEANINGS.length][SET_BYTES];

    public ReadinessCalls(Clocks clocks, Descriptors descriptors, ProcessMemory memory, Arena arena) {
        this.clocks = clocks;
        this.descriptors = descriptors;
        this.memory = memory;
        this.entries = new PollEntries(arena, LaneLayout.FD_BASE);
        this.asked = arena.allocate((long) PollEntries.SIZE * LaneLayout.FD_BASE, 8);
    }

    @Override
    public int answer(Syscall syscall, Call call) {
        return switch (syscall) {
            case POLL -> poll(call, new Timeout(milliseconds(call.argument(2)), 0, 0, false));
            case PPOLL -> poll(call, timespec(call.argument(2), 8));
            case PPOLL_TIME64 -> poll(call, timespec(call.argument(2), 16));
            case _NEWSELECT -> select(call, call::argument, timeval(call.argument(4)));
            case SELECT -> oldSelect(call);
            case PSELECT6 -> select(call, call::argument, timespec(call.argument(4), 8));
            case PSELECT6_TIME64 -> select(call, call::argument, timespec(call.argument(4), 16));
            default -> UNANSWERED;
        };
    }

    /** How long to wait; negative for ever. Linux writes back what is left of it, unless poll took it by value. */
    private record Timeout(long nanos, int address, int size, boolean isTimeval) {
        void answer(Call call, Clocks clocks, long began) {
            if (address == 0 || nanos == Long.MAX_VALUE) {
                return; // of a time beyond all clocks as much is left as there was
            }
            long left = Math.max(0, Durations.sum(began, nanos) - clocks.monotonic());
            MemorySegment rest = call.outAt(address, size);
            if (isTimeval) {
                Durations.putTimeval(rest, left, size);
            } else {
                Durations.putTimespec(rest, left, size);
            }
            call.answerDespiteError();
        }
    }

    private interface Arguments {
        int at(int i);
    }

    private static long milliseconds(int timeout) {
        return timeout < 0 ? -1 : TimeUnit.MILLISECONDS.toNanos(timeout);
    }

    private Timeout timespec(int address, int size) {
        return new Timeout(
                address == 0 ? -1 : Durations.ofTimespec(memory.read(address, size), size), address, size, false);
    }

    private Timeout timeval(int address) {
        return new Timeout(address == 0 ? -1 : Durations.ofTimeval(memory.read(address, 8)), address, 8, true);
    }

    private int poll(Call call, Timeout timeout) {
        int count = call.argument(1);
        if (count < 0 || count > descriptors.limit()) {
            return -Errno.EINVAL;
        }
        int bytes = PollEntries.SIZE * count;
        MemorySegment.copy(memory.read(call.argument(0), bytes), 0, asked, 0, bytes);
        int invalid = 0;
        int entered = 0;
        try {
            for (int i = 0; i < count; i++) {
                numbers[i] = asked.get(JAVA_INT_UNALIGNED, (long) PollEntries.SIZE * i);
                invalid += enter(i, numbers[i], asked.get(JAVA_SHORT_UNALIGNED, (long) PollEntries.SIZE * i + 4));
                entered++;
            }
            long began = clocks.monotonic();
            int ready = call.trustee().await(entries.memory(), count, invalid > 0 ? 0 : limited(timeout.nanos()));
            timeout.answer(call, clocks, began);
            if (ready < 0) {
                return ready;
            }
            if (count > 0) {
                MemorySegment answer = call.out(0, bytes);
                MemorySegment.copy(asked, 0, answer, 0, bytes);
                for (int i = 0; i < count; i++) {
                    answer.set(JAVA_SHORT_UNALIGNED, (long) PollEntries.SIZE * i + 6, events(i));
                }
            }
            return ready + invalid;
        } finally {
            leave(entered);
        }
    }

    private static long limited(long nanos) {
        return nanos == Long.MAX_VALUE ? -1 : nanos;
    }

    /** Enters a descriptor of the program's as entry {@code i}; 1 if it has no such descriptor, else 0. */
    private int enter(int i, int fd, int events) {
        boolean known = fd < 0 || descriptors.find(fd) != null;
        entries.set(i, fd < 0 || !known ? -1 : descriptors.borrow(fd), events);
        return known ? 0 : 1;
    }

    private short events(int i) {
        return numbers[i] >= 0 && descriptors.find(numbers[i]) == null ? POLLNVAL : entries.found(i);
    }

    private void leave(int count) {
        for (int i = 0; i < count; i++) {
            if (entries.fd(i) >= 0) {
                descriptors.giveBack(numbers[i], entries.fd(i));
            }
        }
    }

    /** select(82): one pointer to the five arguments. */
    private int oldSelect(Call call) {
        MemorySegment given = memory.read(call.argument(0), 20);
        int[] arguments = new int[5];
        for (int i = 0; i < arguments.length; i++) {
            arguments[i] = given.get(JAVA_INT_UNALIGNED, 4L * i);
        }
        return select(call, i -> arguments[i], timeval(arguments[4]));
    }

    private int select(Call call, Arguments arguments, Timeout timeout) {
        if (arguments.at(0) < 0) {
            return -Errno.EINVAL;
        }
        int limit = Math.min(arguments.at(0), LaneLayout.FD_BASE);
        int bytes = (limit + 31) / 32 * 4; // the kernel reads and writes whole words: fs/select.c, FDS_BYTES
        for (int s = 0; s < sets.length; s++) {
            int address = arguments.at(s + 1);
            MemorySegment set = memory.read(address, address == 0 ? 0 : bytes);
            MemorySegment.copy(set, JAVA_BYTE, 0, sets[s], 0, (int) set.byteSize());
        }
        int count = 0;
        try {
            for (int fd = 0; fd < limit; fd++) {
                short events = wanted(arguments, fd);
                if (events != 0) {
                    descriptors.get(fd);
                    numbers[count] = fd;
                    enter(count, fd, events);
                    count++;
                }
            }
            long began = clocks.monotonic();
            int ready = call.trustee().await(entries.memory(), count, limited(timeout.nanos()));
            timeout.answer(call, clocks, began);
            return ready < 0 ? ready : selected(call, arguments, bytes, count);
        } finally {
            leave(count);
        }
    }

    private short wanted(Arguments arguments, int fd) {
        short events = 0;
        for (int s = 0; s < sets.length; s++) {
            events |= arguments.at(s + 1) != 0 && contains(sets[s], fd) ? MEANINGS[s] : 0;
        }
        return events;
    }

    private int selected(Call call, Arguments arguments, int bytes, int count) {
        int total = 0;
        for (int s = 0; s < sets.length; s++) {
            if (arguments.at(s + 1) == 0 || bytes == 0) {
                continue;
            }
            MemorySegment answer = call.outAt(arguments.at(s + 1), bytes);
            answer.fill((byte) 0);
            for (int i = 0; i < count; i++) {
                int fd = numbers[i];
                if (contains(sets[s], fd) && (entries.found(i) & MEANINGS[s]) != 0) {
                    answer.set(JAVA_BYTE, fd / 8, (byte) (answer.get(JAVA_BYTE, fd / 8) | 1 << fd % 8));
                    total++;
                }
            }
        }
        return total;
    }

    private static boolean contains(byte[] set, int fd) {
        return (set[fd / 8] & 1 << fd % 8) != 0;
    }
}
