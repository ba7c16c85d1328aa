package nurse.helper.files;

import java.util.ArrayList;
import java.util.List;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;

/**
 * The tree of files that the program sees: the root directory, and other host directories and files placed into it.
 *
 * <p>Names here are the program's. A name handed to {@link #open} is canonical and is opened so that the kernel itself
 * refuses it if a symbolic link is left in it (openat2(2), RESOLVE_NO_SYMLINKS) and never leaves the directory it starts
 * from (RESOLVE_IN_ROOT): so what was judged by name is what is opened, whoever renames what meanwhile.
 *
 * <p>Immutable once all is placed, but for {@link #close}.
 */
public final class View implements AutoCloseable {
    /**
     * Something of the host and the name under which the program sees it; the root's name is empty.
     *
     * @param directory the host directory; of a file, the one that it lies in
     * @param file the file's name in it; empty of a directory
     */
    private record Mount(String name, int directory, String file, String hostPath) {
        /** Whether the names above it can be taken from the host, if the root has none: they are the same there. */
        boolean keepsItsName() {
            return !name.isEmpty() && name.equals(hostPath);
        }
    }

    private static final int PATH_MAX = 4096; // with the NUL: limits.h
    private static final long RESOLVE =
            Kernel.RESOLVE_IN_ROOT | Kernel.RESOLVE_NO_SYMLINKS | Kernel.RESOLVE_NO_MAGICLINKS;

    private final Kernel kernel;
    private final List<Mount> mounts = new ArrayList<>();

    private View(Kernel kernel) {
        this.kernel = kernel;
    }

    /**
     * @param root the host directory that the program sees as {@code /}
     * @param workingDirectory the host directory that the program starts in; when it lies outside {@code root} the program
     *     sees it under the same name
     * @throws CannotView when one of them cannot be opened
     */
    public static View of(Kernel kernel, String root, String workingDirectory) {
        View view = new View(kernel);
        view.place("", root);
        if (!root.equals("/")) {
            view.place("/dev", "/dev");
            view.place("/proc", "/proc");
            if (!isBelow(workingDirectory, root) && !workingDirectory.equals("/")) {
                view.place(workingDirectory, workingDirectory);
            }
        }
        return view;
    }

    /**
     * Shows something of the host in place of what is there under this name, if anything is.
     *
     * @param name canonical, as the program sees it; its directory is there
     * @param hostPath canonical; a directory, or a file of any kind. A file is looked up by its name at each use, so that one that
     *     is replaced on the host is replaced here
     */
    public void place(String name, String hostPath) {
        int directory = openHost(hostPath, Kernel.O_PATH | Kernel.O_CLOEXEC);
        String file = "";
        if (directory == -Errno.ENOTDIR) {
            int slash = hostPath.lastIndexOf('/');
            file = hostPath.substring(slash + 1);
            directory = openHost(hostPath.substring(0, Math.max(slash, 1)), Kernel.O_PATH | Kernel.O_CLOEXEC);
        }
        if (directory < 0) {
            close();
            throw new CannotView(hostPath, -directory);
        }
        mounts.add(new Mount(name, directory, file, hostPath));
    }

    /** Whether something else than the root's own stands under this very name: the root's entry is out of reach then. */
    public boolean isPlaced(String name) {
        return !name.equals("/") && mountOf(name).name.equals(name);
    }

    /** The names below a directory under which something else of the host is seen: what is open there is not below it. */
    public List<String> placedBelow(String directory) {
        return mounts.stream()
                .map(Mount::name)
                .filter(name -> !name.isEmpty() && !name.equals(directory) && isBelow(name, directory))
                .toList();
    }

