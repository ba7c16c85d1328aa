package nurse.helper.sandbox;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import nurse.ffm.Kernel;
import nurse.ffm.ProcFs;
import nurse.ffm.lane.LaneLayout;
import nurse.helper.layers.ActiveLayers;
import nurse.helper.layers.Confinement;
import nurse.helper.layers.Layer;

/**
 * Looks at a process from outside, through /proc: is it what its handshake says, and under which layers, before its first
 * call is answered?
 */
final class LockCheck {
    private static final long CORE_MAX = 1; // launcher_main.c, refuse_core_dumps
    private static final long STACK_MAX = 64 << 20;
    private static final long THREADS_MAX = 2; // the same, do_without_filter
    private static final Set<Integer> DESCRIPTORS = Set.of(
            0,
            1,
            2,
            LaneLayout.FD_CONTROL,
            LaneLayout.FD_BELL_HELPER,
            LaneLayout.FD_BELL_UNTRUSTEE,
            LaneLayout.FD_CHANNEL,
            LaneLayout.FD_LIFE);

    private final Kernel kernel;
    private final Lock lock;
    private final int pid;
    private final int trusteeTid;
    private final ActiveLayers layers;

    LockCheck(Kernel kernel, Lock lock, int pid, int trusteeTid, ActiveLayers layers) {
        this.layers = layers;
        this.kernel = kernel;
        this.lock = lock;
        this.pid = pid;
        this.trusteeTid = trusteeTid;
    }

    /** @throws SandboxFailed naming the first thing that is not as it must be */
    void verify(
            int orders,
            long ordersAddress,
            long ordersSize,
            int requests,
            long requestsAddress,
            long requestsSize,
            long vdso,
            long vdsoSize) {
        ProcFs.Status program = ProcFs.status(kernel, pid, pid);
        ProcFs.Status trustee = ProcFs.status(kernel, pid, trusteeTid);
        require("Seccomp mode of the program's thread", "" + lock.seccompMode(), program.field("Seccomp"));
        require("no_new_privs of the program's thread", "1", program.field("NoNewPrivs"));
        layers.active(Layer.NO_NEW_PRIVS);
        require("number of threads", "2", program.field("Threads"));
        require("thread group of the trustee", "" + pid, trustee.field("Tgid"));
        require("no_new_privs of the trustee", "1", trustee.field("NoNewPrivs"));
        require("signals the trustee blocks", "fffffffffffbfeff", trustee.field("SigBlk"));
        List<ProcFs.Mapping> maps = ProcFs.maps(kernel, pid);
        long ordersInode = inode(orders);
        long code = ordersAddress + LaneLayout.CODE;
        mapped(maps, "orders", ordersAddress, code, "r--s", ordersInode);
        mapped(maps, "trustee's code", code, code + LaneLayout.CODE_SIZE, "r-xs", ordersInode);
        mapped(maps, "orders", code + LaneLayout.CODE_SIZE, ordersAddress + ordersSize, "r--s", ordersInode);
        mapped(maps, "vDSO", vdso, vdso + vdsoSize, "r-xp", 0);
        mapped(maps, "requests", requestsAddress, requestsAddress + requestsSize, "rw-s", inode(requests));
    }

    /**
     * Capabilities, limits and descriptors: the launcher's affair, which ends the process when it fails. To be asked when
     * program and loader are mapped, whose descriptors are closed then.
     */
    void verifyLaunched() {
        for (int tid : new int[] {pid, trusteeTid}) {
            ProcFs.Status status = ProcFs.status(kernel, pid, tid);
            for (String set : new String[] {"CapPrm", "CapEff", "CapInh"}) {
                String found = status.field(set);
                long more = found == null ? -1 : Long.parseUnsignedLong(found, 16) & ~Confinement.KEPT_BY_PROCESS;
                require("capabilities that are not wanted in " + set, "0", Long.toHexString(more));
            }
        }
        layers.active(Layer.CAPABILITIES);
        requireLimit("core dumps", Kernel.RLIMIT_CORE, CORE_MAX);
        requireLimit("open files", Kernel.RLIMIT_NOFILE, LaneLayout.FD_BASE);
        requireLimit("stack", Kernel.RLIMIT_STACK, STACK_MAX);
        if (lock == Lock.STRICT && isOwn("user")) {
            requireLimit("processes", Kernel.RLIMIT_NPROC, THREADS_MAX);
        }
        layers.active(Layer.LIMITS);
        Set<Integer> found = new TreeSet<>(ProcFs.descriptors(kernel, pid));
        require("descriptors", new TreeSet<>(DESCRIPTORS).toString(), found.toString());
        layers.active(Layer.DESCRIPTORS);
    }

