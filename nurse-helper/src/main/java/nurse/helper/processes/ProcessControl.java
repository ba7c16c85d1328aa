package nurse.helper.processes;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.ffm.ProcFs;
import nurse.helper.calls.Call;
import nurse.helper.calls.CallRefused;

/**
 * prctl(2). The helper answers what only asks, and remembers what has no effect in a process of one thread without children.
 * What the sandbox rests on stays as it is: EPERM.
 */
final class ProcessControl {
    private static final int NAME_SIZE = 16; // TASK_COMM_LEN
    private static final int TIMER_SLACK_NANOS = 50_000; // that of init (kernel/fork.c)
    private static final int TSC_ENABLE = 1;
    private static final int SECURE_KEEP_CAPS = 1 << 4; // linux/securebits.h
    private static final int MCE_KILL_DEFAULT = 2;
    // linux/prctl.h
    private static final int PR_SET_PDEATHSIG = 1;
    private static final int PR_GET_PDEATHSIG = 2;
    private static final int PR_GET_DUMPABLE = 3;
    private static final int PR_SET_DUMPABLE = 4;
    private static final int PR_GET_KEEPCAPS = 7;
    private static final int PR_SET_KEEPCAPS = 8;
    private static final int PR_GET_TIMING = 13;
    private static final int PR_SET_TIMING = 14;
    private static final int PR_SET_NAME = 15;
    private static final int PR_GET_NAME = 16;
    private static final int PR_SET_SECCOMP = 22;
    private static final int PR_CAPBSET_READ = 23;
    private static final int PR_CAPBSET_DROP = 24;
    private static final int PR_GET_TSC = 25;
    private static final int PR_SET_TSC = 26;
    private static final int PR_GET_SECUREBITS = 27;
    private static final int PR_SET_SECUREBITS = 28;
    private static final int PR_SET_TIMERSLACK = 29;
    private static final int PR_GET_TIMERSLACK = 30;
    private static final int PR_TASK_PERF_EVENTS_DISABLE = 31;
    private static final int PR_TASK_PERF_EVENTS_ENABLE = 32;
    private static final int PR_MCE_KILL_GET = 34;
    private static final int PR_SET_MM = 35;
    private static final int PR_SET_CHILD_SUBREAPER = 36;
    private static final int PR_GET_CHILD_SUBREAPER = 37;
    private static final int PR_SET_NO_NEW_PRIVS = 38;
    private static final int PR_GET_NO_NEW_PRIVS = 39;
    private static final int PR_SET_THP_DISABLE = 41;
    private static final int PR_GET_THP_DISABLE = 42;
    private static final int PR_CAP_AMBIENT = 47;
    private static final int PR_CAP_AMBIENT_IS_SET = 1;
    private static final int PR_CAP_AMBIENT_RAISE = 2;
    private static final int PR_CAP_AMBIENT_LOWER = 3;
    private static final int PR_CAP_AMBIENT_CLEAR_ALL = 4;
    private static final int PR_SET_SYSCALL_USER_DISPATCH = 59;

    private final Kernel kernel;
    private final ProcessState process;
    private final MemorySegment room;

    ProcessControl(Kernel kernel, ProcessState process, Arena arena) {
        this.kernel = kernel;
        this.process = process;
        this.room = arena.allocate(NAME_SIZE, 8);
    }

