package nurse.ffm;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * Linux for Java: system calls of x86-64 under their man-page names.
 *
 * <p>Every method returns what the kernel returns: a result, or a negative errno ({@link Errno}); nothing is thrown
 * for what the kernel refuses, EINTR included. Memory is checked before the kernel gets its address: a segment that is
 * too short, on the heap, closed, or read-only where the kernel writes, is the caller's fault and throws.
 *
 * <p>A path is a String with one char a byte (ISO 8859-1), so that every Linux path has one; one that cannot be a C
 * string gets EFAULT ({@link PathBuffer}). Calls do not allocate: arguments and errno lie in memory of the instance,
 * which therefore belongs to one thread. {@link #Kernel()} leaves it to the caller to hand it on safely, {@link
 * #confined()} refuses all threads but its own.
 *
 * <p>Constants: include/uapi/linux and asm-generic, with x86-64's values. Numbers of calls: {@link Nr}.
 */
public final class Kernel implements AutoCloseable {
    // linux/fcntl.h, asm-generic/fcntl.h
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
    public static final int F_GETFD = 1;
    public static final int F_SETFD = 2;
    public static final int FD_CLOEXEC = 1;
    public static final int F_GETFL = 3;
    public static final int F_SETFL = 4;
    public static final int F_DUPFD_CLOEXEC = 1030;
    public static final int F_ADD_SEALS = 1033;
    public static final int F_GET_SEALS = 1034;
    public static final int F_SEAL_SEAL = 1;
    public static final int F_SEAL_SHRINK = 2;
    public static final int F_SEAL_GROW = 4;
    public static final int F_SEAL_WRITE = 8;
    public static final int F_SEAL_FUTURE_WRITE = 0x10;
    // linux/fs.h, linux/stat.h, linux/openat2.h, linux/close_range.h
    public static final int SEEK_SET = 0;
    public static final int SEEK_CUR = 1;
    public static final int SEEK_END = 2;
    public static final int STATX_BASIC_STATS = 0x7ff;
    public static final int S_IFMT = 0170000;
    public static final int S_IFLNK = 0120000;
    public static final int S_IFDIR = 0040000;
    public static final int S_IFREG = 0100000;
    public static final int S_IFIFO = 0010000;
    public static final int S_IFSOCK = 0140000;
    public static final int S_IFCHR = 0020000;
    public static final int S_IFBLK = 0060000;
    public static final long RESOLVE_NO_XDEV = 1;
    public static final long RESOLVE_NO_MAGICLINKS = 2;
    public static final long RESOLVE_NO_SYMLINKS = 4;
    public static final long RESOLVE_BENEATH = 8;
    public static final long RESOLVE_IN_ROOT = 0x10;
    public static final int CLOSE_RANGE_CLOEXEC = 4;
    // linux/memfd.h, asm-generic/mman-common.h, linux/mman.h
    public static final int MFD_CLOEXEC = 1;
    public static final int MFD_ALLOW_SEALING = 2;
    public static final int MFD_NOEXEC_SEAL = 8;
    public static final int MFD_EXEC = 0x10;
    public static final int PROT_NONE = 0;
    public static final int PROT_READ = 1;
    public static final int PROT_WRITE = 2;
    public static final int PROT_EXEC = 4;
    public static final int MAP_SHARED = 1;
    public static final int MAP_PRIVATE = 2;
    public static final int MAP_ANONYMOUS = 0x20;
    // asm-generic/poll.h, linux/socket.h, linux/eventfd.h
    public static final int POLLIN = 1;
    public static final int POLLOUT = 4;
    public static final int POLLERR = 8;
    public static final int POLLHUP = 0x10;
    public static final int POLLNVAL = 0x20;
    public static final int MSG_TRUNC = 0x20;
    public static final int MSG_DONTWAIT = 0x40;
    public static final int MSG_NOSIGNAL = 0x4000;
    private static final int MSG_CTRUNC = 8;
    private static final int MSG_CMSG_CLOEXEC = 0x40000000;
    public static final int EFD_CLOEXEC = O_CLOEXEC;
    public static final int EFD_NONBLOCK = O_NONBLOCK;
    // linux/futex.h, linux/pidfd.h, linux/wait.h, asm-generic/siginfo.h, asm/signal.h
    public static final int FUTEX_WAIT = 0;
    public static final int FUTEX_WAKE = 1;
    public static final int PIDFD_THREAD = O_EXCL; // since Linux 6.9
    public static final int P_PIDFD = 3;
    public static final int WNOHANG = 1;
    public static final int WEXITED = 4;
    public static final int CLD_EXITED = 1;
    public static final int SIGINT = 2;
    public static final int SIGQUIT = 3;
    public static final int SIGKILL = 9;
    // linux/time.h, asm-generic/resource.h, linux/resource.h
    public static final int CLOCK_REALTIME = 0;
    public static final int CLOCK_MONOTONIC = 1;
    public static final int RLIMIT_FSIZE = 1;
    public static final int RLIMIT_STACK = 3;
    public static final int RLIMIT_CORE = 4;
    public static final int RLIMIT_NPROC = 6;
    public static final int RLIMIT_NOFILE = 7;
    public static final int RUSAGE_SELF = 0;
    public static final int PRIO_PROCESS = 0;
    // linux/prctl.h, linux/sched.h
    public static final int PR_SET_NO_NEW_PRIVS = 38;
    public static final int CLONE_NEWUTS = 0x04000000;
    public static final int CLONE_NEWIPC = 0x08000000;
    public static final int CLONE_NEWNET = 0x40000000;

    /** Nanoseconds of a second. */
    static final long NANOS = 1_000_000_000;

    /** Descriptors that {@link #sendmsg} can pass at a time; the kernel's own bound is 253 (SCM_MAX_FD, net/scm.h). */
    public static final int SEND_FDS_MAX = 32;

    private static final int KCMP_FILE = 0; // linux/kcmp.h
    private static final int AF_UNIX = 1; // linux/socket.h
    private static final int SOCK_SEQPACKET = 5; // linux/net.h
    private static final int SOCKADDR_UN_SIZE = 110; // linux/un.h
    private static final int SOL_SOCKET = 1; // asm-generic/socket.h
    private static final int SCM_RIGHTS = 1; // linux/socket.h

    private static final int CAPABILITY_VERSION_3 = 0x20080522; // linux/capability.h

    private static final long SIG_DFL = 0; // asm-generic/signal-defs.h
    private static final long SIG_IGN = 1;
    private static final int SA_SIGINFO = 4; // arch/x86/include/uapi/asm/signal.h
    private static final int SA_RESTORER = 0x04000000;
    private static final int SA_ONSTACK = 0x08000000;
    private static final int SA_RESTART = 0x10000000;
    private static final int KERNEL_SIGACTION_SIZE = 32; // struct sigaction, arch/x86/include/uapi/asm/signal.h

    private static final int SCRATCH_SIZE = 512;
    private static final int LINK_SIZE = 4200; // more than PATH_MAX: a link's text is never cut
    private static final int CHUNK_SIZE = 32 * 1024;

    // asm-generic/fcntl.h
    public static final int F_OFD_GETLK = 36;
    public static final int F_OFD_SETLK = 37;
    public static final int F_RDLCK = 0;
    public static final int F_WRLCK = 1;
    public static final int F_UNLCK = 2;
    /** struct flock: s16 type, s16 whence, s64 start, s64 length, s32 pid. */
    private static final int FLOCK_SIZE = 32;

    /** struct termios of asm-generic/termbits.h: four flags, the line discipline, 19 control characters. */
    public static final int TERMIOS_SIZE = 36;
    // asm-generic/ioctls.h
    private static final int TCGETS = 0x5401;
    private static final int FS_IOC_GETFLAGS = 0x80086601; // linux/fs.h: _IOR('f', 1, long), though it writes an int
    private static final int SIOCOUTQ = 0x5411; // linux/sockios.h: TIOCOUTQ
    private static final int TCSETS = 0x5402;
    private static final int TCFLSH = 0x540b;
    // linux/pidfd.h: struct pidfd_info as it was first, of which the request's number has the size
    private static final int PIDFD_GET_INFO = 0xc040ff0b;
    private static final long PIDFD_INFO_EXIT = 1 << 3;
    private static final int PIDFD_INFO_MASK = 0;
    private static final int PIDFD_INFO_EXIT_CODE = 60;
    private static final int PIDFD_INFO_SIZE = 64;

    // struct open_how (openat2(2))
    private static final int OPEN_HOW_FLAGS = 0;
    private static final int OPEN_HOW_MODE = 8;
    private static final int OPEN_HOW_RESOLVE = 16;
    private static final int OPEN_HOW_SIZE = 24;
    // siginfo_t of SIGCHLD on x86-64 (asm-generic/siginfo.h)
    private static final int SI_CODE = 8;
    private static final int SI_PID = 16;
    private static final int SI_STATUS = 24;
    // struct msghdr, and within the scratch what it points to: one struct iovec, one payload byte, one struct cmsghdr
    private static final int MSG_IOV = 16;
    private static final int MSG_IOVLEN = 24;
    private static final int MSG_CONTROL = 32;
    private static final int MSG_CONTROLLEN = 40;
    private static final int MSG_FLAGS = 48;
    private static final int MSGHDR_SIZE = 56;
    private static final int IOVEC = 64;
    private static final int BYTE = 80;
    private static final int CMSG = 96;
    private static final int CMSG_LEVEL = 8;
    private static final int CMSG_TYPE = 12;
    private static final int CMSG_DATA = 16;

    private final Arena arena;
    private final Thread owner; // null: whoever has it
    private final PathBuffer path1;
    private final PathBuffer path2;
    private final MemorySegment scratch;
    private final MemorySegment linkText;
    private MemorySegment chunk;

    /** An instance that any one thread at a time may use: handing it on needs a happens-before edge. */
    @SuppressWarnings("MustBeClosedChecker") // close() closes it
    public Kernel() {
        this(Arena.ofShared(), null);
    }

    private Kernel(Arena arena, Thread owner) {
        this.arena = arena;
        this.owner = owner;
        path1 = new PathBuffer(arena);
        path2 = new PathBuffer(arena);
        scratch = arena.allocate(SCRATCH_SIZE, 16);
        linkText = arena.allocate(LINK_SIZE);
    }

    /** An instance that only the calling thread can use and close: another one gets a WrongThreadException. */
    @SuppressWarnings("MustBeClosedChecker") // close() closes it
    public static Kernel confined() {
        return new Kernel(Arena.ofConfined(), Thread.currentThread());
    }

    /** Any system call, arguments as they are. Nothing is checked: a wrong address can end the JVM. */
    public long syscall(long number, long a, long b, long c, long d, long e, long f) {
        requireOwner();
        return Native.syscall(number, a, b, c, d, e, f);
    }

    private long call(long number, long a, long b, long c, long d, long e) {
        requireOwner();
        return Native.syscall(number, a, b, c, d, e, 0);
    }

    private void requireOwner() {
        if (owner != null && owner != Thread.currentThread()) {
            throw new WrongThreadException("this instance belongs to " + owner);
        }
    }

    // ---- files by name --------------------------------------------------------------------------------------------

    /** openat2(2). */
    public int openat2(int dirfd, String path, long flags, long mode, long resolve) {
        return openat2(dirfd, path1.set(path), flags, mode, resolve);
    }

    /** openat2(2) of a path that need not become a String. */
    public int openat2(int dirfd, PathBuffer path, long flags, long mode, long resolve) {
        scratch.set(JAVA_LONG, OPEN_HOW_FLAGS, flags);
        scratch.set(JAVA_LONG, OPEN_HOW_MODE, mode);
        scratch.set(JAVA_LONG, OPEN_HOW_RESOLVE, resolve);
        return (int) call(Nr.SYS_openat2, dirfd, path.address(), scratch.address(), OPEN_HOW_SIZE, 0);
    }

    /** openat(2). */
    public int openat(int dirfd, String path, int flags, int mode) {
        return (int) call(Nr.SYS_openat, dirfd, path1.set(path).address(), flags, mode, 0);
    }

    /** statx(2) into 256 bytes ({@link Statx}). */
    public int statx(int dirfd, String path, int flags, int mask, MemorySegment to) {
        return statx(dirfd, path1.set(path), flags, mask, to);
    }

    /** statx(2) of a path that need not become a String, into 256 bytes ({@link Statx}). */
    public int statx(int dirfd, PathBuffer path, int flags, int mask, MemorySegment to) {
        long address = writable(to, Statx.SIZE);
        return (int) kept(to, call(Nr.SYS_statx, dirfd, path.address(), flags, mask & 0xffffffffL, address));
    }

    /** faccessat2(2). */
    public int faccessat2(int dirfd, String path, int mode, int flags) {
        return faccessat2(dirfd, path1.set(path), mode, flags);
    }

    /** faccessat2(2) of a path that need not become a String. */
    public int faccessat2(int dirfd, PathBuffer path, int mode, int flags) {
        return (int) call(Nr.SYS_faccessat2, dirfd, path.address(), mode, flags, 0);
    }

    /** readlinkat(2) with an empty path: the link that {@code fd} (O_PATH, O_NOFOLLOW) is; null if it is none. */
    public String readlink(int fd) {
        return readlinkat(fd, "");
    }

    /** readlinkat(2); null if it is no link or cannot be read. */
    public String readlinkat(int dirfd, String path) {
        int length = readlinkat(dirfd, path1.set(path), linkText, LINK_SIZE);
        if (length < 0) {
            return null;
        }
        byte[] bytes = new byte[length];
        MemorySegment.copy(linkText, JAVA_BYTE, 0, bytes, 0, length);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /** readlinkat(2) of a path that need not become a String, into {@code size} bytes: a longer text is cut. */
    public int readlinkat(int dirfd, PathBuffer path, MemorySegment to, int size) {
        return (int) kept(to, call(Nr.SYS_readlinkat, dirfd, path.address(), writable(to, size), size, 0));
    }

    /** mkdirat(2). */
    public int mkdirat(int dirfd, String path, int mode) {
        return (int) call(Nr.SYS_mkdirat, dirfd, path1.set(path).address(), mode, 0, 0);
    }

    /** unlinkat(2). */
    public int unlinkat(int dirfd, String path, int flags) {
        return (int) call(Nr.SYS_unlinkat, dirfd, path1.set(path).address(), flags, 0, 0);
    }

    /** renameat2(2). */
    public int renameat2(int oldDirfd, String oldPath, int newDirfd, String newPath, int flags) {
        long from = path1.set(oldPath).address();
        return (int) call(
                Nr.SYS_renameat2, oldDirfd, from, newDirfd, path2.set(newPath).address(), flags);
    }

    /** linkat(2). */
    public int linkat(int oldDirfd, String oldPath, int newDirfd, String newPath, int flags) {
        long from = path1.set(oldPath).address();
        return (int)
                call(Nr.SYS_linkat, oldDirfd, from, newDirfd, path2.set(newPath).address(), flags);
    }

    /** symlinkat(2). */
    public int symlinkat(String target, int dirfd, String path) {
        long text = path1.set(target).address();
        return (int) call(Nr.SYS_symlinkat, text, dirfd, path2.set(path).address(), 0, 0);
    }

    /** fchmodat(2); a link at the end of the path is followed. */
    public int fchmodat(int dirfd, String path, int mode) {
        return (int) call(Nr.SYS_fchmodat, dirfd, path1.set(path).address(), mode, 0, 0);
    }

    /** fchmodat2(2), since Linux 6.6. */
    public int fchmodat2(int dirfd, String path, int mode, int flags) {
        return (int) call(Nr.SYS_fchmodat2, dirfd, path1.set(path).address(), mode, flags, 0);
    }

    /** fchownat(2); -1 leaves an id as it is. */
    public int fchownat(int dirfd, String path, int uid, int gid, int flags) {
        return (int) call(Nr.SYS_fchownat, dirfd, path1.set(path).address(), uid, gid, flags);
    }

    /** utimensat(2); {@code times}: two struct timespec, or NULL for now. */
    public int utimensat(int dirfd, String path, MemorySegment times, int flags) {
        long address = readableOrNull(times, 32);
        return (int) kept(times, call(Nr.SYS_utimensat, dirfd, path1.set(path).address(), address, flags, 0));
    }

    /** futimens(3): utimensat of a descriptor that is not O_PATH. */
    public int futimens(int fd, MemorySegment times) {
        return (int) kept(times, call(Nr.SYS_utimensat, fd, 0, readableOrNull(times, 32), 0, 0));
    }

    /** statfs(2) into 120 bytes. */
    public int statfs(String path, MemorySegment to) {
        return (int) kept(to, call(Nr.SYS_statfs, path1.set(path).address(), writable(to, 120), 0, 0, 0));
    }

    /** getxattr(2). */
    public int getxattr(String path, String name, MemorySegment to, int size) {
        long file = path1.set(path).address();
        return (int) kept(to, call(Nr.SYS_getxattr, file, path2.set(name).address(), writable(to, size), size, 0));
    }

    /** listxattr(2). */
    public int listxattr(String path, MemorySegment to, int size) {
        return (int) kept(to, call(Nr.SYS_listxattr, path1.set(path).address(), writable(to, size), size, 0, 0));
    }

    /** setxattr(2). */
    public int setxattr(String path, String name, MemorySegment from, int size, int flags) {
        long file = path1.set(path).address();
        return (int)
                kept(from, call(Nr.SYS_setxattr, file, path2.set(name).address(), readable(from, size), size, flags));
    }

    /** removexattr(2), the path's last link followed. */
    public int removexattr(String path, String name) {
        long file = path1.set(path).address();
        return (int) call(Nr.SYS_removexattr, file, path2.set(name).address(), 0, 0, 0);
    }

    /** mknodat(2) of what is no device. */
    public int mknodat(int dirfd, String path, int mode) {
        return (int) call(Nr.SYS_mknodat, dirfd, path1.set(path).address(), mode, 0, 0);
    }

    /** inotify_add_watch(2). */
    public int inotify_add_watch(int fd, String path, int mask) {
        return (int) call(Nr.SYS_inotify_add_watch, fd, path1.set(path).address(), mask & 0xffffffffL, 0, 0);
    }

    // ---- descriptors ----------------------------------------------------------------------------------------------

    /** close(2). The number is free afterwards, whatever the result. */
    public int close(int fd) {
        return (int) call(Nr.SYS_close, fd, 0, 0, 0, 0);
    }

    /** close_range(2), both ends included; {@code last} -1: all. Beware: the JVM has descriptors of its own. */
    public int close_range(int first, int last, int flags) {
        return (int) call(Nr.SYS_close_range, first & 0xffffffffL, last & 0xffffffffL, flags, 0, 0);
    }

    /** A copy with the lowest free number from 3 on, close-on-exec (fcntl(2), F_DUPFD_CLOEXEC). */
    public int dup(int fd) {
        return fcntl(fd, F_DUPFD_CLOEXEC, 3);
    }

    /** dup3(2). */
    public int dup3(int fd, int to, int flags) {
        return (int) call(Nr.SYS_dup3, fd, to, flags, 0, 0);
    }

    /** fcntl(2) with a number as argument. */
    public int fcntl(int fd, int command, long argument) {
        return (int) call(Nr.SYS_fcntl, fd, command, argument, 0, 0);
    }

    /**
     * F_OFD_SETLK and F_OFD_GETLK (fcntl(2)) of the whole file: a lock of the open file description.
     *
     * @param command {@link #F_OFD_SETLK} or {@link #F_OFD_GETLK}
     * @param type {@link #F_RDLCK} and its kin
     * @return the type of lock that the kernel answers with, or a negative errno
     */
    public int lock(int fd, int command, int type) {
        scratch.asSlice(0, FLOCK_SIZE).fill((byte) 0);
        scratch.set(JAVA_SHORT, 0, (short) type);
        int result = (int) call(Nr.SYS_fcntl, fd, command, scratch.address(), 0, 0);
        return result < 0 ? result : scratch.get(JAVA_SHORT, 0);
    }

    /** lseek(2). */
    public long lseek(int fd, long offset, int whence) {
        return call(Nr.SYS_lseek, fd, offset, whence, 0, 0);
    }

    /** read(2). */
    public int read(int fd, MemorySegment to, int length) {
        return (int) kept(to, call(Nr.SYS_read, fd, writable(to, length), length, 0, 0));
    }

    /** pread(2). */
    public int pread(int fd, MemorySegment to, int length, long offset) {
        return (int) kept(to, call(Nr.SYS_pread64, fd, writable(to, length), length, offset, 0));
    }

    /** write(2). */
    public int write(int fd, MemorySegment from, int length) {
        return (int) kept(from, call(Nr.SYS_write, fd, readable(from, length), length, 0, 0));
    }

    /** pwrite(2). */
    public int pwrite(int fd, MemorySegment from, int length, long offset) {
        return (int) kept(from, call(Nr.SYS_pwrite64, fd, readable(from, length), length, offset, 0));
    }

    /** getdents64(2). */
    public int getdents64(int fd, MemorySegment to, int length) {
        return (int) kept(to, call(Nr.SYS_getdents64, fd, writable(to, length), length, 0, 0));
    }

    /** ftruncate(2). */
    public int ftruncate(int fd, long length) {
        return (int) call(Nr.SYS_ftruncate, fd, length, 0, 0, 0);
    }

    /** fallocate(2). */
    public int fallocate(int fd, int mode, long offset, long length) {
        return (int) call(Nr.SYS_fallocate, fd, mode, offset, length, 0);
    }

    /** sendfile(2) of a file, from where {@code in} stands. */
    public int sendfile(int out, int in, int length) {
        return (int) call(Nr.SYS_sendfile, out, in, 0, length, 0);
    }

    /** fsync(2). */
    public int fsync(int fd) {
        return (int) call(Nr.SYS_fsync, fd, 0, 0, 0, 0);
    }

    /** fdatasync(2). */
    public int fdatasync(int fd) {
        return (int) call(Nr.SYS_fdatasync, fd, 0, 0, 0, 0);
    }

    /** fstatfs(2) into 120 bytes. */
    public int fstatfs(int fd, MemorySegment to) {
        return (int) kept(to, call(Nr.SYS_fstatfs, fd, writable(to, 120), 0, 0, 0));
    }

    /** fgetxattr(2). */
    public int fgetxattr(int fd, String name, MemorySegment to, int size) {
        return (int) kept(to, call(Nr.SYS_fgetxattr, fd, path1.set(name).address(), writable(to, size), size, 0));
    }

    /** flistxattr(2). */
    public int flistxattr(int fd, MemorySegment to, int size) {
        return (int) kept(to, call(Nr.SYS_flistxattr, fd, writable(to, size), size, 0, 0));
    }

    /** fsetxattr(2). */
    public int fsetxattr(int fd, String name, MemorySegment from, int size, int flags) {
        long address = readable(from, size);
        return (int) kept(from, call(Nr.SYS_fsetxattr, fd, path1.set(name).address(), address, size, flags));
    }

    private int type(int fd) {
        int result = statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, scratch);
        return result < 0 ? result : Statx.mode(scratch) & S_IFMT;
    }

    public boolean isDirectory(int fd) {
        return type(fd) == S_IFDIR;
    }

    public boolean isRegular(int fd) {
        return type(fd) == S_IFREG;
    }

    public boolean isFifo(int fd) {
        return type(fd) == S_IFIFO;
    }

    public boolean isSocket(int fd) {
        return type(fd) == S_IFSOCK;
    }

    /** Of characters or of blocks. */
    public boolean isDevice(int fd) {
        int type = type(fd);
        return type == S_IFCHR || type == S_IFBLK;
    }

    /** FS_IOC_GETFLAGS (ioctl_iflags(2)): the attributes of an inode, or a negative errno. */
    public int inodeFlags(int fd) {
        int result = (int) call(Nr.SYS_ioctl, fd, FS_IOC_GETFLAGS & 0xffffffffL, scratch.address(), 0, 0);
        return result < 0 ? result : scratch.get(JAVA_INT, 0);
    }

    /** SIOCOUTQ (unix(7)): how many bytes sent by a socket nobody has received yet, or a negative errno. */
    public int unreceived(int socket) {
        int result = (int) call(Nr.SYS_ioctl, socket, SIOCOUTQ, scratch.address(), 0, 0);
        return result < 0 ? result : scratch.get(JAVA_INT, 0);
    }

    /** TCGETS (ioctl_tty(2)): a struct termios of the kernel's, {@link #TERMIOS_SIZE} bytes. */
    public int tcgets(int fd, MemorySegment to) {
        long address = writable(to, TERMIOS_SIZE);
        return (int) kept(to, call(Nr.SYS_ioctl, fd, TCGETS, address, 0, 0));
    }

    /** TCSETS. */
    public int tcsets(int fd, MemorySegment from) {
        long address = readable(from, TERMIOS_SIZE);
        return (int) kept(from, call(Nr.SYS_ioctl, fd, TCSETS, address, 0, 0));
    }

    /** TCFLSH with TCIFLUSH: forgets what was typed and nobody has read. */
    public int flushInput(int fd) {
        return (int) call(Nr.SYS_ioctl, fd, TCFLSH, 0, 0, 0);
    }

    /** ppoll(2) without a signal mask; {@code timeoutNanos} negative: for ever. */
    public int ppoll(MemorySegment fds, int count, long timeoutNanos) {
        long address = writable(fds, 8L * count);
        return (int) kept(fds, call(Nr.SYS_ppoll, address, count, timeout(timeoutNanos), 0, 8));
    }

    /**
     * ppoll(2) of one descriptor; {@code timeoutNanos} negative: for ever.
     *
     * @return POLL* bits, 0 when the time is over, or a negative errno
     */
    public int poll(int fd, int events, long timeoutNanos) {
        int at = 32; // behind the timeout
        scratch.set(JAVA_INT, at, fd);
        scratch.set(JAVA_SHORT, at + 4, (short) events);
        scratch.set(JAVA_SHORT, at + 6, (short) 0);
        int ready = (int) call(Nr.SYS_ppoll, scratch.address() + at, 1, timeout(timeoutNanos), 0, 8);
        return ready <= 0 ? ready : scratch.get(JAVA_SHORT, at + 6) & 0xffff;
    }

    /** A struct timespec at the scratch's begin, or NULL for a negative number. */
    private long timeout(long nanos) {
        if (nanos < 0) {
            return 0;
        }
        scratch.set(JAVA_LONG, 0, nanos / NANOS);
        scratch.set(JAVA_LONG, 8, nanos % NANOS);
        return scratch.address();
    }

    /** tee(2). */
    public int tee(int from, int to, int length, int flags) {
        return (int) call(Nr.SYS_tee, from, to, length, flags, 0);
    }

    /**
     * kcmp(2), KCMP_FILE: whether two descriptors are of one open file description.
     *
     * @return 0 if they are, 1, 2 or 3 if not, or a negative errno
     */
    public int kcmpFiles(int pid, int otherPid, int fd, int otherFd) {
        return (int) call(Nr.SYS_kcmp, pid, otherPid, KCMP_FILE, fd, otherFd);
    }

    /** eventfd(2), {@code flags}: EFD_*. */
    public int eventfd2(int initial, int flags) {
        return (int) call(Nr.SYS_eventfd2, initial, flags, 0, 0, 0);
    }

    /** pipe2(2): the read end in the low half, the write end in the high half; or a negative errno. */
    public long pipe2(int flags) {
        return pair(call(Nr.SYS_pipe2, scratch.address(), flags, 0, 0, 0));
    }

    /** socketpair(2) of AF_UNIX and SOCK_SEQPACKET, close-on-exec: one end in each half; or a negative errno. */
    public long socketpair() {
        return pair(call(Nr.SYS_socketpair, AF_UNIX, SOCK_SEQPACKET | O_CLOEXEC, 0, scratch.address(), 0));
    }

    private long pair(long result) {
        return result < 0 ? result : scratch.get(JAVA_INT, 0) | (long) scratch.get(JAVA_INT, 4) << 32;
    }

    /** Sends one byte and {@code fd} with it (unix(7), SCM_RIGHTS), without waiting; 0 or a negative errno. */
    public int sendFd(int socket, int fd) {
        scratch.set(JAVA_BYTE, BYTE, (byte) 0);
        scratch.set(JAVA_INT, CMSG + CMSG_DATA, fd);
        return Math.min(sendmsg(socket, scratch.address() + BYTE, 1, 1), 0);
    }

    /**
     * sendmsg(2) of a payload, and descriptors with it (unix(7), SCM_RIGHTS), without waiting and without SIGPIPE.
     *
     * @param length bytes of the payload, at least 1: a stream without data carries no descriptors
     * @param count how many of {@code fds}, at most {@link #SEND_FDS_MAX}
     * @return bytes sent, or a negative errno
     */
    public int sendmsg(int socket, MemorySegment payload, int length, int[] fds, int count) {
        Objects.checkFromIndexSize(0, count, Math.min(fds.length, SEND_FDS_MAX));
        for (int i = 0; i < count; i++) {
            scratch.set(JAVA_INT, CMSG + CMSG_DATA + 4L * i, fds[i]);
        }
        return (int) kept(payload, sendmsg(socket, readable(payload, length), length, count));
    }

    private int sendmsg(int socket, long payload, int length, int fds) {
        long base = scratch.address();
        long controlLength = fds == 0 ? 0 : CMSG_DATA + 4L * fds; // CMSG_LEN
        scratch.asSlice(0, MSGHDR_SIZE).fill((byte) 0);
        scratch.set(JAVA_LONG, MSG_IOV, base + IOVEC);
        scratch.set(JAVA_LONG, MSG_IOVLEN, 1);
        scratch.set(JAVA_LONG, MSG_CONTROL, base + CMSG);
        scratch.set(JAVA_LONG, MSG_CONTROLLEN, (controlLength + 7) & ~7); // CMSG_SPACE
        scratch.set(JAVA_LONG, IOVEC, payload);
        scratch.set(JAVA_LONG, IOVEC + 8, length);
        scratch.set(JAVA_LONG, CMSG, controlLength);
        scratch.set(JAVA_INT, CMSG + CMSG_LEVEL, SOL_SOCKET);
        scratch.set(JAVA_INT, CMSG + CMSG_TYPE, SCM_RIGHTS);
        return (int) call(Nr.SYS_sendmsg, socket, base, MSG_DONTWAIT | MSG_NOSIGNAL, 0, 0);
    }

    /**
     * recvmsg(2), without waiting, of a message that is to carry one byte and one descriptor (unix(7), SCM_RIGHTS): what
     * {@link #sendFd} sends.
     *
     * @return the descriptor, close-on-exec; or a negative errno: EAGAIN when there is no message, EBADMSG for a message of
     *     another kind, EMFILE when this process may have no more descriptors. Every other descriptor of it is closed.
     */
    public int recvFd(int socket) {
        long base = scratch.address();
        scratch.asSlice(0, MSGHDR_SIZE).fill((byte) 0);
        scratch.set(JAVA_LONG, MSG_IOV, base + IOVEC);
        scratch.set(JAVA_LONG, MSG_IOVLEN, 1);
        scratch.set(JAVA_LONG, MSG_CONTROL, base + CMSG);
        scratch.set(JAVA_LONG, MSG_CONTROLLEN, CMSG_DATA + 4L); // CMSG_LEN and not CMSG_SPACE, in which two would fit
        scratch.set(JAVA_LONG, IOVEC, base + BYTE);
        scratch.set(JAVA_LONG, IOVEC + 8, 1);
        int got = (int) call(Nr.SYS_recvmsg, socket, base, MSG_DONTWAIT | MSG_CMSG_CLOEXEC, 0, 0);
        if (got < 0) {
            return got;
        }
        int flags = scratch.get(JAVA_INT, MSG_FLAGS);
        boolean carries = scratch.get(JAVA_LONG, MSG_CONTROLLEN) == CMSG_DATA + 4L
                && scratch.get(JAVA_INT, CMSG + CMSG_LEVEL) == SOL_SOCKET
                && scratch.get(JAVA_INT, CMSG + CMSG_TYPE) == SCM_RIGHTS;
        if (!carries) {
            // scm_detach_fds (net/core/scm.c) sets MSG_CTRUNC when it has no number for a descriptor.
            return (flags & MSG_CTRUNC) != 0 ? -Errno.EMFILE : -Errno.EBADMSG;
        }
        int fd = scratch.get(JAVA_INT, CMSG + CMSG_DATA);
        if (got != 1 || (flags & (MSG_CTRUNC | MSG_TRUNC)) != 0) {
            close(fd);
            return -Errno.EBADMSG;
        }
        return fd;
    }

    /**
     * recv(2): the payload only. Descriptors that a hostile peer sends with it have no room to arrive in, so the kernel
     * drops them.
     *
     * @param flags MSG_DONTWAIT; MSG_TRUNC to be told the message's real length, more than {@code length} if it was cut
     * @return bytes, 0 when the other end is closed, or a negative errno
     */
    public int recv(int socket, MemorySegment to, int length, int flags) {
        return (int) kept(to, call(Nr.SYS_recvfrom, socket, writable(to, length), length, flags, 0));
    }

    /** connect(2) to a struct sockaddr of {@code length} bytes. */
    public int connect(int socket, MemorySegment address, int length) {
        return (int) kept(address, call(Nr.SYS_connect, socket, readable(address, length), length, 0, 0));
    }

    /** bind(2) to a struct sockaddr of {@code length} bytes. */
    public int bind(int socket, MemorySegment address, int length) {
        return (int) kept(address, call(Nr.SYS_bind, socket, readable(address, length), length, 0, 0));
    }

    /** getsockname(2): the address's length, which may be more than there is room for, or a negative errno. */
    public int getsockname(int socket, MemorySegment to) {
        long address = writable(to, to.byteSize());
        scratch.set(JAVA_INT, 0, (int) to.byteSize());
        int result = (int) kept(to, call(Nr.SYS_getsockname, socket, address, scratch.address(), 0, 0));
        return result < 0 ? result : scratch.get(JAVA_INT, 0);
    }

    /** getsockopt(2) of an int that is not negative; or a negative errno. */
    public int getsockopt(int socket, int level, int option) {
        int result = getsockopt(socket, level, option, 4);
        return result < 0 ? result : scratch.get(JAVA_INT, 16);
    }

    /** getsockopt(2) of a struct timeval: microseconds, or a negative errno. */
    public long getsockoptTime(int socket, int level, int option) {
        int result = getsockopt(socket, level, option, 16);
        return result < 0 ? result : scratch.get(JAVA_LONG, 16) * 1_000_000 + scratch.get(JAVA_LONG, 24);
    }

    private int getsockopt(int socket, int level, int option, int size) {
        scratch.set(JAVA_INT, 0, size);
        return (int) call(Nr.SYS_getsockopt, socket, level, option, scratch.address() + 16, scratch.address());
    }

    /** sendto(2) to a UNIX socket's path of 107 bytes at most. */
    public int sendToLocal(int socket, MemorySegment data, int length, int flags, String path) {
        Objects.checkFromIndexSize(0, path.length(), 107);
        scratch.asSlice(0, SOCKADDR_UN_SIZE).fill((byte) 0);
        scratch.set(JAVA_SHORT, 0, (short) AF_UNIX);
        for (int i = 0; i < path.length(); i++) {
            scratch.set(JAVA_BYTE, 2L + i, (byte) path.charAt(i));
        }
        long from = readable(data, length);
        return (int) kept(
                data, syscall(Nr.SYS_sendto, socket, from, length, flags, scratch.address(), 2L + path.length() + 1));
    }

    /** fchmod(2). */
    public int fchmod(int fd, int mode) {
        return (int) call(Nr.SYS_fchmod, fd, mode, 0, 0, 0);
    }

    // ---- memory ---------------------------------------------------------------------------------------------------

    /** memfd_create(2). */
    public int memfd_create(String name, int flags) {
        return (int) call(Nr.SYS_memfd_create, path1.set(name).address(), flags, 0, 0, 0);
    }

    /** mmap(2) of a whole descriptor, shared; the address or a negative errno. */
    public long mmap(long length, int protection, int fd) {
        return mmap(0, length, protection, MAP_SHARED, fd, 0);
    }

    /** mmap(2); the address or a negative errno. */
    public long mmap(long address, long length, int protection, int flags, int fd, long offset) {
        return syscall(Nr.SYS_mmap, address, length, protection, flags, fd, offset);
    }

    /**
     * mmap(2) as a segment of exactly {@code length} bytes, which is unmapped when {@code arena} is closed.
     *
     * @throws KernelRefused when the kernel does not map it
     */
    @SuppressWarnings("restricted") // a mapping of our own making, of this very length
    public MemorySegment map(Arena arena, long length, int protection, int flags, int fd, long offset) {
        long address = KernelRefused.check("mmap", mmap(0, length, protection, flags, fd, offset));
        MemorySegment mapping = MemorySegment.ofAddress(address).reinterpret(length, arena, Kernel::unmap);
        return (protection & PROT_WRITE) == 0 ? mapping.asReadOnly() : mapping;
    }

    private static void unmap(MemorySegment mapping) { // perhaps in another thread, so not by this instance
        Native.syscall(Nr.SYS_munmap, mapping.address(), mapping.byteSize(), 0, 0, 0, 0);
    }

    /** munmap(2). */
    public int munmap(long address, long length) {
        return (int) call(Nr.SYS_munmap, address, length, 0, 0, 0);
    }

    /** mprotect(2). */
    public int mprotect(long address, long length, int protection) {
        return (int) call(Nr.SYS_mprotect, address, length, protection, 0, 0);
    }

    /** futex(2), FUTEX_WAKE, between processes: how many were woken. */
    public int futexWake(MemorySegment word, int count) {
        return (int) kept(word, call(Nr.SYS_futex, sized(word, 4), FUTEX_WAKE, count, 0, 0));
    }

    /**
     * futex(2), FUTEX_WAIT, between processes: sleeps while the word is {@code expected}.
     *
     * @param timeoutNanos nanoseconds; negative: for ever
     * @return 0 when woken (perhaps for nothing), or a negative errno: EAGAIN if the word differs, ETIMEDOUT, EINTR
     */
    public int futexWait(MemorySegment word, int expected, long timeoutNanos) {
        long address = sized(word, 4);
        return (int) kept(word, call(Nr.SYS_futex, address, FUTEX_WAIT, expected, timeout(timeoutNanos), 0));
    }

    /** process_vm_readv(2) from an address of a 32-bit process, where page protections hold as for itself. */
    public int process_vm_readv(int pid, int address, MemorySegment to, int length) {
        return process_vm_readv(pid, address & 0xffffffffL, to, length);
    }

    /** process_vm_readv(2) of one range: bytes copied, fewer if a page cannot be read, or a negative errno. */
    public int process_vm_readv(int pid, long address, MemorySegment to, int length) {
        return (int) kept(to, processVm(Nr.SYS_process_vm_readv, pid, writable(to, length), address, length));
    }

    /** process_vm_writev(2) of one range: bytes copied, fewer if a page cannot be written, or a negative errno. */
    public int process_vm_writev(int pid, long address, MemorySegment from, int length) {
        return (int) kept(from, processVm(Nr.SYS_process_vm_writev, pid, readable(from, length), address, length));
    }

    private long processVm(long number, int pid, long local, long remote, int length) {
        scratch.set(JAVA_LONG, 0, local);
        scratch.set(JAVA_LONG, 8, length);
        scratch.set(JAVA_LONG, 16, remote);
        scratch.set(JAVA_LONG, 24, length);
        return syscall(number, pid, scratch.address(), 1, scratch.address() + 16, 1, 0);
    }

    // ---- processes ------------------------------------------------------------------------------------------------

    public int getpid() {
        return (int) call(Nr.SYS_getpid, 0, 0, 0, 0, 0);
    }

    /**
     * exit_group(2): ends this process now. The JVM's own way to its end takes milliseconds more: shutdown hooks do not run,
     * and what System.out has in its buffer is lost.
     */
    public void exit_group(int status) {
        call(Nr.SYS_exit_group, status, 0, 0, 0, 0);
    }

    public int getppid() {
        return (int) call(Nr.SYS_getppid, 0, 0, 0, 0, 0);
    }

    public int gettid() {
        return (int) call(Nr.SYS_gettid, 0, 0, 0, 0, 0);
    }

    public int getpgid(int pid) {
        return (int) call(Nr.SYS_getpgid, pid, 0, 0, 0, 0);
    }

    public int getsid(int pid) {
        return (int) call(Nr.SYS_getsid, pid, 0, 0, 0, 0);
    }

    public int getuid() {
        return (int) call(Nr.SYS_getuid, 0, 0, 0, 0, 0);
    }

    public int geteuid() {
        return (int) call(Nr.SYS_geteuid, 0, 0, 0, 0, 0);
    }

    public int getgid() {
        return (int) call(Nr.SYS_getgid, 0, 0, 0, 0, 0);
    }

    public int getegid() {
        return (int) call(Nr.SYS_getegid, 0, 0, 0, 0, 0);
    }

    public int umask(int mask) {
        return (int) call(Nr.SYS_umask, mask, 0, 0, 0, 0);
    }

    /** prctl(2); of the calling thread, mostly. */
    public int prctl(int option, long a, long b, long c, long d) {
        return (int) call(Nr.SYS_prctl, option, a, b, c, d);
    }

    /**
     * capset(2): takes from the calling thread, for good, all capabilities but these.
     *
     * @param kept bits by number (capabilities(7)); what the thread does not have it does not get
     */
    public int keepCapabilities(long kept) {
        scratch.set(JAVA_INT, 0, CAPABILITY_VERSION_3);
        scratch.set(JAVA_INT, 4, 0);
        int result = (int) call(Nr.SYS_capget, scratch.address(), scratch.address() + 8, 0, 0, 0);
        if (result < 0) {
            return result;
        }
        for (int half = 0; half < 2; half++) { // effective, permitted, inheritable: each as 32 low, then 32 high bits
            int mask = (int) (kept >>> 32 * half);
            long at = 8 + 12L * half;
            scratch.set(JAVA_INT, at, scratch.get(JAVA_INT, at) & mask);
            scratch.set(JAVA_INT, at + 4, scratch.get(JAVA_INT, at + 4) & mask);
            scratch.set(JAVA_INT, at + 8, 0);
        }
        return (int) call(Nr.SYS_capset, scratch.address(), scratch.address() + 8, 0, 0, 0);
    }

    /** landlock_create_ruleset(2) with LANDLOCK_CREATE_RULESET_VERSION: which ABI the kernel has. */
    int landlockAbi() {
        return (int) call(Nr.SYS_landlock_create_ruleset, 0, 0, 1, 0, 0);
    }

    /** landlock_create_ruleset(2) of a struct landlock_ruleset_attr of {@code size} bytes. */
    int landlock_create_ruleset(long files, long network, long scoped, int size) {
        scratch.set(JAVA_LONG, 0, files);
        scratch.set(JAVA_LONG, 8, network);
        scratch.set(JAVA_LONG, 16, scoped);
        return (int) call(Nr.SYS_landlock_create_ruleset, scratch.address(), size, 0, 0, 0);
    }

    /** landlock_add_rule(2) of a packed struct landlock_path_beneath_attr. */
    int landlockPath(int rules, long rights, int fd) {
        scratch.set(JAVA_LONG, 0, rights);
        scratch.set(JAVA_INT, 8, fd);
        return (int) call(Nr.SYS_landlock_add_rule, rules, 1, scratch.address(), 0, 0);
    }

    /** landlock_add_rule(2) of a struct landlock_net_port_attr. */
    int landlockPort(int rules, long rights, int port) {
        scratch.set(JAVA_LONG, 0, rights);
        scratch.set(JAVA_LONG, 8, port);
        return (int) call(Nr.SYS_landlock_add_rule, rules, 2, scratch.address(), 0, 0);
    }

    /** landlock_restrict_self(2): the calling thread, and all that it starts. */
    int landlock_restrict_self(int rules) {
        return (int) call(Nr.SYS_landlock_restrict_self, rules, 0, 0, 0, 0);
    }

    /** pidfd_open(2); {@code flags}: 0, or PIDFD_THREAD for a thread that need not lead its process. */
    public int pidfd_open(int pid, int flags) {
        return (int) call(Nr.SYS_pidfd_open, pid, flags, 0, 0, 0);
    }

    /** pidfd_getfd(2). */
    public int pidfd_getfd(int pidfd, int fd) {
        return (int) call(Nr.SYS_pidfd_getfd, pidfd, fd, 0, 0, 0);
    }

    /** pidfd_send_signal(2). */
    public int pidfd_send_signal(int pidfd, int signal) {
        return (int) call(Nr.SYS_pidfd_send_signal, pidfd, signal, 0, 0, 0);
    }

    /** kill(2). A pid may be someone else's by now: prefer {@link #pidfd_send_signal}. */
    public int kill(int pid, int signal) {
        return (int) call(Nr.SYS_kill, pid, signal, 0, 0, 0);
    }

    /** tgkill(2). */
    public int tgkill(int pid, int tid, int signal) {
        return (int) call(Nr.SYS_tgkill, pid, tid, signal, 0, 0);
    }

    /** rt_sigaction(2): this process ignores {@code signal} from now on, the JVM's own handler included. */
    public int ignore(int signal) {
        return sigaction(signal, SIG_IGN, 0, 0);
    }

    /** rt_sigaction(2): {@code signal} has its default action from now on. */
    public int defaultAction(int signal) {
        return sigaction(signal, SIG_DFL, 0, 0);
    }

    /**
     * rt_sigaction(2): machine code of the caller's handles {@code signal}, with SA_SIGINFO and SA_RESTART.
     *
     * @param restorer machine code that calls rt_sigreturn(2)
     */
    int sigaction(int signal, long handler, long restorer) {
        return sigaction(signal, handler, SA_SIGINFO | SA_RESTORER | SA_ONSTACK | SA_RESTART, restorer);
    }

    private int sigaction(int signal, long handler, int flags, long restorer) {
        scratch.asSlice(0, KERNEL_SIGACTION_SIZE).fill((byte) 0); // the mask is empty
        scratch.set(JAVA_LONG, 0, handler);
        scratch.set(JAVA_LONG, 8, flags);
        scratch.set(JAVA_LONG, 16, restorer);
        return (int) call(Nr.SYS_rt_sigaction, signal, scratch.address(), 0, 8, 0);
    }

    /**
     * waitid(2) for the end of a child, however long it takes; the child is reaped.
     *
     * @return 0 to 255 for its exit status, 256 + n if signal n killed it, or a negative errno
     */
    public int waitExit(int pidfd) {
        return waitExit(pidfd, 0);
    }

    /** As {@link #waitExit(int)}; with WNOHANG in {@code options}, EAGAIN for a child that has not ended. */
    public int waitExit(int pidfd, int options) {
        scratch.set(JAVA_INT, SI_PID, 0); // stays 0 if WNOHANG found nothing
        int result = (int) call(Nr.SYS_waitid, P_PIDFD, pidfd, scratch.address(), WEXITED | options, 0);
        if (result < 0) {
            return result;
        }
        if (scratch.get(JAVA_INT, SI_PID) == 0) {
            return -Errno.EAGAIN;
        }
        int status = scratch.get(JAVA_INT, SI_STATUS);
        return scratch.get(JAVA_INT, SI_CODE) == CLD_EXITED ? status & 0xff : 256 + (status & 0x7f);
    }

    /**
     * PIDFD_GET_INFO (ioctl_pidfd(2)): how a process ended that has been reaped, by whomever.
     *
     * @return its exit code as wait(2) has it; EAGAIN before it is reaped; ENOTTY or ESRCH before Linux 6.15
     */
    public int pidfdExitCode(int pidfd) {
        scratch.asSlice(0, PIDFD_INFO_SIZE).fill((byte) 0);
        scratch.set(JAVA_LONG, PIDFD_INFO_MASK, PIDFD_INFO_EXIT);
        int result = (int) call(Nr.SYS_ioctl, pidfd, PIDFD_GET_INFO, scratch.address(), 0, 0);
        if (result < 0) {
            return result;
        }
        boolean ended = (scratch.get(JAVA_LONG, PIDFD_INFO_MASK) & PIDFD_INFO_EXIT) != 0;
        return ended ? scratch.get(JAVA_INT, PIDFD_INFO_EXIT_CODE) : -Errno.EAGAIN;
    }

    public int sched_yield() {
        return (int) call(Nr.SYS_sched_yield, 0, 0, 0, 0, 0);
    }

    /** getcpu(2): the CPU that this thread runs on, at this moment. */
    public int getcpu() {
        call(Nr.SYS_getcpu, scratch.address(), 0, 0, 0, 0);
        return scratch.get(JAVA_INT, 0);
    }

    /** sched_getaffinity(2) into a cpu_set_t, a bit for each CPU: bytes written, or EINVAL if they are too few. */
    public int sched_getaffinity(int pid, MemorySegment to) {
        long address = writable(to, to.byteSize());
        return (int) kept(to, call(Nr.SYS_sched_getaffinity, pid, to.byteSize(), address, 0, 0));
    }

    /** sched_setaffinity(2) from a cpu_set_t, a bit for each CPU. */
    public int sched_setaffinity(int pid, MemorySegment from) {
        long address = readable(from, from.byteSize());
        return (int) kept(from, call(Nr.SYS_sched_setaffinity, pid, from.byteSize(), address, 0, 0));
    }

    /** getpriority(2) as the kernel has it: 20 - nice, so 1 to 40 (proc_pid_stat's nice differs). */
    public int getpriority(int which, int who) {
        return (int) call(Nr.SYS_getpriority, which, who, 0, 0, 0);
    }

    /** setpriority(2); {@code nice}: -20 to 19. */
    public int setpriority(int which, int who, int nice) {
        return (int) call(Nr.SYS_setpriority, which, who, nice, 0, 0);
    }

    /** sched_getscheduler(2). */
    public int sched_getscheduler(int pid) {
        return (int) call(Nr.SYS_sched_getscheduler, pid, 0, 0, 0, 0);
    }

    /** sched_setscheduler(2). */
    public int sched_setscheduler(int pid, int policy, int priority) {
        scratch.set(JAVA_INT, 0, priority);
        return (int) call(Nr.SYS_sched_setscheduler, pid, policy, scratch.address(), 0, 0);
    }

    /** sched_rr_get_interval(2): nanoseconds, or a negative errno. */
    public long sched_rr_get_interval(int pid) {
        return nanos(call(Nr.SYS_sched_rr_get_interval, pid, scratch.address(), 0, 0, 0));
    }

    /** ioprio_get(2). */
    public int ioprio_get(int which, int who) {
        return (int) call(Nr.SYS_ioprio_get, which, who, 0, 0, 0);
    }

    /** ioprio_set(2). */
    public int ioprio_set(int which, int who, int priority) {
        return (int) call(Nr.SYS_ioprio_set, which, who, priority, 0, 0);
    }

    /** prlimit64(2); {@code set}, {@code get}: 16 bytes or NULL. */
    public int prlimit64(int pid, int resource, MemorySegment set, MemorySegment get) {
        long from = readableOrNull(set, 16);
        long to = get.address() == 0 ? 0 : writable(get, 16);
        return (int) kept(set, kept(get, call(Nr.SYS_prlimit64, pid, resource, from, to, 0)));
    }

    /** getrusage(2) into 144 bytes. */
    public int getrusage(int who, MemorySegment to) {
        return (int) kept(to, call(Nr.SYS_getrusage, who, writable(to, 144), 0, 0, 0));
    }

    // ---- time and the system --------------------------------------------------------------------------------------

    /** clock_gettime(2): nanoseconds since the clock's start, or a negative errno. */
    public long clock_gettime(int clock) {
        return nanos(call(Nr.SYS_clock_gettime, clock, scratch.address(), 0, 0, 0));
    }

    /** clock_getres(2) in nanoseconds, or a negative errno. */
    public long clock_getres(int clock) {
        return nanos(call(Nr.SYS_clock_getres, clock, scratch.address(), 0, 0, 0));
    }

    private long nanos(long result) {
        return result < 0 ? result : scratch.get(JAVA_LONG, 0) * NANOS + scratch.get(JAVA_LONG, 8);
    }

    /** times(2) into 32 bytes: clock ticks since a moment in the past. */
    public long times(MemorySegment to) {
        return kept(to, call(Nr.SYS_times, writable(to, 32), 0, 0, 0, 0));
    }

    /** getrandom(2). */
    public int getrandom(MemorySegment to, int length, int flags) {
        return (int) kept(to, call(Nr.SYS_getrandom, writable(to, length), length, flags, 0, 0));
    }

    /** getresuid(2), or getresgid(2) if {@code group}: real, effective, saved, 4 bytes each. */
    public int getresid(boolean group, MemorySegment to) {
        long address = writable(to, 12);
        return (int)
                kept(to, call(group ? Nr.SYS_getresgid : Nr.SYS_getresuid, address, address + 4, address + 8, 0, 0));
    }

    /** getgroups(2): ids of 4 bytes each, as many as fit; how many there are, when {@code to} is empty. */
    public int getgroups(MemorySegment to) {
        long size = to.byteSize();
        return (int) kept(to, call(Nr.SYS_getgroups, size / 4, size == 0 ? 0 : writable(to, size), 0, 0, 0));
    }

    /** sched_get_priority_max(2). */
    public int sched_get_priority_max(int policy) {
        return (int) call(Nr.SYS_sched_get_priority_max, policy, 0, 0, 0, 0);
    }

    /** sched_get_priority_min(2). */
    public int sched_get_priority_min(int policy) {
        return (int) call(Nr.SYS_sched_get_priority_min, policy, 0, 0, 0, 0);
    }

    /** uname(2) into 390 bytes: six strings of 65. */
    public int uname(MemorySegment to) {
        return (int) kept(to, call(Nr.SYS_uname, writable(to, 390), 0, 0, 0, 0));
    }

    /** sysinfo(2) into 112 bytes. */
    public int sysinfo(MemorySegment to) {
        return (int) kept(to, call(Nr.SYS_sysinfo, writable(to, 112), 0, 0, 0, 0));
    }

    // ---- memory of this instance, and of the caller
    // -------------------------------------------------------------------

    /** A buffer for who reads files piecewise; made at the first use. */
    MemorySegment chunk() {
        if (chunk == null) {
            chunk = arena.allocate(CHUNK_SIZE, 8);
        }
        return chunk;
    }

    @Override
    public void close() {
        arena.close();
    }

    /** The address of a segment that the kernel may read {@code length} bytes of. */
    private static long readable(MemorySegment segment, long length) {
        return sized(segment, length);
    }

    private static long readableOrNull(MemorySegment segment, long length) {
        return segment.address() == 0 ? 0 : sized(segment, length);
    }

    /** The address of a segment that the kernel may write {@code length} bytes of. */
    private static long writable(MemorySegment segment, long length) {
        if (segment.isReadOnly()) {
            throw new IllegalArgumentException("the kernel would write to a read-only segment: " + segment);
        }
        return sized(segment, length);
    }

    /** A length below 0 would reach the kernel as a huge one, and a heap segment has no address. */
    private static long sized(MemorySegment segment, long length) {
        Objects.checkFromIndexSize(0, length, segment.byteSize());
        if (!segment.isNative()) {
            throw new IllegalArgumentException("the kernel cannot reach a segment on the heap: " + segment);
        }
        if (!segment.scope().isAlive()) {
            throw new IllegalStateException("the segment's arena is closed: " + segment);
        }
        return segment.address();
    }

    /** The result; and the segment, whose memory an automatic arena could otherwise free during the call. */
    @SuppressWarnings("ReachabilityFenceUsage") // what comes before cannot throw: it has been computed
    private static long kept(MemorySegment segment, long result) {
        Reference.reachabilityFence(segment);
        return result;
    }
}
