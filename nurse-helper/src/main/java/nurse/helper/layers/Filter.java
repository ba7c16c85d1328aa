package nurse.helper.layers;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import nurse.helper.calls.CallClass;
import nurse.helper.calls.Syscall;

/**
 * SECCOMP filters, made from the table of system calls.
 *
 * <p>A filter looks at the architecture, then finds the call's number in a search tree: the kernel looks at each instruction
 * of each path when a filter is put on, and a linear one of 240 instructions takes it up to a millisecond. What depends on
 * nothing but the number costs nothing per call: the kernel keeps the answer (seccomp_is_const_allow in kernel/seccomp.c).
 *
 * <p>Instructions are struct sock_filter as a little-endian long: code, jump if true, jump if false, operand
 * (linux/filter.h).
 */
public final class Filter {
    // linux/seccomp.h, linux/audit.h, linux/bpf_common.h
    private static final int KILL_PROCESS = 0x80000000;
    private static final int KILL_THREAD = 0;
    private static final int TRAP = 0x00030000;
    private static final int ALLOW = 0x7fff0000;
    private static final int ARCH_I386 = 0x40000003;
    private static final int LOAD = 0x20;
    private static final int JUMP = 0x05;
    private static final int JUMP_EQUAL = 0x15;
    private static final int JUMP_GREATER_EQUAL = 0x35;
    private static final int AND = 0x54;
    private static final int RETURN = 0x06;
    private static final int FARTHEST = 255; // a conditional jump's distance is a byte
    private static final int NR = 0;
    private static final int ARCH = 4;
    private static final int ARGUMENTS = 16;
    private static final int FUTEX_COMMAND = 0x7f; // linux/futex.h, without FUTEX_PRIVATE_FLAG and FUTEX_CLOCK_REALTIME
    private static final Set<Integer> FUTEX_NATIVE = Set.of(0, 1, 9, 10); // WAIT, WAKE, WAIT_BITSET, WAKE_BITSET

    /** All numbers from {@code start} to the next range's are decided by this code, every path of which returns. */
    private record Range(int start, List<Long> code) {}

    private final Map<Integer, List<Long>> decisions = new TreeMap<>();
    private final int otherArchitecture;
    private final List<Long> otherwise;

    /**
     * @param otherArchitecture the answer to calls of 64-bit code, x32 included
     * @param otherwise the answer to calls that nothing else is said of
     */
    private Filter(int otherArchitecture, int otherwise) {
        this.otherArchitecture = otherArchitecture;
        this.otherwise = List.of(instruction(RETURN, 0, 0, otherwise));
    }

    /**
     * The trap lock: the untrustee makes what is its own, and all else raises SIGSYS, whose handler passes it to the gate.
     *
     * <p>A futex gives the program nothing: it can wake the trustee, which then finds no order, and it can take a wake-up of the
     * trustee's, so the helper wakes all. It can requeue nobody, the trustee included. restart_syscall goes on with a wait
     * with a time-out that SIGSTOP interrupted.
     *
     * @param waits whether it waits on a futex and wakes others itself
     */
    public static long[] ofTheUntrustee(boolean waits) {
        Filter filter = new Filter(KILL_THREAD, TRAP); // as mode 1 kills
        if (waits) {
            Condition waitsOrWakes = new Condition(1, FUTEX_COMMAND, FUTEX_NATIVE);
            filter.allow(Syscall.FUTEX, waitsOrWakes);
            filter.allow(Syscall.FUTEX_TIME64, waitsOrWakes);
            filter.allow(Syscall.RESTART_SYSCALL);
        }
        for (Syscall syscall : Syscall.values()) {
            boolean isOwn = syscall.callClass() == CallClass.NATIVE || syscall.callClass() == CallClass.OWN;
            if (isOwn || syscall == Syscall.EXIT) { // exit(2): the gate ends its thread by it, as under mode 1
                filter.allow(syscall);
            }
        }
        return filter.program();
    }

    /**
     * For the trustee alone, put on by its own order: what it is never ordered to do ends the process, signals to other
     * processes too.
     */
    public static long[] ofTheTrustee(int pid) {
        Filter filter = new Filter(KILL_PROCESS, KILL_PROCESS);
        Map<Syscall, Condition> conditions = Orders.copyOfConditions(pid);
        for (Syscall syscall : Syscall.values()) {
            if (Orders.has(syscall.number())) {
                Condition condition = conditions.get(syscall);
                if (condition == null) {
                    filter.allow(syscall);
                } else {
                    filter.allow(syscall, condition);
                }
            }
        }
        return filter.program();
    }

    private void allow(Syscall syscall) {
        decisions.put(syscall.number(), List.of(instruction(RETURN, 0, 0, ALLOW)));
    }

    /** A call that one of its arguments decides. */
    private void allow(Syscall syscall, Condition condition) {
        List<Long> code = new ArrayList<>();
        code.add(instruction(LOAD, 0, 0, ARGUMENTS + 8 * condition.argument())); // the low half: i386 has no other
        if (condition.isMasked()) {
            code.add(instruction(AND, 0, 0, condition.mask()));
        }
        int left = condition.values().size();
        for (int value : new TreeSet<>(condition.values())) {
            code.add(instruction(JUMP_EQUAL, left--, 0, value));
        }
        code.addAll(otherwise);
        code.add(instruction(RETURN, 0, 0, ALLOW));
        decisions.put(syscall.number(), code);
    }

    private long[] program() {
        List<Long> code = new ArrayList<>();
        code.add(instruction(LOAD, 0, 0, ARCH));
        code.add(instruction(JUMP_EQUAL, 1, 0, ARCH_I386));
        code.add(instruction(RETURN, 0, 0, otherArchitecture));
        code.add(instruction(LOAD, 0, 0, NR));
        code.addAll(tree(ranges()));
        return code.stream().mapToLong(Long::longValue).toArray();
    }

    /** Neighbours with the same decision are one range; the last one has no end. */
    private List<Range> ranges() {
        List<Range> ranges = new ArrayList<>(List.of(new Range(0, otherwise)));
        decisions.forEach((number, code) -> {
            begin(ranges, number, code);
            begin(ranges, number + 1, otherwise);
        });
        return ranges;
    }

    private static void begin(List<Range> ranges, int start, List<Long> code) {
        if (ranges.getLast().start == start) {
            ranges.removeLast();
        }
        if (ranges.isEmpty() || !ranges.getLast().code.equals(code)) {
            ranges.add(new Range(start, code));
        }
    }

    private static List<Long> tree(List<Range> ranges) {
        if (ranges.size() == 1) {
            return ranges.getFirst().code;
        }
        int middle = ranges.size() / 2;
        List<Long> below = tree(ranges.subList(0, middle));
        int start = ranges.get(middle).start;
        List<Long> code = new ArrayList<>();
        if (below.size() <= FARTHEST) {
            code.add(instruction(JUMP_GREATER_EQUAL, below.size(), 0, start));
        } else {
            code.add(instruction(JUMP_GREATER_EQUAL, 0, 1, start));
            code.add(instruction(JUMP, 0, 0, below.size()));
        }
        code.addAll(below);
        code.addAll(tree(ranges.subList(middle, ranges.size())));
        return code;
    }

    private static long instruction(int operation, int ifTrue, int ifFalse, int operand) {
        return (long) operation | (long) ifTrue << 16 | (long) ifFalse << 24 | (long) operand << 32;
    }
}
