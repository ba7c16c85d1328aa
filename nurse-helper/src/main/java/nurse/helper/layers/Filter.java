package nurse.helper.layers;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import nurse.helper.calls.CallClass;
import nurse.helper.calls.Syscall;

/**
 * SECCOMP filters made from the table of system calls, for those threads and times that the lock does not cover.
 *
 * <p>Instructions are struct sock_filter as a little-endian long: code, jump if true, jump if false, operand
 * (linux/filter.h). The kernel caches what depends on nothing but the number, so the length costs nothing per call.
 */
public final class Filter {
    /** What is ordered of the trustee though the table says that another party answers the program's call of that name. */
    private static final Set<Syscall> ALSO_ORDERED = EnumSet.of(
            Syscall.WRITE, // the bell
            Syscall.LSEEK, // the channel
            Syscall.GETPID,
            Syscall.RT_SIGACTION,
            Syscall.RT_SIGTIMEDWAIT,
            Syscall.CLOCK_GETTIME,
            Syscall.CLOCK_GETTIME64);

    /** The same, with the process itself as the first argument. */
    private static final Set<Syscall> SIGNALS =
            EnumSet.of(Syscall.KILL, Syscall.TGKILL, Syscall.RT_SIGQUEUEINFO, Syscall.RT_TGSIGQUEUEINFO);

    /** What the program is always refused, and the start of its process needs. */
    private static final Set<Syscall> NEEDED_TO_START = EnumSet.of(
            Syscall.EXECVEAT, // the launcher becomes ld.so
            Syscall.SET_THREAD_AREA, // ld.so
            Syscall.CLONE, // the trustee's thread; processes are refused below
            Syscall.MSEAL);

    private static final BitSet ORDERED = ordered();

    // linux/seccomp.h, linux/audit.h, linux/bpf_common.h, linux/sched.h
    private static final int KILL_PROCESS = 0x80000000;
    private static final int KILL_THREAD = 0;
    private static final int ERRNO = 0x00050000;
    private static final int ALLOW = 0x7fff0000;
    private static final int ARCH_I386 = 0x40000003;
    private static final int LOAD = 0x20;
    private static final int JUMP_EQUAL = 0x15;
    private static final int JUMP_GREATER = 0x25;
    private static final int JUMP_GREATER_EQUAL = 0x35;
    private static final int JUMP_SET = 0x45;
    private static final int RETURN = 0x06;
    private static final int NR = 0;
    private static final int ARCH = 4;
    private static final int ARGUMENT_0 = 16;
    private static final int CLONE_THREAD = 0x10000;
    private static final int EPERM = 1;
    private static final int ENOSYS = 38;

    private final List<Long> code = new ArrayList<>();

    private Filter(int otherArchitecture) {
        add(LOAD, 0, 0, ARCH);
        add(JUMP_EQUAL, 1, 0, ARCH_I386);
        add(RETURN, 0, 0, otherArchitecture);
        add(LOAD, 0, 0, NR);
    }

    /**
     * For the whole process, from before ld.so on: what the table refuses everybody is refused by the kernel too, and there
     * are threads but no processes. Less than the lock's own filter in everything, so that the lock's answer is what counts.
     */
    public static long[] ofTheProcess() {
        Filter filter = new Filter(KILL_THREAD); // as the lock
        BitSet refused = new BitSet();
        for (Syscall syscall : Syscall.values()) {
            refused.set(
                    syscall.number(), syscall.callClass() == CallClass.REFUSE && !NEEDED_TO_START.contains(syscall));
        }
        filter.add(JUMP_GREATER, 0, 1, last());
        filter.add(RETURN, 0, 0, ERRNO | ENOSYS);
        filter.ranges(refused, ERRNO | EPERM);
        filter.add(JUMP_EQUAL, 0, 3, Syscall.CLONE.number());
        filter.add(LOAD, 0, 0, ARGUMENT_0);
        filter.add(JUMP_SET, 1, 0, CLONE_THREAD);
        filter.add(RETURN, 0, 0, ERRNO | EPERM);
        filter.add(RETURN, 0, 0, ALLOW);
        return filter.program();
    }

    /**
     * For the trustee alone, put on by its own order: what it is never ordered to do ends the process, signals to other
     * processes too.
     */
    public static long[] ofTheTrustee(int pid) {
        Filter filter = new Filter(KILL_PROCESS);
        for (Syscall signal : SIGNALS) {
            filter.add(JUMP_EQUAL, 0, 4, signal.number());
            filter.add(LOAD, 0, 0, ARGUMENT_0);
            filter.add(JUMP_EQUAL, 1, 0, pid);
            filter.add(RETURN, 0, 0, KILL_PROCESS);
            filter.add(RETURN, 0, 0, ALLOW);
        }
        BitSet plain = (BitSet) ORDERED.clone();
        SIGNALS.forEach(signal -> plain.clear(signal.number()));
        filter.ranges(plain, ALLOW);
        filter.add(RETURN, 0, 0, KILL_PROCESS);
        return filter.program();
    }

    /** Whether the trustee may be ordered to make a call of this number. */
    public static boolean isOrdered(int number) {
        return ORDERED.get(number);
    }

    private static int last() {
        int last = 0;
        for (Syscall syscall : Syscall.values()) {
            last = Math.max(last, syscall.number());
        }
        return last;
    }

    private static BitSet ordered() {
        BitSet numbers = new BitSet();
        for (Syscall syscall : Syscall.values()) {
            numbers.set(
                    syscall.number(),
                    syscall.callClass() == CallClass.TRUSTEE
                            || ALSO_ORDERED.contains(syscall)
                            || SIGNALS.contains(syscall));
        }
        return numbers;
    }

    /** Numbers of the set get the answer. The number is in the accumulator, and stays there. */
    private void ranges(BitSet numbers, int answer) {
        int end;
        for (int start = numbers.nextSetBit(0); start >= 0; start = numbers.nextSetBit(end)) {
            end = numbers.nextClearBit(start);
            add(JUMP_GREATER_EQUAL, 0, 2, start);
            add(JUMP_GREATER, 1, 0, end - 1);
            add(RETURN, 0, 0, answer);
        }
    }

    private void add(int operation, int ifTrue, int ifFalse, int operand) {
        code.add((long) operation | (long) ifTrue << 16 | (long) ifFalse << 24 | (long) operand << 32);
    }

    private long[] program() {
        return code.stream().mapToLong(Long::longValue).toArray();
    }
}
