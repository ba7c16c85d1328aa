package nurse.helper.files;

import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.ffm.Statx;
import nurse.helper.calls.Call;
import nurse.helper.calls.CallError;
import nurse.helper.calls.CallHandler;
import nurse.helper.calls.CallRefused;
import nurse.helper.calls.Syscall;
import nurse.helper.descriptors.Descriptors;
import nurse.helper.descriptors.OpenFile;
import nurse.helper.descriptors.Shares.Share;
import nurse.helper.policy.Access;
import nurse.helper.processes.ProcessState;
import nurse.helper.random.FixedRandom;
import org.jspecify.annotations.Nullable;

/**
 * open, openat, openat2 and creat: the helper opens, keeps its own descriptor and gives the program one.
 *
 * <p>read and write of the descriptor never come back here: this is where it is decided what the program may do with it.
 */
public final class OpenCalls implements CallHandler {
    /** What open(2) knows; other bits are ignored by open and openat and EINVAL for openat2 (linux/fcntl.h). */
    private static final int KNOWN_FLAGS = 03 | 0100 | 0200 | 0400 | 01000 | 02000 | 04000 | 010000 | 020000 | 040000
            | 0100000 | 0200000 | 0400000 | 01000000 | 02000000 | 04010000 | 010000000 | 020200000;

    private static final int TMPFILE = 020000000;
    /** All that O_PATH leaves in force (open(2)). */
    private static final int PATH_FLAGS = Kernel.O_PATH | Kernel.O_CLOEXEC | Kernel.O_DIRECTORY | Kernel.O_NOFOLLOW;

    private static final int READ_AND_WRITE = Access.READ | Access.WRITE;
    private static final long RESOLVE_CACHED = 0x20;
    private static final long ROOTS = Kernel.RESOLVE_BENEATH | Kernel.RESOLVE_IN_ROOT;
    private static final long KNOWN_RESOLVE = 0x3f;
    private static final long PROC_SUPER_MAGIC = 0x9fa0; // linux/magic.h
    private static final long RANDOM_DEVICE = 1L << 32 | 8; // admin-guide/devices.txt
    private static final long URANDOM_DEVICE = 1L << 32 | 9;
    private static final int SPLICE_F_NONBLOCK = 2;
    private static final long FIRST_PAUSE_NANOS = 1_000_000;
    private static final long LAST_PAUSE_NANOS = 20_000_000;

    private final Kernel kernel;
    private final Paths paths;
    private final ProcessState process;
    private final @Nullable FixedRandom random;
    private final At at;
    private final Reopening reopening;

    public OpenCalls(Kernel kernel, Paths paths, ProcessState process, @Nullable FixedRandom random) {
        this.kernel = kernel;
        this.paths = paths;
        this.process = process;
        this.random = random;
        this.at = new At(kernel, process, paths);
        this.reopening = new Reopening(kernel, process.descriptors());
    }

    @Override
    public int answer(Syscall syscall, Call call) {
        return switch (syscall) {
            case OPEN -> open(call, Kernel.AT_FDCWD, call.string(0), call.argument(1), call.argument(2));
            case OPENAT -> open(call, call.argument(0), call.string(1), call.argument(2), call.argument(3));
            case CREAT ->
                open(
                        call,
                        Kernel.AT_FDCWD,
                        call.string(0),
                        Kernel.O_CREAT | Kernel.O_WRONLY | Kernel.O_TRUNC,
                        call.argument(1));
            case OPENAT2 -> openat2(call);
            default -> UNANSWERED;
        };
    }

    /** openat2 is openat with a strict reading, and RESOLVE flags for {@link Paths}. */
    private int openat2(Call call) {
        if (Integer.compareUnsigned(call.argument(3), 24) < 0) {
            return -Errno.EINVAL;
        }
        MemorySegment how = call.struct(2, 24);
        if (how == null) {
            return -Errno.EFAULT;
        }
        long flags = how.get(JAVA_LONG_UNALIGNED, 0);
        long mode = how.get(JAVA_LONG_UNALIGNED, 8);
        boolean creates = (flags & (Kernel.O_CREAT | TMPFILE)) != 0;
        if ((flags & ~KNOWN_FLAGS) != 0 || (mode & ~07777) != 0 || (mode != 0 && !creates)) {
            return -Errno.EINVAL;
        }
        long resolve = how.get(JAVA_LONG_UNALIGNED, 16);
        boolean twoRoots = (resolve & ROOTS) == ROOTS;
        boolean pathOnly = (flags & Kernel.O_PATH) != 0 && (flags & ~PATH_FLAGS) != 0;
        if ((resolve & ~KNOWN_RESOLVE) != 0 || twoRoots || pathOnly) {
            return -Errno.EINVAL;
        }
        if ((resolve & RESOLVE_CACHED) != 0) {
            return -Errno.EAGAIN; // openat2(2): the caller has to be ready for it
        }
        return open(call, call.argument(0), call.string(1), (int) flags, (int) mode, resolve);
    }

