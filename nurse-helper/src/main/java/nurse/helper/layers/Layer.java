package nurse.helper.layers;

/** What confines the process below the trustee, and the helper's thread: docs/layers.md. */
public enum Layer {
    NO_NEW_PRIVS("no-new-privs", "gaining rights by executing a file"),
    LANDLOCK("landlock", "opening any file by its name"),
    LANDLOCK_TCP("landlock-tcp", "TCP to ports that the policy does not name"),
    LANDLOCK_SCOPES("landlock-scopes", "signals to other processes, abstract sockets of others"),
    FILTER("filter", "system calls that the trustee is never ordered to make"),
    NETWORK_NAMESPACE("network-namespace", "the machine's network, abstract sockets of others"),
    IPC_NAMESPACE("ipc-namespace", "System V and POSIX message queues, semaphores and memory of others"),
    UTS_NAMESPACE("uts-namespace", "changing the host's name"),
    CAPABILITIES("capabilities", "root's rights but for a few"),
    LIMITS("limits", "core dumps, descriptors in the sandbox's own range"),
    DESCRIPTORS("descriptors", "descriptors that were open when nurse was started"),
    SEALS("seals", "remapping the memory that only the helper may write"),
    HELPER_LANDLOCK("helper-landlock", "the helper's opening files that the policy does not name"),
    HELPER_CAPABILITIES("helper-capabilities", "the helper's using root's rights that it does not need");

    private final String word;
    private final String stops;

    Layer(String word, String stops) {
        this.word = word;
        this.stops = stops;
    }

    /** Its name on the command line and in reports. */
    public String word() {
        return word;
    }

    /** What it stops, as the object of a sentence. */
    public String stops() {
        return stops;
    }
}
