package nurse.helper.descriptors;

import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Stream;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.ffm.ProcFs;
import nurse.ffm.lane.LaneLayout;
import nurse.helper.calls.CallError;
import nurse.helper.calls.CallRefused;
import nurse.helper.policy.Access;

/**
 * The program's descriptors, as the helper gave them out.
 *
 * <p>It is the helper's own book, never read back from the process: a program that forges the trustee's results makes it
 * differ from the kernel's table. So what is decided by this book is done through the helper's own descriptor, never by the
 * process's number; what is done by number is what the program may do with any descriptor it has. Numbers from
 * {@link LaneLayout#FD_BASE} up are ours and can never be named.
 */
public final class Descriptors implements AutoCloseable {
    /** Of {@link #pidOf}. */
    public static final int NO_PIDFD = Integer.MIN_VALUE;

    private static final String PID = "\nPid:\t"; // proc_pid_fdinfo(5)
    private final OpenFile[] files = new OpenFile[LaneLayout.FD_BASE];
    private final boolean[] closeOnExec = new boolean[LaneLayout.FD_BASE];
    private final Kernel kernel;
    private final Lender lender;
    private final int shared;
    private final Shares shares = new Shares();
    private int limit = LaneLayout.FD_BASE;
    private int kept;

    /** The process, as it lends its descriptors to the helper. */
    public interface Lender {
        /**
         * A new descriptor of the helper's for the same open file description.
         *
         * @return the descriptor, close-on-exec; or a negative errno, which is EBADF if the process has no such descriptor, and
         *     only then
         */
        int lend(int fd);
    }

    /**
     * @param lender the sandboxed process, to borrow what the helper has no descriptor of
     * @param shared the helper's descriptors from this number on are not for a program that has many ({@link HelperFiles})
     */
    public Descriptors(Kernel kernel, Lender lender, int shared) {
        this.kernel = kernel;
        this.lender = lender;
        this.shared = shared;
    }

    /** What of the user's this run has used up. */
    public Shares shares() {
        return shares;
    }

    /** The file behind {@code fd}; EBADF if there is none. */
    public OpenFile get(int fd) {
        OpenFile file = find(fd);
        if (file == null) {
            throw CallError.of(Errno.EBADF);
        }
        return file;
    }

    /**
     * The number to order by: {@code fd}, or -1 if the program has no such descriptor. The kernel knows no -1 either, and says
     * what else is wrong with the call first, if it looks at that first.
     */
    public int orderedAs(int fd) {
        return find(fd) == null ? -1 : fd;
    }

    /** EPERM for a descriptor of what the policy does not let the program write, EBADF for none. */
    public void requireChangeable(int fd) {
        // Only what can be changed by the helper's own descriptor: the program can make the number in the process mean
        // another file than the book says (a forged descriptor message), the helper's it cannot.
        OpenFile file = get(fd);
        if (!file.isChangeable() || file.helperFd() < 0) {
            String why = "the descriptor is of what the policy does not let the program change";
            throw CallRefused.ofOpen(Errno.EPERM, file.name(), Access.WRITE, why);
        }
    }

    /** The file behind {@code fd}, or null. */
    public OpenFile find(int fd) {
        return fd >= 0 && fd < files.length ? files[fd] : null;
    }

    /** What the program has open; a file that it has several descriptors of comes several times. */
    public Stream<OpenFile> files() {
        return Arrays.stream(files).filter(Objects::nonNull);
    }

    /** The lowest free number that is not below {@code least}; EMFILE if there is none. */
    public int lowestFree(int least) {
        for (int fd = least; fd < limit; fd++) {
            if (files[fd] == null) {
                return fd;
            }
        }
        throw CallError.of(Errno.EMFILE);
    }

    /**
     * EMFILE when this program has many files open and the helper, which has a descriptor of each, needs those that are left
     * for others. To be asked before a file is opened: a file that was made, or cut, for an error would be a surprise.
     *
     * @param beside how many descriptors the helper has for this program that are not of files in this book
     */
    public void requireRoom(int beside) {
        if (kept + beside < HelperFiles.OF_EACH) {
            return;
        }
        int lowest = kernel.eventfd2(0, Kernel.O_CLOEXEC);
        if (lowest >= 0) {
            kernel.close(lowest);
        }
        if (lowest < 0 || lowest >= shared) {
            throw CallError.of(Errno.EMFILE);
        }
    }

    /** Numbers from here on are not given out: RLIMIT_NOFILE (getrlimit(2)), at most {@link LaneLayout#FD_BASE}. */
    public int limit() {
        return limit;
    }

    /** As the program set it. */
    public void limit(int limit) {
        this.limit = limit;
    }

    /** Enters {@code file} under {@code fd}, in the place of what is there. */
    public void put(int fd, OpenFile file, boolean closeOnExec) {
        if (file.retain() == 1 && file.helperFd() >= 0) {
            kept++;
        }
        remove(fd);
        files[fd] = file;
        this.closeOnExec[fd] = closeOnExec;
    }

    public void remove(int fd) {
        OpenFile old = files[fd];
        if (old != null) {
            files[fd] = null;
            if (old.release(kernel) == 0) {
                shares.giveBack(old);
                kept -= old.helperFd() >= 0 ? 1 : 0;
            }
        }
    }

    public boolean closeOnExec(int fd) {
        return closeOnExec[fd];
    }

    public void closeOnExec(int fd, boolean value) {
        closeOnExec[fd] = value;
    }

    /**
     * A descriptor of the helper's for the program's {@code fd}: its own, or one borrowed for this call. To be given back
     * with {@link #giveBack}.
     */
    public int borrow(int fd) {
        return CallError.check(borrowOrError(fd));
    }

    /** As {@link #borrow}, or a negative errno: EBADF if the process has no such descriptor, whatever this book says. */
    public int borrowOrError(int fd) {
        OpenFile file = get(fd);
        return file.helperFd() >= 0 ? file.helperFd() : lender.lend(fd);
    }

    /** The number of the process that a pidfd (pidfd_open(2)) means, -1 once it is gone; {@link #NO_PIDFD} for what is none. */
    public int pidOf(int fd) {
        int borrowed = borrow(fd);
        String info = ProcFs.read(kernel, "/proc/self/fdinfo/" + borrowed);
        giveBack(fd, borrowed);
        int at = info == null ? -1 : info.indexOf(PID);
        return at < 0 ? NO_PIDFD : Integer.parseInt(info.substring(at + PID.length(), info.indexOf('\n', at + 1)));
    }

    /** Ends what {@link #borrow} began. */
    public void giveBack(int fd, int borrowed) {
        OpenFile file = find(fd);
        if (file == null || file.helperFd() != borrowed) {
            kernel.close(borrowed);
        }
    }

    @Override
    public void close() {
        for (int fd = 0; fd < files.length; fd++) {
            remove(fd);
        }
    }
}
