package nurse.cli.learn;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import nurse.ffm.Errno;
import nurse.helper.policy.Access;
import nurse.helper.policy.Policy;
import nurse.helper.policy.Rule;

/**
 * From the files that a program used to the rules that allow it beside those that hold anyway: few enough to be read, and no
 * wider than it seems safe to guess.
 *
 * <p>What widens a rule beyond what was seen, and nothing else does:
 *
 * <ul>
 *   <li>one file of {@code /usr/share/NAME} stands for all of it, which is the same on every machine;
 *   <li>of {@code /etc/NAME}, {@code /usr/local/NAME}, {@code /var/lib/NAME} and {@code /var/cache/NAME} three files stand for
 *       the tree;
 *   <li>six files in a directory of the working directory, however deep, stand for it;
 *   <li>elsewhere four files of one directory stand for the directory, reading and changing apart;
 *   <li>a file that was made and removed again had a name for this run only: its directory stands for it, unless its name
 *       begins with another file's that is changed ({@code data.db-journal}).
 * </ul>
 *
 * <p>No rule that allows something is ever widened to {@code /}, to a home directory, or to a directory such as {@code /etc} or
 * {@code /var} that holds more than one program's affairs.
 *
 * <p>What was looked for and is not there is hidden, so that the program is told so again, and not that it may not look: for
 * some programs that is an error. A rule that hides allows nothing, so one for all of the home directory does no harm.
 */
