package nurse.helper.layers;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import nurse.ffm.Errno;
import nurse.ffm.lane.LaneLayout;
import nurse.helper.calls.Syscall;

/**
 * SECCOMP filters made from the table of system calls, for those threads and times that the lock does not cover.
 *
 * <p>Instructions are struct sock_filter as a little-endian long: code, jump if true, jump if false, operand
 * (linux/filter.h). The kernel caches what depends on nothing but the number, so the length costs nothing per call.
 */
public final class Filter {
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
    private static final int ARGUMENTS = 16;
    private static final int CLONE_THREAD = 0x10000;
    // linux/prctl.h
    private static final int PR_SET_NAME = 15;
    private static final int PR_SET_SECCOMP = 22;
    private static final int PR_SET_TSC = 26;
    /** O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, O_PATH, __O_TMPFILE (asm-generic/fcntl.h). */
    private static final int NOT_TO_READ = 01 | 02 | 0100 | 01000 | 010000000 | 020000000;

    /**
     * What somebody calls between the execve of ld.so and the lock that is not ordered of the trustee, and with which
     * arguments. ld.so: strace(1) of glibc 2.36, 2.41 and 2.43 up to the audit module. 2.43 asks with readlinkat(2) where the
     * program is, and goes by its name when that is refused, as the others do: so $ORIGIN is the same for all.
     */
    private static final Map<Syscall, Optional<Condition>> BEFORE_THE_LOCK = Map.ofEntries(
            // what the lock leaves the program: no argument may be looked at, or the kernel does not cache the answer
            plain(Syscall.READ),
            plain(Syscall.SIGRETURN),
            plain(Syscall.RESTART_SYSCALL),
            // the launcher becomes ld.so, once: of this number there is no descriptor afterwards
            only(Syscall.EXECVEAT, new Condition.OneOf(0, Set.of(LaneLayout.FD_LOADER))),
            // ld.so: what it maps, where that is, its thread, and its error messages
            only(Syscall.OPENAT, new Condition.Without(2, NOT_TO_READ)), // the trustee, too: Sandbox.verifyLayers
            plain(Syscall.STATX),
            plain(Syscall.GETCWD),
            plain(Syscall.SET_THREAD_AREA),
            plain(Syscall.SET_TID_ADDRESS), // the lock, too
            plain(Syscall.SET_ROBUST_LIST),
            plain(Syscall.RSEQ),
            plain(Syscall.WRITEV),
            // the lock: the trustee's thread, handlers, seals, and itself
            only(Syscall.CLONE, new Condition.With(0, CLONE_THREAD)),
            plain(Syscall.RT_SIGPROCMASK),
            plain(Syscall.SIGALTSTACK),
            plain(Syscall.MSEAL),
            only(Syscall.PRCTL, new Condition.OneOf(0, Set.of(PR_SET_NAME, PR_SET_SECCOMP, PR_SET_TSC))));

    private final List<Long> code = new ArrayList<>();

    private Filter(int otherArchitecture) {
        add(LOAD, 0, 0, ARCH);
        add(JUMP_EQUAL, 1, 0, ARCH_I386);
        add(RETURN, 0, 0, otherArchitecture);
        add(LOAD, 0, 0, NR);
    }

    /**
     * For the whole process, from before ld.so on: what its start needs, and what the trustee may be ordered to do. Less than
     * the lock's own filter in everything, so that the lock's answer is what counts (seccomp(2): SECCOMP_RET_TRAP goes before
     * SECCOMP_RET_ERRNO).
     */
    public static long[] ofTheProcess() {
        Filter filter = new Filter(KILL_THREAD); // as the lock
        BitSet unknown = new BitSet();
        for (int number = 0; number <= last(); number++) {
            unknown.set(number, Syscall.byNumber(number) == null);
        }
        filter.add(JUMP_GREATER, 0, 1, last());
        filter.add(RETURN, 0, 0, ERRNO | Errno.ENOSYS);
        filter.ranges(unknown, ERRNO | Errno.ENOSYS);
        BitSet allowed = Orders.copyOfNumbers();
        Map<Syscall, Condition> conditions = Orders.copyOfConditions(LaneLayout.HEADER_BELT_SELF);
        BEFORE_THE_LOCK.forEach((syscall, condition) -> {
            allowed.set(syscall.number());
            condition.ifPresent(only -> conditions.put(syscall, only));
        });
        filter.allow(allowed, conditions, ERRNO | Errno.EPERM);
        return filter.program();
    }

    /**
     * For the trustee alone, put on by its own order: what it is never ordered to do ends the process, signals to other
     * processes too.
     */
    public static long[] ofTheTrustee(int pid) {
        Filter filter = new Filter(KILL_PROCESS);
        filter.allow(Orders.copyOfNumbers(), Orders.copyOfConditions(pid), KILL_PROCESS);
        return filter.program();
    }

    private static int last() {
        int last = 0;
        for (Syscall syscall : Syscall.values()) {
            last = Math.max(last, syscall.number());
        }
        return last;
    }

    private static Map.Entry<Syscall, Optional<Condition>> plain(Syscall syscall) {
        return Map.entry(syscall, Optional.empty());
    }

    private static Map.Entry<Syscall, Optional<Condition>> only(Syscall syscall, Condition condition) {
        return Map.entry(syscall, Optional.of(condition));
    }

    /** These numbers are allowed, some of them on a condition; all others get the answer. */
    private void allow(BitSet numbers, Map<Syscall, Condition> conditions, int otherwise) {
        conditions.forEach((syscall, condition) -> {
            numbers.clear(syscall.number());
            conditional(syscall.number(), condition, otherwise);
        });
        ranges(numbers, ALLOW);
        add(RETURN, 0, 0, otherwise);
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

    /** A call of this number is decided by its argument. The number is in the accumulator, and stays there for others. */
    private void conditional(int number, Condition condition, int otherwise) {
        switch (condition) {
            case Condition.OneOf one -> {
                int left = one.values().size();
                argument(number, condition, left);
                for (int value : new TreeSet<>(one.values())) {
                    add(JUMP_EQUAL, left--, 0, value);
                }
            }
            case Condition.With with -> {
                argument(number, condition, 1);
                add(JUMP_SET, 1, 0, with.bits());
            }
            case Condition.Without without -> {
                argument(number, condition, 1);
                add(JUMP_SET, 0, 1, without.bits());
            }
        }
        add(RETURN, 0, 0, otherwise);
        add(RETURN, 0, 0, ALLOW);
    }

    /** Another number goes on behind so many comparisons and two answers. */
    private void argument(int number, Condition condition, int comparisons) {
        add(JUMP_EQUAL, 0, comparisons + 3, number);
        add(LOAD, 0, 0, ARGUMENTS + 8 * condition.argument());
    }

    private void add(int operation, int ifTrue, int ifFalse, int operand) {
        code.add((long) operation | (long) ifTrue << 16 | (long) ifFalse << 24 | (long) operand << 32);
    }

    private long[] program() {
        return code.stream().mapToLong(Long::longValue).toArray();
    }
}
