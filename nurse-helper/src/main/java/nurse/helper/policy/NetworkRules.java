package nurse.helper.policy;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Which addresses of the Internet protocols may be connected to, sent to and bound: a pure function of its rules. Without a
 * rule there is no network. Names in the file system are the files' rules' affair ({@link Policy}).
 *
 * <p>Immutable and thread-safe.
 */
public final class NetworkRules {
    /** Nothing. */
    public static final NetworkRules NONE = new NetworkRules(List.of());

    private static final String ALL = "all";
    private static final String LOOPBACK = "loopback";
    private static final int ANY_PORT = -1;
    private static final int BITS = 128;
    private static final int MAPPED_BITS = 96; // an IPv4 address stands behind ::ffff (RFC 4291, 2.5.5.2)

    private final List<Rule> rules;

    /** Addresses of 16 bytes, IPv4 mapped, of which the first {@code bits} count; {@code port} -1 for any. */
    private record Rule(byte[] address, int bits, int port) {
        boolean covers(byte[] other, int otherPort) {
            if (port != ANY_PORT && port != otherPort) {
                return false;
            }
            for (int i = 0; i < bits; i++) {
                if (((address[i / 8] ^ other[i / 8]) & 0x80 >> i % 8) != 0) {
                    return false;
                }
            }
            return true;
        }
    }

    private NetworkRules(List<Rule> rules) {
        this.rules = rules;
    }

    /**
     * Reads rules: {@code all}, {@code loopback}, {@code ADDRESS}, {@code ADDRESS/BITS}, each of them with {@code :PORT}
     * behind it or without; an IPv6 address with a port stands in brackets.
     *
     * @throws IllegalArgumentException with what is wrong, for the user
     */
    public static NetworkRules of(List<String> texts) {
        return texts.isEmpty()
                ? NONE
                : new NetworkRules(texts.stream().flatMap(NetworkRules::parse).toList());
    }

    private static Stream<Rule> parse(String text) {
        int bracket = text.indexOf(']');
        int colon = text.indexOf(':', Math.max(bracket, 0));
        boolean hasPort = colon >= 0 && (bracket >= 0 || text.indexOf(':', colon + 1) < 0);
        int port = hasPort ? number(text.substring(colon + 1), 65535, "the port") : ANY_PORT;
        String where =
                (hasPort ? text.substring(0, colon) : text).replace("[", "").replace("]", "");
        return switch (where) {
            case ALL -> Stream.of(new Rule(new byte[BITS / 8], 0, port));
            case LOOPBACK -> Stream.of(rule("127.0.0.0/8", port), rule("::1", port));
            default -> Stream.of(rule(where, port));
        };
    }

    private static Rule rule(String where, int port) {
        int slash = where.indexOf('/');
        byte[] address = address(slash < 0 ? where : where.substring(0, slash));
        int size = address.length * 8;
        int bits = slash < 0 ? size : number(where.substring(slash + 1), size, "the number of bits");
        return new Rule(mapped(address), bits + BITS - size, port);
    }

    private static byte[] address(String text) {
        try {
            return InetAddress.ofLiteral(text).getAddress();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "an address is all, loopback, or numbers such as 192.0.2.1, 192.0.2.0/24, [2001:db8::1]:443", e);
        }
    }

    private static int number(String text, int most, String what) {
        boolean digits = !text.isEmpty() && text.length() <= 5 && text.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!digits || Integer.parseInt(text) > most) {
            throw new IllegalArgumentException(what + " is a number from 0 to " + most);
        }
        return Integer.parseInt(text);
    }

    /** An IPv4 address of 4 bytes in its IPv6 form; one of 16 as it is. */
    public static byte[] mapped(byte[] address) {
        if (address.length == BITS / 8) {
            return address;
        }
        byte[] mapped = new byte[BITS / 8];
        Arrays.fill(mapped, MAPPED_BITS / 8 - 2, MAPPED_BITS / 8, (byte) 0xff);
        System.arraycopy(address, 0, mapped, MAPPED_BITS / 8, address.length);
        return mapped;
    }

    /** Whether there is any network at all. */
    public boolean isEmpty() {
        return rules.isEmpty();
    }

    /** Whether every address is allowed, so that names which belong to no file system are, too. */
    public boolean allowAll() {
        return rules.stream().anyMatch(rule -> rule.bits == 0 && rule.port == ANY_PORT);
    }

    /** @param address 16 bytes, as {@link #mapped} gives them */
    public boolean allow(byte[] address, int port) {
        for (Rule rule : rules) {
            if (rule.covers(address, port)) {
                return true;
            }
        }
        return false;
    }
}
