package nurse.helper.doctor;

import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import nurse.ffm.Errno;
import nurse.ffm.lane.LaneLayout;
import nurse.helper.messages.Quoted;

/** What is to be thought of what {@link Doctor} has looked at. No look at the machine: the same answer for the same facts. */
final class Judgements {
    private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+).*");
    private static final int MAJOR = 6;
    private static final int MINOR = 6;
    private static final int JAVA = 22;
    /** launcher_main.c, limit_descriptors: its own are placed above the program's. */
    private static final long FILES = LaneLayout.FD_BASE + 16;
    /** More than the shared memory and the largest program that is copied: both are files in memory (RLIMIT_FSIZE). */
    private static final long FILE_SIZE = 512L << 20;

    private static final long MIB = 1 << 20;

    private Judgements() {}

    /** @param release and machine, as uname(2) has them */
    static Finding kernel(String release, String machine) {
        String found = "Linux " + Quoted.plain(release) + ", " + Quoted.plain(machine);
        Matcher version = VERSION.matcher(release);
        boolean fresh = version.matches()
                && (Integer.parseInt(version.group(1)) > MAJOR
                        || Integer.parseInt(version.group(1)) == MAJOR && Integer.parseInt(version.group(2)) >= MINOR);
        if (!fresh) {
            String needed = MAJOR + "." + MINOR;
            return Finding.broken(
                    "kernel", found, "nurse is made for Linux " + needed, "boot Linux " + needed + " or newer");
        }
        return machine.equals("x86_64")
                ? Finding.ok("kernel", found)
                : Finding.broken("kernel", found, "the helper is made for x86-64", "use an x86-64 machine");
    }

    /**
     * How an i386 program of one call ended.
     *
     * @param started its pid, or a negative errno
     * @param exit its exit status, 256 + n for signal n
     */
    static Finding bits32(int started, int exit) {
        String what = "32-bit";
        if (started < 0) {
            return Finding.broken(
                    what,
                    "an i386 program cannot be started: " + Errno.name(-started),
                    started == -Errno.ENOEXEC
                            ? "the kernel was built without CONFIG_IA32_EMULATION, or booted with ia32_emulation=0"
                            : "the kernel, a security module or a container forbids it",
                    "boot a kernel that has it, or leave the container");
        }
        return exit == 0
                ? Finding.ok(what, "i386 programs run")
                : Finding.broken(
                        what,
                        "an i386 program "
                                + (exit < 256 ? "ended with status " + exit : "died of signal " + (exit - 256)),
                        "a SECCOMP filter of a container or of a service forbids i386 system calls",
                        "run nurse outside of it, or let it allow them (SystemCallArchitectures= of systemd)");
    }

    /**
     * @param memory of the making of an executable file in memory: a descriptor, or a negative errno
     */
    static Finding memoryFiles(int memory) {
        return memory >= 0
                ? Finding.ok("memory files", "can be executed")
                : Finding.broken(
                        "memory files",
                        "memfd_create(2) refuses executable ones: " + Errno.name(-memory),
                        "vm.memfd_noexec is 2, or a security module forbids it",
                        "sysctl vm.memfd_noexec=1");
    }

    /**
     * @param mode of this process, as /proc/self/status has it under Seccomp; null when it has no such line
     * @param filter what prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL) returned: EFAULT if it knows filters
     */
    static Finding seccomp(String mode, int filter) {
        if (mode == null) {
            return Finding.broken(
                    "SECCOMP", "there is none", "the kernel was built without CONFIG_SECCOMP", "boot one that has it");
        }
        if (filter != -Errno.EFAULT) {
            return Finding.broken(
                    "SECCOMP",
                    "filters are refused: " + Errno.name(-filter),
                    "the kernel was built without CONFIG_SECCOMP_FILTER, or a container forbids them",
                    "boot a kernel that has them; --lock strict may run without");
        }
        return mode.equals("0")
                ? Finding.ok("SECCOMP", "filters, and mode 1")
                : Finding.missing(
                        "SECCOMP",
                        "filters, but not mode 1",
                        "nurse itself runs under a filter, of a container perhaps, and a thread under one cannot enter mode"
                                + " 1",
                        "--lock trap, which is the default, works; for --lock strict leave the container");
    }

    /** @param found whether the i386 dynamic linker is there, under the root that programs are to see */
    static Finding loader(String root, boolean found) {
        String path = (root.equals("/") ? "" : root) + "/lib/ld-linux.so.2";
        return found
                ? Finding.ok("loader", Quoted.plain(path))
                : Finding.broken(
                        "loader",
                        "there is no " + Quoted.plain(path),
                        "i386 programs are loaded by it",
                        root.equals("/")
                                ? "apt install libc6-i386, or use --root with a tree that bin/make-i386-tree makes"
                                : "bin/make-i386-tree makes a tree that has one");
    }

    /**
     * @param feature this JVM's
     * @param home its directory
     * @param cached the directory of the JVM that the cache beside the jar is for; null when there is no cache
     */
    static Finding java(int feature, String home, String cached) {
        String found = "Java " + feature + ", " + Quoted.plain(home);
        if (feature < JAVA) {
            return Finding.broken(
                    "Java", found, "nurse needs Java " + JAVA, "install a JDK " + JAVA + " or newer into /usr/lib/jvm");
        }
        if (cached == null) {
            return Finding.missing(
                    "Java",
                    found,
                    "there is no cache of loaded classes beside the jar: each start takes longer",
                    "./setup");
        }
        return cached.equals(home)
                ? Finding.ok("Java", found + ", with a cache of loaded classes")
                : Finding.missing(
                        "Java",
                        found,
                        "the cache of loaded classes is for " + Quoted.plain(cached) + ": each start takes longer",
                        "./setup, or use that JDK (NURSE_JAVA_HOME)");
    }

    /**
     * @param scope kernel.yama.ptrace_scope; empty when there is no such setting
     * @param root whether nurse is root
     */
    static Finding inspection(OptionalLong scope, boolean root) {
        long level = root ? 0 : scope.orElse(0);
        if (level == 0) {
            return Finding.ok("inspection", "the helper may look at its programs");
        }
        return level == 1
                ? Finding.missing(
                        "inspection",
                        "a helper may look at its children only: each run has one of its own, and starts later",
                        "kernel.yama.ptrace_scope is 1, and a resident helper's programs are not its children",
                        "nothing; or sysctl kernel.yama.ptrace_scope=0, which lets a user's processes look at each other")
                : Finding.broken(
                        "inspection",
                        "the helper may not look at its programs",
                        "kernel.yama.ptrace_scope is " + level,
                        "sysctl kernel.yama.ptrace_scope=1");
    }

    /**
     * @param borrowed what pidfd_getfd(2) returned for a descriptor of this process's own: a descriptor, or a negative errno
     */
    static Finding descriptors(int borrowed) {
        return Finding.ok(
                "descriptors",
                borrowed >= 0
                        ? "the helper takes its programs' by pidfd_getfd(2)"
                        : "its programs' trustees send theirs to the helper, since pidfd_getfd(2) is refused: "
                                + Errno.name(-borrowed));
    }

    /** @param directory of the resident helper's socket; null when there is none that is the user's alone */
    static Finding runDirectory(String directory) {
        return directory != null
                ? Finding.ok("run directory", Quoted.plain(directory))
                : Finding.missing(
                        "run directory",
                        "there is none for a resident helper",
                        "none of XDG_RUNTIME_DIR/nurse, /run/user/UID/nurse and /tmp/nurse-UID is, or can be made, a"
                                + " directory of yours with mode 0700",
                        "set XDG_RUNTIME_DIR to a directory of yours that nobody else may enter");
    }

    /** @param hard the hard limit; -1 for none */
    static Finding openFiles(long hard) {
        return Long.compareUnsigned(hard, FILES) >= 0
                ? Finding.ok("limit of open files", hard < 0 ? "none" : Long.toString(hard))
                : Finding.broken(
                        "limit of open files",
                        Long.toString(hard),
                        "the sandbox keeps descriptors of its own above the program's 1024",
                        "ulimit -Hn " + FILES + ", or LimitNOFILE= of systemd, or /etc/security/limits.conf");
    }

    /** @param most bytes; -1 for no limit */
    static Finding fileSize(long most) {
        return Long.compareUnsigned(most, FILE_SIZE) >= 0
                ? Finding.ok("limit of file size", most < 0 ? "none" : most / MIB + " MiB")
                : Finding.broken(
                        "limit of file size",
                        most / MIB + " MiB",
                        "files in memory count as well: what the sandbox shares with the program",
                        "ulimit -f unlimited; run --limit file-size=... limits the program alone");
    }
}
