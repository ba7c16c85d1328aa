package nurse.bench.peers;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.ffm.KernelRefused;

/** A listener for calls that wait for an answer: seccomp_unotify(2), linux/seccomp.h. Confined to one thread. */
final class Notifications {
    private static final int SYS_IOCTL = 16; // arch/x86/entry/syscalls/syscall_64.tbl
    private static final long RECEIVE = 0xc0502100L;
    private static final long SEND = 0xc0182101L;
    private static final long ADD_FD = 0x40182103L;
    private static final long SET_FLAGS = 0x40082104L;
    private static final int SYNC_WAKE_UP = 1;
    private static final int FLAG_CONTINUE = 1;
    private static final int ADD_FD_FLAG_SETFD = 1;

    // struct seccomp_notif, with struct seccomp_data from NR on; struct seccomp_notif_resp; struct seccomp_notif_addfd
    private static final int NOTIFICATION_SIZE = 80;
    private static final int ID = 0;
    private static final int NR = 16;
    private static final int ARGUMENTS = 32;
    private static final int RESPONSE_SIZE = 24;

    private final Kernel kernel;
    private final int fd;
    private final MemorySegment notification;
    private final MemorySegment response;

    Notifications(Kernel kernel, int fd, boolean syncWakeUp, Arena arena) {
        this.kernel = kernel;
        this.fd = fd;
        this.notification = arena.allocate(NOTIFICATION_SIZE, 8);
        this.response = arena.allocate(RESPONSE_SIZE, 8);
        if (syncWakeUp) {
            KernelRefused.check("ioctl(SECCOMP_IOCTL_NOTIF_SET_FLAGS)", (int)
                    kernel.syscall(SYS_IOCTL, fd, SET_FLAGS, SYNC_WAKE_UP, 0, 0, 0));
        }
    }

    int fd() {
        return fd;
    }

    /** Waits for the next call; false when there is nobody left to make one. */
    boolean receive() {
        while (true) {
            notification.fill((byte) 0); // the kernel insists
            int result = ioctl(RECEIVE, notification);
            if (result == 0) {
                return true;
            }
            if (result == -Errno.ENOENT && kernel.poll(fd, Kernel.POLLHUP, 0) > 0) {
                return false;
            }
            if (result != -Errno.ENOENT && result != -Errno.EINTR) { // ENOENT: who asked was interrupted meanwhile
                KernelRefused.check("ioctl(SECCOMP_IOCTL_NOTIF_RECV)", result);
            }
        }
    }

    int call() {
        return notification.get(JAVA_INT, NR);
    }

    int argument(int i) {
        return notification.get(JAVA_INT, ARGUMENTS + 8L * i);
    }

    /** Lets the call be made as the program made it. */
    void goOn() {
        send(0, FLAG_CONTINUE);
    }

    void answer(int result) {
        send(result, 0);
    }

    private void send(int result, int flags) {
        response.set(JAVA_LONG, 0, notification.get(JAVA_LONG, ID));
        response.set(JAVA_LONG, 8, Math.max(result, 0));
        response.set(JAVA_INT, 16, Math.min(result, 0));
        response.set(JAVA_INT, 20, flags);
        int sent = ioctl(SEND, response);
        if (sent != -Errno.ENOENT) {
            KernelRefused.check("ioctl(SECCOMP_IOCTL_NOTIF_SEND)", sent);
        }
    }

    /** Gives the program a descriptor, under this number. */
    int install(int descriptor, int number, boolean closeOnExec) {
        response.set(JAVA_LONG, 0, notification.get(JAVA_LONG, ID));
        response.set(JAVA_INT, 8, ADD_FD_FLAG_SETFD);
        response.set(JAVA_INT, 12, descriptor);
        response.set(JAVA_INT, 16, number);
        response.set(JAVA_INT, 20, closeOnExec ? Kernel.O_CLOEXEC : 0);
        return ioctl(ADD_FD, response);
    }

    private int ioctl(long request, MemorySegment argument) {
        return (int) kernel.syscall(SYS_IOCTL, fd, request, argument.address(), 0, 0, 0);
    }
}