    /** The names under which the program sees a file or directory of the host: none, one, or several; what was placed last first. */
    public List<String> inside(String hostPath) {
        List<String> names = new ArrayList<>();
        for (Mount mount : mounts.reversed()) {
            if (isBelow(hostPath, mount.hostPath)) {
                String rest = mount.hostPath.equals("/") ? hostPath : hostPath.substring(mount.hostPath.length());
                String name = mount.name + (rest.equals("/") ? "" : rest);
                if (mountOf(name).equals(mount)) { // else something else stands there
                    names.add(name.isEmpty() ? "/" : name);
                }
            }
        }
        return names;
    }

    /**
     * Opens a canonical name.
     *
     * @param name absolute, without {@code .}, {@code ..}, double or trailing slashes
     * @param slash whether the program wrote a slash behind the name: then it must be a directory
     * @param flags open(2) flags as openat2(2) takes them
     * @return a descriptor, or a negative errno; ELOOP when the name was not canonical after all
     */
    public int open(String name, boolean slash, long flags, long mode) {
        Mount mount = mountOf(name);
        int result = open(mount.directory, relative(mount, name, slash), flags, mode);
        if (result == -Errno.ENOENT && (flags & Kernel.O_PATH) != 0 && leadsToMount(name)) {
            // The way to a directory that was placed into the root, but that the root itself does not have.
            return openHost(name, flags);
        }
        return result;
    }

    /** A name may be longer than the kernel takes at once: a relative one, in a deep directory. Then by stages. */
    private int open(int directory, String relative, long flags, long mode) {
        if (relative.length() < PATH_MAX) {
            return kernel.openat2(directory, relative, flags, mode, RESOLVE);
        }
        int last = relative.length() - 1; // the slash there, if there is one, belongs to the last name
        int cut = relative.lastIndexOf('/', Math.min(PATH_MAX, last) - 1);
        if (cut <= 0) {
            return -Errno.ENAMETOOLONG;
        }
        int way = Kernel.O_PATH | Kernel.O_DIRECTORY | Kernel.O_CLOEXEC;
        int stage = kernel.openat2(directory, relative.substring(0, cut), way, 0, RESOLVE);
        if (stage < 0) {
            return stage;
        }
        int result = open(stage, relative.substring(cut + 1), flags, mode);
        kernel.close(stage);
        return result;
    }

    private int openHost(String name, long flags) {
        return kernel.openat(Kernel.AT_FDCWD, name, (int) flags | Kernel.O_DIRECTORY, 0);
    }

    private static String relative(Mount mount, String name, boolean slash) {
        String below = name.length() <= mount.name.length() + 1 ? "" : name.substring(mount.name.length() + 1);
        String relative = mount.file.isEmpty() || below.isEmpty() ? mount.file + below : mount.file + "/" + below;
        return relative.isEmpty() ? "." : slash ? relative + "/" : relative;
    }

    /** The one with the longest name; of the same name, what was placed last. */
    private Mount mountOf(String name) {
        Mount found = mounts.get(0);
        for (int i = 1; i < mounts.size(); i++) {
            Mount mount = mounts.get(i);
            if (mount.name.length() >= found.name.length() && isBelow(name, mount.name)) {
                found = mount;
            }
        }
        return found;
    }

    private boolean leadsToMount(String name) {
        for (int i = 1; i < mounts.size(); i++) {
            if (mounts.get(i).keepsItsName() && isBelow(mounts.get(i).name, name)) {
                return true;
            }
        }
        return false;
    }

    /** Whether {@code path} is {@code directory} or lies below it; both absolute and canonical. */
    public static boolean isBelow(String path, String directory) {
        return directory.equals("/")
                || (path.startsWith(directory)
                        && (path.length() == directory.length() || path.charAt(directory.length()) == '/'));
    }

    @Override
    public void close() {
        mounts.forEach(mount -> kernel.close(mount.directory));
        mounts.clear();
    }

    /** Something of the view that cannot be opened. */
    public static final class CannotView extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final int errno;

        CannotView(String hostPath, int errno) {
            super(hostPath);
            this.errno = errno;
        }

        public int errno() {
            return errno;
        }
    }
}
