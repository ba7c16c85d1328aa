package nurse.helper.serve;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import nurse.ffm.Kernel;
import nurse.ffm.LocalSocket;
import nurse.ffm.ProcFs;
import nurse.ffm.Statx;

/**
 * Whether a client is as the helper is. The helper opens files for the program as itself, so it may do so only for who
 * may do the same: same user, groups, capabilities, namespaces, root directory, security label.
 *
 * <p>And it must be the client's own file that asks: a sandboxed program that is allowed to write where the socket lies
 * could have its helper connect to it, and would ask for more than it has. Immutable.
 */
public final class Likeness {
    /** proc(5), status: all that says what a process may do. */
    private static final String[] FIELDS = {
        "Uid",
        "Gid",
        "Groups",
        "CapInh",
        "CapPrm",
        "CapEff",
        "CapBnd",
        "CapAmb",
        "NoNewPrivs",
        "Seccomp",
        "Seccomp_filters"
    };

    private static final String[] NAMESPACES = {"mnt", "user", "pid", "net", "ipc", "uts", "time"};

    private final String own;
    private final String client;

    /** @param client the client's file, as an absolute name */
    public Likeness(Kernel kernel, String client) {
        this.own = of(kernel, "/proc/self");
        this.client = identity(kernel, client);
    }

    /** Who the peer is must not change while this looks: its pidfd tells that it still lives afterwards. */
    boolean holds(Kernel kernel, LocalSocket.Peer peer) {
        String proc = "/proc/" + peer.pid();
        return peer.uid() == kernel.geteuid()
                && client != null
                && client.equals(identity(kernel, proc + "/exe"))
                && own.equals(of(kernel, proc))
                && kernel.poll(peer.pidfd(), Kernel.POLLIN, 0) == 0;
    }

    private static String of(Kernel kernel, String proc) {
        StringBuilder all = new StringBuilder();
        String status = "\n" + ProcFs.read(kernel, proc + "/status");
        for (String field : FIELDS) {
            int at = status.indexOf("\n" + field + ":");
            all.append(at < 0 ? "" : status.substring(at, status.indexOf('\n', at + 1)));
        }
        for (String namespace : NAMESPACES) {
            all.append('\n').append(kernel.readlinkat(Kernel.AT_FDCWD, proc + "/ns/" + namespace));
        }
        all.append('\n').append(kernel.readlinkat(Kernel.AT_FDCWD, proc + "/root"));
        all.append('\n').append(identity(kernel, proc + "/root"));
        return all.append('\n')
                .append(ProcFs.read(kernel, proc + "/attr/current"))
                .toString();
    }

    /** Device and inode; null if the file is not there. */
    private static String identity(Kernel kernel, String path) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment statx = arena.allocate(Statx.SIZE, 8);
            int result = kernel.statx(Kernel.AT_FDCWD, path, 0, Kernel.STATX_BASIC_STATS, statx);
            return result < 0 ? null : Statx.dev(statx) + ":" + Statx.ino(statx);
        }
    }
}