    int answer(Call call) {
        int value = call.argument(1);
        return switch (call.argument(0)) {
            case PR_SET_PDEATHSIG,
                    PR_GET_PDEATHSIG,
                    PR_SET_SECCOMP,
                    PR_CAPBSET_DROP,
                    PR_SET_TSC,
                    PR_SET_SECUREBITS,
                    PR_SET_MM,
                    PR_SET_SYSCALL_USER_DISPATCH -> notInTheSandbox();
            case PR_GET_DUMPABLE -> 1;
            case PR_SET_DUMPABLE -> // the helper needs to look at it
                Integer.compareUnsigned(value, 1) > 0 ? -Errno.EINVAL : value == 1 ? 0 : notInTheSandbox();
            case PR_GET_KEEPCAPS -> remembered(PR_SET_KEEPCAPS, 0);
            case PR_SET_KEEPCAPS -> Integer.compareUnsigned(value, 1) > 0 ? -Errno.EINVAL : remember(call);
            case PR_GET_SECUREBITS -> remembered(PR_SET_KEEPCAPS, 0) == 0 ? 0 : SECURE_KEEP_CAPS;
            case PR_GET_TIMING, PR_TASK_PERF_EVENTS_DISABLE, PR_TASK_PERF_EVENTS_ENABLE -> 0;
            case PR_SET_TIMING -> value == 0 ? 0 : -Errno.EINVAL;
            case PR_SET_NAME -> setName(call);
            case PR_GET_NAME -> getName(call);
            case PR_CAPBSET_READ -> has("CapBnd", value);
            case PR_GET_TSC -> tell(call, TSC_ENABLE);
            case PR_SET_TIMERSLACK -> remember(call);
            case PR_GET_TIMERSLACK -> {
                int slack = remembered(PR_SET_TIMERSLACK, 0);
                yield slack <= 0 ? TIMER_SLACK_NANOS : slack; // 0 is back to the default
            }
            case PR_MCE_KILL_GET -> areZero(call, 1) ? MCE_KILL_DEFAULT : -Errno.EINVAL;
            case PR_SET_CHILD_SUBREAPER -> remember(call);
            case PR_GET_CHILD_SUBREAPER -> tell(call, remembered(PR_SET_CHILD_SUBREAPER, 0) == 0 ? 0 : 1);
            case PR_SET_NO_NEW_PRIVS -> value == 1 && areZero(call, 2) ? 0 : -Errno.EINVAL; // it is set
            case PR_GET_NO_NEW_PRIVS -> areZero(call, 1) ? 1 : -Errno.EINVAL;
            case PR_SET_THP_DISABLE -> areZero(call, 2) ? remember(call) : -Errno.EINVAL;
            case PR_GET_THP_DISABLE ->
                !areZero(call, 1) ? -Errno.EINVAL : remembered(PR_SET_THP_DISABLE, 0) == 0 ? 0 : 1;
            case PR_CAP_AMBIENT -> ambient(call);
            default -> -Errno.EINVAL;
        };
    }

    private static int notInTheSandbox() {
        throw CallRefused.of(Errno.EPERM, "it would change what the sandbox rests on");
    }

    /** Whether the arguments from {@code first} to the last of the five are 0. */
    private static boolean areZero(Call call, int first) {
        int bits = 0;
        for (int i = first; i < 5; i++) {
            bits |= call.argument(i);
        }
        return bits == 0;
    }

    private int remember(Call call) {
        process.remember(call.argument(0), call.argument(1));
        return 0;
    }

    private int remembered(int option, int otherwise) {
        return process.remembered(option, otherwise);
    }

    private static int tell(Call call, int value) {
        call.out(1, 4).set(JAVA_INT_UNALIGNED, 0, value);
        return 0;
    }

    /** Whether a capability is in a set of the untrustee's: 1 or 0; EINVAL for one that the kernel does not know. */
    private int has(String set, int capability) {
        int known = kernel.prctl(PR_CAPBSET_READ, capability, 0, 0, 0);
        String text = ProcFs.status(kernel, process.pid(), process.pid(), set);
        return known < 0 || text == null ? known : (int) (Long.parseUnsignedLong(text, 16) >>> capability & 1);
    }

    /** capabilities(7): the set is empty, and nothing comes into it that is not inheritable. */
    private int ambient(Call call) {
        int capability = call.argument(2);
        if (call.argument(1) == PR_CAP_AMBIENT_CLEAR_ALL) {
            return areZero(call, 2) ? 0 : -Errno.EINVAL;
        }
        int known = areZero(call, 3) ? has("CapAmb", capability) : -Errno.EINVAL;
        return switch (call.argument(1)) {
            case PR_CAP_AMBIENT_IS_SET -> known;
            case PR_CAP_AMBIENT_RAISE -> known < 0 ? known : notInTheSandbox();
            case PR_CAP_AMBIENT_LOWER -> Math.min(known, 0);
            default -> -Errno.EINVAL;
        };
    }

    /** Of the untrustee's thread only the thread itself could set it: remembered, for a later PR_GET_NAME. */
    private int setName(Call call) {
        int read = kernel.process_vm_readv(process.pid(), call.argument(1), room, NAME_SIZE - 1);
        if (read < 0) {
            return -Errno.EFAULT;
        }
        StringBuilder name = new StringBuilder(NAME_SIZE);
        for (int i = 0; i < read && room.get(JAVA_BYTE, i) != 0; i++) {
            name.append((char) (room.get(JAVA_BYTE, i) & 0xff));
        }
        process.name(name.toString());
        return 0;
    }

    private int getName(Call call) {
        MemorySegment out = call.out(1, NAME_SIZE);
        out.fill((byte) 0);
        String name = process.name();
        for (int i = 0; i < Math.min(name.length(), NAME_SIZE - 1); i++) {
            out.set(JAVA_BYTE, i, (byte) name.charAt(i));
        }
        return 0;
    }
}
