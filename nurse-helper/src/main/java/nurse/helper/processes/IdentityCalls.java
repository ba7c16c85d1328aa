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
            case GETPPID -> parent;
            case GETUID32, GETUID -> ids[0];
            case GETEUID32, GETEUID -> ids[1];
            case GETGID32, GETGID -> ids[3];
            case GETEGID32, GETEGID -> ids[4];
            case GETRESUID32 -> three(call, 0);
            case GETRESGID32 -> three(call, 3);
            case GETGROUPS32 -> getgroups(call);
            case GETPGRP -> kernel.getpgid(process.pid());
            case GETPGID -> isSelf(call) ? kernel.getpgid(process.pid()) : -Errno.ESRCH;
            case GETSID -> isSelf(call) ? kernel.getsid(process.pid()) : -Errno.ESRCH;
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
            return kernel.getgroups(MemorySegment.NULL);
        }
        MemorySegment out = call.out(1, 4 * Math.min(size, GROUPS_MAX));
        return kernel.getgroups(out);
    }

    private boolean isSelf(Call call) {
        return call.argument(0) == 0 || call.argument(0) == process.pid();
    }
}
