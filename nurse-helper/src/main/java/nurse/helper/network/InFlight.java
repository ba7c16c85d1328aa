package nurse.helper.network;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.IntSupplier;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.ffm.lane.LaneLayout;
import nurse.helper.calls.CallError;
import nurse.helper.descriptors.Descriptors;
import nurse.helper.descriptors.OpenFile;
import nurse.helper.descriptors.Shares.Share;

/**
 * Descriptors on their way in messages (SCM_RIGHTS). The kernel counts them for a user, and lets a process send no more while
 * they are more than its limit of open files (ETOOMANYREFS: too_many_unix_fds in net/unix/scm.c).
 *
 * <p>A run has a share of them. And while a program sends some, its limit of open files is lower than others' are: several runs
 * together are refused before anybody else would be. Not thread-safe.
 */
final class InFlight {
    /** Beyond so many of the user's no program of nurse's sends any: half of the usual limit, 1024. */
    private static final long OF_USER = 512;

    private static final int LIMIT_SIZE = 16; // struct rlimit64: soft, hard

    private final Kernel kernel;
    private final int pid;
    private final Descriptors descriptors;

    InFlight(Kernel kernel, int pid, Descriptors descriptors) {
        this.kernel = kernel;
        this.pid = pid;
        this.descriptors = descriptors;
    }

    /** Sends {@code count} descriptors by the socket {@code fd}. */
    int bounded(int fd, int count, IntSupplier send) {
        if (!descriptors.shares().has(Share.IN_FLIGHT, count)) {
            recount();
            descriptors.shares().require(Share.IN_FLIGHT, count, Errno.ETOOMANYREFS);
        }
        int result = belowOthers(send);
        if (result >= 0) {
            descriptors.shares().charge(descriptors.get(fd), Share.IN_FLIGHT, count);
        }
        return result;
    }

    /** A socket whose every byte has been received has no descriptor on its way. */
    private void recount() {
        for (int fd = 0; fd < LaneLayout.FD_BASE; fd++) {
            OpenFile file = descriptors.find(fd);
            if (file != null && descriptors.shares().isCharged(file, Share.IN_FLIGHT)) {
                int borrowed = descriptors.borrowOrError(fd);
                if (kernel.unreceived(borrowed) == 0) {
                    descriptors.shares().recharge(file, Share.IN_FLIGHT, 0);
                }
                descriptors.giveBack(fd, borrowed);
            }
        }
    }

    /** The program waits for the call's end meanwhile: it opens nothing that the lower limit could keep from it. */
    private int belowOthers(IntSupplier send) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment before = arena.allocate(LIMIT_SIZE, 8);
            MemorySegment low = arena.allocate(LIMIT_SIZE, 8);
            CallError.check(kernel.prlimit64(pid, Kernel.RLIMIT_NOFILE, MemorySegment.NULL, before));
            low.set(JAVA_LONG, 0, Math.min(OF_USER, before.get(JAVA_LONG, 0)));
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
