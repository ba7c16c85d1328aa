package nurse.helper.layers;

/** What confines the process below the trustee, and the helper's thread: docs/layers.md. */
public enum Layer {
    NO_NEW_PRIVS("no-new-privs", "gaining rights by executing a file", "boot Linux 6.6 or newer"),
    LANDLOCK(
            "landlock",
            "opening any file by its name",
            "boot a kernel with CONFIG_SECURITY_LANDLOCK, and with landlock in lsm= on its command line"),
    LANDLOCK_TCP("landlock-tcp", "TCP to ports that the policy does not name", "boot Linux 6.7 or newer"),
    LANDLOCK_SCOPES(
            "landlock-scopes", "signals to other processes, abstract sockets of others", "boot Linux 6.12 or newer"),
    ROOT(
            "root",
            "naming any file: looking at it, changing its mode, connecting to it as a socket",
            Mend.BY_USER_NAMESPACES),
    FILTER(
            "filter",
            "system calls that the trustee is never ordered to make",
            "boot a kernel with CONFIG_SECCOMP_FILTER"),
    NETWORK_NAMESPACE(
            "network-namespace", "the machine's network, abstract sockets of others", Mend.BY_USER_NAMESPACES),
    IPC_NAMESPACE(
            "ipc-namespace",
            "System V and POSIX message queues, semaphores and memory of others",
            Mend.BY_USER_NAMESPACES),
    UTS_NAMESPACE("uts-namespace", "changing the host's name", Mend.BY_USER_NAMESPACES),
    CAPABILITIES("capabilities", "root's rights but for a few", Mend.BY_REPORT),
    LIMITS("limits", "core dumps, descriptors in the sandbox's own range", Mend.BY_REPORT),
    DESCRIPTORS("descriptors", "descriptors that were open when nurse was started", Mend.BY_REPORT),
    SEALS("seals", "remapping the memory that only the helper may write", "boot Linux 6.10 or newer"),
    HELPER_LANDLOCK(
            "helper-landlock",
            "the helper's opening files that the policy does not name",
            "boot Linux 5.19 or newer with Landlock; a resident helper has none, and --require helper-landlock runs without one"),
    HELPER_CAPABILITIES(
            "helper-capabilities", "the helper's using root's rights that it does not need", Mend.BY_REPORT);

    /** What can be done about several of them. */
    private static final class Mend {
        static final String BY_REPORT = "report it: this is a fault of nurse or of the kernel";
        static final String BY_USER_NAMESPACES =
                "let users make namespaces: sysctl user.max_user_namespaces=1000, kernel.unprivileged_userns_clone=1 and"
                        + " kernel.apparmor_restrict_unprivileged_userns=0, whichever of them there are";
    }

    private final String word;
    private final String stops;
    private final String mend;

    Layer(String word, String stops, String mend) {
        this.word = word;
        this.stops = stops;
        this.mend = mend;
    }

    /** Its name on the command line and in reports. */
    public String word() {
        return word;
    }

    /** What it stops, as the object of a sentence. */
    public String stops() {
        return stops;
    }

    /** What a person does to have it. */
    public String mend() {
        return mend;
    }
}
