package nurse.helper.descriptors;

import java.util.Set;

/** The requests of ioctl(2) and fcntl(2) that the trustee carries out; the kernel refuses it all others (Filter). */
public final class OrderedRequests {
    /**
     * ioctl_list(2), asm-generic/ioctls.h. Not TIOCSTI and TIOCLINUX, which type on the user's terminal, nor TIOCSCTTY, TIOCSETD
     * and TIOCCONS.
     */
    public static final Set<Integer> IOCTL = Set.of(
            0x5401, // TCGETS
            0x5402, // TCSETS
            0x5403, // TCSETSW
            0x5404, // TCSETSF
            0x802c542a, // TCGETS2
            0x402c542b, // TCSETS2
            0x402c542c, // TCSETSW2
            0x402c542d, // TCSETSF2
            0x5409, // TCSBRK
            0x540a, // TCXONC
            0x540b, // TCFLSH
            0x540f, // TIOCGPGRP
            0x5410, // TIOCSPGRP
            0x5411, // TIOCOUTQ
            0x5413, // TIOCGWINSZ
            0x5429, // TIOCGSID
            0x541b, // FIONREAD
            0x5421, // FIONBIO
            0x5460, // FIOQSIZE
            0x5450, // FIONCLEX
            0x5451); // FIOCLEX

    /** fcntl(2): asm-generic/fcntl.h, linux/fcntl.h. Not F_SETOWN and F_SETSIG, which have others signalled. */
    public static final Set<Integer> FCNTL = Set.of(
            2, // F_SETFD
            5, 6, 12, 13, 36, 37, // F_GETLK, F_SETLK, both with 64, both with F_OFD_: those that wait are tried again
            1026, // F_NOTIFY: its signal goes to the process that asks
            1031, 1032, 1033, 1034); // F_SETPIPE_SZ, F_GETPIPE_SZ, F_ADD_SEALS, F_GET_SEALS

    private OrderedRequests() {}
}