    private int open(Call call, int dirfd, String path, int flags, int mode) {
        return open(call, dirfd, path, flags, mode, 0);
    }

    private int open(Call call, int dirfd, String path, int flags, int mode, long resolve) {
        Descriptors descriptors = process.descriptors();
        int number = descriptors.lowestFree(0);
        descriptors.requireRoom(random == null ? 0 : random.held());
        boolean closeOnExec = (flags & Kernel.O_CLOEXEC) != 0;
        int known = (flags & Kernel.O_PATH) != 0 ? flags & PATH_FLAGS : flags & KNOWN_FLAGS;
        boolean asDirectory = (known & Kernel.O_DIRECTORY) != 0;
        // fs/open.c, build_open_flags: neither makes sense, and what is asked of the policy would be nothing
        if ((known & Kernel.O_CREAT) != 0 && asDirectory || (known & TMPFILE) != 0 && !asDirectory) {
            return -Errno.EINVAL;
        }
        boolean creates = (known & (Kernel.O_CREAT | TMPFILE)) != 0;
        boolean follow = (known & Kernel.O_NOFOLLOW) == 0
                && (known & (Kernel.O_CREAT | Kernel.O_EXCL)) != (Kernel.O_CREAT | Kernel.O_EXCL);
        boolean pathOnly = (known & Kernel.O_PATH) != 0;
        String base = at.base(dirfd, (resolve & Kernel.RESOLVE_IN_ROOT) != 0 ? "." : path);
        // Not blocking: the helper must not wait for the other end of a FIFO where no signal could end it.
        int how = known | Kernel.O_CLOEXEC | (pathOnly ? 0 : Kernel.O_NOCTTY | Kernel.O_NONBLOCK);
        int permissions = creates ? mode & 01777 & ~process.umask() : 0; // no set-ID bits: TreeCalls.chmod
        Found found = paths.open(base, path, access(known), follow, how, permissions, resolve);
        if (!pathOnly && (known & Kernel.O_NONBLOCK) == 0) {
            for (long pause = FIRST_PAUSE_NANOS;
                    isWithoutPeer(found, known);
                    pause = Math.min(2 * pause, LAST_PAUSE_NANOS)) {
                if (awaitPeer(call, found, pause) < 0) {
                    found.close();
                    return RESTART;
                }
                if (found.fd() < 0) {
                    found = paths.open(base, path, access(known), follow, how, permissions, resolve);
                }
            }
        }
        int other = process.descriptorOf(found.name());
        if (other >= 0 && follow && descriptors.find(other) != null) {
            found.close();
            return reopening.open(call, other, number, known);
        }
        if (!follow && found.fd() >= 0 && process.link(found.name()) != null) {
            found.close(); // a magic link itself: the kernel would say what it means to the helper
            throw CallRefused.of(Errno.EPERM, found.name(), "the link itself says what it means to the helper");
        }
        found.orThrow();
        String elsewhere = pathOnly ? null : elsewhere(call, found, access(known));
        if (elsewhere != null) {
            found.close();
            throw CallRefused.of(Errno.EPERM, found.name(), elsewhere);
        }
        int fd = found.fd();
        if (random != null && !pathOnly && (known & 3) != Kernel.O_WRONLY && isRandomDevice(call, fd)) {
            found.close();
            fd = CallError.check(random.open(kernel));
        }
        if ((known & (Kernel.O_PATH | Kernel.O_NONBLOCK)) == 0) {
            kernel.fcntl(fd, Kernel.F_SETFL, known);
        }
        boolean directory = kernel.isDirectory(fd);
        boolean nameless = (known & TMPFILE) != 0; // its path is its directory's
        // A FIFO or a device has an other end that would see a second descriptor: the helper keeps none of these.
        boolean keep = directory || kernel.isRegular(fd) || (known & Kernel.O_PATH) != 0;
        String name = nameless ? null : found.name();
        int length = name == null ? 0 : name.length();
        int result = descriptors.shares().has(Share.NAMES, length)
                ? install(call, fd, number, closeOnExec)
                : -Errno.ENFILE; // an error of open(2) that no name causes
        if (result < 0) {
            kernel.close(fd);
            return result;
        }
        boolean changeable = found.created() || paths.may(found.name(), Access.WRITE);
        OpenFile file = new OpenFile(keep ? fd : -1, name, directory, changeable);
        descriptors.shares().charge(file, Share.NAMES, length);
        descriptors.put(number, file, closeOnExec);
        if (!keep) {
            kernel.close(fd);
        }
        return number;
    }

