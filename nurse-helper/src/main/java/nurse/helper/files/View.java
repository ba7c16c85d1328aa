package nurse.helper.files;

import java.util.ArrayList;
import java.util.List;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;

/**
 * The tree of files that the program sees: the root directory, and other host directories placed into it.
 *
 * <p>Names here are the program's. A name handed to {@link #open} is canonical and is opened so that the kernel itself
 * refuses it if a symbolic link is left in it (openat2(2), RESOLVE_NO_SYMLINKS) and never leaves the directory it starts
 * from (RESOLVE_IN_ROOT): so what was judged by name is what is opened, whoever renames what meanwhile.
 *
 * <p>Immutable once built, but for {@link #close}.
 */
public final class View implements AutoCloseable {
    /** A host directory and the name under which the program sees it; the root's name is empty. */
    private record Mount(String name, int directory, String hostPath) {}

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
        view.add("", root);
        if (!root.equals("/")) {
            view.add("/dev", "/dev");
            view.add("/proc", "/proc");
            if (!isBelow(workingDirectory, root) && !workingDirectory.equals("/")) {
                view.add(workingDirectory, workingDirectory);
            }
        }
        return view;
    }

    /** The names below a directory under which other directories of the host are seen: what is open there is not below it. */
    public List<String> placedBelow(String directory) {
        return mounts.stream()
                .map(Mount::name)
                .filter(name -> !name.isEmpty() && !name.equals(directory) && isBelow(name, directory))
                .toList();
    }

    /** The name under which the program sees a host directory, or null if it does not see it. */
    public String inside(String hostPath) {
        for (int i = mounts.size() - 1; i >= 0; i--) {
            Mount mount = mounts.get(i);
            if (isBelow(hostPath, mount.hostPath)) {
                String rest = mount.hostPath.equals("/") ? hostPath : hostPath.substring(mount.hostPath.length());
                String name = mount.name + (rest.equals("/") ? "" : rest);
                return name.isEmpty() ? "/" : name;
            }
        }
        return null;
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
            return kernel.openat2(mounts.get(0).directory, "/", flags, 0, 0) < 0 ? result : openHost(name, flags);
        }
        return result;
    }

    /** A name may be longer than the kernel takes at once: a relative one, in a deep directory. Then by stages. */
    private int open(int directory, String relative, long flags, long mode) {
        if (relative.length() < PATH_MAX) {
            return kernel.openat2(directory, relative, flags, mode, RESOLVE);
        }
        int cut = relative.lastIndexOf('/', PATH_MAX - 1);
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
        if (name.length() <= mount.name.length() + 1) {
            return ".";
        }
        String relative = name.substring(mount.name.length() + 1);
        return slash ? relative + "/" : relative;
    }

    private Mount mountOf(String name) {
        for (int i = mounts.size() - 1; i > 0; i--) {
            if (isBelow(name, mounts.get(i).name)) {
                return mounts.get(i);
            }
        }
        return mounts.get(0);
    }

    private boolean leadsToMount(String name) {
        for (int i = 1; i < mounts.size(); i++) {
            if (isBelow(mounts.get(i).name, name)) {
                return true;
            }
        }
        return false;
    }

    /** Whether {@code path} is {@code directory} or lies below it; both absolute and canonical. */
    static boolean isBelow(String path, String directory) {
        return directory.equals("/")
                || (path.startsWith(directory)
                        && (path.length() == directory.length() || path.charAt(directory.length()) == '/'));
    }

    private void add(String name, String hostPath) {
        int directory =
                kernel.openat(Kernel.AT_FDCWD, hostPath, Kernel.O_PATH | Kernel.O_DIRECTORY | Kernel.O_CLOEXEC, 0);
        if (directory < 0) {
            close();
            throw new CannotView(hostPath, -directory);
        }
        mounts.add(new Mount(name, directory, hostPath));
    }

    @Override
    public void close() {
        mounts.forEach(mount -> kernel.close(mount.directory));
        mounts.clear();
    }

    /** A directory of the view that cannot be opened. */
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
