package nurse.helper.sandbox;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.ffm.ProcFs;
import nurse.ffm.lane.Lane;
import nurse.ffm.lane.LaneLayout;
import nurse.helper.calls.Call;
import nurse.helper.calls.CallError;
import nurse.helper.calls.Syscall;
import nurse.helper.calls.Trustee;
import nurse.helper.layers.Orders;
import nurse.helper.time.Clocks;
import org.jspecify.annotations.Nullable;

/**
 * Serves one lane: waits for requests, has them answered, carries orders to the trustee and waits for their end.
 *
 * <p>A request's way, from top to bottom: {@link #serve}, {@link Dispatcher#answer}, the subject's handler, the policy, and
 * for what only the process itself can do {@link #execute}. One thread.
 */
final class LaneServer implements Trustee {
    /** How often the next request is looked for between two looks at the clock. */
    private static final int LOOKS = 32;
    /** Looking again took so long: somebody else had the CPU meanwhile. */
    private static final long PREEMPTED_NANOS = 500_000;
    /** A look of the untrustee's (gate.c, await_reply) takes that long: it has no clock, SECCOMP mode 1 takes rdtsc away. */
    private static final long REPLY_LOOK_NANOS = 40;
    /** How often an order's end is looked for, leaving the CPU to the trustee each time, before the helper sleeps. */
    private static final int ORDER_SPIN = 200;

    /**
     * When the untrustee's thread ends, the trustee rings (trustee.S): no descriptor tells it, for since Linux 6.15 a pidfd
     * of a thread-group leader says nothing while another thread lives, PIDFD_THREAD or not. It rings before the thread is
     * seen to have ended, so one looks soon, and again after twice the time; without a bell, once in a while all the same.
     */
    private static final long FIRST_LOOK_NANOS = 1_000_000;

    private static final long LAST_LOOK_NANOS = 4_000_000_000L;

    private static final int SIGPIPE = 13;
    private static final int SIGXFSZ = 25;

    private static final int OURS = 2;
    private static final int POLL_ENTRIES = 1024 + OURS;
    private static final short POLLIN = 1;

    private final Kernel kernel;
    private final Lane lane;
    private final Clocks clocks;
    private final Doors doors;
    private final DescriptorPassing passing;
    private final Call call;
    private final MemorySegment polls;
    private final MemorySegment bellBytes;
    private final MemorySegment one;
    private final int pid;
    private final Placement placement;
    /** With the program, for its next request. */
    private final Patience patience;
    /** The untrustee's with us, for its reply. */
    private final Patience replyPatience;

    /** The bell rang, and nothing was there: the untrustee's thread may be about to end. */
    private boolean rungForNothing;

    private int replySpin;
    private int answered;

    /** The helper's descriptors of one lane. */
    record Doors(int control, int bellHelper, int bellUntrustee, int channel, int pidfd) {}

    LaneServer(Kernel kernel, Clocks clocks, Lane lane, Doors doors, int pid, int trusteeTid, Arena arena) {
        this.kernel = kernel;
        this.clocks = clocks;
        this.lane = lane;
        this.doors = doors;
        this.pid = pid;
        this.passing = new DescriptorPassing(kernel, lane, doors.control);
        this.call = new Call(lane, this);
        this.polls = arena.allocate(8L * POLL_ENTRIES, 8);
        this.bellBytes = arena.allocate(256);
        this.one = arena.allocate(8);
        this.placement = new Placement(kernel, trusteeTid, arena);
        this.patience = new Patience(placement.cpus());
        this.replyPatience = new Patience(placement.cpus());
        lane.trusteeSpin(0);
        placement.follow();
        untrusteeLooks(true);
    }

    /** @param looks whether to look for a reply pays, which it does not while we wait for what the program waits for */
    private void untrusteeLooks(boolean looks) {
        int spin = looks ? (int) (replyPatience.nanos() / REPLY_LOOK_NANOS) : 0;
        if (spin != replySpin) { // it has that line in its cache
            replySpin = spin;
            lane.replySpin(spin);
        }
    }

