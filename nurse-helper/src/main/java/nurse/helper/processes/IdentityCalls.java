package nurse.helper.processes;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.ffm.ProcFs;
import nurse.helper.calls.Call;
import nurse.helper.calls.CallHandler;
import nurse.helper.calls.CallRefused;
import nurse.helper.calls.Syscall;

/**
 * Who the program is: the helper's user, so the helper's own ids are the answer. It stays so: setting an id succeeds if it
 * changes nothing, and is EPERM otherwise, for root too.
 */
public final class IdentityCalls implements CallHandler {
    private static final int GROUPS_MAX = 4096;
    private static final int OVERFLOW_ID = 65534; // what a 16-bit call says of a larger id: linux/highuid.h
    private static final int USER = 0;
    private static final int GROUP = 3;
    // linux/capability.h
    private static final int CAPABILITY_VERSION_1 = 0x19980330;
    private static final int CAPABILITY_VERSION_2 = 0x20071026;
    private static final int CAPABILITY_VERSION_3 = 0x20080522;
    private static final String[] CAPABILITY_SETS = {"CapEff", "CapPrm", "CapInh"};

    private final Kernel kernel;
    private final ProcessState process;
    private final int[] ids = new int[6]; // real, effective and saved user, then group
    private final MemorySegment groups;

    public IdentityCalls(Kernel kernel, ProcessState process, Arena arena) {
        this.kernel = kernel;
        this.process = process;
        this.groups = arena.allocate(4L * GROUPS_MAX, 4);
        MemorySegment three = arena.allocate(12, 4);
        for (int i = 0; i < 2; i++) {
            kernel.getresid(i == 1, three);
            for (int j = 0; j < 3; j++) {
                ids[3 * i + j] = three.get(JAVA_INT_UNALIGNED, 4L * j);
            }
        }
    }

    @Override
    public int answer(Syscall syscall, Call call) {
        return switch (syscall) {
            case GETPID, GETTID, SET_TID_ADDRESS -> process.pid();
            case GETPPID -> parent();
            case GETUID32 -> ids[USER];
            case GETEUID32 -> ids[USER + 1];
            case GETGID32 -> ids[GROUP];
            case GETEGID32 -> ids[GROUP + 1];
            case GETUID -> narrow(ids[USER]);
            case GETEUID -> narrow(ids[USER + 1]);
            case GETGID -> narrow(ids[GROUP]);
            case GETEGID -> narrow(ids[GROUP + 1]);
            case GETRESUID32 -> three(call, USER, false);
            case GETRESGID32 -> three(call, GROUP, false);
            case GETRESUID -> three(call, USER, true);
            case GETRESGID -> three(call, GROUP, true);
            case GETGROUPS32 -> getgroups(call, 4);
            case GETGROUPS -> getgroups(call, 2);
            case SETUID32 -> keep(USER, call, 1, false, false);
            case SETGID32 -> keep(GROUP, call, 1, false, false);
            case SETREUID32 -> keep(USER, call, 2, true, false);
            case SETREGID32 -> keep(GROUP, call, 2, true, false);
            case SETRESUID32 -> keep(USER, call, 3, true, false);
            case SETRESGID32 -> keep(GROUP, call, 3, true, false);
            case SETUID -> keep(USER, call, 1, false, true);
            case SETGID -> keep(GROUP, call, 1, false, true);
            case SETREUID -> keep(USER, call, 2, true, true);
            case SETREGID -> keep(GROUP, call, 2, true, true);
            case SETRESUID -> keep(USER, call, 3, true, true);
            case SETRESGID -> keep(GROUP, call, 3, true, true);
            // They cannot fail: they say what was before (setfsuid(2)).
            case SETFSUID32 -> ids[USER + 1];
            case SETFSGID32 -> ids[GROUP + 1];
            case SETFSUID -> narrow(ids[USER + 1]);
            case SETFSGID -> narrow(ids[GROUP + 1]);
            case CAPGET -> capget(call);
            case GETPGRP -> kernel.getpgid(process.pid());
            case GETPGID -> isSelf(call.argument(0)) ? kernel.getpgid(process.pid()) : -Errno.ESRCH;
            case GETSID -> isSelf(call.argument(0)) ? kernel.getsid(process.pid()) : -Errno.ESRCH;
            default -> UNANSWERED;
        };
    }