final class LearnedRules {
    private static final int MANY_OF_A_TREE = 3;
    private static final int MANY = 4;
    private static final int MANY_BELOW = 6;
    private static final String SHARED = "/usr/share/";

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
            "/usr/local",
            "/usr/share",
            "/var",
            "/var/lib",
            "/var/cache",
            "/var/log",
            "/etc/ssl",
            "/etc/ssh",
            "/proc/self");

    /** One rule of the file. */
    record Learned(Rule.Kind kind, String path, String why) {}

    private final Map<String, Use> uses = new TreeMap<>();
    private final Policy base;
    private final String home;
    private final Predicate<String> isThere;
    private final String workingDirectory;
    private final List<Learned> learned = new ArrayList<>();

    private LearnedRules(
            Map<String, Use> all, Policy base, String home, String workingDirectory, Predicate<String> isThere) {
        this.base = base;
        this.home = home;
        this.workingDirectory = workingDirectory;
        this.isThere = isThere;
        all.forEach((path, use) -> {
            if (!path.equals("/") && !base.decide(path, use.access()).allowed()) {
                uses.put(path, use);
            }
        });
    }

    /**
     * Makes the rules.
     *
     * @param uses by canonical name
     * @param base the rules that hold anyway: what they allow needs none
     * @param isThere whether a file exists
     * @return by kind (write, read, list, hide) and path
     */
    static List<Learned> of(
            Map<String, Use> uses, Policy base, String home, String workingDirectory, Predicate<String> isThere) {
        LearnedRules rules = new LearnedRules(uses, base, home, workingDirectory, isThere);
        rules.change();
        rules.read();
        rules.lookUp();
        rules.hide();
        return rules.learned;
    }

    private void change() {
        Map<String, Learned> rules = new TreeMap<>();
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
            if (use.isTemporary() && !isNamedAfterAnother(path) && !isTooWide(directory)) {
                add(rules, Rule.Kind.WRITE, directory, "files are made and removed there");
            } else if (perDirectory.get(directory) >= MANY && !isTooWide(directory)) {
                add(rules, Rule.Kind.WRITE, directory, perDirectory.get(directory) + " files are changed there");
            } else {
                add(rules, Rule.Kind.WRITE, path, use.words());
            }
        });
        keep(rules);
    }

    private boolean isNamedAfterAnother(String path) {
        return uses.entrySet().stream()
                .anyMatch(other -> other.getValue().isChanged()
                        && !other.getValue().isTemporary()
                        && !other.getKey().equals(path)
                        && path.startsWith(other.getKey()));
    }

    private void read() {
        Map<String, Learned> rules = new TreeMap<>();
        Map<String, Integer> perTree = new TreeMap<>();
        Map<String, Integer> perDirectory = new TreeMap<>();
        Map<String, Use> wanted = new TreeMap<>();
        Policy soFar = policy();
        uses.forEach((path, use) -> {
            boolean needed = use.isRead() && !soFar.decide(path, use.access()).allowed() && !isHidden(soFar, path);
            if (needed) {
                perTree.merge(tree(path), 1, Integer::sum);
            }
            if (needed && (isThere.test(path) || tree(path).startsWith(SHARED))) {
                wanted.put(path, use);
                perDirectory.merge(parent(path), 1, Integer::sum);
            }
        });
        wanted.forEach((path, use) -> {
            String tree = tree(path);
            String directory = parent(path);
            int many = isBelow(tree, workingDirectory) ? MANY_BELOW : MANY_OF_A_TREE;
            if (!tree.isEmpty() && (tree.startsWith(SHARED) || perTree.get(tree) >= many)) {
                int count = perTree.get(tree);
                add(rules, Rule.Kind.READ, tree, count == 1 ? "a file of it is used" : count + " files of it are used");
            } else if (perDirectory.get(directory) >= MANY && !isTooWide(directory)) {
                add(rules, Rule.Kind.READ, directory, perDirectory.get(directory) + " files are read there");
            } else {
                add(rules, Rule.Kind.READ, path, use.words());
            }
        });
        keep(rules);
    }

    /** What is only looked at, and what directories are listed. */
    private void lookUp() {
        Map<String, Learned> rules = new TreeMap<>();
        Map<String, Integer> perDirectory = new TreeMap<>();
        Policy soFar = policy();
        List<String> wanted = new ArrayList<>();
        uses.forEach((path, use) -> {
            int access = use.isListed() ? Access.LIST : Access.LOOKUP;
            boolean there = !use.isChanged() && !use.isRead() && isThere.test(path);
            if (there && !soFar.decide(path, access).allowed()) {
                wanted.add(path);
                perDirectory.merge(parent(path), 1, Integer::sum);
            }
        });
        for (String path : wanted) {
            String directory = parent(path);
            if (perDirectory.get(directory) >= MANY && !isTooWide(directory)) {
                add(rules, Rule.Kind.LIST, directory, perDirectory.get(directory) + " files are looked at there");
            } else {
                add(rules, Rule.Kind.LIST, path, uses.get(path).words());
            }
        }
        keep(rules);
    }

    /** What is not there. */
    private void hide() {
        Map<String, Learned> rules = new TreeMap<>();
        Map<String, Integer> perDirectory = new TreeMap<>();
        Policy soFar = policy();
        uses.forEach((path, use) -> {
            if (isMissing(path, use, soFar)) {
                perDirectory.merge(parent(path), 1, Integer::sum);
            }
        });
        uses.forEach((path, use) -> {
            if (!isMissing(path, use, soFar)) {
                return;
            }
            String directory = parent(path);
            boolean hidesHome = isBelow(path, home)
                    && !isTooWideToHide(home)
                    && !soFar.decide(home, Access.LIST).allowed()
                    && !isBelow(path, workingDirectory);
            if (hidesHome) {
                add(rules, Rule.Kind.HIDE, home, "looked for, and not there: settings, caches");
            } else if (perDirectory.get(directory) >= MANY_OF_A_TREE
                    && !isTooWide(directory)
                    && !soFar.decide(directory, Access.LOOKUP).allowed()) {
                add(
                        rules,
                        Rule.Kind.HIDE,
                        directory,
                        perDirectory.get(directory) + " files are looked for, and not there");
            } else {
                add(rules, Rule.Kind.HIDE, topmostUnused(path, soFar), "looked for, and not there");
            }
        });
        keep(rules);
    }

    private boolean isMissing(String path, Use use, Policy soFar) {
        return !use.isChanged()
                && !isThere.test(path)
                && !soFar.decide(path, Access.LOOKUP).allowed()
                && !isHidden(soFar, path);
    }

    private static boolean isHidden(Policy policy, String path) {
        return policy.decide(path, Access.LOOKUP).errno() == Errno.ENOENT;
    }

    private boolean isTooWideToHide(String directory) {
        return directory.equals("/") || base.decide(directory, Access.LOOKUP).allowed();
    }

    /**
     * Of a path that is not there the longest part that is not there, or that nothing is used of: it is not on the way to
     * anything, so that the program could not even look into it.
     */
    private String topmostUnused(String path, Policy soFar) {
        String unused = path;
        for (String up = parent(path);
                !up.equals("/") && !soFar.decide(up, Access.LOOKUP).allowed();
                up = parent(up)) {
            unused = up;
        }
        return unused;
    }

    private Policy policy() {
        List<Rule> rules = new ArrayList<>(base.rules());
        learned.forEach(one -> rules.add(new Rule(one.path(), one.kind(), "learned")));
        return Policy.of(rules);
    }

    private static void add(Map<String, Learned> rules, Rule.Kind kind, String path, String why) {
        rules.putIfAbsent(path, new Learned(kind, path, why));
    }

    /** Takes over the rules that no other of them covers. */
    private void keep(Map<String, Learned> rules) {
        rules.forEach((path, rule) -> {
            boolean covered = false;
            for (String up = parent(path); !up.equals("/"); up = parent(up)) {
                covered |= rules.containsKey(up);
            }
            if (!covered) {
                learned.add(rule);
            }
        });
    }

    /** The tree of shared data, or of the working directory, that a file is in, or nothing. */
    private String tree(String path) {
        if (isBelow(path, workingDirectory)) {
            int end = path.indexOf('/', workingDirectory.length() + 1);
            return end < 0 ? "" : path.substring(0, end);
        }
        for (String top : List.of("/usr/local/", "/usr/share/", "/etc/", "/var/lib/", "/var/cache/")) {
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
        return !directory.equals("/") && !directory.isEmpty() && path.startsWith(directory + "/");
    }

    private static String parent(String path) {
        return path.substring(0, Math.max(path.lastIndexOf('/'), 1));
    }
}
