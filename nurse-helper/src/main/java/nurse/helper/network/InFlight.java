package nurse.helper.network;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.IntSupplier;
import nurse.ffm.Kernel;
import nurse.helper.calls.CallError;

/**
 * Descriptors on their way in messages (SCM_RIGHTS). The kernel counts them for a user, and lets a process send no more while
 * they are more than its limit of open files (ETOOMANYREFS: too_many_unix_fds in net/unix/scm.c). So while a program sends
 * some, its limit is lower than others' are, and it is refused long before they would be.
 */
final class InFlight {
    /** Beyond so many of the user's no program of nurse's sends any. Those of one message, 253 at most, may come on top. */
    private static final long MOST = 128;

    private static final int LIMIT_SIZE = 16; // struct rlimit64: soft, hard

    private final Kernel kernel;
    private final int pid;

    InFlight(Kernel kernel, int pid) {
        this.kernel = kernel;
        this.pid = pid;
    }

    /** The program waits for the call's end meanwhile: it opens nothing that the lower limit could keep from it. */
    int bounded(IntSupplier send) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment before = arena.allocate(LIMIT_SIZE, 8);
            MemorySegment low = arena.allocate(LIMIT_SIZE, 8);
            CallError.check(kernel.prlimit64(pid, Kernel.RLIMIT_NOFILE, MemorySegment.NULL, before));
            low.set(JAVA_LONG, 0, Math.min(MOST, before.get(JAVA_LONG, 0)));
            low.set(JAVA_LONG, 8, before.get(JAVA_LONG, 8));
            CallError.check(kernel.prlimit64(pid, Kernel.RLIMIT_NOFILE, low, MemorySegment.NULL));
            try {
                return send.getAsInt();
            } finally {
                kernel.prlimit64(pid, Kernel.RLIMIT_NOFILE, before, MemorySegment.NULL);
            }
        }
    }
}
