package nurse.helper.policy;

import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What may be done to which path: a pure function, compiled once from its rules.
 *
 * <p>A rule covers its path and everything below. Of the rules that cover a path those with the longest path decide, wherever
 * they stand: READ and WRITE set what may be done, LIST, EXECUTE, MODIFY, CREATE, DELETE, CONNECT and BIND add to what shorter
 * paths give, NOEXEC takes execution away from it, DENY and HIDE all. Of the same path, those that take away win over those
 * that give, else rules add up. What no rule covers is refused. A path that leads to an allowed one may be looked up (itself,
 * not what else is in it), even inside a denied directory: whoever allows {@code /a/b} below a denied {@code /a} wants the
 * program to get there.
 *
 * <p>So a further rule that allows something never refuses what was allowed before, with one exception: a READ rule inside what
 * rules of shorter paths let be changed makes that part read-only.
 *
 * <p>Immutable and thread-safe. A decision makes no object and takes well under a microsecond: docs/policy.md.
 */
public final class Policy {
    private static final Decision[] NOT_CANONICAL = refusals(Rule.NOT_CANONICAL);

    private static final int LOOKUP = Integer.numberOfTrailingZeros(Access.LOOKUP);

    private final List<Rule> rules;
    private final Node root;
    private final boolean restrictsExecution;
    private final boolean hides;
    /** Whether some rule takes away what is granted around it. */
    private final boolean takes;

    private Policy(List<Rule> rules, Node root) {
        this.rules = rules;
        this.root = root;
        this.takes = root.takes();
        this.hides = rules.stream().anyMatch(rule -> rule.kind() == Rule.Kind.HIDE);
        this.restrictsExecution = rules.stream().anyMatch(rule -> rule.kind() == Rule.Kind.NOEXEC);
    }

    /** Compiles rules, in whatever order. */
    public static Policy of(Collection<Rule> rules) {
        Draft root = new Draft();
        for (Rule rule : rules) {
            Draft draft = root;
            int end;
            for (int start = 1; start < rule.path().length(); start = end + 1) {
                end = rule.path().indexOf('/', start);
                end = end < 0 ? rule.path().length() : end;
                draft = draft.children.computeIfAbsent(rule.path().substring(start, end), name -> new Draft());
            }
            draft.rules.merge(rule.kind(), rule, (a, b) -> Rule.BY_PATH.compare(a, b) <= 0 ? a : b);
        }
        List<Rule> sorted = rules.stream().distinct().sorted(Rule.BY_PATH).toList();
        return new Policy(sorted, root.compile(refusals(Rule.NOTHING_ALLOWS)));
    }

    /** The rules it was compiled from, sorted by path. */
    public List<Rule> rules() {
        return rules;
    }

    /**
     * Decides.
     *
     * @param path the canonical name of what is meant, links followed, one char a byte. Any other string is refused
     * @param access {@link Access} bits: all of them must be granted
     * @throws IllegalArgumentException if {@code access} is none or unknown bits
     */
    public Decision decide(String path, int access) {
        if (!Access.isValid(access)) {
            throw new IllegalArgumentException("no such access: access=" + access);
        }
        int length = path.length();
        if (length == 0 || path.charAt(0) != '/') {
            return of(NOT_CANONICAL, access);
        }
        if (length == 1) {
            return of(root.here, access);
        }
        // The whole name is looked at, beyond the last node too: a ".." there would lead out of what was judged.
        Node node = root;
        boolean below = false;
        int start = 1;
        int hash = 0;
        for (int i = 1; i <= length; i++) {
            char character = i < length ? path.charAt(i) : '/';
            if (character != '/') {
                if (character == 0 || character > 0xff) {
                    return of(NOT_CANONICAL, access);
                }
                hash = 31 * hash + character; // String.hashCode of the component
                continue;
            }
            if (Rule.isOddComponent(path, start, i)) {
                return of(NOT_CANONICAL, access);
            }
            if (!below) {
                Node child = node.child(path, start, i, hash);
                below = child == null;
                node = below ? node : child;
            }
            start = i + 1;
            hash = 0;
        }
        return of(below ? node.below : node.here, access);
    }

