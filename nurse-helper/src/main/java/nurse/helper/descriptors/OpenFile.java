package nurse.helper.descriptors;

import java.util.EnumMap;
import java.util.Map;
import nurse.ffm.Kernel;
import nurse.helper.descriptors.Shares.Share;

/**
 * An open file description (open(2)) that the program has one or more descriptors of.
 *
 * <p>The helper keeps a descriptor of its own of what it opened for the program, and answers through it what concerns the
 * description and not the process. It keeps none of pipes, sockets and the like, whose other end would notice.
 */
public final class OpenFile {
    /** What the kernel writes behind a name that is no more (fs/d_path.c). */
    public static final String DELETED = " (deleted)";

    /** No directory with a longer name is gone on from, and no open file gets one by a renaming: 130 of the longest entries. */
    public static final int NAME_MOST = 1 << 15;

    private final int helperFd;
    private String name;
    private boolean removed;
    private final boolean directory;
    private final boolean changeable;
    private int references;
    private boolean sent;
    private final Map<Share, Long> charges = new EnumMap<>(Share.class);

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

    /** Whether its name was removed since: a directory that is no more, a file that only descriptors lead to. */
    public boolean isRemoved() {
        return removed;
    }

    /** Its name follows when something at or above it is renamed. */
    public void renamed(String from, String to) {
        if (name != null && !removed) {
            name = moved(name, from, to);
        }
    }

    /** Whether its name would not become too long by it. */
    public boolean mayBeRenamed(String from, String to) {
        return name == null
                || removed
                || to.length() <= from.length()
                || moved(name, from, to).length() <= NAME_MOST;
    }

    /** The same when two names change places. */
    public void exchanged(String one, String other, String between) {
        if (name != null && !removed) {
            name = exchanged(name, one, other, between);
        }
    }

    /** Its name is no more. */
    public void removed(String gone) {
        removed |= gone.equals(name);
    }

    /** What {@code name} is called after a rename. */
    public static String moved(String name, String from, String to) {
        return name.equals(from) || name.startsWith(from + "/") ? to + name.substring(from.length()) : name;
    }

    /** What {@code name} is called after two others changed places. */
    public static String exchanged(String name, String one, String other, String between) {
        return moved(moved(moved(name, one, between), other, one), between, other);
    }

    /** How much of the run's shares it uses up. */
    Map<Share, Long> charges() {
        return charges;
    }

    /** It goes with a message: it may live on without a descriptor of the program's. */
    public void send() {
        sent = true;
    }

    boolean wasSent() {
        return sent;
    }

    public boolean isDirectory() {
        return directory;
    }

    /** @return how many descriptors the program has of it now */
    int retain() {
        return ++references;
    }

    /** @return how many descriptors the program still has of it; with the last one the helper closes its own */
    int release(Kernel kernel) {
        if (--references == 0 && helperFd >= 0) {
            kernel.close(helperFd);
        }
        return references;
    }
}
