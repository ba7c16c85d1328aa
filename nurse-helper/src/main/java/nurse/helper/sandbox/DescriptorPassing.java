package nurse.helper.sandbox;

import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.ffm.lane.Lane;
import nurse.ffm.lane.LaneLayout;
import nurse.helper.calls.Syscall;
import nurse.helper.calls.Trustee;

/** Gives the sandboxed process descriptors of the helper's, by SCM_RIGHTS (unix(7)). Serves one lane's thread. */
public final class DescriptorPassing {
    // Scratch area of a lane while a descriptor is passed: i386 struct msghdr, iovec, one byte, struct cmsghdr and the
    // descriptor (recvmsg(2), cmsg(3), linux/compat.h). The kernel writes all of it, so it is in the hostile half.
    private static final int MSGHDR = 0;
    private static final int IOVEC = 0x20;
    private static final int BYTE = 0x28;
    private static final int CMSG = 0x30;
    private static final int CMSG_LENGTH = 16;
    private static final int CMSG_FD = CMSG + 12;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_CMSG_CLOEXEC = 0x40000000;

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
        int flags = MSG_DONTWAIT | (closeOnExec ? MSG_CMSG_CLOEXEC : 0);
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
}
