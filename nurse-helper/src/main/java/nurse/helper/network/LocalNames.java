package nurse.helper.network;

/** Names of UNIX sockets in the file system, past the policy (implemented where names are resolved). */
public interface LocalNames {
    /**
     * The socket that the program means.
     *
     * @throws nurse.helper.calls.CallError as connect(2) would end
     */
    Socket open(String path);

    /**
     * A socket that was found.
     *
     * @param fd an O_PATH descriptor of the helper's, to be closed by the caller
     * @param name its canonical name
     * @param isNamed whether a rule is about that very path, and not only about what it lies in
     */
    record Socket(int fd, String name, boolean isNamed) {}

    /**
     * The directory that a socket is to be made in.
     *
     * @throws nurse.helper.calls.CallError as bind(2) would end
     */
    Place place(String path);

    /** An O_PATH descriptor of the helper's, to be closed by the caller, and the name in it. */
    record Place(int directory, String name) {}
}
