package nurse.helper.descriptors;

import nurse.ffm.Kernel;

/**
 * An open file description (open(2)) that the program has one or more descriptors of.
 *
 * <p>The helper keeps a descriptor of its own of what it opened for the program, and answers through it what concerns the
 * description and not the process. It keeps none of pipes, sockets and the like, whose other end would notice.
 */
public final class OpenFile {
    private final int helperFd;
    private final String name;
    private final boolean directory;
    private final boolean changeable;
    private int references;

    /**
     * @param helperFd the helper's own descriptor, or -1
     * @param name the canonical name it was opened under, or null for what has none
     * @param changeable whether the policy lets the program write it: fchmod and its kin ask for no more than a descriptor,
     *     be it read-only
     */
    public OpenFile(int helperFd, String name, boolean directory, boolean changeable) {
        this.helperFd = helperFd;
        this.name = name;
        this.directory = directory;
        this.changeable = changeable;
    }

    /** What the program made itself and has no name: a pipe, a memfd. */
    public static OpenFile anonymous() {
        return new OpenFile(-1, null, false, true);
    }

    /** What the program was started with: the user's files and terminals, to be read and written as they are. */
    public static OpenFile inherited() {
        return new OpenFile(-1, null, false, false);
    }

    public boolean isChangeable() {
        return changeable;
    }

    public int helperFd() {
        return helperFd;
    }

    public String name() {
        return name;
    }

    public boolean isDirectory() {
        return directory;
    }

    void retain() {
        references++;
    }

    void release(Kernel kernel) {
        if (--references == 0 && helperFd >= 0) {
            kernel.close(helperFd);
        }
    }
}
