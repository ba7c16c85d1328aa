package nurse.ffm;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Linux for Java: system calls of x86-64 under their man-page names.
 *
 * <p>Every method returns what the kernel returns: a result, or a negative errno ({@link Errno}); nothing is thrown for what
 * the kernel refuses. A path is a String with one char a byte (ISO 8859-1), so that every Linux path has one. Calls do not
 * allocate: arguments lie in scratch memory of the instance, which therefore belongs to one thread.
 *
 * <p>Numbers: arch/x86/entry/syscalls/syscall_64.tbl. Constants: include/uapi/linux and asm-generic, x86-64.
 */
public final class Kernel implements AutoCloseable {
    public static final int AT_FDCWD = -100;
    public static final int AT_SYMLINK_NOFOLLOW = 0x100;
    public static final int AT_REMOVEDIR = 0x200;
    public static final int AT_EACCESS = 0x200;
    public static final int AT_SYMLINK_FOLLOW = 0x400;
    public static final int AT_NO_AUTOMOUNT = 0x800;
    public static final int AT_EMPTY_PATH = 0x1000;
    public static final int O_RDONLY = 0;
    public static final int O_WRONLY = 1;
    public static final int O_RDWR = 2;
    public static final int O_CREAT = 0100;
    public static final int O_EXCL = 0200;
    public static final int O_NOCTTY = 0400;
    public static final int O_TRUNC = 01000;
    public static final int O_APPEND = 02000;
    public static final int O_NONBLOCK = 04000;
    public static final int O_DIRECTORY = 0200000;
    public static final int O_NOFOLLOW = 0400000;
    public static final int O_CLOEXEC = 02000000;
    public static final int O_PATH = 010000000;
    public static final int SEEK_SET = 0;
    public static final int SEEK_CUR = 1;
    public static final int STATX_BASIC_STATS = 0x7ff;
    public static final int S_IFMT = 0170000;
    public static final int S_IFDIR = 0040000;
    public static final int S_IFREG = 0100000;
    public static final int F_DUPFD_CLOEXEC = 1030;
    public static final int F_GETFL = 3;
    public static final int F_SETFL = 4;
    public static final int F_ADD_SEALS = 1033;
    public static final int F_GET_SEALS = 1034;
    public static final int F_SEAL_SEAL = 1;
    public static final int F_SEAL_SHRINK = 2;
    public static final int F_SEAL_GROW = 4;
    public static final int F_SEAL_WRITE = 8;
    public static final int F_SEAL_FUTURE_WRITE = 0x10;
    public static final int MFD_CLOEXEC = 1;
    public static final int MFD_ALLOW_SEALING = 2;
    public static final int MFD_EXEC = 0x10;
    public static final int PROT_READ = 1;
    public static final int PROT_WRITE = 2;
    public static final int MAP_SHARED = 1;
    public static final int POLLIN = 1;
    public static final int FUTEX_WAKE = 1;
    public static final int PIDFD_THREAD = 0200;
    public static final int P_PIDFD = 3;
    public static final int WEXITED = 4;
    public static final int CLD_EXITED = 1;
    public static final int CLOCK_MONOTONIC = 1;
    public static final int RLIMIT_NOFILE = 7;
    public static final int SIGINT = 2;
    public static final int SIGKILL = 9;
    public static final long RESOLVE_NO_XDEV = 1;
    public static final long RESOLVE_NO_MAGICLINKS = 2;
    public static final long RESOLVE_NO_SYMLINKS = 4;
    public static final long RESOLVE_BENEATH = 8;
    public static final long RESOLVE_IN_ROOT = 0x10;

    private static final int PATH_SIZE = 4200;
    private static final int SCRATCH_SIZE = 512;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment state = Native.allocateState(arena);
    private final MemorySegment path1 = arena.allocate(PATH_SIZE);
    private final MemorySegment path2 = arena.allocate(PATH_SIZE);
    private final MemorySegment scratch = arena.allocate(SCRATCH_SIZE, 16);
    private final MemorySegment linkText = arena.allocate(PATH_SIZE);

    /** Any system call, arguments as they are. */
    public long syscall(long number, long a, long b, long c, long d, long e, long f) {
        return Native.syscall(state, number, a, b, c, d, e, f);
    }