    /**
     * Why, if what was opened is no file of its directory, but a way to something else: a device, as an archive that root
     * unpacked may have one; or /proc, mounted a second time, where `self` is the helper. Such have to be where they belong, or
     * be named by a rule themselves.
     */
    private @Nullable String elsewhere(Call call, Found found, int access) {
        String name = found.name();
        boolean device = kernel.isDevice(found.fd()) && !View.isBelow(name, "/dev");
        boolean proc = !View.isBelow(name, "/proc") && isProc(call, found.fd());
        if (!device && !proc || device && paths.isNamed(name, access)) {
            return null;
        }
        return device
                ? "a device outside of /dev has to be named itself (--read PATH, --write PATH)"
                : "it is the kernel's /proc, mounted a second time";
    }

    /** /dev/random or /dev/urandom, whatever it is called here (random(4)). */
    private boolean isRandomDevice(Call call, int fd) {
        return kernel.isDevice(fd)
                && kernel.statx(fd, "", Kernel.AT_EMPTY_PATH, Kernel.STATX_BASIC_STATS, call.room()) == 0
                && (Statx.rdev(call.room()) == RANDOM_DEVICE || Statx.rdev(call.room()) == URANDOM_DEVICE);
    }

    private boolean isProc(Call call, int fd) {
        return kernel.fstatfs(fd, call.room()) == 0 && call.room().get(JAVA_LONG_UNALIGNED, 0) == PROC_SUPER_MAGIC;
    }

    /** What the process is ended in the midst of must not stay open here. */
    private int install(Call call, int fd, int number, boolean closeOnExec) {
        boolean answered = false;
        try {
            int result = call.trustee().install(fd, number, closeOnExec);
            answered = true;
            return result;
        } finally {
            closeUnless(answered, fd);
        }
    }

    private int awaitPeer(Call call, Found found, long nanos) {
        boolean answered = false;
        try {
            int result = call.trustee().await(MemorySegment.NULL, 0, nanos);
            answered = true;
            return result;
        } finally {
            closeUnless(answered, found.fd());
        }
    }

    private void closeUnless(boolean answered, int fd) {
        if (!answered && fd >= 0) {
            kernel.close(fd);
        }
    }

    /**
     * Whether open would wait for the other end of a FIFO (fifo(7)). A writer is told so by ENXIO; a reader has to ask: tee
     * says EAGAIN while somebody can write, and takes nothing away.
     */
    private boolean isWithoutPeer(Found found, int flags) {
        int fd = found.fd();
        if (fd < 0) {
            return fd == -Errno.ENXIO && (flags & 3) == Kernel.O_WRONLY && paths.isFifo(found.name());
        }
        if ((flags & 3) != Kernel.O_RDONLY || !kernel.isFifo(fd)) {
            return false;
        }
        long pipe = kernel.pipe2(Kernel.O_CLOEXEC);
        CallError.check(pipe);
        int got = kernel.tee(fd, (int) (pipe >>> 32), 1, SPLICE_F_NONBLOCK);
        kernel.close((int) pipe);
        kernel.close((int) (pipe >>> 32));
        return got == 0;
    }

    /** What opening asks of the policy. */
    static int access(int flags) {
        if ((flags & Kernel.O_PATH) != 0) {
            return Access.LOOKUP;
        }
        if ((flags & TMPFILE) == TMPFILE) {
            return Access.CREATE; // in the directory that is named
        }
        int mode = flags & 3;
        int access = mode == Kernel.O_RDONLY ? Access.READ : mode == Kernel.O_WRONLY ? Access.WRITE : READ_AND_WRITE;
        if ((flags & Kernel.O_TRUNC) != 0) {
            access |= Access.WRITE;
        }
        return (flags & Kernel.O_CREAT) != 0 ? access | Access.CREATE : access;
    }
}
