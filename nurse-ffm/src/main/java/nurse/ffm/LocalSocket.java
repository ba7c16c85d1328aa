package nurse.ffm;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * One end of a UNIX socket (unix(7)): who the other end is, and messages with descriptors.
 *
 * <p>What comes from the other end is bounded: a message or a descriptor too many is none at all. Confined to the thread
 * that makes it.
 */
public final class LocalSocket implements AutoCloseable {
    /** Who connected, as the kernel saw it then; {@code pidfd} is the caller's to close. */
    public record Peer(int pid, int uid, int pidfd) {}

    private static final int SOL_SOCKET = 1; // asm-generic/socket.h
    private static final int SO_PEERCRED = 17;
    private static final int SO_PEERPIDFD = 77; // since Linux 6.5
    private static final int SCM_RIGHTS = 1; // linux/socket.h
    private static final int MSG_CTRUNC = 8;
    private static final int MSG_TRUNC = 0x20;
    private static final int MSG_CMSG_CLOEXEC = 0x40000000;
    private static final int UCRED_SIZE = 12; // linux/socket.h, struct ucred: pid, uid, gid

    // struct msghdr (socket(7)), then one struct iovec, then a struct cmsghdr with its descriptors
    private static final int IOV = 16;
    private static final int IOVLEN = 24;
    private static final int CONTROL = 32;
    private static final int CONTROLLEN = 40;
    private static final int FLAGS = 48;
    private static final int IOVEC = 64;
    private static final int CMSG = 80;
    private static final int CMSG_TYPE = 12;
    private static final int CMSG_DATA = 16;

    private final Kernel kernel;
    private final int fd;
    private final int mostDescriptors;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment message;
    private int[] descriptors = {};

    /**
     * @param fd a connected socket; closed with this
     * @param mostDescriptors how many may come with one message
     */
    public LocalSocket(Kernel kernel, int fd, int mostDescriptors) {
        this.kernel = kernel;
        this.fd = fd;
        this.mostDescriptors = mostDescriptors;
        this.message = arena.allocate(CMSG + CMSG_DATA + 4L * mostDescriptors, 8);
    }

    /** accept4(2) with close-on-exec: a descriptor, or a negative errno. */
    public static int accept(Kernel kernel, int listening) {
        return (int) kernel.syscall(Nr.SYS_accept4, listening, 0, 0, Kernel.O_CLOEXEC, 0, 0);
    }

    /**
     * Who is at the other end.
     *
     * @throws KernelRefused when the kernel does not say, ESRCH if that process is gone
     */
    public Peer peer() {
        int pidfd = KernelRefused.check("getsockopt(SO_PEERPIDFD)", option(SO_PEERPIDFD, 4));
        int result = option(SO_PEERCRED, UCRED_SIZE);
        if (result < 0) {
            kernel.close(pidfd);
            throw new KernelRefused("getsockopt(SO_PEERCRED)", -result);
        }
        return new Peer(result, message.get(JAVA_INT, IOVEC + 4), pidfd);
    }

    /** The option's first int, or a negative errno; the others follow it in the message's memory. */
    private int option(int option, int size) {
        message.set(JAVA_INT, 0, size);
        long address = message.address();
        int result = (int) kernel.syscall(Nr.SYS_getsockopt, fd, SOL_SOCKET, option, address + IOVEC, address, 0);
        return result < 0 ? result : message.get(JAVA_INT, IOVEC);
    }

    /**
     * Waits for one message and takes it, with its descriptors ({@link #descriptors}), close-on-exec.
     *
     * @param timeoutNanos how long to wait
     * @return its bytes; 0 when the other end is closed; or a negative errno: ETIMEDOUT, EMSGSIZE for more bytes or
     *     descriptors than there is room for, all of which are closed then
     */
    public int receive(MemorySegment to, long timeoutNanos) {
        int ready = kernel.poll(fd, Kernel.POLLIN, timeoutNanos);
        if (ready <= 0) {
            return ready < 0 ? ready : -Errno.ETIMEDOUT;
        }
        header(to, CMSG_DATA + 4L * mostDescriptors);
        int got = (int)
                kernel.syscall(Nr.SYS_recvmsg, fd, message.address(), MSG_CMSG_CLOEXEC | Kernel.MSG_DONTWAIT, 0, 0, 0);
        descriptors = got < 0 ? new int[0] : received();
        if (got >= 0 && (message.get(JAVA_INT, FLAGS) & (MSG_CTRUNC | MSG_TRUNC)) != 0) {
            closeDescriptors();
            return -Errno.EMSGSIZE;
        }
        return got;
    }

    private int[] received() {
        boolean some = message.get(JAVA_LONG, CONTROLLEN) >= CMSG_DATA
                && message.get(JAVA_INT, CMSG + CMSG_TYPE) == SCM_RIGHTS;
        int[] found = new int[some ? (int) (message.get(JAVA_LONG, CMSG) - CMSG_DATA) / 4 : 0];
        for (int i = 0; i < found.length; i++) {
            found[i] = message.get(JAVA_INT, CMSG + CMSG_DATA + 4L * i);
        }
        return found;
    }

    private void header(MemorySegment payload, long controlLength) {
        message.fill((byte) 0);
        long base = message.address();
        message.set(JAVA_LONG, IOV, base + IOVEC);
        message.set(JAVA_LONG, IOVLEN, 1);
        message.set(JAVA_LONG, CONTROL, base + CMSG);
        message.set(JAVA_LONG, CONTROLLEN, controlLength);
        message.set(JAVA_LONG, IOVEC, payload.address());
        message.set(JAVA_LONG, IOVEC + 8, payload.byteSize());
    }

    /** The descriptors of the last message; the caller's to close. */
    public int[] descriptors() {
        return descriptors.clone();
    }

    private void closeDescriptors() {
        for (int descriptor : descriptors) {
            kernel.close(descriptor);
        }
        descriptors = new int[0];
    }

    /** Sends a message with descriptors, without waiting: 0, or a negative errno. */
    public int send(MemorySegment payload, int... fds) {
        return Math.min(0, kernel.sendmsg(fd, payload, (int) payload.byteSize(), fds, fds.length));
    }

    @Override
    public void close() {
        kernel.close(fd);
        arena.close();
    }
}
