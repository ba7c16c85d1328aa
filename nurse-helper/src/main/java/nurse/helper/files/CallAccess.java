package nurse.helper.files;

import nurse.ffm.Kernel;
import nurse.helper.calls.Syscall;
import nurse.helper.policy.Access;

/** What a call asks of the policy about the name it is given: for who explains a policy. An integration test compares. */
public final class CallAccess {
    private CallAccess() {}

    /**
     * What is asked of the call's path; of the new name where a call makes one, of the old one where it is renamed.
     *
     * @param openFlags of calls that open: open(2) flags, 0 for reading
     * @return {@link Access} bits; 0 for a call that names no file
     */
    public static int of(Syscall syscall, int openFlags) {
        return switch (syscall) {
            case OPEN, OPENAT, OPENAT2 -> OpenCalls.access(openFlags);
            case CREAT -> OpenCalls.access(Kernel.O_CREAT | Kernel.O_WRONLY | Kernel.O_TRUNC);
            case STAT, LSTAT, STAT64, LSTAT64, FSTATAT64, STATX, ACCESS, FACCESSAT, FACCESSAT2 -> Access.LOOKUP;
            case READLINK, READLINKAT, STATFS, STATFS64, CHDIR -> Access.LOOKUP;
            case LISTXATTR, LLISTXATTR -> Access.LOOKUP;
            case GETXATTR, LGETXATTR -> Access.READ; // of the user's attributes
            case GETDENTS, GETDENTS64 -> Access.LIST;
            case INOTIFY_ADD_WATCH -> Access.READ;
            case TRUNCATE, TRUNCATE64, CHMOD, FCHMODAT, FCHMODAT2, CHOWN, CHOWN32, LCHOWN, LCHOWN32, FCHOWNAT ->
                Access.WRITE;
            case UTIME, UTIMES, FUTIMESAT, UTIMENSAT, UTIMENSAT_TIME64 -> Access.WRITE;
            case SETXATTR, LSETXATTR, REMOVEXATTR, LREMOVEXATTR -> Access.WRITE;
            case MKDIR, MKDIRAT, MKNOD, MKNODAT, SYMLINK, SYMLINKAT, LINK, LINKAT -> Access.CREATE;
            case UNLINK, UNLINKAT, RMDIR, RENAME, RENAMEAT, RENAMEAT2 -> Access.DELETE;
            case EXECVE, EXECVEAT, MMAP, MMAP2 -> Access.EXECUTE;
            case CONNECT -> Access.CONNECT;
            case BIND -> Access.BIND;
            default -> 0;
        };
    }

    /** Whether what is meant is the name itself, and not what a link of that name leads to. */
    public static boolean isOfTheName(Syscall syscall) {
        return switch (syscall) {
            case LSTAT, LSTAT64, READLINK, READLINKAT, LGETXATTR, LLISTXATTR, LSETXATTR, LREMOVEXATTR -> true;
            case LCHOWN, LCHOWN32, MKDIR, MKDIRAT, MKNOD, MKNODAT, SYMLINK, SYMLINKAT, LINK, LINKAT, BIND -> true;
            case UNLINK, UNLINKAT, RMDIR, RENAME, RENAMEAT, RENAMEAT2 -> true;
            default -> false;
        };
    }
}
