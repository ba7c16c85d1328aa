package nurse.helper.network;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import nurse.ffm.Errno;
import nurse.helper.calls.CallError;
import nurse.helper.policy.NetworkRules;

/** A struct sockaddr as the program wrote it, read once: ip(7), ipv6(7), unix(7). */
sealed interface SocketAddress {
    int AF_UNSPEC = 0;
    int AF_UNIX = 1;
    int AF_INET = 2;
    int AF_INET6 = 10;
    /** struct sockaddr_storage, bits/socket.h. */
    int LIMIT = 128;

    /** Of struct sockaddr_in. */
    int INTERNET_4_SIZE = 16;

    int AT_4 = 4; // struct sockaddr_in: u16 family, u16 port, the address
    int AT_6 = 8; // struct sockaddr_in6: u16 family, u16 port, u32 flow, the address
    int PATH = 2; // struct sockaddr_un: u16 family, then the path

    /** A name in the file system, one char a byte. */
    record File(String path) implements SocketAddress {}

    /**
     * A name of UNIX sockets that is in no file system, one char a byte; {@code isUnnamed}: none at all, autobind.
     */
    record Abstract(boolean isUnnamed, String name) implements SocketAddress {}

    /** Mapped to 16 bytes if it is IPv4. */
    record Internet(byte[] address, int port) implements SocketAddress {
        private static final byte[] ANY = new byte[16];
        private static final byte[] ANY_4 = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 0, 0, 0, 0};

        /** Where what is sent to this address arrives: what is for no address is for this machine (ip_output.c, ipv6(7)). */
        Internet destination() {
            byte[] loopback = address.clone();
            if (Arrays.equals(address, ANY)) {
                loopback[15] = 1;
            } else if (Arrays.equals(address, ANY_4)) {
                loopback[12] = 127;
                loopback[15] = 1;
            }
            return new Internet(loopback, port);
        }

        /** @param socketAddress a struct sockaddr_in or sockaddr_in6, of which only the address is changed */
        void writeTo(MemorySegment socketAddress) {
            boolean four = socketAddress.get(JAVA_SHORT_UNALIGNED, 0) == AF_INET;
            MemorySegment.copy(address, four ? 12 : 0, socketAddress, JAVA_BYTE, four ? AT_4 : AT_6, four ? 4 : 16);
        }

        /** Says what the address was judged as: where AF_UNSPEC stood, AF_INET. */
        void writeFamilyTo(MemorySegment socketAddress) {
            if (socketAddress.get(JAVA_SHORT_UNALIGNED, 0) == AF_UNSPEC) {
                socketAddress.set(JAVA_SHORT_UNALIGNED, 0, (short) AF_INET);
            }
        }

        @Override
        public String toString() {
            try {
                InetAddress numbers = InetAddress.getByAddress(address);
                boolean four = numbers.getAddress().length == 4;
                return (four ? numbers.getHostAddress() : "[" + numbers.getHostAddress() + "]") + ":" + port;
            } catch (UnknownHostException e) {
                throw new IllegalStateException("an address has 16 bytes: " + address.length, e);
            }
        }
    }

    /** AF_UNSPEC: a datagram socket forgets where it is connected to (connect(2)). */
    record None() implements SocketAddress {}

    /** @throws CallError EINVAL for one that is cut short, EAFNOSUPPORT for another family */
    static SocketAddress of(MemorySegment bytes) {
        long length = bytes.byteSize();
        if (length < 2) {
            throw CallError.of(Errno.EINVAL);
        }
        return switch (bytes.get(JAVA_SHORT_UNALIGNED, 0)) {
            case AF_UNSPEC -> new None();
            case AF_UNIX -> local(bytes.asSlice(PATH));
            case AF_INET -> internet(bytes, INTERNET_4_SIZE, AT_4, 4);
            case AF_INET6 -> internet(bytes, 24, AT_6, 16);
            default -> throw CallError.of(Errno.EAFNOSUPPORT);
        };
    }

    /**
     * As those take it that send or bind: for udp_sendmsg() AF_UNSPEC is AF_INET, and so it is for inet_bind() with address 0.
     * For connect(2) it is {@link None}.
     */
    static SocketAddress asTaken(MemorySegment bytes) {
        return of(bytes) instanceof None && bytes.byteSize() >= INTERNET_4_SIZE
                ? internet(bytes, INTERNET_4_SIZE, AT_4, 4)
                : of(bytes);
    }

    private static SocketAddress local(MemorySegment name) {
        if (name.byteSize() == 0 || name.get(JAVA_BYTE, 0) == 0) {
            byte[] all = name.toArray(JAVA_BYTE);
            return new Abstract(
                    all.length == 0,
                    all.length == 0 ? "" : new String(all, 1, all.length - 1, StandardCharsets.ISO_8859_1));
        }
        byte[] path = name.toArray(JAVA_BYTE);
        int end = 0;
        while (end < path.length && path[end] != 0) {
            end++;
        }
        return new File(new String(path, 0, end, StandardCharsets.ISO_8859_1));
    }

    private static SocketAddress internet(MemorySegment bytes, int least, int at, int size) {
        if (bytes.byteSize() < least) {
            throw CallError.of(Errno.EINVAL);
        }
        int port = (bytes.get(JAVA_BYTE, 2) & 0xff) << 8 | bytes.get(JAVA_BYTE, 3) & 0xff;
        return new Internet(NetworkRules.mapped(bytes.asSlice(at, size).toArray(JAVA_BYTE)), port);
    }
}
