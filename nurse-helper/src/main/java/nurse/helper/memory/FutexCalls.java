package nurse.helper.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.helper.calls.Call;
import nurse.helper.calls.CallHandler;
import nurse.helper.calls.Durations;
import nurse.helper.calls.Syscall;
import nurse.helper.time.Clocks;

/**
 * futex(2). The trustee wakes; the helper waits, where a signal can end it. With one thread nobody but a signal's handler can
 * wake a waiter, and a call that a handler interrupted looks at the word again: so there is nothing to wait on but the time.
 *
 * <p>Not the PI futexes: their owner would be the trustee.
 */
final class FutexCalls implements CallHandler {
    // linux/futex.h
    private static final int FUTEX_WAIT = 0;
    private static final int FUTEX_WAKE = 1;
    private static final int FUTEX_REQUEUE = 3;
    private static final int FUTEX_CMP_REQUEUE = 4;
    private static final int FUTEX_WAKE_OP = 5;
    private static final int FUTEX_WAIT_BITSET = 9;
    private static final int FUTEX_WAKE_BITSET = 10;
    private static final int FUTEX_CLOCK_REALTIME = 0x100;
    private static final int COMMAND = 0x7f; // ~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME)

    private final Clocks clocks;
    private final ProcessMemory memory;
    private final MemorySegment nothing;

    FutexCalls(Clocks clocks, ProcessMemory memory, Arena arena) {
        this.clocks = clocks;
        this.memory = memory;
        this.nothing = arena.allocate(8, 8);
    }

    @Override
    public int answer(Syscall syscall, Call call) {
        return switch (call.argument(1) & COMMAND) {
            case FUTEX_WAKE, FUTEX_REQUEUE, FUTEX_CMP_REQUEUE, FUTEX_WAKE_OP, FUTEX_WAKE_BITSET ->
                call.forward(syscall);
            case FUTEX_WAIT -> await(call, syscall == Syscall.FUTEX ? 8 : 16, false);
            case FUTEX_WAIT_BITSET ->
                call.argument(5) == 0 ? -Errno.EINVAL : await(call, syscall == Syscall.FUTEX ? 8 : 16, true);
            default -> -Errno.ENOSYS;
        };
    }

    private int await(Call call, int size, boolean until) {
        if ((call.argument(0) & 3) != 0) {
            return -Errno.EINVAL;
        }
        long nanos = call.argument(3) == 0 ? -1 : Durations.ofTimespec(memory.read(call.argument(3), size), size);
        if (memory.word(call.argument(0)) != call.argument(2)) {
            return -Errno.EAGAIN;
        }
        if (nanos < 0 || nanos == Long.MAX_VALUE) {
            return call.trustee().await(nothing, 0, -1) < 0 ? RESTART : 0;
        }
        int clock = (call.argument(1) & FUTEX_CLOCK_REALTIME) == 0 ? Kernel.CLOCK_MONOTONIC : Kernel.CLOCK_REALTIME;
        long left = until ? Math.max(0, nanos - clocks.ask(clock)) : nanos;
        if (call.trustee().await(nothing, 0, left) == 0) {
            return -Errno.ETIMEDOUT;
        }
        return until ? RESTART : -Errno.EINTR; // a relative time would begin anew
    }
}
