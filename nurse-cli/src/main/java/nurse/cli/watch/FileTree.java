package nurse.cli.watch;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import nurse.helper.policy.Access;
import nurse.helper.policy.Decision;

/** The files that a program asked for, as the tree they are in, with what was decided of each. */
final class FileTree {
    /**
     * A hostile program can ask for as many names as it likes: so many are kept, the rest is only counted. Half of them is for
     * what was refused and is there.
     */
    private static final int MOST = 20_000;

    private final Predicate<String> isThere;
    private final Node root = new Node();
    private int nodes;
    private long left;

    /** A file or directory. {@link #asked} is 0 for one that is only on the way. */
    static final class Node {
        private final Map<String, Node> children = new TreeMap<>();
        private int granted;
        private int refused;
        private long asked;
        private String reason = "";

        Map<String, Node> children() {
            return children;
        }

        /** {@link Access} bits that were asked for and granted. */
        int granted() {
            return granted;
        }

        /** {@link Access} bits that were asked for and refused. */
        int refused() {
            return refused;
        }

        long asked() {
            return asked;
        }

        /** The rule that decided, the last refusal's if there was one. */
        String reason() {
            return reason;
        }

        /** How many files here and below were asked for. */
        long files() {
            long files = asked > 0 ? 1 : 0;
            for (Node child : children.values()) {
                files += child.files();
            }
            return files;
        }

        /** How many files here and below were refused something. */
        long refusedFiles() {
            long files = refused != 0 ? 1 : 0;
            for (Node child : children.values()) {
                files += child.refusedFiles();
            }
            return files;
        }
    }

    /** @param isThere whether there is a file of this canonical name */
    FileTree(Predicate<String> isThere) {
        this.isThere = isThere;
    }

    void add(String path, Decision decision) {
        boolean hasWeight = nodes >= MOST / 2 && !decision.allowed() && !Refused.isAbsent(path, decision, isThere);
        int most = hasWeight ? MOST : MOST / 2;
        Node node = root;
        int end;
        for (int start = 1; start < path.length(); start = end + 1) {
            end = path.indexOf('/', start);
            end = end < 0 ? path.length() : end;
            String name = path.substring(start, end);
            Node child = node.children.get(name);
            if (child == null) {
                if (nodes >= most) {
                    left++;
                    return;
                }
                nodes++;
                child = new Node();
                node.children.put(name, child);
            }
            node = child;
        }
        node.asked++;
        if (decision.allowed()) {
            node.granted |= decision.access();
        } else {
            node.refused |= decision.access();
        }
        if (!decision.allowed() || node.refused == 0) {
            node.reason = decision.rule().toString();
        }
    }

    Node root() {
        return root;
    }

    /** How often a name was asked for that is not in the tree any more. */
    long left() {
        return left;
    }
}
