package nurse.helper.policy;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which addresses may be connected to, sent to, bound and listened on: a pure function of its rules. Without a rule there is no
 * network. Names in the file system are the files' rules' affair ({@link Policy}): those of {@code unix PATH} become some.
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
    private final boolean internet;
    private final boolean everywhere;

    /** What is done with an address. A server's socket is bound and listened on, so LISTEN allows to bind as well. */
    public enum Verb {
        CONNECT,
        BIND,
        LISTEN;

        private static final int ANY = (1 << values().length) - 1;

        @SuppressWarnings("EnumOrdinal") // a bit of a mask
        private int bit() {
            return 1 << ordinal();
        }

        private int allows() {
            return this == LISTEN ? BIND.bit() | LISTEN.bit() : bit();
        }

        /** {@code connect}, {@code bind}, {@code listen}. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** By which protocol. */
    public enum Protocol {
        TCP,
        UDP,
        /** UNIX sockets; their abstract names, as others are files. */
        UNIX;

        /** {@code tcp}, {@code udp}, {@code unix}. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * One rule.
     *
     * @param verbs bits: what it allows to do
     * @param protocol null for any
     * @param address 16 bytes, IPv4 mapped, of which the first {@code bits} count
     * @param port -1 for any
     * @param name of a UNIX socket: a path as it was written, or {@code @} and an abstract name; else null
     * @param text as it was written
     * @param origin where it was written, fit to be shown
     */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares rules, and nobody outside sees the array
    public record Rule(
            int verbs, Protocol protocol, byte[] address, int bits, int port, String name, String text, String origin) {

        private boolean covers(Verb verb, Protocol other, byte[] otherAddress, int otherPort) {
            if (name != null || (verbs & verb.bit()) == 0) {
                return false;
            }
            if (protocol != null && protocol != other || port != ANY_PORT && port != otherPort) {
                return false;
            }
            return contains(otherAddress);
        }

        private boolean contains(byte[] otherAddress) {
            for (int i = 0; i < bits; i++) {
                if (((address[i / 8] ^ otherAddress[i / 8]) & 0x80 >> i % 8) != 0) {
                    return false;
                }
            }
            return true;
        }

        /** Whether it allows all that another rule allows. */
        public boolean says(Rule other) {
            boolean sameKind = name == null ? other.name == null : name.equals(other.name);
            return sameKind
                    && (verbs & other.verbs) == other.verbs
                    && (protocol == null || protocol == other.protocol)
                    && (port == ANY_PORT || port == other.port)
                    && bits <= other.bits
                    && contains(other.address);
        }

        private boolean isEverything() {
            return name == null && protocol == null && bits == 0 && port == ANY_PORT && verbs == Verb.ANY;
        }

        private boolean isAbstract() {
            return name != null && name.startsWith("@");
        }

        /** The path of a UNIX socket in the file system, as it was written; null for any other rule. */
        public String path() {
            return name == null || isAbstract() ? null : name;
        }

        /** The kinds of {@link nurse.helper.policy.Rule} that say the same of the {@link #path}. */
        public List<nurse.helper.policy.Rule.Kind> kinds() {
            List<nurse.helper.policy.Rule.Kind> kinds = new ArrayList<>();
            if ((verbs & Verb.CONNECT.bit()) != 0) {
                kinds.add(nurse.helper.policy.Rule.Kind.CONNECT);
            }
            if ((verbs & Verb.BIND.bit()) != 0) {
                kinds.add(nurse.helper.policy.Rule.Kind.BIND);
            }
            return kinds;
        }

        /** For people, in one line: {@code connect tcp 192.0.2.7:443 (policy.toml:4:9)}. */
        @Override
        public String toString() {
            return text + " (" + origin + ")";
        }
    }

    private NetworkRules(List<Rule> rules) {
        this.rules = rules;
        this.internet = rules.stream().anyMatch(rule -> rule.name == null && rule.protocol != Protocol.UNIX);
        this.everywhere = rules.stream().anyMatch(Rule::isEverything);
    }

    /** Compiles rules, in whatever order. Those of paths count for nothing here. */
    public static NetworkRules of(List<Rule> rules) {
        return rules.isEmpty() ? NONE : new NetworkRules(List.copyOf(rules));
    }

    /**
     * Reads a rule: {@code [connect|bind|listen] [tcp|udp] WHERE} or {@code [connect|bind|listen] unix NAME}. WHERE is {@code
     * all}, {@code loopback}, {@code ADDRESS} or {@code ADDRESS/BITS}, each of them with {@code :PORT} behind it or without; an
     * IPv6 address with a port stands in brackets. NAME is a path, or {@code @} and an abstract name.
     *
     * @param verb what it allows; null if the text may say so, and for all if it does not
     * @return one rule, or two for {@code loopback}
     * @throws IllegalArgumentException with what is wrong, for the user
     */
    public static List<Rule> parse(Verb verb, String text, String origin) {
        String rest = text.stripLeading();
        int verbs = verb == null ? Verb.ANY : verb.allows();
        if (verb == null) {
            for (Verb candidate : Verb.values()) {
                if (rest.startsWith(candidate.word() + " ")) {
                    verbs = candidate.allows();
                    rest = rest.substring(candidate.word().length()).stripLeading();
                    break;
                }
            }
        }
        Protocol protocol = null;
        for (Protocol candidate : Protocol.values()) {
            if (rest.startsWith(candidate.word() + " ")) {
                protocol = candidate;
                rest = rest.substring(candidate.word().length()).stripLeading();
                break;
            }
        }
        String shown = verb == null ? text : verb.word() + " " + text;
        if (protocol == Protocol.UNIX) { // whose name may end in a blank
            return List.of(new Rule(verbs, protocol, new byte[BITS / 8], 0, ANY_PORT, unixName(rest), shown, origin));
        }
        return internet(verbs, protocol, rest.stripTrailing(), shown, origin);
    }

    private static String unixName(String name) {
        if (name.isEmpty() || name.equals("@") || name.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(
                    "a UNIX socket is named by a path, or by @ and its abstract name, such as unix /run/x.sock");
        }
        return name;
    }

    private static List<Rule> internet(int verbs, Protocol protocol, String text, String shown, String origin) {
        int bracket = text.indexOf(']');
        int colon = text.indexOf(':', Math.max(bracket, 0));
        boolean hasPort = colon >= 0 && (bracket >= 0 || text.indexOf(':', colon + 1) < 0);
        int port = hasPort ? number(text.substring(colon + 1), 65535, "the port") : ANY_PORT;
        String where =
                (hasPort ? text.substring(0, colon) : text).replace("[", "").replace("]", "");
        return switch (where) {
            case ALL -> List.of(new Rule(verbs, protocol, new byte[BITS / 8], 0, port, null, shown, origin));
            case LOOPBACK ->
                List.of(
                        rule(verbs, protocol, "127.0.0.0/8", port, shown, origin),
                        rule(verbs, protocol, "::1", port, shown, origin));
            default -> List.of(rule(verbs, protocol, where, port, shown, origin));
        };
    }

    private static Rule rule(int verbs, Protocol protocol, String where, int port, String shown, String origin) {
        int slash = where.indexOf('/');
        byte[] address = address(slash < 0 ? where : where.substring(0, slash));
        int size = address.length * 8;
        int bits = slash < 0 ? size : number(where.substring(slash + 1), size, "the number of bits");
        return new Rule(verbs, protocol, mapped(address), bits + BITS - size, port, null, shown, origin);
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

    /** The rules it was compiled from. */
    public List<Rule> rules() {
        return rules;
    }

    /** Whether there is any network beyond UNIX sockets. */
    public boolean allowsInternet() {
        return internet;
    }

    /** Whether everything is allowed, so that abstract names are, too. */
    public boolean allowsAll() {
        return everywhere;
    }

    /** Whether some abstract name is allowed. */
    public boolean allowsAbstract() {
        return everywhere || rules.stream().anyMatch(Rule::isAbstract);
    }

    /** The TCP ports at which this is allowed somewhere; empty if a rule allows it at every port. */
    public Optional<Set<Integer>> tcpPorts(Verb verb) {
        Set<Integer> ports = new TreeSet<>();
        for (Rule rule : rules) {
            boolean tcp = rule.name == null && (rule.protocol == null || rule.protocol == Protocol.TCP);
            if (tcp && (rule.verbs & verb.bit()) != 0) {
                if (rule.port == ANY_PORT) {
                    return Optional.empty();
                }
                ports.add(rule.port);
            }
        }
        return Optional.of(ports);
    }

    /**
     * Decides about an address of the Internet protocols.
     *
     * @param address 16 bytes, as {@link #mapped} gives them
     * @return the rule that allows it, or null: it is refused
     */
    public Rule decide(Verb verb, Protocol protocol, byte[] address, int port) {
        for (Rule rule : rules) {
            if (rule.covers(verb, protocol, address, port)) {
                return rule;
            }
        }
        return null;
    }

    /**
     * Decides about an abstract name (unix(7)), which is nobody's file.
     *
     * @param name without the zero byte at its beginning, one char a byte
     * @return the rule that allows it, or null: it is refused
     */
    public Rule decideAbstract(Verb verb, String name) {
        for (Rule rule : rules) {
            boolean named = rule.isAbstract()
                    && rule.name.length() == name.length() + 1
                    && rule.name.startsWith(name, 1)
                    && (rule.verbs & verb.bit()) != 0;
            if (named || rule.isEverything()) {
                return rule;
            }
        }
        return null;
    }
}
