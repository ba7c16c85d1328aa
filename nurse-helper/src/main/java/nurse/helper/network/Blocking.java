package nurse.helper.network;

import java.lang.foreign.Arena;
import java.util.function.IntSupplier;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.helper.calls.Call;
import nurse.helper.calls.CallHandler;
import nurse.helper.calls.Durations;
import nurse.helper.descriptors.Descriptors;
import nurse.helper.descriptors.PollEntries;

/** Waiting on a socket in the place of the trustee: until it is ready, its own time is over, or a signal comes. */
final class Blocking {
    static final int SOL_SOCKET = 1;
    static final int SO_TYPE = 3; // asm-generic/socket.h
    private static final int SO_RCVTIMEO = 20; // asm-generic/socket.h; a timeval
    private static final int SO_SNDTIMEO = 21;
    private static final long PAUSE_NANOS = 5_000_000;

    private final Kernel kernel;
    private final Descriptors descriptors;
    private final PollEntries entries;

    Blocking(Kernel kernel, Descriptors descriptors, Arena arena) {
        this.kernel = kernel;
        this.descriptors = descriptors;
        this.entries = new PollEntries(arena, 1);
    }

    /** Whether the program wants to wait in calls on it: it is not O_NONBLOCK. */
    boolean waits(int fd) {
        return (flags(fd) & Kernel.O_NONBLOCK) == 0;
    }

    private int flags(int fd) {
        int borrowed = descriptors.borrow(fd);
        try {
            return kernel.fcntl(borrowed, Kernel.F_GETFL, 0);
        } finally {
            descriptors.giveBack(fd, borrowed);
        }
    }

    /**
     * Gives an order that has no flag not to wait: the socket's open file description has O_NONBLOCK meanwhile. Another process
     * that shares the description would see it, so it is for the time of one order. The flag goes away through the helper's own
     * descriptor, although the program may have ended: so nothing is thrown here that would hide that end.
     *
     * @param waits false where nothing is to be done, as the program itself asked not to wait
     */
    int withoutWaiting(int fd, boolean waits, IntSupplier order) {
        if (!waits) {
            return order.getAsInt();
        }
        int borrowed = descriptors.borrow(fd);
        int flags = kernel.fcntl(borrowed, Kernel.F_GETFL, 0);
        kernel.fcntl(borrowed, Kernel.F_SETFL, flags | Kernel.O_NONBLOCK);
        try {
            return order.getAsInt();
        } finally {
            kernel.fcntl(borrowed, Kernel.F_SETFL, flags);
            descriptors.giveBack(fd, borrowed);
        }
    }

    /**
     * Waits as long as the socket's time-out allows.
     *
     * @return 1, 0 when the time is over, -EINTR, or RESTART where no time-out is set (signal(7))
     */
    int await(Call call, int fd, int events) {
        int borrowed = descriptors.borrow(fd);
        int option = events == PollEntries.POLLIN ? SO_RCVTIMEO : SO_SNDTIMEO;
        long micros = kernel.getsockoptTime(borrowed, SOL_SOCKET, option);
        descriptors.giveBack(fd, borrowed);
        int ready = entries.await(call, descriptors, fd, events, micros <= 0 ? -1 : Durations.ofMicros(micros));
        return ready == -Errno.EINTR && micros <= 0 ? CallHandler.RESTART : ready;
    }

    /** A moment, where nothing tells when to try again. */
    int pause(Call call) {
        return call.trustee().await(entries.memory(), 0, PAUSE_NANOS) < 0 ? CallHandler.RESTART : 0;
    }

    /** An option of int type; a negative errno. */
    int option(int fd, int level, int name) {
        int borrowed = descriptors.borrow(fd);
        int value = kernel.getsockopt(borrowed, level, name);
        descriptors.giveBack(fd, borrowed);
        return value;
    }
}
