package nurse.helper.policy;

import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which paths may be read, written and looked up: a pure function, compiled once from its rules.
 *
 * <p>A rule covers its path and everything below. Of the rules that cover a path those with the longest path decide, wherever
 * they stand; among these {@link Rule.Kind#DENY} wins, else they add up. What no rule covers is refused. A path that leads to
 * an allowed one may be looked up (itself, not what else is in it), even inside a denied directory: whoever allows {@code
 * /a/b} below a denied {@code /a} wants the program to get there.
 *
 * <p>So a further READ or WRITE rule never refuses what was allowed before, with one exception: a READ rule inside what a rule
 * of a shorter path lets be written makes that part read-only.
 *
 * <p>Immutable and thread-safe; a decision takes well under a microsecond and makes no object.
 */
public final class Policy {
    private static final Decision[] NOT_CANONICAL = refusals(Rule.NOT_CANONICAL);

    private final List<Rule> rules;
    private final Node root;

    private Policy(List<Rule> rules, Node root) {
        this.rules = rules;
        this.root = root;
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
            return NOT_CANONICAL[access];
        }
        if (length == 1) {
            return root.here[access];
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
                    return NOT_CANONICAL[access];
                }
                hash = 31 * hash + character; // String.hashCode of the component
                continue;
            }
            if (Rule.isOddComponent(path, start, i)) {
                return NOT_CANONICAL[access];
            }
            if (!below) {
                Node child = node.child(path, start, i, hash);
                below = child == null;
                node = below ? node : child;
            }
            start = i + 1;
            hash = 0;
        }
        return (below ? node.below : node.here)[access];
    }

    private static Decision[] refusals(Rule rule) {
        Decision[] decisions = new Decision[Access.ALL + 1];
        for (int access = 1; access <= Access.ALL; access++) {
            decisions[access] = Decision.refused(access, rule);
        }
        return decisions;
    }

    /**
     * A path that rules name, or that leads to such a path. The children are in a hash table with open addressing, at most
     * half full: the program chooses the names that are looked up, but not those in the table, so it cannot make it slow.
     */
    private static final class Node {
        /** By access: for the path itself. */
        private final Decision[] here;
        /** By access: for paths below that have no node. */
        private final Decision[] below;

        private final int[] hashes;
        private final String[] names;
        private final Node[] children;

        Node(Decision[] here, Decision[] below, Map<String, Node> children) {
            this.here = here;
            this.below = below;
            int size = children.isEmpty() ? 1 : Integer.highestOneBit(children.size()) * 4;
            hashes = new int[size];
            names = new String[size];
            this.children = new Node[size];
            children.forEach(this::put);
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
            Decision[] below = rules.isEmpty() ? inherited : decisions();
            Map<String, Node> nodes = new TreeMap<>();
            children.forEach((name, child) -> nodes.put(name, child.compile(below)));
            Decision[] here = below;
            Rule leadsTo = below[Access.LOOKUP].allowed() ? null : firstAllowedBelow();
            if (leadsTo != null) {
                here = below.clone();
                here[Access.LOOKUP] = Decision.onTheWay(Access.LOOKUP, leadsTo);
            }
            return new Node(here, below, nodes);
        }

        private Decision[] decisions() {
            boolean denied = rules.containsKey(Rule.Kind.DENY);
            int granted = 0;
            for (Rule rule : rules.values()) {
                granted |= denied ? 0 : rule.kind().grants();
            }
            Decision[] decisions = new Decision[Access.ALL + 1];
            for (int access = 1; access <= Access.ALL; access++) {
                Rule rule = named(access);
                decisions[access] =
                        (granted & access) == access ? Decision.allowed(access, rule) : Decision.refused(access, rule);
            }
            return decisions;
        }

        /** The rule that denies; else the first that grants it all; else the one that grants most, but too little. */
        private Rule named(int access) {
            Rule strongest = null;
            for (Rule rule : rules.values()) { // an EnumMap: READ, WRITE, DENY
                if ((rule.kind().grants() & access) == access && !rules.containsKey(Rule.Kind.DENY)) {
                    return rule;
                }
                strongest = rule;
            }
            return strongest;
        }

        /** The first rule, by path, that allows something below this node. */
        private Rule firstAllowedBelow() {
            for (Draft child : children.values()) {
                List<Rule> own = new ArrayList<>(child.rules.values());
                Rule found = !own.isEmpty() && !child.rules.containsKey(Rule.Kind.DENY)
                        ? own.get(0)
                        : child.firstAllowedBelow();
                if (found != null) {
                    return found;
                }
            }
            return null;
        }
    }
}
