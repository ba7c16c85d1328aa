package nurse.helper.processes;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.helper.calls.Call;
import nurse.helper.calls.CallHandler;
import nurse.helper.calls.Syscall;

/** Who the program is. It runs as the helper's user, so the helper's own ids are the answer. */
public final class IdentityCalls implements CallHandler {
    private static final int GROUPS_MAX = 4096;

    private final Kernel kernel;
    private final ProcessState process;
    private final int[] ids = new int[6]; // real, effective and saved user, then group
    private final int parent;

    public IdentityCalls(Kernel kernel, ProcessState process, java.lang.foreign.Arena arena) {
        this.kernel = kernel;
        this.process = process;
        this.parent = kernel.getpid();
        MemorySegment three = arena.allocate(12, 4);
        for (int i = 0; i < 2; i++) { // getresuid(2) is 118, getresgid(2) 120
            kernel.syscall(118 + 2L * i, three.address(), three.address() + 4, three.address() + 8, 0, 0, 0);
            for (int j = 0; j < 3; j++) {
                ids[3 * i + j] = three.get(JAVA_INT_UNALIGNED, 4L * j);
            }
        }
    }

    @Override
    public int answer(Syscall syscall, Call call) {
        return switch (syscall) {
            case GETPID, GETTID, SET_TID_ADDRESS -> process.pid();
            case GETPPID -> parent;
            case GETUID32, GETUID -> ids[0];
            case GETEUID32, GETEUID -> ids[1];
            case GETGID32, GETGID -> ids[3];
            case GETEGID32, GETEGID -> ids[4];
            case GETRESUID32 -> three(call, 0);
            case GETRESGID32 -> three(call, 3);
            case GETGROUPS32 -> getgroups(call);
            case GETPGRP -> (int) kernel.syscall(121, process.pid(), 0, 0, 0, 0, 0);
            case GETPGID -> ofSelf(call, 121);
            case GETSID -> ofSelf(call, 124);
            default -> UNANSWERED;
        };
    }

    private int three(Call call, int from) {
        for (int i = 0; i < 3; i++) {
            call.out(i, 4).set(JAVA_INT_UNALIGNED, 0, ids[from + i]);
        }
        return 0;
    }

    private int getgroups(Call call) {
        int size = call.argument(0);
        if (size < 0) {
            return -Errno.EINVAL;
        }
        if (size == 0) {
            return (int) kernel.syscall(115, 0, 0, 0, 0, 0, 0);
        }
        MemorySegment out = call.out(1, 4 * Math.min(size, GROUPS_MAX));
        return (int) kernel.syscall(115, Math.min(size, GROUPS_MAX), out.address(), 0, 0, 0, 0);
    }

    private int ofSelf(Call call, int number) {
        int pid = call.argument(0);
        return pid == 0 || pid == process.pid()
                ? (int) kernel.syscall(number, process.pid(), 0, 0, 0, 0, 0)
                : -Errno.ESRCH;
    }
}
