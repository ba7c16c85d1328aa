package nurse.helper.network;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.helper.calls.Call;
import nurse.helper.calls.CallHandler;
import nurse.helper.calls.CallRefused;
import nurse.helper.calls.Syscall;
import nurse.helper.descriptors.Descriptors;
import nurse.helper.descriptors.OpenFile;
import nurse.helper.descriptors.PollEntries;
import nurse.helper.descriptors.Shares;
import nurse.helper.descriptors.Shares.Share;
import nurse.helper.memory.ProcessMemory;
import nurse.helper.observe.Observer;
import nurse.helper.policy.CallRules;
import nurse.helper.policy.NetworkRules;
import nurse.helper.policy.PolicyBuilder;
import nurse.helper.processes.ProcessState;
import nurse.helper.sandbox.RefusalLog;
import org.jspecify.annotations.Nullable;

/**
 * Sockets: made, named and connected by policy. The trustee never waits in a call, as no signal wakes it: what would block is
 * tried without blocking, and the helper waits for the socket to be ready. Sending and receiving is {@link MessageCalls}'.
 */
public final class SocketCalls implements CallHandler {
    static final int SOCK_STREAM = 1;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_SEQPACKET = 5;
    private static final int SOCK_TYPE = 0xf;
    private static final int SOCK_CLOEXEC = Kernel.O_CLOEXEC;
    private static final int SOCK_NONBLOCK = Kernel.O_NONBLOCK;
    private static final int IPPROTO_TCP = 6; // linux/in.h
    private static final int IPPROTO_UDP = 17;
    private static final int SO_TYPE_ERROR = 4; // SO_ERROR, asm-generic/socket.h
    private static final int SOL_SOCKET = 1;
    /** The calls of socketcall(2), by their number there: linux/net.h. */
    private static final Syscall[] MULTIPLEXED = {
        null,
        Syscall.SOCKET,
        Syscall.BIND,
        Syscall.CONNECT,
        Syscall.LISTEN,
        null, // accept: accept4 without flags
        Syscall.GETSOCKNAME,
        Syscall.GETPEERNAME,
        Syscall.SOCKETPAIR,
        null, // send: sendto without an address
        null, // recv
        Syscall.SENDTO,
        Syscall.RECVFROM,
        Syscall.SHUTDOWN,
        Syscall.SETSOCKOPT,
        Syscall.GETSOCKOPT,
        Syscall.SENDMSG,
        Syscall.RECVMSG,
        Syscall.ACCEPT4,
        Syscall.RECVMMSG,
        Syscall.SENDMMSG
    };

    private static final int[] COUNTS = {0, 3, 3, 3, 2, 3, 3, 3, 4, 4, 4, 6, 6, 2, 5, 5, 3, 3, 4, 5, 4};
    private static final int ACCEPT = 5;
    private static final int SEND = 9;
    private static final int RECV = 10;

    private final Descriptors descriptors;
    private final ProcessMemory memory;
    private NetworkRules rules;
    /** Whether a socket may be made for an address that only its use may allow. */
    private final boolean asks;

    private final CallRules calls;
    private final AddressJudge judge;
    private final Blocking blocking;
    private final MessageCalls messages;
    private final int[] a = new int[6];

    public SocketCalls(
            Kernel kernel,
            ProcessState process,
            ProcessMemory memory,
            PolicyBuilder.RunPolicy policy,
            LocalNames names,
            RefusalLog log,
            @Nullable Observer observer,
            boolean asks,
            Arena arena) {
        this.asks = asks;
        this.descriptors = process.descriptors();
        this.memory = memory;
        this.rules = policy.network();
        this.calls = policy.calls();
        this.blocking = new Blocking(kernel, descriptors, arena);
        this.judge = new AddressJudge(kernel, process, memory, rules, names, blocking, log, observer, arena);
        this.messages = new MessageCalls(kernel, process, memory, judge, blocking);
    }

    /** Judges by other rules from now on. */
    public void follow(NetworkRules others) {
        rules = others;
        judge.follow(others);
    }

