package nurse.helper.descriptors;

import java.lang.foreign.Arena;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.helper.calls.Call;
import nurse.helper.calls.CallError;
import nurse.helper.calls.CallHandler;
import nurse.helper.calls.Syscall;

/**
 * Calls that move data between two descriptors, or may wait on one: sendfile(2), splice(2), tee(2), vmsplice(2), preadv2(2).
 * The trustee must not sleep, as no signal wakes it: the helper waits until both sides are ready, then the trustee moves no
 * more than such a side takes at once.
 */
final class TransferCalls {
    private static final int O_NONBLOCK = 04000;
    private static final int SPLICE_F_NONBLOCK = 2;
    /** What a pipe or socket that is ready for writing takes without waiting: PIPE_BUF (pipe(7)). */
    private static final int AT_ONCE = 4096;
    /** So much at once where what is written is counted: it is looked at between two calls only. */
    private static final int COUNTED_AT_ONCE = 1 << 20;

    private final Kernel kernel;
    private final Descriptors descriptors;
    private final PollEntries entries;

    TransferCalls(Kernel kernel, Descriptors descriptors, Arena arena) {
        this.kernel = kernel;
        this.descriptors = descriptors;
        this.entries = new PollEntries(arena, 2);
    }

    int answer(Syscall syscall, Call call) {
        return switch (syscall) {
            case COPY_FILE_RANGE -> copy(call); // regular files only
            case SENDFILE, SENDFILE64 -> sendfile(syscall, call);
            case SPLICE -> splice(call);
            case TEE -> tee(call);
            case VMSPLICE -> vmsplice(call);
            case PREADV2 -> vectors(syscall, call, PollEntries.POLLIN);
            case PWRITEV2 -> vectors(syscall, call, PollEntries.POLLOUT);
            default -> CallHandler.UNANSWERED;
        };
    }

    private int copy(Call call) {
        return call.trustee()
                .execute(
                        Syscall.COPY_FILE_RANGE,
                        descriptors.orderedAs(call.argument(0)),
                        call.argument(1),
                        descriptors.orderedAs(call.argument(2)),
                        call.argument(3),
                        bounded(call.argument(4)),
                        call.argument(5));
    }

    /** Whether an operation on it may wait: not on what is not there, not of regular files, not if it was asked not to. */
    private boolean waits(int fd) {
        if (fd < 0) {
            return false;
        }
        int borrowed = descriptors.borrow(fd);
        try {
            return !kernel.isRegular(borrowed) && (kernel.fcntl(borrowed, Kernel.F_GETFL, 0) & O_NONBLOCK) == 0;
        } finally {
            descriptors.giveBack(fd, borrowed);
        }
    }

    /** Waits until every descriptor that may make an operation wait is ready. */
    private void ready(Call call, int fd, int events) {
        int result = waits(fd) ? entries.await(call, descriptors, fd, events, -1) : 0;
        if (result < 0) {
            throw CallError.of(-result);
        }
    }

    /** How much of it is moved at a time. */
    private int bounded(int count) {
        return descriptors.shares().countsWritten() && Integer.compareUnsigned(count, COUNTED_AT_ONCE) > 0
                ? COUNTED_AT_ONCE
                : count;
    }

    /** What is read from must be seekable (splice_direct_to_actor, fs/splice.c), and so does not wait. */
    private int sendfile(Syscall syscall, Call call) {
        int out = descriptors.orderedAs(call.argument(0));
        int in = descriptors.orderedAs(call.argument(1));
        int count = bounded(call.argument(3));
        if (waits(out)) {
            ready(call, out, PollEntries.POLLOUT);
            count = Integer.compareUnsigned(count, AT_ONCE) > 0 ? AT_ONCE : count;
        }
        return call.trustee().execute(syscall, out, in, call.argument(2), count, 0, 0);
    }

    /** An order of which every pipe is asked not to wait. */
    private interface Order {
        int give(int flags);
    }

    /**
     * First the order, since it may be one that the kernel does not even begin; what waits is waited for if it says so.
     *
     * @param flags which argument they are
     */
    private int pipes(Call call, int in, int out, int flags, Order order) {
        boolean asked = (call.argument(flags) & SPLICE_F_NONBLOCK) != 0;
        while (true) {
            int moved = order.give(call.argument(flags) | SPLICE_F_NONBLOCK);
            if (moved != -Errno.EAGAIN || asked || !(waits(in) || waits(out))) {
                return moved;
            }
            ready(call, in, PollEntries.POLLIN);
            ready(call, out, PollEntries.POLLOUT);
        }
    }

    private int splice(Call call) {
        int in = descriptors.orderedAs(call.argument(0));
        int out = descriptors.orderedAs(call.argument(2));
        // SPLICE_F_NONBLOCK is about the pipe. The other side, a socket or terminal, waits for its own reasons; it has
        // none
        // if the kernel is not going to ask it: without a pipe, or with an offset where none can be.
        boolean fromPipe = isPipe(in);
        boolean toPipe = isPipe(out);
        if (descriptors.shares().countsWritten() && out >= 0 && !toPipe) {
            return -Errno.EINVAL; // as of a file that splice(2) cannot write: the kernel does not count it
        }
        if (fromPipe && !toPipe && call.argument(1) == 0 && call.argument(3) == 0) {
            ready(call, out, PollEntries.POLLOUT);
        } else if (toPipe && !fromPipe && call.argument(1) == 0 && call.argument(3) == 0) {
            ready(call, in, PollEntries.POLLIN);
        }
        return pipes(call, in, out, 5, flags -> call.trustee()
                .execute(Syscall.SPLICE, in, call.argument(1), out, call.argument(3), call.argument(4), flags));
    }

    private int tee(Call call) {
        int in = descriptors.orderedAs(call.argument(0));
        int out = descriptors.orderedAs(call.argument(1));
        return pipes(
                call, in, out, 3, flags -> call.trustee().execute(Syscall.TEE, in, out, call.argument(2), flags, 0, 0));
    }

    /** From memory into a pipe, or out of one. */
    private int vmsplice(Call call) {
        int fd = descriptors.orderedAs(call.argument(0));
        boolean asked = (call.argument(3) & SPLICE_F_NONBLOCK) != 0;
        while (true) {
            int moved = call.trustee()
                    .execute(
                            Syscall.VMSPLICE,
                            fd,
                            call.argument(1),
                            call.argument(2),
                            call.argument(3) | SPLICE_F_NONBLOCK,
                            0,
                            0);
            if (moved != -Errno.EAGAIN || asked || !waits(fd)) {
                return moved;
            }
            ready(call, fd, PollEntries.POLLIN | PollEntries.POLLOUT);
        }
    }

    private boolean isPipe(int fd) {
        if (fd < 0) {
            return false;
        }
        int borrowed = descriptors.borrow(fd);
        try {
            return kernel.isFifo(borrowed);
        } finally {
            descriptors.giveBack(fd, borrowed);
        }
    }

    /** At offset -1 these are readv and writev, with flags: on a pipe they wait. */
    private int vectors(Syscall syscall, Call call, int events) {
        descriptors.get(call.argument(0));
        if (call.argument64(3) == -1) {
            ready(call, call.argument(0), events);
        }
        return call.forward(syscall);
    }
}
