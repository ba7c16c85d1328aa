package nurse.helper.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import nurse.helper.messages.Quoted;

/**
 * The built-in rules: what a program needs to start, and what is the same on every machine or made for all to see.
 *
 * @param rules the rules
 * @param notes what the user should be told of them, a sentence each
 */
public record DefaultPolicy(List<Rule> rules, List<String> notes) {
    /** Environment variables that say how to talk to the user, and nothing that is worth hiding. */
    public static final List<String> ENVIRONMENT = List.of(
            "PATH",
            "HOME",
            "USER",
            "LOGNAME",
            "SHELL",
            "LANG",
            "LANGUAGE",
            "LC_*",
            "TERM",
            "COLORTERM",
            "TZ",
            "COLUMNS",
            "LINES",
            "NO_COLOR",
            "PWD",
            "TMPDIR");

    private static final List<String> PROGRAMS =
            List.of("/usr", "/lib", "/lib32", "/lib64", "/libx32", "/bin", "/sbin");

    // An allow-list: /etc also holds shadow, the host's ssh keys, and passwords of every other service.
    private static final List<String> ETC = List.of(
            // the loader
            "ld.so.cache",
            "ld.so.conf",
            "ld.so.conf.d",
            "ld.so.preload",
            // names of hosts, users, services
            "resolv.conf",
            "hosts",
            "host.conf",
            "hostname",
            "nsswitch.conf",
            "passwd",
            "group",
            "protocols",
            "services",
            "networks",
            "gai.conf",
            "mailname",
            // place and language
            "localtime",
            "timezone",
            "default/locale",
            "locale.alias",
            "locale.conf",
            // what kind of system this is
            "os-release",
            "debian_version",
            "lsb-release",
            "issue",
            "shells",
            // certificates and TLS options; the private keys beside them are denied
            "ssl/openssl.cnf",
            "ssl/certs",
            "ca-certificates",
            "ca-certificates.conf",
            // settings of libraries and programs
            "alternatives",
            "fonts",
            "magic",
            "magic.mime",
            "mime.types",
            "mailcap",
            "papersize",
            "inputrc",
            "terminfo",
            "xdg",
            "xattr.conf",
            "gitconfig",
            "gitattributes",
            "sqliterc",
            "ImageMagick-6",
            "ImageMagick-7",
            "ghostscript",
            "poppler",
            "python3",
            "python3.11",
            "python2.7",
            "perl",
            "php",
            "lua",
            "groff",
            "lynx",
            "w3m",
            "vim",
            "nanorc");

    // Where /etc/resolv.conf leads on systems that write it anew: a link is judged by where it leads.
    private static final List<String> RESOLVERS = List.of(
            "/run/systemd/resolve/stub-resolv.conf",
            "/run/systemd/resolve/resolv.conf",
            "/run/resolvconf/resolv.conf",
            "/run/NetworkManager/resolv.conf");

    // What packages make for all users. Not all of /var: mail, logs, databases and spools are there too.
    private static final List<String> SHARED_DATA =
            List.of("/var/lib/ghostscript", "/var/lib/aspell", "/var/lib/gems", "/var/cache/fontconfig");

    // Of /proc and /sys what tells of the machine, not of other processes. Of /proc/self the helper's own view of it
    // lets the
    // program open some files only: mem, for one, would be a way round every check.
    private static final List<String> MACHINE = List.of(
            "/proc/cpuinfo",
            "/proc/meminfo",
            "/proc/stat",
            "/proc/uptime",
            "/proc/loadavg",
            "/proc/version",
            "/proc/filesystems",
            "/proc/sys/kernel/osrelease",
            "/proc/sys/kernel/ostype",
            "/proc/sys/kernel/version",
            "/proc/sys/kernel/pid_max",
            "/proc/sys/kernel/ngroups_max",
            "/proc/sys/kernel/cap_last_cap",
            "/proc/sys/crypto/fips_enabled", // libgcrypt aborts where it is neither there nor absent
            "/proc/sys/vm/overcommit_memory",
            "/proc/self",
            "/sys/devices/system/cpu");

