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
 * futex(2), where the lock does not leave it to the program (lock.c). The trustee wakes; the helper waits, where a signal can
 * end it.
 *
 * <p>The program has one thread. So only a signal's handler and other processes change a word that it waits for. A call that
 * a handler interrupted looks at the word again. Another process changes the word in a file that both have mapped, and then
 * wakes; the kernel finds no waiter of this process's, as the helper is none. So the helper looks at the word again and again,
 * with growing pauses.
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
    private static final int FUTEX_PRIVATE_FLAG = 0x80;
    private static final int FUTEX_CLOCK_REALTIME = 0x100;
    private static final int COMMAND = 0x7f; // ~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME)

    private static final long FIRST_PAUSE_NANOS = 200_000;
    private static final long LAST_PAUSE_NANOS = 10_000_000;
    private static final long LAST_WAIT_NANOS = 1_000_000_000;

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
        boolean realtime = (call.argument(1) & FUTEX_CLOCK_REALTIME) != 0;
        boolean timed = call.argument(3) != 0;
        long nanos = timed ? Durations.ofTimespec(memory.read(call.argument(3), size), size) : Long.MAX_VALUE;
        if (realtime && !until) {
            return -Errno.ENOSYS; // kernel/futex/syscalls.c, do_futex
        }
        if ((call.argument(0) & 3) != 0) {
            return -Errno.EINVAL;
        }
        if (memory.word(call.argument(0)) != call.argument(2)) {
            return -Errno.EAGAIN;
        }
        int clock = realtime ? Kernel.CLOCK_REALTIME : Kernel.CLOCK_MONOTONIC;
        boolean shared = (call.argument(1) & FUTEX_PRIVATE_FLAG) == 0;
        long end = until ? nanos : Durations.sum(clocks.monotonic(), nanos);
        long pause = FIRST_PAUSE_NANOS;
        for (long waited = 0; waited < LAST_WAIT_NANOS || (timed && !until); waited += pause) {
            long left = !timed ? Long.MAX_VALUE : Math.max(0, end - (until ? clocks.ask(clock) : clocks.monotonic()));
            long wait = shared ? Math.min(pause, left) : left;
            if (call.trustee().await(nothing, 0, wait == Long.MAX_VALUE ? -1 : wait) < 0) {
                return timed ? -Errno.EINTR : RESTART; // as kernel/futex/waitwake.c, futex_wait, has it
            }
            if (wait == left) {
                return -Errno.ETIMEDOUT;
            }
            if (memory.word(call.argument(0)) != call.argument(2)) {
                return 0;
            }
            pause = Math.min(2 * pause, LAST_PAUSE_NANOS);
        }
        return 0; // somebody may have woken and changed nothing; a waiter has to look again anyway: futex(2), RETURN
        // VALUE
    }
}