    /**
     * Of decisions about each right the one about all those asked for. Refused changes are named before other rights: what lets
     * a file be changed lets it be read as well, so that is what whoever was refused both has to ask for.
     */
    private static Decision of(Decision[] decisions, int access) {
        Decision change = firstRefused(decisions, access & Access.CHANGES);
        Decision refused = change != null ? change : firstRefused(decisions, access);
        return refused != null ? refused : decisions[Integer.numberOfTrailingZeros(access)];
    }

    private static Decision firstRefused(Decision[] decisions, int access) {
        for (int rest = access; rest != 0; rest &= rest - 1) {
            Decision decision = decisions[Integer.numberOfTrailingZeros(rest)];
            if (!decision.allowed()) {
                return decision;
            }
        }
        return null;
    }

    /** Tells of one directory which names are the same entry: in some, names that differ in case only. */
    public interface Spelling {
        /**
         * Which of {@code others} is the same entry as {@code name}, or would be if one were made; null if none is.
         *
         * @param directory canonical
         * @param name the component that the program wrote, one char a byte
         * @param others names that rules are about
         */
        String sameEntry(String directory, String name, List<String> others);
    }

    /**
     * The name that rules are about: {@code path}, with each component that a rule takes a right away from in the spelling of
     * that rule. {@code spelling} is asked only in a directory that has such an entry.
     *
     * @param path canonical, one char a byte
     */
    public String ruled(String path, Spelling spelling) {
        if (!takes || path.length() < 2) {
            return path;
        }
        String ruled = path;
        Node node = root;
        int end;
        for (int start = 1; node != null && start < ruled.length(); start = end + 1) {
            end = endOfComponent(ruled, start);
            if (!node.taking.isEmpty()) {
                String name = ruled.substring(start, end);
                String directory = start == 1 ? "/" : ruled.substring(0, start - 1);
                String other = spelling.sameEntry(directory, name, node.taking);
                if (other != null && !other.equals(name)) {
                    ruled = ruled.substring(0, start) + other + ruled.substring(end);
                    end = start + other.length();
                }
            }
            node = node.child(ruled, start, end, ruled.substring(start, end).hashCode());
        }
        return ruled;
    }

    private static int endOfComponent(String path, int start) {
        int end = path.indexOf('/', start);
        return end < 0 ? path.length() : end;
    }

    /** Whether a file would be open to more under {@code to} than it is under {@code from}. */
    public boolean opens(String from, String to) {
        return (granted(to) & ~granted(from) & Access.CONTENTS) != 0;
    }

    /** The rule that hides an entry of this very directory, whether or not the entry is there; null if none does. */
    public Rule hiding(String directory) {
        return rules.stream()
                .filter(rule -> rule.kind() == Rule.Kind.HIDE
                        && !rule.path().equals("/")
                        && rule.path()
                                .substring(0, Math.max(rule.path().lastIndexOf('/'), 1))
                                .equals(directory))
                .findFirst()
                .orElse(null);
    }

    /** The {@link Access} bits that are granted. */
    public int granted(String path) {
        int granted = 0;
        for (int bit = 0; bit < Access.COUNT; bit++) {
            granted |= decide(path, 1 << bit).allowed() ? 1 << bit : 0;
        }
        return granted;
    }

    /** Whether something may be read that may not be executed: else nobody need look at what is mapped as code. */
    public boolean restrictsExecution() {
        return restrictsExecution;
    }

    /** Whether anything is hidden: else nobody need look at the names in a directory. */
    public boolean hides() {
        return hides;
    }

    private static Decision[] refusals(Rule rule) {
        Decision[] decisions = new Decision[Access.COUNT];
        for (int bit = 0; bit < Access.COUNT; bit++) {
            decisions[bit] = Decision.refused(1 << bit, rule);
        }
        return decisions;
    }

    /**
     * A path that rules name, or that leads to such a path. The children are in a hash table with open addressing, at most
     * half full: the program chooses the names that are looked up, but not those in the table, so it cannot make it slow.
     */
    private static final class Node {
        /** For each right: of the path itself. */
        private final Decision[] here;
        /** For each right: of paths below that have no node. */
        private final Decision[] below;

        private final int[] hashes;
        private final String[] names;
        private final Node[] children;
        /** The children by which something is taken away that is granted below this node. */
        private final List<String> taking = new ArrayList<>();

