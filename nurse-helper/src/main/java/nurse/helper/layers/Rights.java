package nurse.helper.layers;

import java.util.OptionalInt;
import java.util.Set;
import nurse.ffm.Kernel;
import nurse.ffm.Landlock;
import nurse.helper.files.View;
import nurse.helper.policy.Access;
import nurse.helper.policy.NetworkRules;
import nurse.helper.policy.NetworkRules.Verb;
import nurse.helper.policy.Policy;
import nurse.helper.policy.Rule;

/**
 * Landlock rule sets made from a policy.
 *
 * <p>Landlock says less than a policy: rights only add up, from a directory to all below it, and belong to the file, not to
 * its name. So a denial inside what is allowed is not in it, a read-only part of what may be written is writable, what is not
 * there yet is allowed by its nearest directory, and metadata is open to everyone. The policy engine decides all that; these
 * rules hold where it fails.
 */
final class Rights {
    private static final long READ = Landlock.READ_FILE | Landlock.READ_DIR | Landlock.EXECUTE;
    private static final long CREATE = Landlock.MAKE_DIR
            | Landlock.MAKE_REG
            | Landlock.MAKE_FIFO
            | Landlock.MAKE_SYM
            | Landlock.REFER
            | Landlock.WRITE_FILE;
    private static final long DELETE = Landlock.REMOVE_DIR | Landlock.REMOVE_FILE | Landlock.REFER;
    /** What is done to a name is done in its directory. */
    private static final int OF_NAMES = Access.CREATE | Access.DELETE | Access.BIND;
    /** Device nodes are made by nobody. */
    private static final long ALL = READ
            | CREATE
            | DELETE
            | Landlock.TRUNCATE
            | Landlock.MAKE_SOCK
            | Landlock.MAKE_CHAR
            | Landlock.MAKE_BLOCK
            | Landlock.IOCTL_DEV;
    /** The helper hands devices on: what is done by ioctl with a descriptor is the kernel's affair at its opening. */
    private static final long ALL_OF_THE_HELPER = ALL & ~Landlock.IOCTL_DEV;

    private static final int LOOK = Kernel.O_PATH | Kernel.O_CLOEXEC;

    private Rights() {}

    /**
     * The sandboxed process's: nothing but what the launcher executes. All that it is given comes as a descriptor.
     *
     * @param abi the kernel's, above 0
     * @param executed under strict ld.so, and the program that ld.so opens by its name
     */
    static Landlock ofTheProcess(Kernel kernel, int abi, int[] executed, NetworkRules network) {
        Landlock rules = Landlock.refusing(kernel, ALL, tcp(abi, network), scopes(abi, network));
        for (int file : executed) {
            rules.allow(file, false, Landlock.EXECUTE | Landlock.READ_FILE);
        }
        ports(rules, abi, network);
        return rules;
    }

    /** Which rights to TCP a policy can be told by: those for which it does not allow every port. */
    static long tcp(int abi, NetworkRules network) {
        if (abi < Landlock.ABI_NETWORK) {
            return 0;
        }
        return (network.tcpPorts(Verb.CONNECT).isPresent() ? Landlock.CONNECT_TCP : 0)
                | (network.tcpPorts(Verb.BIND).isPresent() ? Landlock.BIND_TCP : 0);
    }

    static long scopes(int abi, NetworkRules network) {
        return abi < Landlock.ABI_SCOPES
                ? 0
                : Landlock.SCOPE_SIGNAL | (network.allowsAbstract() ? 0 : Landlock.SCOPE_ABSTRACT_UNIX_SOCKET);
    }

    /**
     * The helper's thread's: what the policy names, as the program sees it, and what the helper itself has to read.
     *
     * @param executed what the process executes, which is under these rules, too
     * @param own files and directories that the helper reads: its own code. Absent ones are passed over
     * @param writesProc whether what is started writes into /proc of its own process: maps of a user namespace
     */
    static Landlock ofTheHelper(
            Kernel kernel, View view, Policy policy, Set<String> own, int[] executed, boolean writesProc) {
        Landlock rules = Landlock.refusing(kernel, ALL_OF_THE_HELPER, 0, 0);
        for (int file : executed) {
            rules.allow(file, false, READ);
        }
        for (Rule rule : policy.rules()) {
            allow(kernel, rules, view, rule);
        }
        host(kernel, rules, "/proc", writesProc ? READ | Landlock.WRITE_FILE : READ);
        own.forEach(path -> host(kernel, rules, path, READ));
        return rules;
    }

    private static void allow(Kernel kernel, Landlock rules, View view, Rule rule) {
        if (!rule.kind().allows()) {
            return;
        }
        int access = rule.kind().rights();
        long rights = of(access);
        for (String placed : view.placedBelow(rule.path())) { // for the kernel these are elsewhere
            int fd = view.open(placed, false, LOOK, 0);
            if (fd >= 0) {
                rules.allow(fd, true, rights);
                kernel.close(fd);
            }
        }
        int fd = view.open(rule.path(), false, LOOK, 0);
        boolean directory = fd >= 0 && kernel.isDirectory(fd);
        boolean mayBeReplaced = (access & OF_NAMES) != 0
                && !directory
                && (fd < 0 || kernel.isRegular(fd))
                && !view.isPlaced(rule.path());
        if (fd >= 0) {
            rules.allow(fd, directory, rights);
            kernel.close(fd);
        }
        if (mayBeReplaced) {
            nearestDirectory(view, rule.path()).ifPresent(parent -> {
                rules.allow(parent, true, rights);
                kernel.close(parent);
            });
        }
    }

    /** Of {@link Access} bits. */
    private static long of(int access) {
        return ((access & Access.READ) != 0 ? Landlock.READ_FILE : 0)
                | ((access & Access.LIST) != 0 ? Landlock.READ_DIR : 0)
                | ((access & Access.EXECUTE) != 0 ? Landlock.EXECUTE : 0)
                | ((access & Access.WRITE) != 0 ? Landlock.WRITE_FILE | Landlock.TRUNCATE : 0)
                | ((access & Access.CREATE) != 0 ? CREATE : 0)
                | ((access & Access.DELETE) != 0 ? DELETE : 0)
                | ((access & Access.BIND) != 0 ? Landlock.MAKE_SOCK : 0);
    }

    /** A file is made in, and removed from, its directory; one that is not there yet may need directories as well. */
    private static OptionalInt nearestDirectory(View view, String path) {
        String name = path;
        while (name.length() > 1) {
            name = name.substring(0, Math.max(1, name.lastIndexOf('/')));
            int fd = view.open(name, false, LOOK | Kernel.O_DIRECTORY, 0);
            if (fd >= 0) {
                return OptionalInt.of(fd);
            }
        }
        return OptionalInt.empty();
    }

    private static void host(Kernel kernel, Landlock rules, String path, long rights) {
        int fd = kernel.openat(Kernel.AT_FDCWD, path, LOOK, 0);
        if (fd >= 0) {
            rules.allow(fd, kernel.isDirectory(fd), rights);
            kernel.close(fd);
        }
    }

    private static void ports(Landlock rules, int abi, NetworkRules network) {
        long tcp = tcp(abi, network);
        for (Verb verb : new Verb[] {Verb.CONNECT, Verb.BIND}) {
            long right = tcp & (verb == Verb.CONNECT ? Landlock.CONNECT_TCP : Landlock.BIND_TCP);
            if (right != 0) {
                network.tcpPorts(verb).orElseThrow().forEach(port -> rules.allowPort(port, right));
            }
        }
    }
}
