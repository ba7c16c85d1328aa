package nurse.cli.learn;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import nurse.helper.policy.Access;
import nurse.helper.policy.Policy;
import nurse.helper.policy.Rule;

/**
 * From the files that a program used to the rules that allow it: few enough to be read, and no wider than it seems safe to
 * guess.
 *
 * <p>What widens a rule beyond what was seen, and nothing else does:
 *
 * <ul>
 *   <li>of a tree of programs or shared data ({@code /usr/lib}, {@code /usr/share}, {@code /etc/fonts} ...) three files stand
 *       for the tree;
 *   <li>elsewhere four files of one directory stand for the directory, reading and changing apart;
 *   <li>a file that was made and removed again had a name for this run only: its directory stands for it.
 * </ul>
 *
 * <p>No rule is ever widened to {@code /}, to a home directory, or to a directory such as {@code /etc} or {@code /var} that
 * holds more than one program's affairs.
 */
final class LearnedRules {
    private static final int MANY_OF_A_TREE = 3;
    private static final int MANY = 4;

    private static final Set<String> TOO_WIDE = Set.of(
            "/",
            "/boot",
            "/dev",
            "/etc",
            "/home",
            "/media",
            "/mnt",
            "/opt",
            "/proc",
            "/root",
            "/run",
            "/srv",
            "/sys",
            "/usr",
            "/var",
            "/var/lib",
            "/var/cache",
            "/var/log",
            "/etc/ssl",
            "/etc/ssh",
            "/proc/self");

    /** One rule of the file. */
    record Learned(Rule.Kind kind, String path, String why) {}

    private final Map<String, Use> uses;
    private final String home;
    private final Predicate<String> isThere;
    private final String workingDirectory;
    private final Map<String, Learned> changed = new TreeMap<>();
    private final Map<String, Learned> read = new TreeMap<>();
    private final Map<String, Learned> looked = new TreeMap<>();

    private LearnedRules(Map<String, Use> uses, String home, String workingDirectory, Predicate<String> isThere) {
        this.uses = uses;
        this.home = home;
        this.workingDirectory = workingDirectory;
        this.isThere = isThere;
    }

    /**
     * Makes the rules.
     *
     * @param uses by canonical name
     * @param isThere whether a file exists
     * @return sorted by kind (write, read, list) and path
     */
    static List<Learned> of(Map<String, Use> uses, String home, String workingDirectory, Predicate<String> isThere) {
        LearnedRules rules = new LearnedRules(uses, home, workingDirectory, isThere);
        rules.change();
        rules.read();
        rules.lookUp();
        List<Learned> all = new ArrayList<>(rules.changed.values());
        all.addAll(rules.read.values());
        all.addAll(rules.looked.values());
        return all;
    }

    private void change() {
        Map<String, Integer> perDirectory = new TreeMap<>();
        uses.forEach((path, use) -> {
            if (use.isChanged()) {
                perDirectory.merge(parent(path), 1, Integer::sum);
            }
        });
        uses.forEach((path, use) -> {
            if (!use.isChanged()) {
                return;
            }
            String directory = parent(path);
            if (use.isTemporary() && !isTooWide(directory)) {
                add(changed, Rule.Kind.WRITE, directory, "files are made and removed there");
            } else if (perDirectory.get(directory) >= MANY && !isTooWide(directory)) {
                add(changed, Rule.Kind.WRITE, directory, perDirectory.get(directory) + " files are changed there");
            } else {
                add(changed, Rule.Kind.WRITE, path, use.words());
            }
        });
        dropCovered(changed);
    }

    private void read() {
        Map<String, Integer> perTree = new TreeMap<>();
        Map<String, Integer> perDirectory = new TreeMap<>();
        uses.forEach((path, use) -> {
            if (!use.isChanged() && !isCovered(path, changed)) {
                perTree.merge(tree(path), 1, Integer::sum);
                if (use.isRead()) {
                    perDirectory.merge(parent(path), 1, Integer::sum);
                }
            }
        });
        uses.forEach((path, use) -> {
            if (use.isChanged() || !use.isRead() || isCovered(path, changed)) {
                return;
            }
            String tree = tree(path);
            String directory = parent(path);
            if (!tree.isEmpty() && perTree.get(tree) >= MANY_OF_A_TREE) {
                add(read, Rule.Kind.READ, tree, perTree.get(tree) + " files of it are used");
            } else if (perDirectory.get(directory) >= MANY && !isTooWide(directory)) {
                add(read, Rule.Kind.READ, directory, perDirectory.get(directory) + " files are read there");
            } else {
                add(read, Rule.Kind.READ, path, isThere.test(path) ? use.words() : "looked for, and not there");
            }
        });
        dropCovered(read);
    }

    /**
     * What is only looked at, and what directories are listed: where no other rule lets that be. Of names that are not there
     * those in the working directory, which the program may have been given; others are of a search that goes on without them.
     */
    private void lookUp() {
        Policy policy = policy();
        uses.forEach((path, use) -> {
            boolean covered = policy.decide(path, use.isListed() ? Access.LIST : Access.LOOKUP)
                    .allowed();
            boolean wanted = use.isListed() || isThere.test(path) || isBelow(path, workingDirectory);
            if (!use.isChanged() && !use.isRead() && !covered && wanted && !path.equals("/")) {
                add(looked, Rule.Kind.LIST, path, use.words());
            }
        });
    }

    private Policy policy() {
        List<Rule> rules = new ArrayList<>();
        changed.values().forEach(learned -> rules.add(new Rule(learned.path(), learned.kind(), "learned")));
        read.values().forEach(learned -> rules.add(new Rule(learned.path(), learned.kind(), "learned")));
        return Policy.of(rules);
    }

    private static void add(Map<String, Learned> rules, Rule.Kind kind, String path, String why) {
        rules.putIfAbsent(path, new Learned(kind, path, why));
    }

    private static void dropCovered(Map<String, Learned> rules) {
        Set<String> covered = new HashSet<>();
        for (String path : rules.keySet()) {
            for (String up = parent(path); !covered.contains(path) && !up.equals("/"); up = parent(up)) {
                if (rules.containsKey(up)) {
                    covered.add(path);
                }
            }
        }
        rules.keySet().removeAll(covered);
    }

    private static boolean isCovered(String path, Map<String, Learned> rules) {
        for (String up = path; !up.equals("/"); up = parent(up)) {
            if (rules.containsKey(up)) {
                return true;
            }
        }
        return false;
    }

    /** The tree of programs or shared data that a file is in, or nothing. */
    private static String tree(String path) {
        for (String top : List.of("/usr/local/", "/usr/", "/etc/", "/var/lib/", "/var/cache/")) {
            int end = path.startsWith(top) ? path.indexOf('/', top.length()) : -1;
            if (end > 0) {
                String tree = path.substring(0, end);
                return TOO_WIDE.contains(tree) ? "" : tree;
            }
        }
        return "";
    }

    private boolean isTooWide(String directory) {
        return TOO_WIDE.contains(directory)
                || directory.equals(home)
                || directory.startsWith("/home/") && directory.indexOf('/', "/home/".length()) < 0
                || directory.startsWith("/proc/")
                || directory.startsWith("/sys/");
    }

    private static boolean isBelow(String path, String directory) {
        return !directory.equals("/") && path.startsWith(directory + "/");
    }

    private static String parent(String path) {
        return path.substring(0, Math.max(path.lastIndexOf('/'), 1));
    }
}