    private long call(long number, long a, long b, long c, long d, long e) {
        return Native.syscall(state, number, a, b, c, d, e, 0);
    }

    private static long in(MemorySegment buffer, String path) {
        int length = Math.min(path.length(), PATH_SIZE - 1);
        for (int i = 0; i < length; i++) {
            buffer.set(JAVA_BYTE, i, (byte) path.charAt(i));
        }
        buffer.set(JAVA_BYTE, length, (byte) 0);
        return buffer.address();
    }

    // ---- files by name --------------------------------------------------------------------------------------------

    /** openat2(2). */
    public int openat2(int dirfd, String path, long flags, long mode, long resolve) {
        scratch.set(JAVA_LONG, 0, flags);
        scratch.set(JAVA_LONG, 8, mode);
        scratch.set(JAVA_LONG, 16, resolve);
        return (int) call(437, dirfd, in(path1, path), scratch.address(), 24, 0);
    }

    public int openat(int dirfd, String path, int flags, int mode) {
        return (int) call(257, dirfd, in(path1, path), flags, mode, 0);
    }

    /** statx(2) into 256 bytes. */
    public int statx(int dirfd, String path, int flags, int mask, MemorySegment to) {
        return (int) call(332, dirfd, in(path1, path), flags, mask & 0xffffffffL, sized(to, 256));
    }

    public int faccessat2(int dirfd, String path, int mode, int flags) {
        return (int) call(439, dirfd, in(path1, path), mode, flags, 0);
    }

    /** readlinkat(2) with an empty path: the link that {@code fd} (O_PATH, O_NOFOLLOW) is; null if it is none. */
    public String readlink(int fd) {
        return readlinkat(fd, "");
    }

