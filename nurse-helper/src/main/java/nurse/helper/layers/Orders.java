package nurse.helper.layers;

import java.util.BitSet;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import nurse.helper.calls.CallClass;
import nurse.helper.calls.Syscall;
import nurse.helper.descriptors.OrderedRequests;

/** What the trustee may be ordered to do: what its filter lets through, and no more. */
public final class Orders {
    /** What is ordered though the table says that another party answers the program's call of that name. */
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

    /** Ordered under the name of the call that it stands for: a filter cannot read what its argument points to. */
    private static final Set<Syscall> AS_ANOTHER = EnumSet.of(Syscall.SOCKETCALL);

    private static final int AF_UNIX = 1; // linux/socket.h
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;

    private static final BitSet NUMBERS = numbers();
    private static final Map<Syscall, Condition> CONDITIONS = new EnumMap<>(Map.of(
            Syscall.IOCTL, new Condition(1, OrderedRequests.IOCTL),
            Syscall.FCNTL, new Condition(1, OrderedRequests.FCNTL),
            Syscall.FCNTL64, new Condition(1, OrderedRequests.FCNTL),
            Syscall.SOCKET, new Condition(0, Set.of(AF_UNIX, AF_INET, AF_INET6)),
            Syscall.SOCKETPAIR, new Condition(0, Set.of(AF_UNIX))));

    private Orders() {}

    private static BitSet numbers() {
        BitSet numbers = new BitSet();
        for (Syscall syscall : Syscall.values()) {
            boolean ordered = syscall.callClass() == CallClass.TRUSTEE && !AS_ANOTHER.contains(syscall);
            numbers.set(syscall.number(), ordered || ALSO_ORDERED.contains(syscall) || SIGNALS.contains(syscall));
        }
        return numbers;
    }

    /** Whether a call of this number may be ordered, with some arguments at least. */
    public static boolean has(int number) {
        return NUMBERS.get(number);
    }

    /** Whether this very call may be ordered; whom a signal is for is not asked here. */
    public static boolean allow(Syscall syscall, int... arguments) {
        Condition condition = CONDITIONS.get(syscall);
        return NUMBERS.get(syscall.number()) && (condition == null || condition.holds(arguments));
    }

    /** @param pid the only process that may be signalled */
    static Map<Syscall, Condition> copyOfConditions(int pid) {
        Map<Syscall, Condition> conditions = new EnumMap<>(CONDITIONS);
        SIGNALS.forEach(signal -> conditions.put(signal, new Condition(0, Set.of(pid))));
        return conditions;
    }
}