    @Override
    public int answer(Syscall syscall, Call call) {
        java.util.Arrays.fill(a, 0);
        if (syscall != Syscall.SOCKETCALL) {
            for (int i = 0; i < a.length; i++) {
                a[i] = call.argument(i);
            }
            return answer(syscall, call, a);
        }
        int which = call.argument(0);
        if (which <= 0 || which >= MULTIPLEXED.length) {
            return -Errno.EINVAL;
        }
        MemorySegment given = memory.read(call.argument(1), 4 * COUNTS[which]);
        for (int i = 0; i < COUNTS[which]; i++) {
            a[i] = given.get(java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED, 4L * i);
        }
        Syscall multiplexed =
                switch (which) {
                    case ACCEPT -> Syscall.ACCEPT4;
                    case SEND -> Syscall.SENDTO;
                    case RECV -> Syscall.RECVFROM;
                    default -> MULTIPLEXED[which];
                };
        CallRules.Rule refusing = calls.refusing(multiplexed);
        if (refusing != null) {
            throw CallRefused.of(refusing.errno(), refusing.toString());
        }
        return answer(multiplexed, call, a);
    }

    private int answer(Syscall syscall, Call call, int[] a) {
        return switch (syscall) {
            case SOCKET -> socket(call, a);
            case SOCKETPAIR -> socketpair(call, a);
            case BIND -> judge.bind(call, a[0], a[1], a[2]);
            case CONNECT -> connect(call, a);
            case LISTEN -> listen(call, a);
            case ACCEPT4 -> accept(call, a);
            case GETSOCKNAME, GETPEERNAME -> {
                descriptors.get(a[0]);
                int room = judge.room(a[2]);
                int result = call.trustee().execute(syscall, a[0], a[1], a[2], 0, 0, 0);
                yield result < 0 ? result : judge.namesBack(call, a[1], room, a[2], result);
            }
            case SHUTDOWN -> {
                descriptors.get(a[0]);
                yield call.trustee().execute(syscall, a[0], a[1], 0, 0, 0, 0);
            }
            case GETSOCKOPT, SETSOCKOPT -> option(syscall, call, a);
            default -> messages.answer(syscall, call, a);
        };
    }

    private int socket(Call call, int[] a) {
        int type = a[1] & SOCK_TYPE;
        if ((a[1] & ~(SOCK_TYPE | SOCK_CLOEXEC | SOCK_NONBLOCK)) != 0) {
            return -Errno.EINVAL;
        }
        boolean plain = type == SOCK_STREAM || type == SOCK_DGRAM;
        return switch (a[0]) {
            case SocketAddress.AF_UNIX -> plain || type == SOCK_SEQPACKET ? created(call, a) : -Errno.ESOCKTNOSUPPORT;
            case SocketAddress.AF_INET, SocketAddress.AF_INET6 -> {
                if (!rules.allowsInternet() && !asks) {
                    judge.refuse(call, "", "no rule allows the network (--net loopback, --net ADDRESS:PORT)");
                }
                // A raw socket would write its own addresses, and other protocols are not what a rule means by tcp and
                // udp.
                if (!plain || !isKnown(a[2])) {
                    throw CallRefused.of(Errno.EPERM, "only TCP and UDP sockets are what a rule can be about");
                }
                yield created(call, a);
            }
            // Netlink, packets, Bluetooth, virtual machines ...: each a part of the kernel that the program need not
            // reach.
            default -> -Errno.EAFNOSUPPORT;
        };
    }

    private static boolean isKnown(int protocol) {
        return protocol == 0 || protocol == IPPROTO_TCP || protocol == IPPROTO_UDP;
    }

    private int created(Call call, int[] a) {
        int number = descriptors.lowestFree(0);
        descriptors.shares().require(Share.BUFFERS, Shares.SOCKET, Errno.ENOBUFS);
        int result = call.trustee().execute(Syscall.SOCKET, a[0], a[1], a[2], 0, 0, 0);
        if (result < 0) {
            return result;
        }
        put(number, (a[1] & SOCK_CLOEXEC) != 0);
        if (descriptors.shares().areBuffersLimited() && a[0] != SocketAddress.AF_UNIX) {
            boundBuffers(call, number);
        }
        return number;
    }

    /** Those of TCP grow by themselves, up to many times the usual size, but not when a size was set (tcp(7)). */
    private void boundBuffers(Call call, int number) {
        MemorySegment size = call.trustee().data(4);
        size.set(java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED, 0, (int) Shares.SOCKET / 4); // the kernel doubles it
        int address = call.trustee().addressOf(size);
        for (int option : SocketOptions.BUFFER_SIZES) {
            call.trustee().execute(Syscall.SETSOCKOPT, number, SOL_SOCKET, option, address, 4, 0);
        }
    }