        Node(Decision[] here, Decision[] below, Map<String, Node> children) {
            this.here = here;
            this.below = below;
            int size = children.isEmpty() ? 1 : Integer.highestOneBit(children.size()) * 4;
            hashes = new int[size];
            names = new String[size];
            this.children = new Node[size];
            children.forEach(this::put);
            for (Map.Entry<String, Node> child : children.entrySet()) {
                if (child.getValue().takesFrom(below)) {
                    taking.add(child.getKey());
                }
            }
        }

        /** Whether a child of this node, or of one below it, takes something away. */
        boolean takes() {
            boolean takes = !taking.isEmpty();
            for (Node child : children) {
                takes |= child != null && child.takes();
            }
            return takes;
        }

        /** Whether here or below a right is missing that is granted elsewhere. */
        boolean takesFrom(Decision[] granted) {
            for (int bit = 0; bit < Access.COUNT; bit++) {
                if (granted[bit].allowed() && !(here[bit].allowed() && below[bit].allowed())) {
                    return true;
                }
            }
            for (Node child : children) {
                if (child != null && child.takesFrom(granted)) {
                    return true;
                }
            }
            return false;
        }

        private void put(String name, Node child) {
            int slot = slot(name.hashCode());
            while (names[slot] != null) {
                slot = slot + 1 & names.length - 1;
            }
            hashes[slot] = name.hashCode();
            names[slot] = name;
            children[slot] = child;
        }

        Node child(String path, int start, int end, int hash) {
            for (int slot = slot(hash); names[slot] != null; slot = slot + 1 & names.length - 1) {
                if (hashes[slot] == hash
                        && names[slot].length() == end - start
                        && path.startsWith(names[slot], start)) {
                    return children[slot];
                }
            }
            return null;
        }

        private int slot(int hash) {
            return (hash ^ hash >>> 16) & names.length - 1;
        }
    }

    /** A node while the rules are being collected. */
    private static final class Draft {
        private final Map<Rule.Kind, Rule> rules = new EnumMap<>(Rule.Kind.class);
        private final Map<String, Draft> children = new TreeMap<>();

        Node compile(Decision[] inherited) {
            Decision[] below = rules.isEmpty() ? inherited : decisions(inherited);
            Map<String, Node> nodes = new TreeMap<>();
            for (Map.Entry<String, Draft> child : children.entrySet()) {
                nodes.put(child.getKey(), child.getValue().compile(below));
            }
            Decision[] here = below;
            Rule leadsTo = below[LOOKUP].allowed() ? null : firstAllowedBelow();
            if (leadsTo != null) {
                here = below.clone();
                here[LOOKUP] = Decision.onTheWay(Access.LOOKUP, leadsTo);
            }
            return new Node(here, below, nodes);
        }

        private Decision[] decisions(Decision[] inherited) {
            Decision[] decisions = inherited.clone();
            Rule strongest = null;
            for (Rule rule : rules.values()) { // an EnumMap: in the order of Kind
                strongest = rule.kind().does() == Rule.Kind.Does.SETS ? rule : strongest;
            }
            if (strongest != null) {
                set(decisions, Access.ALL, strongest, false);
            }
            int given = 0;
            for (Rule rule : rules.values()) {
                boolean gives = rule.kind().allows();
                set(
                        decisions,
                        gives ? rule.kind().rights() & ~given : rule.kind().rights(),
                        rule,
                        gives);
                given |= gives ? rule.kind().rights() : 0;
            }
            return decisions;
        }

        private static void set(Decision[] decisions, int rights, Rule rule, boolean allowed) {
            for (int bit = 0; bit < Access.COUNT; bit++) {
                if ((rights & 1 << bit) != 0) {
                    decisions[bit] = allowed ? Decision.allowed(1 << bit, rule) : Decision.refused(1 << bit, rule);
                }
            }
        }

        /** The first rule, by path, that allows something below this node. */
        private Rule firstAllowedBelow() {
            for (Draft child : children.values()) {
                Rule own = child.firstAllowed();
                Rule found = own != null ? own : child.firstAllowedBelow();
                if (found != null) {
                    return found;
                }
            }
            return null;
        }

        private Rule firstAllowed() {
            Rule first = null;
            for (Rule rule : rules.values()) {
                if (rule.kind().denies()) {
                    return null;
                }
                first = first == null && rule.kind().allows() ? rule : first;
            }
            return first;
        }
    }
}
