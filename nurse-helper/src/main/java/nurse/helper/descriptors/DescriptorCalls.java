package nurse.helper.descriptors;

import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.Arena;
import java.util.Set;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.ffm.lane.LaneLayout;
import nurse.helper.calls.Call;
import nurse.helper.calls.CallError;
import nurse.helper.calls.CallHandler;
import nurse.helper.calls.CallRefused;
import nurse.helper.calls.Syscall;
import nurse.helper.descriptors.Shares.Share;
import nurse.helper.processes.ProcessState;

/**
 * Calls on descriptors. What the program may do with a file was decided when it was opened, so most are carried out by the
 * trustee as they are, once the number is known to be the program's own.
 */
public final class DescriptorCalls implements CallHandler {
    /** The table is the program's alone already; unsharing it would part it from the trustee's. */
    private static final int CLOSE_RANGE_UNSHARE = 2;
    /** F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_DUPFD_CLOEXEC: all that O_PATH leaves; others are EBADF, known or not (fs/fcntl.c). */
    private static final Set<Integer> OF_A_PATH = Set.of(0, 1, 2, 3, 1030);

    private static final int FALLOC_FL_PUNCH_HOLE = 2; // linux/falloc.h

    private final Kernel kernel;
    private final ProcessState process;
    private final Descriptors descriptors;
    private final LockCalls locks;
    private final TransferCalls transfers;
    private final HiddenNames hidden;

    public DescriptorCalls(Kernel kernel, ProcessState process, HiddenNames hidden, Arena arena) {
        this.kernel = kernel;
        this.hidden = hidden;
        this.process = process;
        this.descriptors = process.descriptors();
        this.locks = new LockCalls(arena);
        this.transfers = new TransferCalls(kernel, descriptors, arena);
    }

    @Override
    public int answer(Syscall syscall, Call call) {
        return switch (syscall) {
            case CLOSE -> close(call);
            case CLOSE_RANGE -> closeRange(call);
            case DUP -> dup(call);
            case DUP2 -> dup2(call);
            case DUP3 -> dup3(call);
            case FCNTL, FCNTL64 -> fcntl(syscall, call);
            case IOCTL -> ioctl(call);
            case LSEEK -> lseek(call);
            case _LLSEEK -> llseek(call);
            case PIPE -> pipe(call, Syscall.PIPE, 0);
            case PIPE2 -> pipe(call, Syscall.PIPE2, call.argument(1));
            case EVENTFD -> created(call, syscall, 0);
            case EVENTFD2 -> created(call, syscall, call.argument(1));
            case INOTIFY_INIT -> shared(call, syscall, 0, Share.INOTIFY);
            case INOTIFY_INIT1 -> shared(call, syscall, call.argument(0), Share.INOTIFY);
            case EPOLL_CREATE -> shared(call, syscall, 0, Share.EPOLL);
            case EPOLL_CREATE1 -> shared(call, syscall, call.argument(0), Share.EPOLL);
            case TIMERFD_CREATE -> created(call, syscall, call.argument(1));
            case PREAD64,
                    PWRITE64,
                    PREADV,
                    PWRITEV,
                    FSYNC,
                    FDATASYNC,
                    SYNC_FILE_RANGE,
                    SYNCFS,
                    FTRUNCATE,
                    FTRUNCATE64,
                    FADVISE64,
                    FADVISE64_64,
                    READAHEAD,
                    CACHESTAT,
                    INOTIFY_RM_WATCH -> onOne(syscall, call);
            case FALLOCATE -> fallocate(call);
            case GETDENTS, READDIR -> getdents(syscall, call);
            case GETDENTS64 -> getdents64(call);
            case FLOCK -> locks.flock(call, descriptors.orderedAs(call.argument(0)));
            case FCHOWN -> fchown(call, id16(call.argument(1)), id16(call.argument(2)));
            case FCHOWN32 -> fchown(call, call.argument(1), call.argument(2));
            case FCHMOD -> fchmod(call);
            case PIDFD_OPEN -> pidfd(call);
            case PIDFD_SEND_SIGNAL -> sendSignal(call);
            default -> transfers.answer(syscall, call);
        };
    }

    private int close(Call call) {
        int fd = call.argument(0);
        descriptors.get(fd);
        int result = call.forward(Syscall.CLOSE);
        descriptors.remove(fd); // close(2): the descriptor is gone whatever it returns
        return result;
    }