    // Not /dev/tty: on the user's terminal TIOCSTI types commands into the shell, and a read takes the user's keys.
    private static final List<String> READABLE_DEVICES =
            List.of("/dev/random", "/dev/urandom", "/dev/fd", "/dev/stdin", "/dev/stdout", "/dev/stderr");

    // /proc/self/fd: what a name in it leads to is open already, so the program has been judged to have it.
    private static final List<String> WRITABLE_DEVICES =
            List.of("/dev/null", "/dev/zero", "/dev/full", "/proc/self/fd");

    // To stand there says nothing about all that is below: of the whole system, of all users, or of one.
    private static final Set<String> NOT_BY_STANDING_THERE =
            Set.of("/", "/boot", "/etc", "/home", "/root", "/run", "/var");
    private static final List<String> NOT_EVEN_BELOW = List.of("/dev", "/proc", "/sys");
    private static final String HOMES = "/home/";

    /** Where programs keep keys and passwords, by the name within a home: wherever a copy of one lies. */
    private static final List<String> KEYS = List.of(
            ".ssh",
            ".gnupg",
            ".pki",
            ".password-store",
            ".netrc",
            ".git-credentials",
            ".pgpass",
            ".vault-token",
            ".aws",
            ".azure",
            ".kube",
            ".docker",
            ".config/gcloud",
            ".config/gh",
            ".mozilla",
            ".thunderbird");

    private static final String KEYS_ORIGIN = "built-in: keys in the current directory";

    public DefaultPolicy {
        rules = List.copyOf(rules);
        notes = List.copyOf(notes);
    }

    /**
     * The built-in rules of a run.
     *
     * @param workingDirectory canonical name of the directory that the program starts in, as it sees it
     */
    public static DefaultPolicy of(String workingDirectory) {
        return of(workingDirectory, false);
    }

    /** The same, of a directory that is a home, or that homes are in, for another reason than its name. */
    static DefaultPolicy of(String workingDirectory, boolean isHome) {
        List<Rule> rules = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        add(rules, PROGRAMS, Rule.Kind.READ, "built-in: programs and libraries");
        for (String name : ETC) {
            rules.add(new Rule("/etc/" + name, Rule.Kind.READ, "built-in: system settings"));
        }
        add(rules, RESOLVERS, Rule.Kind.READ, "built-in: name servers");
        add(rules, SHARED_DATA, Rule.Kind.READ, "built-in: shared data");
        add(rules, MACHINE, Rule.Kind.READ, "built-in: about the machine");
        add(rules, READABLE_DEVICES, Rule.Kind.READ, "built-in: devices");
        add(rules, WRITABLE_DEVICES, Rule.Kind.WRITE, "built-in: devices");
        rules.add(new Rule("/etc/ssl/private", Rule.Kind.DENY, "built-in: private keys"));
        if (isHome || isGift(workingDirectory)) {
            notes.add("the current directory is " + Quoted.of(workingDirectory)
                    + ", which holds more than this program's affairs, so it cannot read all of it; run it from another"
                    + " directory, or name what it needs by --read; --read " + Quoted.of(workingDirectory)
                    + " if you mean all of it");
        } else {
            rules.add(new Rule(workingDirectory, Rule.Kind.READ, "built-in: the current directory"));
            for (String name : KEYS) {
                rules.add(new Rule(workingDirectory + "/" + name, Rule.Kind.DENY, KEYS_ORIGIN));
            }
        }
        return new DefaultPolicy(rules, notes);
    }

    private static void add(List<Rule> rules, List<String> paths, Rule.Kind kind, String origin) {
        for (String path : paths) {
            rules.add(new Rule(path, kind, origin));
        }
    }

    /** Whether a rule is about keys below the current directory, and so no more than a part of the rule that lets it be read. */
    static boolean isOfKeysHere(Rule rule) {
        return rule.origin().equals(KEYS_ORIGIN);
    }

    private static boolean isGift(String directory) {
        return NOT_BY_STANDING_THERE.contains(directory)
                || directory.startsWith(HOMES) && directory.indexOf('/', HOMES.length()) < 0
                || KEYS.stream().anyMatch(name -> (directory + "/").contains("/" + name + "/"))
                || NOT_EVEN_BELOW.stream().anyMatch(tree -> directory.equals(tree) || directory.startsWith(tree + "/"));
    }
}
