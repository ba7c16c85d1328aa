package nurse.helper.network;

import java.util.Map;
import java.util.Set;

/** Options of sockets that the program may set: socket(7), tcp(7), ip(7), ipv6(7). Most may be asked for. */
final class SocketOptions {
    private static final int SOL_IP = 0;
    private static final int SOL_SOCKET = 1;
    private static final int SOL_TCP = 6;
    private static final int SOL_UDP = 17;
    private static final int SOL_IPV6 = 41;
    private static final int IPTABLES = 64; // linux/netfilter_ipv4/ip_tables.h: from there on the firewall's

    /** Not SO_ATTACH_FILTER and its kin, SO_MARK, SO_BINDTODEVICE, SO_PRIORITY: they concern the kernel or the host. */
    private static final Map<Integer, Set<Integer>> SETTABLE = Map.of(
            SOL_SOCKET,
            // REUSEADDR BROADCAST SNDBUF RCVBUF KEEPALIVE OOBINLINE LINGER REUSEPORT PASSCRED RCVLOWAT RCVTIMEO
            // SNDTIMEO
            // TIMESTAMP TIMESTAMPNS ZEROCOPY, and the 64-bit-time forms of some
            Set.of(2, 6, 7, 8, 9, 10, 13, 15, 16, 18, 20, 21, 29, 35, 60, 63, 64, 66, 67),
            SOL_TCP,
            // NODELAY MAXSEG CORK KEEPIDLE KEEPINTVL KEEPCNT SYNCNT LINGER2 DEFER_ACCEPT WINDOW_CLAMP QUICKACK
            // USER_TIMEOUT FASTOPEN NOTSENT_LOWAT FASTOPEN_CONNECT
            Set.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 18, 23, 25, 30),
            SOL_IP,
            // TOS TTL PKTINFO MTU_DISCOVER RECVERR RECVTTL RECVTOS MULTICAST_IF _TTL _LOOP ADD_MEMBERSHIP
            // DROP_MEMBERSHIP
            Set.of(1, 2, 8, 10, 11, 12, 13, 32, 33, 34, 35, 36),
            SOL_IPV6,
            // UNICAST_HOPS MULTICAST_IF _HOPS _LOOP JOIN LEAVE MTU_DISCOVER RECVERR V6ONLY RECVPKTINFO RECVHOPLIMIT
            // RECVTCLASS TCLASS
            Set.of(16, 17, 18, 19, 20, 21, 23, 25, 26, 49, 51, 66, 67),
            SOL_UDP,
            Set.of(1)); // CORK

    /** SO_SNDBUF and SO_RCVBUF. */
    static final Set<Integer> BUFFER_SIZES = Set.of(7, 8);

    private SocketOptions() {}

    static boolean maySet(int level, int option) {
        return SETTABLE.getOrDefault(level, Set.of()).contains(option);
    }

    static boolean isBufferSize(int level, int option) {
        return level == SOL_SOCKET && BUFFER_SIZES.contains(option);
    }

    static boolean mayGet(int level, int option) {
        return SETTABLE.containsKey(level)
                && option >= 0
                && (level == SOL_SOCKET || option < IPTABLES || level == SOL_IPV6 && option < 80);
    }
}