    private int closeRange(Call call) {
        int first = call.argument(0);
        int last = Integer.compareUnsigned(call.argument(1), LaneLayout.FD_BASE) < 0
                ? call.argument(1)
                : LaneLayout.FD_BASE - 1;
        int flags = call.argument(2) & ~CLOSE_RANGE_UNSHARE;
        if (Integer.compareUnsigned(first, call.argument(1)) > 0 || (flags & ~Kernel.CLOSE_RANGE_CLOEXEC) != 0) {
            return -Errno.EINVAL;
        }
        if (Integer.compareUnsigned(first, last) > 0) {
            return 0; // only numbers that the program does not have
        }
        int result = call.trustee().execute(Syscall.CLOSE_RANGE, first, last, flags, 0, 0, 0);
        for (int fd = first; fd <= last && result == 0; fd++) {
            if (flags == 0) {
                descriptors.remove(fd);
            } else {
                descriptors.closeOnExec(fd, true);
            }
        }
        return result;
    }

    /** EBADF goes before EMFILE: fs/file.c looks the descriptor up first. */
    private int dup(Call call) {
        descriptors.get(call.argument(0));
        return duplicate(call, call.argument(0), descriptors.lowestFree(0), false);
    }

    /** The order names the number: what the trustee is said to have returned is of no account. */
    private int duplicate(Call call, int from, int to, boolean closeOnExec) {
        OpenFile file = descriptors.get(from);
        CallError.check(call.trustee().execute(Syscall.DUP3, from, to, closeOnExec ? Kernel.O_CLOEXEC : 0, 0, 0, 0));
        descriptors.put(to, file, closeOnExec);
        return to;
    }

    private void requireNumber(int fd) {
        if (fd < 0 || fd >= descriptors.limit()) {
            throw CallError.of(Errno.EBADF);
        }
    }

    private int dup2(Call call) {
        int from = call.argument(0);
        int to = call.argument(1);
        descriptors.get(from);
        requireNumber(to);
        return from == to ? to : duplicate(call, from, to, false);
    }

    private int dup3(Call call) {
        int flags = call.argument(2);
        if ((flags & ~Kernel.O_CLOEXEC) != 0 || call.argument(0) == call.argument(1)) {
            return -Errno.EINVAL;
        }
        descriptors.get(call.argument(0));
        requireNumber(call.argument(1));
        return duplicate(call, call.argument(0), call.argument(1), flags != 0);
    }

    // fcntl(2): commands by number, asm-generic/fcntl.h and linux/fcntl.h
    private int fcntl(Syscall syscall, Call call) {
        int fd = call.argument(0);
        int argument = call.argument(2);
        OpenFile file = descriptors.get(fd);
        if (!OF_A_PATH.contains(call.argument(1)) && isPathOnly(file)) {
            return -Errno.EBADF;
        }
        return switch (call.argument(1)) {
            case 0 -> duplicate(call, fd, freeFrom(argument), false); // F_DUPFD
            case 1030 -> duplicate(call, fd, freeFrom(argument), true); // F_DUPFD_CLOEXEC
            case 1 -> descriptors.closeOnExec(fd) ? 1 : 0; // F_GETFD
            case 2 -> setCloseOnExec(syscall, call, fd, argument); // F_SETFD
            case 3, 4 -> statusFlags(call, fd, argument); // F_GETFL, F_SETFL
            // Record locks belong to the process (fcntl_locking(2)); the kernel reads no address that matters here.
            case 5, 6, 7, 12, 13, 14, 36, 37, 38 -> locks.record(syscall, call);
            case 1031 -> pipeSize(syscall, call, fd, argument); // F_SETPIPE_SZ
            case 1032, 1033, 1034 -> call.forward(syscall); // F_GETPIPE_SZ, seals
            case 9, 11 -> 0; // F_GETOWN, F_GETSIG
            case 8, 10, 15, 16 -> // F_SETOWN, F_SETSIG, F_*OWN_EX: signals to whom the program names
                throw CallRefused.of(Errno.EPERM, "signals of a file go to processes that the program names");
            case 1026 -> notifyOfChanges(syscall, call);
            default -> -Errno.EINVAL;
        };
    }

    /** F_NOTIFY: SIGIO when something changes in the directory. */
    private int notifyOfChanges(Syscall syscall, Call call) {
        if (hidden.any()) {
            throw CallRefused.of(Errno.EPERM, "changes of what is hidden would be told, too");
        }
        return call.forward(syscall);
    }

    /** Whether it was opened with O_PATH (open(2)): the helper keeps a descriptor of every such file. */
    private boolean isPathOnly(OpenFile file) {
        return file.helperFd() >= 0 && (kernel.fcntl(file.helperFd(), Kernel.F_GETFL, 0) & Kernel.O_PATH) != 0;
    }

    private int freeFrom(int least) {
        if (least < 0 || least >= descriptors.limit()) {
            throw CallError.of(Errno.EINVAL);
        }
        return descriptors.lowestFree(least);
    }

