package nurse.helper.policy;

import java.util.Comparator;
import java.util.Objects;
import nurse.helper.messages.Quoted;

/**
 * One line of a policy: what is said of a path and of everything below it.
 *
 * @param path absolute and canonical (no empty, {@code .} or {@code ..} component, no slash at the end), one char a byte
 * @param origin where the rule comes from, fit to be shown: {@code built-in: devices}, {@code --read '/x'}, {@code
 *     policy.toml:4:9}
 */
public record Rule(String path, Kind kind, String origin) {
    /** Decides what no rule covers. */
    static final Rule NOTHING_ALLOWS = new Rule("/", Kind.DENY, "default: what no rule allows is refused");

    /** Decides names that are not canonical: what they lead to cannot be said. */
    static final Rule NOT_CANONICAL = new Rule("/", Kind.DENY, "default: the name is not canonical");

    /** Of several rules that say the same, the one that is named in decisions must not depend on their order. */
    static final Comparator<Rule> BY_PATH = Rule::compare;

    /**
     * What a rule says. The order is the one in which rules of the same path are named as the reason of what they all grant;
     * of those that take away, the last one.
     */
    public enum Kind {
        /** Files, the names in directories, and code. */
        READ("read", Does.SETS, Access.READ | Access.LIST | Access.EXECUTE),
        /** All that can be done to files. */
        WRITE("write", Does.SETS, Access.ALL),
        LIST("list", Does.ADDS, Access.LIST),
        /** Code has to be read to be mapped. */
        EXECUTE("execute", Does.ADDS, Access.READ | Access.EXECUTE),
        /** Changing what is there. */
        MODIFY("modify", Does.ADDS, Access.WRITE),
        CREATE("create", Does.ADDS, Access.CREATE | Access.BIND),
        DELETE("delete", Does.ADDS, Access.DELETE),
        /** Connecting to a UNIX socket: {@code [net] connect = ["unix PATH"]}. */
        CONNECT("connect", Does.ADDS, Access.CONNECT),
        /** Binding one: {@code [net] bind = ["unix PATH"]}. */
        BIND("bind", Does.ADDS, Access.BIND),
        NOEXEC("noexec", Does.TAKES, Access.EXECUTE),
        DENY("deny", Does.TAKES, Access.ALL),
        /** As DENY, but the program is told that there is no such file. */
        HIDE("hide", Does.TAKES, Access.ALL);

        /** What a rule does to the rights that rules of shorter paths give. */
        public enum Does {
            /** Gives these, and no others. */
            SETS,
            /** Gives these as well. */
            ADDS,
            /** Takes these away, also from what other rules of the same path give. */
            TAKES
        }

        private final String word;
        private final Does does;
        private final int rights;

        Kind(String word, Does does, int rights) {
            this.word = word;
            this.does = does;
            this.rights = rights | (does == Does.TAKES ? 0 : Access.LOOKUP);
        }

        /** What it does with its {@link #rights}. */
        public Does does() {
            return does;
        }

        /** The {@link Access} bits that it gives or takes away. */
        public int rights() {
            return rights;
        }

        /** Whether it gives anything. */
        public boolean allows() {
            return does != Does.TAKES;
        }

        /** Whether it refuses all. */
        public boolean denies() {
            return this == DENY || this == HIDE;
        }

        /** Whether it says what holds of a path, instead of adding to what others say or taking from it. */
        boolean decides() {
            return does == Does.SETS || denies();
        }

        /** The word for it, in a policy file and in messages: {@code read}, {@code write}, {@code deny}. */
        public String word() {
            return word;
        }
    }

    /** @throws IllegalArgumentException if {@code path} is not canonical */
    public Rule {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(origin, "origin");
        if (!isCanonical(path)) {
            throw new IllegalArgumentException("not a canonical path: path=" + Quoted.of(path));
        }
    }

    // Comparator's combinators cost a cold JVM some milliseconds (docs/start.md).
    private static int compare(Rule one, Rule other) {
        int byPath = one.path.compareTo(other.path);
        int byKind = byPath != 0 ? byPath : one.kind.compareTo(other.kind);
        return byKind != 0 ? byKind : one.origin.compareTo(other.origin);
    }

    /** Whether this rule says something of {@code other}, a canonical path. */
    public boolean covers(String other) {
        return path.equals("/")
                || other.startsWith(path) && (other.length() == path.length() || other.charAt(path.length()) == '/');
    }

    /** For people, in one line: {@code read '/usr' (built-in: programs and libraries)}. */
    @Override
    public String toString() {
        boolean isDefault = equals(NOTHING_ALLOWS) || equals(NOT_CANONICAL);
        return isDefault ? origin : kind.word() + " " + Quoted.of(path) + " (" + origin + ")";
    }

    /** Whether a name is absolute, and has no empty, {@code .} or {@code ..} component, no NUL and no char above 0xFF. */
    static boolean isCanonical(String path) {
        if (path.isEmpty() || path.charAt(0) != '/') {
            return false;
        }
        if (path.length() == 1) {
            return true;
        }
        int start = 1;
        for (int i = 1; i <= path.length(); i++) {
            char character = i < path.length() ? path.charAt(i) : '/';
            if (character == 0 || character > 0xff) {
                return false;
            }
            if (character == '/') {
                if (isOddComponent(path, start, i)) {
                    return false;
                }
                start = i + 1;
            }
        }
        return true;
    }

    /** Whether the component from {@code start} to {@code end} is empty, {@code .} or {@code ..}. */
    static boolean isOddComponent(String path, int start, int end) {
        return switch (end - start) {
            case 0 -> true;
            case 1 -> path.charAt(start) == '.';
            case 2 -> path.charAt(start) == '.' && path.charAt(start + 1) == '.';
            default -> false;
        };
    }
}
