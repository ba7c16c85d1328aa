package nurse.helper.sandbox;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.ffm.lane.Lane;
import nurse.ffm.lane.LaneLayout;
import nurse.helper.calls.Syscall;
import nurse.helper.calls.Trustee;

/**
 * Passes descriptors over the control socket, by SCM_RIGHTS (unix(7)): the helper's to the sandboxed process, and the
 * process's to the helper. Serves one lane's thread.
 */
public final class DescriptorPassing {
    // Scratch area of a lane while a descriptor is passed: i386 struct msghdr, iovec, one byte, struct cmsghdr and the
    // descriptor (recvmsg(2), cmsg(3), linux/compat.h). The kernel writes all of it, so it is in the hostile half.
    private static final int MSGHDR = 0;
    private static final int IOVEC = 0x20;
    private static final int BYTE = 0x28;
    private static final int CMSG = 0x30;
    private static final int CMSG_LENGTH = 16;
    private static final int CMSG_FD = CMSG + 12;
    private static final int MSG_CMSG_CLOEXEC = 0x40000000;

    // The same structures as order data, behind one another, when the process sends.
    private static final int SENT_IOVEC = 28;
    private static final int SENT_BYTE = SENT_IOVEC + 8;
    private static final int SENT_CMSG = SENT_BYTE + 4;
    private static final int SENT_SIZE = SENT_CMSG + CMSG_LENGTH;
    private static final int SOL_SOCKET = 1; // asm-generic/socket.h
    private static final int SCM_RIGHTS = 1; // linux/socket.h

    private final Kernel kernel;
    private final Lane lane;
    private final int control;

    /** @param control the helper's end of the socket that the process has as {@link LaneLayout#FD_CONTROL} */
    public DescriptorPassing(Kernel kernel, Lane lane, int control) {
        this.kernel = kernel;
        this.lane = lane;
        this.control = control;
    }

    /** As {@link Trustee#install}: sent from here, received and moved to its number by the process itself. */
    public int install(Trustee trustee, int fd, int number, boolean closeOnExec) {
        int sent = kernel.sendFd(control, fd);
        if (sent < 0) {
            return sent;
        }
        lane.scratch(MSGHDR, 0);
        lane.scratch(MSGHDR + 4, 0);
        lane.scratch(MSGHDR + 8, lane.scratchAddress(IOVEC));
        lane.scratch(MSGHDR + 12, 1);
        lane.scratch(MSGHDR + 16, lane.scratchAddress(CMSG));
        lane.scratch(MSGHDR + 20, CMSG_LENGTH);
        lane.scratch(MSGHDR + 24, 0);
        lane.scratch(IOVEC, lane.scratchAddress(BYTE));
        lane.scratch(IOVEC + 4, 1);
        lane.scratch(CMSG_FD, -1);
        int flags = Kernel.MSG_DONTWAIT | (closeOnExec ? MSG_CMSG_CLOEXEC : 0);
        int received =
                trustee.execute(Syscall.RECVMSG, LaneLayout.FD_CONTROL, lane.scratchAddress(MSGHDR), flags, 0, 0, 0);
        if (received < 0) {
            return received;
        }
        int got = lane.scratch(CMSG_FD);
        if (got == number) {
            return 0;
        }
        if (got < 0 || got >= LaneLayout.FD_BASE) {
            return -Errno.EMFILE; // the kernel had no number to give, or the program plays with the scratch area
        }
        // The kernel chose another number than the book says. The order names the one it must be.
        int result = trustee.execute(Syscall.DUP3, got, number, closeOnExec ? Kernel.O_CLOEXEC : 0, 0, 0, 0);
        trustee.execute(Syscall.CLOSE, got, 0, 0, 0, 0, 0);
        return Math.min(result, 0);
    }

    /**
     * Has the trustee send a descriptor of the process's.
     *
     * <p>Only the trustee can send one: the program's own sendmsg(2) is an order as well, and no order of the program's names the
     * control socket. But write(2) is the program's own, so it can put messages without a descriptor into the socket. Nobody
     * but an attacker does, and the run ends.
     *
     * @param fd the process's descriptor; stays open there
     * @return a descriptor of the helper's, close-on-exec, to be closed by the caller; or a negative errno, EBADF when the
     *     process has no such descriptor
     * @throws SandboxEnded when something else came than what was ordered
     */
    int fetch(Trustee trustee, int fd) {
        int used = lane.orderDataUsed();
        MemorySegment message = lane.orderData(SENT_SIZE);
        if (message == null) {
            return -Errno.ENOMEM;
        }
        try {
            int address = lane.orderAddress(message);
            message.fill((byte) 0);
            message.set(JAVA_INT, 8, address + SENT_IOVEC); // struct msghdr: iov, iovlen, control, controllen
            message.set(JAVA_INT, 12, 1);
            message.set(JAVA_INT, 16, address + SENT_CMSG);
            message.set(JAVA_INT, 20, CMSG_LENGTH);
            message.set(JAVA_INT, SENT_IOVEC, address + SENT_BYTE);
            message.set(JAVA_INT, SENT_IOVEC + 4, 1);
            message.set(JAVA_INT, SENT_CMSG, CMSG_LENGTH);
            message.set(JAVA_INT, SENT_CMSG + 4, SOL_SOCKET);
            message.set(JAVA_INT, SENT_CMSG + 8, SCM_RIGHTS);
            message.set(JAVA_INT, SENT_CMSG + 12, fd);
            int flags = Kernel.MSG_DONTWAIT | Kernel.MSG_NOSIGNAL;
            int sent = trustee.execute(Syscall.SENDMSG, LaneLayout.FD_CONTROL, address, flags, 0, 0, 0);
            int received = kernel.recvFd(control);
            if (received == -Errno.EBADMSG || received == -Errno.EAGAIN && sent >= 0) {
                throw SandboxEnded.OUT_OF_ORDER;
            }
            return received == -Errno.EAGAIN ? sent : received;
        } finally {
            lane.orderDataUsed(used);
        }
    }
}