    private int setCloseOnExec(Syscall syscall, Call call, int fd, int argument) {
        int result = call.forward(syscall);
        if (result == 0) {
            descriptors.closeOnExec(fd, (argument & 1) != 0);
        }
        return result;
    }

    /** Of the open file description, which the helper shares: its own descriptor will do. Not O_ASYNC: signals again. */
    private int statusFlags(Call call, int fd, int argument) {
        int borrowed = descriptors.borrow(fd);
        int async = 020000;
        int result = call.argument(1) == 3
                ? kernel.fcntl(borrowed, Kernel.F_GETFL, 0)
                : kernel.fcntl(borrowed, Kernel.F_SETFL, argument & ~async & 0xffffffffL);
        descriptors.giveBack(fd, borrowed);
        return result;
    }

    private int ioctl(Call call) {
        int fd = call.argument(0);
        int request = call.argument(1);
        if (isPathOnly(descriptors.get(fd))) {
            return -Errno.EBADF;
        }
        return switch (request) {
            case 0x5451 -> ioctlCloseOnExec(call, fd, true); // FIOCLEX
            case 0x5450 -> ioctlCloseOnExec(call, fd, false); // FIONCLEX
            case 0x40049409, 0x4020940d -> -Errno.EOPNOTSUPP; // FICLONE, FICLONERANGE: cp then copies
            case 0x5412, 0x541c, 0x540e -> // TIOCSTI, TIOCLINUX, TIOCSCTTY
                throw CallRefused.of(Errno.EPERM, "it would type on the terminal, or take it");
            default -> OrderedRequests.IOCTL.contains(request) ? call.forward(Syscall.IOCTL) : -Errno.ENOTTY;
        };
    }

    private int ioctlCloseOnExec(Call call, int fd, boolean value) {
        int result = call.forward(Syscall.IOCTL);
        if (result == 0) {
            descriptors.closeOnExec(fd, value);
        }
        return result;
    }

    private int lseek(Call call) {
        long result = seek(call.argument(0), call.argument(1), call.argument(2));
        return result > Integer.MAX_VALUE ? -Errno.EOVERFLOW : (int) result;
    }

    /** _llseek(2): the offset's high half comes first, the result goes to memory. */
    private int llseek(Call call) {
        long offset = ((long) call.argument(1) << 32) | (call.argument(2) & 0xffffffffL);
        long result = seek(call.argument(0), offset, call.argument(4));
        if (result < 0) {
            return (int) result;
        }
        call.out(3, 8).set(JAVA_LONG_UNALIGNED, 0, result);
        return 0;
    }

    private long seek(int fd, long offset, int whence) {
        int borrowed = descriptors.borrow(fd);
        long result = kernel.lseek(borrowed, offset, whence);
        descriptors.giveBack(fd, borrowed);
        return result;
    }

    /** The kernel gives the two lowest free numbers, and writes them where the program wants them. */
    private int pipe(Call call, Syscall syscall, int flags) {
        int read = descriptors.lowestFree(0);
        int write = descriptors.lowestFree(read + 1);
        requirePipe(Shares.PIPE, Errno.ENFILE);
        int result = call.forward(syscall);
        if (result == 0) {
            boolean closeOnExec = (flags & Kernel.O_CLOEXEC) != 0;
            for (int fd : new int[] {read, write}) {
                OpenFile end = OpenFile.anonymous();
                chargePipe(end, Shares.PIPE / 2); // the buffer is there as long as one end is
                descriptors.put(fd, end, closeOnExec);
            }
        }
        return result;
    }

    /** pipe(2): ENFILE, fcntl(2): EPERM, where the user's pages for pipes are used up. */
    private void requirePipe(long bytes, int errno) {
        if (!descriptors.shares().has(Share.PIPES, bytes)
                || !descriptors.shares().has(Share.BUFFERS, bytes)) {
            throw CallRefused.of(errno, "the run's share of what pipes may hold is used up");
        }
    }

    private void chargePipe(OpenFile end, long bytes) {
        descriptors.shares().recharge(end, Share.PIPES, bytes);
        descriptors.shares().recharge(end, Share.BUFFERS, bytes);
    }

    /** The kernel makes it a power of two of pages, no fewer bytes than asked for. */
    private int pipeSize(Syscall syscall, Call call, int fd, int bytes) {
        OpenFile end = descriptors.get(fd);
        long room = Long.highestOneBit(Math.max(bytes, 4096) * 2L - 1);
        requirePipe(room, Errno.EPERM);
        int result = call.forward(syscall);
        if (result >= 0) {
            chargePipe(end, room);
        }
        return result;
    }