    /** readlinkat(2); null if it is no link or cannot be read. */
    public String readlinkat(int dirfd, String path) {
        int length = (int) call(267, dirfd, in(path1, path), linkText.address(), PATH_SIZE, 0);
        if (length < 0) {
            return null;
        }
        byte[] bytes = new byte[length];
        MemorySegment.copy(linkText, JAVA_BYTE, 0, bytes, 0, length);
        return new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1);
    }

    public int mkdirat(int dirfd, String path, int mode) {
        return (int) call(258, dirfd, in(path1, path), mode, 0, 0);
    }

    public int unlinkat(int dirfd, String path, int flags) {
        return (int) call(263, dirfd, in(path1, path), flags, 0, 0);
    }

    public int renameat2(int oldDirfd, String oldPath, int newDirfd, String newPath, int flags) {
        return (int) call(316, oldDirfd, in(path1, oldPath), newDirfd, in(path2, newPath), flags);
    }

    public int linkat(int oldDirfd, String oldPath, int newDirfd, String newPath, int flags) {
        return (int) call(265, oldDirfd, in(path1, oldPath), newDirfd, in(path2, newPath), flags);
    }

    public int symlinkat(String target, int dirfd, String path) {
        return (int) call(266, in(path1, target), dirfd, in(path2, path), 0, 0);
    }

    /** fchmodat2(2), since Linux 6.6. */
    public int fchmodat2(int dirfd, String path, int mode, int flags) {
        return (int) call(452, dirfd, in(path1, path), mode, flags, 0);
    }

    public int fchownat(int dirfd, String path, int uid, int gid, int flags) {
        return (int) call(260, dirfd, in(path1, path), uid, gid, flags);
    }

    /** utimensat(2); {@code times}: two struct timespec, or NULL for now. */
    public int utimensat(int dirfd, String path, MemorySegment times, int flags) {
        return (int) call(280, dirfd, in(path1, path), times.address(), flags, 0);
    }

    /** futimens(3): utimensat of a descriptor that is not O_PATH. */
    public int futimens(int fd, MemorySegment times) {
        return (int) call(280, fd, 0, times.address(), 0, 0);
    }

    /** getxattr(2), or lgetxattr(2) if not {@code follow}. */
    public int lgetxattr(String path, boolean follow, String name, MemorySegment to, int size) {
        return (int) call(follow ? 191 : 192, in(path1, path), in(path2, name), sized(to, size), size, 0);
    }

    /** listxattr(2), or llistxattr(2) if not {@code follow}. */
    public int llistxattr(String path, boolean follow, MemorySegment to, int size) {
        return (int) call(follow ? 194 : 195, in(path1, path), sized(to, size), size, 0, 0);
    }

    // ---- descriptors ----------------------------------------------------------------------------------------------

    public int close(int fd) {
        return (int) call(3, fd, 0, 0, 0, 0);
    }

    /** A copy with the lowest free number, close-on-exec (fcntl(2), F_DUPFD_CLOEXEC). */
    public int dup(int fd) {
        return fcntl(fd, F_DUPFD_CLOEXEC, 3);
    }

    public int dup3(int fd, int to, int flags) {
        return (int) call(292, fd, to, flags, 0, 0);
    }

    public int fcntl(int fd, int command, long argument) {
        return (int) call(72, fd, command, argument, 0, 0);
    }

    public long lseek(int fd, long offset, int whence) {
        return call(8, fd, offset, whence, 0, 0);
    }

    public int read(int fd, MemorySegment to, int length) {
        return (int) call(0, fd, sized(to, length), length, 0, 0);
    }

    public int pread(int fd, MemorySegment to, int length, long offset) {
        return (int) call(17, fd, sized(to, length), length, offset, 0);
    }

    public int write(int fd, MemorySegment from, int length) {
        return (int) call(1, fd, sized(from, length), length, 0, 0);
    }

    public int ftruncate(int fd, long length) {
        return (int) call(77, fd, length, 0, 0, 0);
    }

    /** fstatfs(2) into 120 bytes. */
    public int fstatfs(int fd, MemorySegment to) {
        return (int) call(138, fd, sized(to, 120), 0, 0, 0);
    }

    private int type(int fd) {
        int result = statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, scratch);
        return result < 0 ? result : scratch.get(JAVA_SHORT, 28) & S_IFMT;
    }

    public boolean isDirectory(int fd) {
        return type(fd) == S_IFDIR;
    }

    public boolean isRegular(int fd) {
        return type(fd) == S_IFREG;
    }

    /** ppoll(2) without a signal mask; {@code timeoutNanos} negative: for ever. */
    public int ppoll(MemorySegment fds, int count, long timeoutNanos) {
        long timeout = 0;
        if (timeoutNanos >= 0) {
            scratch.set(JAVA_LONG, 0, timeoutNanos / 1_000_000_000);
            scratch.set(JAVA_LONG, 8, timeoutNanos % 1_000_000_000);
            timeout = scratch.address();
        }
        return (int) call(271, sized(fds, 8L * count), count, timeout, 0, 8);
    }

    /** pipe2(2): the read end in the low half, the write end in the high half; or a negative errno. */
    public long pipe2(int flags) {
        return pair(call(293, scratch.address(), flags, 0, 0, 0));
    }

    /** socketpair(2) of AF_UNIX and SOCK_SEQPACKET, close-on-exec: one end in each half; or a negative errno. */
    public long socketpair() {
        int unix = 1;
        int seqpacketCloexec = 5 | 02000000;
        return pair(call(53, unix, seqpacketCloexec, 0, scratch.address(), 0));
    }

    private long pair(long result) {
        return result < 0 ? result : scratch.get(JAVA_INT, 0) | (long) scratch.get(JAVA_INT, 4) << 32;
    }

    /** Sends one byte and {@code fd} with it (unix(7), SCM_RIGHTS), without waiting. */
    public int sendFd(int socket, int fd) {
        long base = scratch.address();
        scratch.fill((byte) 0);
        scratch.set(JAVA_LONG, 16, base + 64); // struct msghdr: iov
        scratch.set(JAVA_LONG, 24, 1);
        scratch.set(JAVA_LONG, 32, base + 96); // control
        scratch.set(JAVA_LONG, 40, 24);
        scratch.set(JAVA_LONG, 64, base + 88); // struct iovec
        scratch.set(JAVA_LONG, 72, 1);
        scratch.set(JAVA_LONG, 96, 20); // struct cmsghdr: length, SOL_SOCKET, SCM_RIGHTS
        scratch.set(JAVA_INT, 104, 1);
        scratch.set(JAVA_INT, 108, 1);
        scratch.set(JAVA_INT, 112, fd);
        int dontwaitNosignal = 0x40 | 0x4000;
        int sent = (int) call(46, socket, base, dontwaitNosignal, 0, 0);
        return Math.min(sent, 0);
    }

    // ---- memory ---------------------------------------------------------------------------------------------------

    /** memfd_create(2). */
    public int memfd_create(String name, int flags) {
        return (int) call(319, in(path1, name), flags, 0, 0, 0);
    }

    /** mmap(2) of a whole descriptor, shared; the address or a negative errno. */
    public long mmap(long length, int protection, int fd) {
        return syscall(9, 0, length, protection, MAP_SHARED, fd, 0);
    }

    public int munmap(long address, long length) {
        return (int) call(11, address, length, 0, 0, 0);
    }

    /** futex(2), FUTEX_WAKE, between processes. */
    public int futexWake(MemorySegment word, int count) {
        return (int) call(202, sized(word, 4), FUTEX_WAKE, count, 0, 0);
    }

    // ---- processes ------------------------------------------------------------------------------------------------

    public int getpid() {
        return (int) call(39, 0, 0, 0, 0, 0);
    }

    public int umask(int mask) {
        return (int) call(95, mask, 0, 0, 0, 0);
    }

    public int pidfd_open(int pid, int flags) {
        return (int) call(434, pid, flags, 0, 0, 0);
    }

    public int pidfd_getfd(int pidfd, int fd) {
        return (int) call(438, pidfd, fd, 0, 0, 0);
    }

    public int pidfd_send_signal(int pidfd, int signal) {
        return (int) call(424, pidfd, signal, 0, 0, 0);
    }

    public int tgkill(int pid, int tid, int signal) {
        return (int) call(234, pid, tid, signal, 0, 0);
    }

    /**
     * waitid(2) for the end of a child, without waiting any longer than it takes.
     *
     * @return 0 to 255 for its exit status, 256 + n if signal n killed it, or a negative errno
     */
    public int waitExit(int pidfd) {
        int result = (int) call(247, P_PIDFD, pidfd, scratch.address(), WEXITED, 0);
        if (result < 0) {
            return result;
        }
        int status = scratch.get(JAVA_INT, 24); // siginfo: si_status
        return scratch.get(JAVA_INT, 8) == CLD_EXITED ? status & 0xff : 256 + (status & 0x7f);
    }

    /** process_vm_readv(2) of one range, with the other process's page protections; bytes read or a negative errno. */
    public int process_vm_readv(int pid, int address, MemorySegment to, int length) {
        scratch.set(JAVA_LONG, 0, sized(to, length));
        scratch.set(JAVA_LONG, 8, length);
        scratch.set(JAVA_LONG, 16, address & 0xffffffffL);
        scratch.set(JAVA_LONG, 24, length);
        return (int) syscall(310, pid, scratch.address(), 1, scratch.address() + 16, 1, 0);
    }

    /** rt_sigaction(2): this process ignores {@code signal} from now on, the JVM's own handler included. */
    public int ignore(int signal) {
        scratch.fill((byte) 0);
        scratch.set(JAVA_LONG, 0, 1); // SIG_IGN
        return (int) call(13, signal, scratch.address(), 0, 8, 0);
    }

    public int sched_yield() {
        return (int) call(24, 0, 0, 0, 0, 0);
    }

    /** clock_gettime(2): nanoseconds since the clock's start, or a negative errno. */
    public long clock_gettime(int clock) {
        long result = call(228, clock, scratch.address(), 0, 0, 0);
        return result < 0 ? result : scratch.get(JAVA_LONG, 0) * 1_000_000_000 + scratch.get(JAVA_LONG, 8);
    }

    /** clock_getres(2) in nanoseconds. */
    public long clock_getres(int clock) {
        long result = call(229, clock, scratch.address(), 0, 0, 0);
        return result < 0 ? result : scratch.get(JAVA_LONG, 0) * 1_000_000_000 + scratch.get(JAVA_LONG, 8);
    }

    /** prlimit64(2); {@code set}, {@code get}: 16 bytes or NULL. */
    public int prlimit64(int pid, int resource, MemorySegment set, MemorySegment get) {
        return (int) call(302, pid, resource, set.address(), get.address(), 0);
    }

    @Override
    public void close() {
        arena.close();
    }

    /** The address of a segment that must have at least this many bytes: checked before C gets to see it. */
    static long sized(MemorySegment segment, long length) {
        if (length > 0) {
            java.util.Objects.checkFromIndexSize(0, length, segment.byteSize());
        }
        return segment.address();
    }
}