    private void requireLimit(String what, int resource, long most) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment limit = arena.allocate(16, 8);
            int result = kernel.prlimit64(pid, resource, MemorySegment.NULL, limit);
            // the hard limit on files stays as it was; the helper lets nobody raise the soft one
            boolean isHard = resource == Kernel.RLIMIT_CORE || resource == Kernel.RLIMIT_NPROC;
            long found = limit.get(JAVA_LONG, isHard ? 8 : 0);
            boolean within = result == 0 && Long.compareUnsigned(found, most) <= 0;
            require("limit of " + what, "at most " + most, within ? "at most " + most : Long.toUnsignedString(found));
        }
    }

    /** launcher_main.c, leave_files. A directory outside is still a way out, as its descriptor leads there. */
    void lookAtRoot() {
        String proc = "/proc/" + pid;
        boolean left = (proc + "/fd").equals(kernel.readlinkat(Kernel.AT_FDCWD, proc + "/root"));
        boolean hasDirectory = IntStream.range(0, 3).anyMatch(fd -> isDirectory(proc + "/fd/" + fd));
        layers.set(
                Layer.ROOT,
                left && !hasDirectory,
                left
                        ? "a standard stream of the program is a directory"
                        : "chroot(2) was refused (no user namespace, or a security module)");
    }

    private boolean isDirectory(String name) {
        int fd = kernel.openat(Kernel.AT_FDCWD, name, Kernel.O_PATH | Kernel.O_CLOEXEC, 0);
        boolean is = fd >= 0 && kernel.isDirectory(fd);
        kernel.close(fd);
        return is;
    }

    /** Namespaces: the kernel, or who administers it, may have refused them. */
    void lookAtNamespaces(int wanted) {
        namespace(Layer.NETWORK_NAMESPACE, "net", (wanted & Kernel.CLONE_NEWNET) != 0);
        namespace(Layer.IPC_NAMESPACE, "ipc", (wanted & Kernel.CLONE_NEWIPC) != 0);
        namespace(Layer.UTS_NAMESPACE, "uts", (wanted & Kernel.CLONE_NEWUTS) != 0);
    }

    private void namespace(Layer layer, String name, boolean wanted) {
        layers.set(
                layer,
                isOwn(name),
                wanted
                        ? "the kernel refused it (max_user_namespaces, or a security module)"
                        : "the policy allows network, or whoever is asked (--ask) may");
    }

    private boolean isOwn(String namespace) {
        String ours = kernel.readlinkat(Kernel.AT_FDCWD, "/proc/self/ns/" + namespace);
        String its = kernel.readlinkat(Kernel.AT_FDCWD, "/proc/" + pid + "/ns/" + namespace);
        return its != null && ours != null && !its.equals(ours);
    }

    /**
     * After the trustee has put on its own filter. Seccomp_filters is there since Linux 5.9.
     *
     * @param foreign filters that nurse itself is under
     */
    void verifyFilter(boolean puton, int foreign) {
        if (!puton) {
            layers.missing(Layer.FILTER, "the kernel has no SECCOMP filters (CONFIG_SECCOMP_FILTER)");
            return;
        }
        ProcFs.Status trustee = ProcFs.status(kernel, pid, trusteeTid);
        require("Seccomp mode of the trustee", "2", trustee.field("Seccomp"));
        String filters = trustee.field("Seccomp_filters");
        if (filters != null) {
            require("number of the trustee's filters", "" + (foreign + 1), filters);
            require(
                    "number of the program's filters",
                    "" + (foreign + (lock == Lock.TRAP ? 1 : 0)),
                    ProcFs.status(kernel, pid, pid, "Seccomp_filters"));
        }
        layers.active(Layer.FILTER);
    }

    static void require(String what, String wanted, String found) {
        if (!wanted.equals(found)) {
            throw new SandboxFailed(
                    "the program was not started, because its process is not locked as it should be",
                    what + " should be " + wanted + " and is " + found,
                    "this is a fault of the sandbox or of the kernel; please report it");
        }
    }

    private static void mapped(
            List<ProcFs.Mapping> maps, String what, long start, long end, String permissions, long inode) {
        for (ProcFs.Mapping mapping : maps) {
            if (mapping.start() == start && mapping.end() == end) {
                require(
                        "mapping of the " + what,
                        permissions + " " + inode,
                        mapping.permissions() + " " + mapping.inode());
                return;
            }
        }
        require("mapping of the " + what, Long.toHexString(start) + "-" + Long.toHexString(end), "not there");
    }

    private long inode(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment statx = arena.allocate(256, 8);
            kernel.statx(fd, "", Kernel.AT_EMPTY_PATH, Kernel.STATX_BASIC_STATS, statx);
            return statx.get(JAVA_LONG, 32);
        }
    }
}
