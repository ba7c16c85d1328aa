package nurse.helper.network;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
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

    int PATH = 2; // struct sockaddr_un: u16 family, then the path

    /** A name in the file system, one char a byte. */
    record File(String path) implements SocketAddress {}

    /** A name of UNIX sockets that is in no file system, or none at all: autobind. */
    record Abstract(boolean isEmpty) implements SocketAddress {}

    /** Mapped to 16 bytes if it is IPv4. */
    record Internet(byte[] address, int port) implements SocketAddress {
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
            case AF_INET -> internet(bytes, 16, 4, 4);
            case AF_INET6 -> internet(bytes, 24, 8, 16);
            default -> throw CallError.of(Errno.EAFNOSUPPORT);
        };
    }

    private static SocketAddress local(MemorySegment name) {
        if (name.byteSize() == 0 || name.get(JAVA_BYTE, 0) == 0) {
            return new Abstract(name.byteSize() == 0);
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
