package nurse.helper.files;

import java.util.function.IntFunction;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.helper.calls.CallError;
import nurse.helper.descriptors.OpenFile;
import nurse.helper.policy.Access;
import nurse.helper.processes.ProcessState;
import org.jspecify.annotations.Nullable;

/** The first arguments of the *at calls (openat(2)): a descriptor, a path, and AT_EMPTY_PATH. */
final class At {
    private final Kernel kernel;
    private final ProcessState process;
    private final Paths paths;

    At(Kernel kernel, ProcessState process, Paths paths) {
        this.kernel = kernel;
        this.process = process;
        this.paths = paths;
    }

    /** Canonical name of the directory that {@code path} starts from; of no matter for an absolute one. */
    String base(int dirfd, String path) {
        if (path.isEmpty() || path.startsWith("/")) { // an empty one is ENOENT before a descriptor is looked at
            return "/";
        }
        if (dirfd == Kernel.AT_FDCWD) {
            requireThere(process.workingDirectoryRemoved());
            return bounded(process.workingDirectory());
        }
        OpenFile file = process.descriptors().get(dirfd);
        if (!file.isDirectory()) {
            throw CallError.of(Errno.ENOTDIR);
        }
        requireThere(file.isRemoved());
        return bounded(file.name());
    }

    /**
     * The kernel keeps no name of a directory, and so has no bound but on what one call names. The helper does: a name costs it
     * memory, and each look at it time.
     */
    private static String bounded(String name) {
        if (name != null && name.length() > OpenFile.NAME_MOST) {
            throw CallError.of(Errno.ENAMETOOLONG);
        }
        return name;
    }

    /** In a directory that was removed there is nothing, though one of the same name may have been made since. */
    private static void requireThere(boolean removed) {
        if (removed) {
            throw CallError.of(Errno.ENOENT);
        }
    }

    /** Whether a call is about the descriptor itself: AT_EMPTY_PATH, with a path that is empty or, since Linux 6.11, null. */
    static boolean isOfDescriptor(@Nullable String path, int flags) {
        if (path == null && (flags & Kernel.AT_EMPTY_PATH) == 0) {
            throw CallError.of(Errno.EFAULT);
        }
        return path == null || path.isEmpty() && (flags & Kernel.AT_EMPTY_PATH) != 0;
    }

    /** What {@code dirfd} itself is, AT_FDCWD being the working directory. Its name is empty if it has none. */
    Found itself(int dirfd) {
        if (dirfd == Kernel.AT_FDCWD) {
            requireThere(process.workingDirectoryRemoved());
            return paths.open("/", process.workingDirectory(), Access.LOOKUP, true, Kernel.O_PATH | Kernel.O_CLOEXEC, 0)
                    .orThrow();
        }
        OpenFile file = process.descriptors().get(dirfd);
        int borrowed = process.descriptors().borrow(dirfd);
        int fd = CallError.check(borrowed == file.helperFd() ? kernel.dup(borrowed) : borrowed);
        return new Found(kernel, fd, file.name() == null ? "" : file.name(), false);
    }

    /** What a descriptor or the working directory is, if the program may change it: else EPERM. */
    Found changeable(int dirfd) {
        if (dirfd != Kernel.AT_FDCWD) {
            process.descriptors().requireChangeable(dirfd);
            return itself(dirfd);
        }
        requireThere(process.workingDirectoryRemoved());
        return paths.open("/", process.workingDirectory(), Access.WRITE, true, Kernel.O_PATH | Kernel.O_CLOEXEC, 0)
                .orThrow();
    }

    /**
     * An O_PATH descriptor of the file that a path names.
     *
     * @param nameless finds what a descriptor is, by its number: for a path in /proc that is a pipe's, or a removed file's
     */
    Found file(int dirfd, String path, int access, boolean follow, IntFunction<Found> nameless) {
        int how = Kernel.O_PATH | Kernel.O_CLOEXEC | (follow ? 0 : Kernel.O_NOFOLLOW);
        Found found = paths.open(base(dirfd, path), path, access, follow, how, 0);
        int number = found.fd() == -Errno.ELOOP && follow ? process.descriptorOf(found.name()) : -1;
        return number >= 0 ? nameless.apply(number) : found.orThrow();
    }
}
