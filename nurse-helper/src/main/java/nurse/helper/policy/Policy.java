package nurse.helper.policy;

import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a program may do with which file: a pure function of its rules, compiled once.
 *
 * <p>The rule for the longest path that is the asked path or a directory above it decides; what no rule covers is refused.
 * The order of rules is of no account; of several for the same path the strongest counts ({@link Rule.Kind}). A directory
 * on the way to something allowed may be looked up itself, so that programs can walk there, but not read.
 *
 * <p>Immutable and thread-safe. Deciding allocates nothing.
 */
public final class Policy {
    private static final Decision NOTHING_ALLOWS = Decision.refuse("no rule allows it");
    private static final Decision ON_THE_WAY = Decision.allow("a directory on the way to something allowed");

    private final Node root;

    private Policy(Node root) {
        this.root = root;
    }

    public static Policy of(Collection<Rule> rules) {
        Draft root = new Draft();
        for (Rule rule : rules) {
            root.at(rule.path()).add(rule);
        }
        return new Policy(root.compile());
    }

    /**
     * Decides.
     *
     * @param path absolute and canonical, one char a byte
     * @param access one of the numbers of {@link Access}
     */
    public Decision decide(String path, int access) {
        Node node = root;
        Node decides = root.decisions == null ? null : root;
        int length = path.length();
        int start = 1;
        while (start < length) {
            int end = path.indexOf('/', start);
            if (end < 0) {
                end = length;
            }
            node = node.child(path, start, end);
            if (node == null) {
                break;
            }
            if (node.decisions != null) {
                decides = node;
            }
            start = end + 1;
        }
        Decision decision = decides == null ? NOTHING_ALLOWS : decides.decisions[access];
        if (!decision.allowed() && access == Access.LOOKUP && node != null && node.leadsToAllowed) {
            return ON_THE_WAY;
        }
        return decision;
    }

    /** A directory or file that a rule names, or that lies above one. */
    private static final class Node {
        private final String[] names;
        private final Node[] children;
        private final Decision[] decisions;
        private final boolean leadsToAllowed;

        Node(String[] names, Node[] children, Decision[] decisions, boolean leadsToAllowed) {
            this.names = names;
            this.children = children;
            this.decisions = decisions;
            this.leadsToAllowed = leadsToAllowed;
        }

        /** The child whose name is {@code path} from {@code start} to {@code end}, or null. Names are sorted. */
        Node child(String path, int start, int end) {
            int low = 0;
            int high = names.length - 1;
            while (low <= high) {
                int middle = (low + high) >>> 1;
                int order = compare(names[middle], path, start, end);
                if (order == 0) {
                    return children[middle];
                }
                if (order < 0) {
                    low = middle + 1;
                } else {
                    high = middle - 1;
                }
            }
            return null;
        }

        /** As String.compareTo of {@code name} and that part of {@code path}. */
        private static int compare(String name, String path, int start, int end) {
            int common = Math.min(name.length(), end - start);
            for (int i = 0; i < common; i++) {
                int order = name.charAt(i) - path.charAt(start + i);
                if (order != 0) {
                    return order;
                }
            }
            return name.length() - (end - start);
        }
    }

    /** A node while rules are being added. */
    private static final class Draft {
        private final Map<String, Draft> children = new TreeMap<>();
        private Rule rule;

        Draft at(String path) {
            Draft draft = this;
            for (String component : path.substring(1).split("/", -1)) {
                if (!component.isEmpty()) {
                    draft = draft.children.computeIfAbsent(component, name -> new Draft());
                }
            }
            return draft;
        }

        /** Of equally strong rules the one with the lesser origin, so that their order does not even show in a reason. */
        void add(Rule added) {
            if (rule == null
                    || added.kind().compareTo(rule.kind()) > 0
                    || (added.kind() == rule.kind() && added.origin().compareTo(rule.origin()) < 0)) {
                rule = added;
            }
        }

        Node compile() {
            String[] names = children.keySet().toArray(new String[0]);
            Node[] nodes = new Node[names.length];
            boolean leads = false;
            int i = 0;
            for (Draft child : children.values()) {
                nodes[i] = child.compile();
                leads |= nodes[i].leadsToAllowed || child.allows();
                i++;
            }
            return new Node(names, nodes, rule == null ? null : decisions(rule), leads);
        }

        private boolean allows() {
            return rule != null && rule.kind() != Rule.Kind.DENY;
        }

        /** By the numbers of Access. */
        private static Decision[] decisions(Rule rule) {
            String where = rule.path() + " (" + rule.origin() + ")";
            Decision refuse = Decision.refuse("denied: " + where);
            Decision readOnly = Decision.refuse("read-only: " + where);
            Decision read = Decision.allow("read: " + where);
            Decision write = Decision.allow("write: " + where);
            return switch (rule.kind()) {
                case READ -> new Decision[] {read, read, readOnly};
                case WRITE -> new Decision[] {write, write, write};
                case DENY -> new Decision[] {refuse, refuse, refuse};
            };
        }
    }
}
