package nurse.helper.descriptors;

import java.lang.foreign.Arena;
import nurse.ffm.Errno;
import nurse.helper.calls.Call;
import nurse.helper.calls.CallHandler;
import nurse.helper.calls.Syscall;

/**
 * flock(2) and the record locks of fcntl(2) that wait. The trustee must not sleep, as no signal wakes it: so it only tries,
 * again and again with growing pauses, in which the helper can be interrupted. (Deadlocks of F_SETLKW are not detected.)
 */
final class LockCalls {
    private static final int LOCK_NB = 4;
    private static final int LOCK_UN = 8;
    private static final int F_SETLK = 6;
    private static final int F_SETLKW = 7;
    private static final int F_SETLK64 = 13;
    private static final int F_SETLKW64 = 14;
    private static final int F_OFD_SETLK = 37;
    private static final int F_OFD_SETLKW = 38;
    private static final long FIRST_PAUSE_NANOS = 500_000;
    private static final long LAST_PAUSE_NANOS = 20_000_000;

    private final PollEntries nothing;

    LockCalls(Arena arena) {
        nothing = new PollEntries(arena, 1);
    }

    int flock(Call call, int fd) {
        int operation = call.argument(1);
        boolean waits = (operation & (LOCK_NB | LOCK_UN)) == 0;
        return attempt(call, Syscall.FLOCK, fd, operation | (waits ? LOCK_NB : 0), 0, waits);
    }

    /** A lock command of fcntl. The kernel reads the struct flock where the program has it: nobody judges it. */
    int record(Syscall syscall, Call call) {
        int command = call.argument(1);
        int attempt =
                switch (command) {
                    case F_SETLKW -> F_SETLK;
                    case F_SETLKW64 -> F_SETLK64;
                    case F_OFD_SETLKW -> F_OFD_SETLK;
                    default -> command;
                };
        return attempt(call, syscall, call.argument(0), attempt, call.argument(2), attempt != command);
    }

    private int attempt(Call call, Syscall syscall, int fd, int operation, int argument, boolean waits) {
        long pause = FIRST_PAUSE_NANOS;
        while (true) {
            int result = call.trustee().execute(syscall, fd, operation, argument, 0, 0, 0);
            if (!waits || (result != -Errno.EAGAIN && result != -Errno.EACCES)) {
                return result;
            }
            if (call.trustee().await(nothing.memory(), 0, pause) < 0) {
                return CallHandler.RESTART;
            }
            pause = Math.min(2 * pause, LAST_PAUSE_NANOS);
        }
    }
}