    private void put(int number, boolean closeOnExec) {
        OpenFile socket = OpenFile.anonymous();
        descriptors.shares().charge(socket, Share.BUFFERS, Shares.SOCKET);
        descriptors.put(number, socket, closeOnExec);
    }

    /** Both ends are the program's. */
    private int socketpair(Call call, int[] a) {
        if (a[0] != SocketAddress.AF_UNIX) {
            return -Errno.EOPNOTSUPP;
        }
        int first = descriptors.lowestFree(0);
        int second = descriptors.lowestFree(first + 1);
        descriptors.shares().require(Share.BUFFERS, 2 * Shares.SOCKET, Errno.ENOBUFS);
        int result = call.trustee().execute(Syscall.SOCKETPAIR, a[0], a[1], a[2], a[3], 0, 0);
        if (result == 0) {
            put(first, (a[1] & SOCK_CLOEXEC) != 0);
            put(second, (a[1] & SOCK_CLOEXEC) != 0);
        }
        return result;
    }

    /** The trustee begins to connect; a program that wants to wait for the end of it waits here. */
    private int connect(Call call, int[] a) {
        boolean waits = blocking.waits(a[0]);
        int result = beginToConnect(call, a, waits);
        while (waits && result == -Errno.EAGAIN) { // unix(7): the other side's queue is full
            int pause = blocking.pause(call);
            if (pause < 0) {
                return pause;
            }
            result = beginToConnect(call, a, true);
        }
        if (!waits || (result != -Errno.EINPROGRESS && result != -Errno.EALREADY)) {
            return result;
        }
        int ready = blocking.await(call, a[0], PollEntries.POLLOUT);
        if (ready <= 0) {
            return ready == 0 ? -Errno.EINPROGRESS : ready;
        }
        return -blocking.option(a[0], SOL_SOCKET, SO_TYPE_ERROR);
    }

    private int beginToConnect(Call call, int[] a, boolean waits) {
        return blocking.withoutWaiting(a[0], waits, () -> judge.connect(call, a[0], a[1], a[2]));
    }

    /** A socket that was not bound would be bound by it, to every address that the host has. */
    private int listen(Call call, int[] a) {
        judge.requireListening(call, a[0]);
        return call.trustee().execute(Syscall.LISTEN, a[0], a[1], 0, 0, 0, 0);
    }

    private int accept(Call call, int[] a) {
        if ((a[3] & ~(SOCK_CLOEXEC | SOCK_NONBLOCK)) != 0) {
            return -Errno.EINVAL;
        }
        boolean waits = blocking.waits(a[0]);
        int room = a[1] == 0 ? -1 : judge.room(a[2]);
        while (true) {
            int number = descriptors.lowestFree(0);
            descriptors.shares().require(Share.BUFFERS, Shares.SOCKET, Errno.ENOBUFS);
            int result = blocking.withoutWaiting(
                    a[0], waits, () -> call.trustee().execute(Syscall.ACCEPT4, a[0], a[1], a[2], a[3], 0, 0));
            if (result >= 0) {
                put(number, (a[3] & SOCK_CLOEXEC) != 0);
                return judge.namesBack(call, a[1], room, a[2], number);
            }
            if (!waits || result != -Errno.EAGAIN) {
                return result;
            }
            int ready = blocking.await(call, a[0], PollEntries.POLLIN);
            if (ready <= 0) {
                return ready == 0 ? -Errno.EAGAIN : ready;
            }
        }
    }

    private int option(Syscall syscall, Call call, int[] a) {
        descriptors.get(a[0]);
        boolean sets = syscall == Syscall.SETSOCKOPT;
        if (sets ? !SocketOptions.maySet(a[1], a[2]) : !SocketOptions.mayGet(a[1], a[2])) {
            if (sets) {
                throw CallRefused.of(Errno.EPERM, "this socket option is none that the sandbox lets be set");
            }
            return -Errno.ENOPROTOOPT;
        }
        if (sets && descriptors.shares().areBuffersLimited() && SocketOptions.isBufferSize(a[1], a[2])) {
            return 0; // they stay as they are: a kernel, too, gives no more than it thinks right (socket(7))
        }
        return call.trustee().execute(syscall, a[0], a[1], a[2], a[3], a[4], 0);
    }
}