    /** Asked anew each time: a process whose parent ends gets another one. The client of a resident helper has its own parent. */
    private int parent() {
        String parent = ProcFs.status(kernel, process.pid(), process.pid(), "PPid");
        return parent == null ? 0 : Integer.parseInt(parent);
    }

    private static int narrow(int id) {
        return id >>> 16 == 0 ? id : OVERFLOW_ID;
    }

    private int three(Call call, int from, boolean narrow) {
        for (int i = 0; i < 3; i++) {
            if (narrow) {
                call.out(i, 2).set(JAVA_SHORT_UNALIGNED, 0, (short) narrow(ids[from + i]));
            } else {
                call.out(i, 4).set(JAVA_INT_UNALIGNED, 0, ids[from + i]);
            }
        }
        return 0;
    }

    /** @param mayOmit whether -1 leaves an id as it is; for the others it is EINVAL, being no id */
    private int keep(int from, Call call, int count, boolean mayOmit, boolean narrow) {
        for (int i = 0; i < count; i++) {
            int id = narrow ? call.argument(i) & 0xffff : call.argument(i);
            boolean omitted = id == (narrow ? 0xffff : -1);
            if (omitted && !mayOmit) {
                return -Errno.EINVAL;
            }
            if (!omitted && !isAll(from, id)) {
                throw CallRefused.of(Errno.EPERM, "a program keeps its user and group");
            }
        }
        return 0;
    }

    private boolean isAll(int from, int id) {
        return ids[from] == id && ids[from + 1] == id && ids[from + 2] == id;
    }

    private int getgroups(Call call, int width) {
        int size = call.argument(0);
        if (size < 0) {
            return -Errno.EINVAL;
        }
        if (size == 0) {
            return kernel.getgroups(MemorySegment.NULL);
        }
        int count = kernel.getgroups(groups.asSlice(0, 4L * Math.min(size, GROUPS_MAX)));
        MemorySegment out = count > 0 ? call.out(1, width * count) : null;
        for (int i = 0; i < count; i++) {
            int id = groups.get(JAVA_INT_UNALIGNED, 4L * i);
            if (width == 4) {
                out.set(JAVA_INT_UNALIGNED, 4L * i, id);
            } else {
                out.set(JAVA_SHORT_UNALIGNED, 2L * i, (short) narrow(id));
            }
        }
        return count;
    }

    /** capget(2): the truth, of which little is left to use: the sandbox refuses the calls themselves. */
    private int capget(Call call) {
        MemorySegment header = call.struct(0, 8);
        if (header == null) {
            return -Errno.EFAULT;
        }
        int version = header.get(JAVA_INT_UNALIGNED, 0);
        int words = version == CAPABILITY_VERSION_1 ? 1 : 2;
        if (version != CAPABILITY_VERSION_1 && version != CAPABILITY_VERSION_2 && version != CAPABILITY_VERSION_3) {
            call.outAt(call.argument(0), 4).set(JAVA_INT_UNALIGNED, 0, CAPABILITY_VERSION_3);
            call.answerDespiteError();
            return call.argument(1) == 0 ? 0 : -Errno.EINVAL;
        }
        int pid = header.get(JAVA_INT_UNALIGNED, 4);
        if (!isSelf(pid)) {
            return pid < 0 ? -Errno.EINVAL : -Errno.ESRCH;
        }
        MemorySegment out = call.outOrNull(1, 12 * words);
        for (int set = 0; out != null && set < CAPABILITY_SETS.length; set++) {
            String text = ProcFs.status(kernel, process.pid(), process.pid(), CAPABILITY_SETS[set]);
            long bits = text == null ? 0 : Long.parseUnsignedLong(text, 16);
            for (int word = 0; word < words; word++) {
                out.set(JAVA_INT_UNALIGNED, 12L * word + 4L * set, (int) (bits >>> 32 * word));
            }
        }
        return 0;
    }

    private boolean isSelf(int pid) {
        return pid == 0 || pid == process.pid();
    }
}
