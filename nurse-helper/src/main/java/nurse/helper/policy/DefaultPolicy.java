package nurse.helper.policy;

import java.util.ArrayList;
import java.util.List;

/** The rules that hold without being asked for: what nearly every program needs to start, and nothing of the user's. */
public final class DefaultPolicy {
    private static final String[] PROGRAMS_AND_LIBRARIES = {
        "/usr", "/lib", "/lib32", "/lib64", "/libx32", "/bin", "/sbin"
    };

    /** Of /etc only what says how the system is set up for everyone: no secrets, not even those that root could read. */
    private static final String[] CONFIGURATION = {
        "ImageMagick-6",
        "ImageMagick-7",
        "alternatives",
        "ca-certificates",
        "ca-certificates.conf",
        "debian_version",
        "default/locale",
        "fonts",
        "gai.conf",
        "ghostscript",
        "gitconfig",
        "group",
        "host.conf",
        "hostname",
        "hosts",
        "inputrc",
        "issue",
        "ld.so.cache",
        "ld.so.conf",
        "ld.so.conf.d",
        "ld.so.preload",
        "locale.alias",
        "locale.conf",
        "localtime",
        "lsb-release",
        "magic",
        "magic.mime",
        "mailcap",
        "mime.types",
        "networks",
        "nsswitch.conf",
        "os-release",
        "papersize",
        "passwd",
        "perl",
        "php",
        "protocols",
        "python3",
        "python3.11",
        "resolv.conf",
        "services",
        "shells",
        "ssl/certs",
        "ssl/openssl.cnf",
        "terminfo",
        "timezone",
        "xattr.conf",
        "xdg"
    };

    private static final String[] DATA = {"/var/lib/ghostscript", "/var/cache/fontconfig", "/sys/devices/system/cpu"};

    /** The process's own files are narrowed further where /proc is answered: nurse.helper.processes.ProcessState. */
    private static final String[] PROC = {
        "cpuinfo",
        "filesystems",
        "loadavg",
        "meminfo",
        "self",
        "stat",
        "sys/kernel/cap_last_cap",
        "sys/kernel/ngroups_max",
        "sys/kernel/osrelease",
        "sys/kernel/ostype",
        "sys/kernel/pid_max",
        "sys/kernel/version",
        "sys/vm/overcommit_memory",
        "thread-self",
        "uptime",
        "version"
    };

    /** Not /dev/tty: the user's keyboard, and a way to type on it (ioctl_tty(2), TIOCSTI). */
    private static final String[] DEVICES_TO_READ = {"random", "urandom", "fd", "stdin", "stdout", "stderr"};

    private static final String[] DEVICES_TO_WRITE = {"null", "zero", "full"};

    private DefaultPolicy() {}

    /** What the system offers to everyone. */
    public static List<Rule> system() {
        List<Rule> rules = new ArrayList<>();
        add(rules, "", PROGRAMS_AND_LIBRARIES, Rule.Kind.READ, "built-in: programs and libraries");
        add(rules, "/etc/", CONFIGURATION, Rule.Kind.READ, "built-in: configuration of the system");
        add(rules, "", DATA, Rule.Kind.READ, "built-in: data of the system");
        add(rules, "/proc/", PROC, Rule.Kind.READ, "built-in: harmless parts of /proc");
        add(rules, "/dev/", DEVICES_TO_READ, Rule.Kind.READ, "built-in: harmless devices");
        add(rules, "/dev/", DEVICES_TO_WRITE, Rule.Kind.WRITE, "built-in: harmless devices");
        return rules;
    }

    /**
     * The directory the user stands in, to be read; nothing when that is the root directory, for reading all of the system
     * is not what anyone means by standing there.
     */
    public static List<Rule> workingDirectory(String canonical) {
        return canonical.equals("/")
                ? List.of()
                : List.of(new Rule(canonical, Rule.Kind.READ, "built-in: the current directory"));
    }

    private static void add(List<Rule> rules, String prefix, String[] names, Rule.Kind kind, String origin) {
        for (String name : names) {
            rules.add(new Rule(prefix + name, kind, origin));
        }
    }
}
