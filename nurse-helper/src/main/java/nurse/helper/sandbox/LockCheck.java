package nurse.helper.sandbox;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import nurse.ffm.Kernel;
import nurse.ffm.ProcFs;
import nurse.ffm.lane.LaneLayout;

/** Looks at a process from outside, through /proc: is it what its handshake says, before its first call is answered? */
final class LockCheck {
    private final Kernel kernel;
    private final Lock lock;
    private final int pid;
    private final int trusteeTid;

    LockCheck(Kernel kernel, Lock lock, int pid, int trusteeTid) {
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
        require(
                "Seccomp mode of the program's thread",
                "" + lock.seccompMode(),
                ProcFs.status(kernel, pid, pid, "Seccomp"));
        require("no_new_privs of the program's thread", "1", ProcFs.status(kernel, pid, pid, "NoNewPrivs"));
        require("number of threads", "2", ProcFs.status(kernel, pid, pid, "Threads"));
        require("thread group of the trustee", "" + pid, ProcFs.status(kernel, pid, trusteeTid, "Tgid"));
        require("Seccomp mode of the trustee", "0", ProcFs.status(kernel, pid, trusteeTid, "Seccomp"));
        require("signals the trustee blocks", "fffffffffffbfeff", ProcFs.status(kernel, pid, trusteeTid, "SigBlk"));
        List<ProcFs.Mapping> maps = ProcFs.maps(kernel, pid);
        long ordersInode = inode(orders);
        long code = ordersAddress + LaneLayout.CODE;
        mapped(maps, "orders", ordersAddress, code, "r--s", ordersInode);
        mapped(maps, "trustee's code", code, code + LaneLayout.CODE_SIZE, "r-xs", ordersInode);
        mapped(maps, "orders", code + LaneLayout.CODE_SIZE, ordersAddress + ordersSize, "r--s", ordersInode);
        mapped(maps, "vDSO", vdso, vdso + vdsoSize, "r-xp", 0);
        mapped(maps, "requests", requestsAddress, requestsAddress + requestsSize, "rw-s", inode(requests));
    }

    private static void require(String what, String wanted, String found) {
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