    /** As {@link #created}, of what the kernel counts by user. */
    private int shared(Call call, Syscall syscall, int flags, Share share) {
        descriptors.shares().require(share, 1, Errno.EMFILE);
        int number = created(call, syscall, flags);
        if (number >= 0) {
            descriptors.shares().charge(descriptors.get(number), share, 1);
        }
        return number;
    }

    /** A call that makes one new descriptor, of which the helper needs none. */
    private int created(Call call, Syscall syscall, int flags) {
        int number = descriptors.lowestFree(0);
        int result = call.forward(syscall);
        if (result < 0) {
            return result;
        }
        descriptors.put(number, OpenFile.anonymous(), (flags & Kernel.O_CLOEXEC) != 0);
        return number;
    }

    private int onOne(Syscall syscall, Call call) {
        return call.trustee()
                .execute(
                        syscall,
                        descriptors.orderedAs(call.argument(0)),
                        call.argument(1),
                        call.argument(2),
                        call.argument(3),
                        call.argument(4),
                        call.argument(5));
    }

    /** Room in a file counts as nothing written. posix_fallocate(3) then writes, which counts. */
    private int fallocate(Call call) {
        boolean frees = (call.argument(1) & FALLOC_FL_PUNCH_HOLE) != 0;
        return descriptors.shares().countsWritten() && !frees ? -Errno.EOPNOTSUPP : onOne(Syscall.FALLOCATE, call);
    }

    /** What changes a file by any descriptor of it, be it read-only: the policy decides, not the descriptor. */
    private int fchown(Call call, int uid, int gid) {
        descriptors.requireChangeable(call.argument(0));
        return kernel.fchownat(descriptors.borrow(call.argument(0)), "", uid, gid, Kernel.AT_EMPTY_PATH);
    }

    /** fchown(95) has 16-bit ids, and -1 leaves one as it is (kernel/uid16.c, low2highuid). */
    public static int id16(int id) {
        return (id & 0xffff) == 0xffff ? -1 : id & 0xffff;
    }

    /** Of itself only. */
    private int pidfd(Call call) {
        if (call.argument(0) <= 0) {
            return -Errno.EINVAL;
        }
        return call.argument(0) == process.pid() ? created(call, Syscall.PIDFD_OPEN, Kernel.O_CLOEXEC) : -Errno.ESRCH;
    }

    /**
     * pidfd_send_signal(2), to itself: as kill. A descriptor of another process may have been inherited. A directory of /proc
     * names its process as well as a pidfd does.
     */
    private int sendSignal(Call call) {
        if (!process.isDirectoryOfItself(descriptors.get(call.argument(0)).name())) {
            int pid = descriptors.pidOf(call.argument(0));
            if (pid == Descriptors.NO_PIDFD) {
                return -Errno.EBADF;
            }
            if (pid != process.pid()) {
                throw CallRefused.of(Errno.EPERM, "the process is another one");
            }
        }
        return call.argument(3) != 0
                ? -Errno.EINVAL
                : call.trustee().execute(Syscall.KILL, process.pid(), call.argument(1), 0, 0, 0, 0);
    }

    /** /proc/self/fd has our descriptors, too, which are none of the program's: the helper lists it for them. */
    private int getdents64(Call call) {
        OpenFile file = descriptors.get(call.argument(0));
        DirectoryList.LeftOut leftOut = leftOut(file);
        if (leftOut == null) {
            return call.forward(Syscall.GETDENTS64);
        }
        int room = Math.min(call.argument(2), Call.outLimit());
        return room < 0 ? -Errno.EINVAL : DirectoryList.read(kernel, file.helperFd(), call.out(1, room), leftOut);
    }

    private DirectoryList.LeftOut leftOut(OpenFile file) {
        if (file.helperFd() < 0) {
            return null;
        }
        if (process.isDescriptorList(file.name())) {
            return (entries, at) -> DirectoryList.number(entries, at) >= LaneLayout.FD_BASE;
        }
        if (!hidden.any() || file.name() == null) {
            return null;
        }
        String directory = file.name().equals("/") ? "/" : file.name() + "/";
        return (entries, at) -> {
            String name = DirectoryList.name(entries, at);
            return !name.equals(".") && !name.equals("..") && hidden.isHidden(directory + name);
        };
    }

    /** The calls of old, with other records, which no libc makes any more: not there where names have to be left out. */
    private int getdents(Syscall syscall, Call call) {
        return hidden.any() ? -Errno.ENOSYS : onOne(syscall, call);
    }

    /** Without the set-ID bits, as chmod: see TreeCalls. */
    private int fchmod(Call call) {
        descriptors.requireChangeable(call.argument(0));
        int fd = descriptors.borrow(call.argument(0));
        return kernel.fchmodat2(fd, "", call.argument(1) & 01777, Kernel.AT_EMPTY_PATH);
    }
}
