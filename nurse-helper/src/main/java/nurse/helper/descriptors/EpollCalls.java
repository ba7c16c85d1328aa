package nurse.helper.descriptors;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import nurse.ffm.Errno;
import nurse.helper.calls.Call;
import nurse.helper.calls.CallHandler;
import nurse.helper.calls.Durations;
import nurse.helper.calls.Syscall;

/**
 * epoll(7): the trustee changes the set and fetches events, as both concern the process's own descriptors; the helper does
 * the waiting, on a descriptor of its own of the set, so that a signal can end it.
 */
public final class EpollCalls implements CallHandler {
    private static final int EVENT = 12; // packed: u32 events, u64 data
    private static final int EPOLL_CTL_DEL = 2;
    private static final int MAX_EVENTS = Integer.MAX_VALUE / EVENT; // EP_MAX_EVENTS, fs/eventpoll.c

    private final Descriptors descriptors;
    private final PollEntries entry;

    public EpollCalls(Descriptors descriptors, Arena arena) {
        this.descriptors = descriptors;
        this.entry = new PollEntries(arena, 1);
    }

    @Override
    public int answer(Syscall syscall, Call call) {
        return switch (syscall) {
            case EPOLL_CTL -> control(call);
            case EPOLL_WAIT, EPOLL_PWAIT -> await(call, milliseconds(call.argument(3)));
            case EPOLL_PWAIT2 -> {
                MemorySegment time = call.struct(3, 16);
                yield await(call, time == null ? -1 : Durations.ofTimespec(time, 16));
            }
            default -> UNANSWERED;
        };
    }

    private static long milliseconds(int timeout) {
        return timeout < 0 ? -1 : TimeUnit.MILLISECONDS.toNanos(timeout);
    }

    private int control(Call call) {
        MemorySegment event = call.argument(1) == EPOLL_CTL_DEL ? null : call.struct(3, EVENT);
        if (event == null && call.argument(1) != EPOLL_CTL_DEL) {
            return -Errno.EFAULT;
        }
        descriptors.get(call.argument(0));
        descriptors.get(call.argument(2));
        int address = event == null ? 0 : call.trustee().addressOf(event);
        return call.trustee()
                .execute(Syscall.EPOLL_CTL, call.argument(0), call.argument(1), call.argument(2), address, 0, 0);
    }

    private int await(Call call, long timeoutNanos) {
        int epoll = call.argument(0);
        int most = call.argument(2);
        descriptors.get(epoll);
        if (most <= 0 || most > MAX_EVENTS) {
            return -Errno.EINVAL;
        }
        long deadline = System.nanoTime() + timeoutNanos;
        long left = timeoutNanos;
        while (true) {
            int events = call.trustee().execute(Syscall.EPOLL_WAIT, epoll, call.argument(1), most, 0, 0, 0);
            if (events != 0 || (timeoutNanos >= 0 && left <= 0)) {
                return events;
            }
            int ready = entry.await(call, descriptors, epoll, PollEntries.POLLIN, left);
            if (ready < 0) {
                return ready;
            }
            left = timeoutNanos < 0 ? -1 : ready == 0 ? 0 : deadline - System.nanoTime();
        }
    }
}
