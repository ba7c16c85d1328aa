package nurse.helper.network;

/** Names of UNIX sockets in the file system, past the policy (implemented where names are resolved). */
public interface LocalNames {
    /**
     * The socket that the program means.
     *
     * @return an O_PATH descriptor of the helper's, to be closed by the caller
     * @throws nurse.helper.calls.CallError as connect(2) would end
     */
    int open(String path);

    /** The canonical name of what was opened last. */
    String opened();

    /** Whether a rule lets the program write the very path that was opened last, and not only what it lies in. */
    boolean isNamedByRule();

    /**
     * The directory that a socket is to be made in.
     *
     * @throws nurse.helper.calls.CallError as bind(2) would end
     */
    Place place(String path);

    /** An O_PATH descriptor of the helper's, to be closed by the caller, and the name in it. */
    record Place(int directory, String name) {}
}