    /** The first request of a lane, which its untrustee makes when it is locked, is answered here by the sandbox. */
    boolean awaitLocked(long timeoutNanos) {
        long deadline = System.nanoTime() + timeoutNanos;
        while (lane.requestSequence() == answered) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            sleep(true, 0, left);
        }
        call.take();
        return call.number() == LaneLayout.CALL_LOCKED;
    }

    /** What the gate copies to {@code address} before it goes on: for the first request, which no handler answers. */
    MemorySegment carried(int address, int length) {
        return call.outAt(address, length);
    }

    /** Answers the first request: the untrustee goes on at {@code entry}, or from where it is if that is 0. */
    void begin(int entry) {
        reply(entry, true);
    }

    private void reply(int result) {
        reply(result, result >= 0 || call.answersDespiteError());
    }

    private void reply(int result, boolean withData) {
        answered++;
        lane.reply(answered, result, withData);
        if (lane.untrusteeSleeps()) {
            kernel.write(doors.bellUntrustee, one, 1);
        }
    }

    /**
     * Answers requests until the untrustee or its process ends.
     *
     * @param time where the time that this takes is counted; null for nowhere
     * @return false when it has not ended, but forged its lane
     */
    boolean serve(Dispatcher dispatcher, Phases phases, @Nullable HelperTime time) {
        try {
            while (true) {
                awaitRequest();
                long begin = phases.timesCalls() ? System.nanoTime() : 0;
                call.take();
                reply(time == null ? dispatcher.answer(call) : timed(dispatcher, time));
                if (begin != 0) {
                    phases.answered(System.nanoTime() - begin);
                }
            }
        } catch (SandboxEnded end) {
            return end != SandboxEnded.OUT_OF_ORDER; // the caller asks the kernel how it ended
        }
    }

    private int timed(Dispatcher dispatcher, HelperTime time) {
        long begin = HelperTime.begins(kernel);
        try {
            return dispatcher.answer(call);
        } finally {
            time.ends(kernel, begin);
        }
    }

    private void awaitRequest() {
        if (!look()) {
            long begin = System.nanoTime();
            while (lane.requestSequence() == answered) {
                sleep(true, 0, -1);
            }
            patience.waited(System.nanoTime() - begin);
        }
        checkSequence();
    }

    /** Looks for a request as long as that pays. */
    private boolean look() {
        long begin = 0;
        long last = 0;
        do {
            for (int i = 0; i < LOOKS; i++) {
                if (lane.requestSequence() != answered) {
                    return true;
                }
                Thread.onSpinWait();
            }
            long now = System.nanoTime();
            if (last != 0 && now - last > PREEMPTED_NANOS) {
                replyPatience.inVain();
                untrusteeLooks(true);
                break;
            }
            begin = begin == 0 ? now : begin;
            last = now;
        } while (last - begin < patience.nanos());
        return false;
    }

    /** Requests are numbered one by one. Another number is not our gate's: there is nobody honest to answer. */
    private void checkSequence() {
        if (lane.requestSequence() != answered + 1) {
            throw SandboxEnded.OUT_OF_ORDER;
        }
    }

    /**
     * Sleeps until a bell rings, one of {@code count} entries behind ours is ready, or the time is over.
     *
     * @param forRequest whether a new request ends the wait, too
     * @return how many of the caller's entries are ready
     */
    private int sleep(boolean forRequest, int count, long timeoutNanos) {
        lane.helperSleeps(true);
        try {
            if (forRequest && lane.requestSequence() != answered) {
                return 0;
            }
            if (!doze(count, timeoutNanos)) {
                return 0;
            }
        } finally {
            lane.helperSleeps(false);
        }
        int theirs = 0;
        for (int i = OURS; i < OURS + count; i++) {
            theirs += ready(i) ? 1 : 0;
        }
        return theirs;
    }

    /**
     * poll(2) over our entries and {@code count} others, which are in their places.
     *
     * @return false when the time was over
     * @throws SandboxEnded when the process or its untrustee is gone
     */
    private boolean doze(int count, long timeoutNanos) {
        long left = timeoutNanos;
        long look = rungForNothing ? FIRST_LOOK_NANOS : LAST_LOOK_NANOS;
        int request = lane.requestSequence();
        long result = lane.resultSequence();
        while (true) {
            entry(0, doors.bellHelper);
            entry(1, doors.pidfd);
            long now = System.nanoTime();
            long slice = left >= 0 && left < look ? left : look;
            int ready = kernel.ppoll(polls, OURS + count, slice);
            if (ready > 0) {
                if (ready(0)) {
                    kernel.read(doors.bellHelper, bellBytes, 256);
                    rungForNothing = lane.requestSequence() == request && lane.resultSequence() == result;
                }
                if (ready(1)) {
                    throw SandboxEnded.INSTANCE;
                }
                return true;
            }
            if (exitCode(kernel, pid) >= 0) {
                throw SandboxEnded.INSTANCE;
            }
            if (left >= 0) {
                left -= System.nanoTime() - now;
                if (left <= 0) {
                    return false;
                }
            }
            look = Math.min(2 * look, LAST_LOOK_NANOS);
        }
    }

    /**
     * How a process's main thread ended, while others of its threads live on: the exit code as wait(2) has it, or -1 if it
     * has not ended (proc(5), stat: fields 3 and 52). One that cannot be looked at counts as killed, as it is going to be:
     * that it ended well nobody has seen.
     */
    static int exitCode(Kernel kernel, int pid) {
        String stat = ProcFs.read(kernel, "/proc/" + pid + "/task/" + pid + "/stat");
        if (stat == null) {
            return Kernel.SIGKILL;
        }
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).trim().split(" ");
        boolean ended = fields[0].equals("Z") || fields[0].equals("X");
        return ended ? Integer.parseInt(fields[fields.length - 1]) : -1;
    }

    private void entry(int i, int fd) {
        polls.set(JAVA_INT, 8L * i, fd);
        polls.set(JAVA_SHORT, 8L * i + 4, POLLIN);
        polls.set(JAVA_SHORT, 8L * i + 6, (short) 0);
    }

    private boolean ready(int i) {
        return polls.get(JAVA_SHORT, 8L * i + 6) != 0;
    }

    // ---- Trustee --------------------------------------------------------------------------------------------------

    @Override
    public int execute(Syscall syscall, int a, int b, int c, int d, int e, int f) {
        if (!Orders.allow(syscall, a, b, c, d, e, f)) { // the kernel would end the process for it
            throw new IllegalStateException("the trustee's filter does not allow this order; see Orders: " + syscall);
        }
        int result = execute(syscall.number(), a, b, c, d, e, f);
        if (result == -Errno.EPIPE || result == -Errno.EFBIG) {
            passSignalOn();
        }
        return result;
    }

    /** With these errors the kernel signals who makes the call. The trustee blocks all: it is taken, and sent to whom it is for. */
    private void passSignalOn() {
        MemorySegment data = data(16); // a sigset_t, and a struct timespec of 0
        data.fill((byte) 0);
        data.set(JAVA_INT_UNALIGNED, 0, 1 << SIGPIPE - 1 | 1 << SIGXFSZ - 1);
        int set = addressOf(data);
        int signal = execute(Syscall.RT_SIGTIMEDWAIT.number(), set, 0, set + 8, 8, 0, 0);
        if (signal == SIGPIPE || signal == SIGXFSZ) {
            execute(Syscall.TGKILL.number(), pid, pid, signal, 0, 0, 0);
        }
    }

    int execute(int number, int a, int b, int c, int d, int e, int f) {
        long order = start(number, a, b, c, d, e, f);
        long offset = Lane.channelOffset(order);
        if (lane.resultSequence() != order) { // the kernel has not switched to the trustee at once
            kernel.sched_yield();
        }
        if (lane.resultSequence() == order && isDone(offset)) {
            replyPatience.waited(0);
        } else {
            placement.follow(); // it may be that the two are not on one CPU any more
            long begin = System.nanoTime();
            awaitDone(order, offset);
            replyPatience.waited(System.nanoTime() - begin);
        }
        untrusteeLooks(true);
        return lane.resultValue();
    }

    private void awaitDone(long order, long offset) {
        for (int i = 0; i < ORDER_SPIN; i++) {
            if (lane.resultSequence() == order && isDone(offset)) {
                return;
            }
            kernel.sched_yield();
        }
        untrusteeLooks(false);
        while (!isDone(offset)) {
            lane.helperSleeps(true);
            try {
                if (!isDone(offset)) {
                    doze(0, -1);
                }
            } finally {
                lane.helperSleeps(false);
            }
        }
    }

    /** Gives an order and does not wait for its end: for the last one of a process. */
    long start(int number, int a, int b, int c, int d, int e, int f) {
        long order = lane.order(number, a, b, c, d, e, f);
        // All that wait: the program may wait on the same word, and would take the only wake-up (lock.c).
        kernel.futexWake(lane.orderFutex(), Integer.MAX_VALUE);
        return order;
    }

    /** The truth about orders: only the trustee can move this offset, see docs/architecture.md. */
    private boolean isDone(long offset) {
        return kernel.lseek(doors.channel, 0, Kernel.SEEK_CUR) == offset;
    }

    @Override
    public MemorySegment data(int length) {
        MemorySegment data = lane.orderData(length);
        if (data == null) {
            throw CallError.of(Errno.ENOMEM);
        }
        return data;
    }

    @Override
    public int addressOf(MemorySegment data) {
        return lane.orderAddress(data);
    }

    @Override
    public int install(int fd, int number, boolean closeOnExec) {
        return passing.install(this, fd, number, closeOnExec);
    }

    /**
     * As {@link nurse.helper.descriptors.Descriptors.Lender}: by pidfd_getfd(2), and where that is refused, sent by the
     * trustee. A container's filter refuses it (Docker's does), and so does the kernel of a helper that may not trace the
     * process: ptrace(2), PTRACE_MODE_ATTACH_REALCREDS.
     */
    int lend(int fd) {
        int borrowed = kernel.pidfd_getfd(doors.pidfd, fd);
        return switch (borrowed) {
            case -Errno.EPERM, -Errno.EACCES, -Errno.ENOSYS -> passing.fetch(this, fd);
            default -> borrowed;
        };
    }

    @Override
    public int await(MemorySegment fds, int count, long timeoutNanos) {
        return await(fds, count, timeoutNanos, true);
    }

    @Override
    public void awaitThroughSignals(MemorySegment fds, int count) {
        await(fds, count, -1, false);
    }

    private int await(MemorySegment fds, int count, long timeoutNanos, boolean signalsEnd) {
        if (count > POLL_ENTRIES - OURS) {
            return -Errno.EINVAL;
        }
        long deadline = System.nanoTime() + timeoutNanos;
        int request = answered + 1;
        untrusteeLooks(timeoutNanos == 0);
        try {
            while (true) {
                if (signalsEnd && lane.interrupted() == request) {
                    return -Errno.EINTR;
                }
                long left = timeoutNanos < 0 ? -1 : Math.max(0, deadline - System.nanoTime());
                MemorySegment.copy(fds, 0, polls, 8L * OURS, 8L * count);
                int ready = sleep(false, count, left);
                if (ready > 0 || left == 0) {
                    if (ready == 0) {
                        clocks.waited(timeoutNanos);
                    }
                    MemorySegment.copy(polls, 8L * OURS, fds, 0, 8L * count);
                    return ready;
                }
            }
        } finally {
            untrusteeLooks(true);
        }
    }
}
