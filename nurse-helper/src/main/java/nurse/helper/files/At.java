package nurse.helper.files;

import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.helper.calls.CallError;
import nurse.helper.descriptors.OpenFile;
import nurse.helper.policy.Access;
import nurse.helper.processes.ProcessState;

/** Where a relative path starts: the first argument of the *at calls (openat(2)). */
final class At {
    private final ProcessState process;

    At(ProcessState process) {
        this.process = process;
    }

    /** Canonical name of the directory that {@code path} starts from; of no matter for an absolute one. */
    String base(int dirfd, String path) {
        if (path.isEmpty() || path.startsWith("/")) { // an empty one is ENOENT before a descriptor is looked at
            return "/";
        }
        if (dirfd == Kernel.AT_FDCWD) {
            requireThere(process.workingDirectoryRemoved());
            return process.workingDirectory();
        }
        OpenFile file = process.descriptors().get(dirfd);
        if (!file.isDirectory()) {
            throw CallError.of(Errno.ENOTDIR);
        }
        requireThere(file.isRemoved());
        return file.name();
    }

    /** In a directory that was removed there is nothing, though one of the same name may have been made since. */
    private static void requireThere(boolean removed) {
        if (removed) {
            throw CallError.of(Errno.ENOENT);
        }
    }

    /** A descriptor of the helper's for what {@code dirfd} itself is (AT_EMPTY_PATH), to be closed by the caller. */
    int duplicate(Kernel kernel, int dirfd) {
        int borrowed = process.descriptors().borrow(dirfd);
        OpenFile file = process.descriptors().get(dirfd);
        return borrowed == file.helperFd() ? kernel.dup(borrowed) : borrowed;
    }

    /** As above, also for the working directory. */
    int duplicate(Kernel kernel, int dirfd, Paths paths) {
        if (dirfd != Kernel.AT_FDCWD) {
            return duplicate(kernel, dirfd);
        }
        return paths.open("/", process.workingDirectory(), Access.LOOKUP, true, Kernel.O_PATH | Kernel.O_CLOEXEC, 0);
    }
}
