package nurse.helper.network;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.helper.calls.Call;
import nurse.helper.calls.CallError;
import nurse.helper.calls.Syscall;
import nurse.helper.descriptors.Descriptors;
import nurse.helper.memory.ProcessMemory;
import nurse.helper.observe.Observer;
import nurse.helper.policy.NetworkRules;
import nurse.helper.policy.NetworkRules.Verb;
import nurse.helper.processes.ProcessState;
import nurse.helper.sandbox.RefusalLog;
import org.jspecify.annotations.Nullable;

/**
 * Addresses that the program names: read once, judged, and used from where only the helper can write.
 *
 * <p>A name in the file system is resolved by the helper, as every other name; so the helper connects or binds through a
 * descriptor, in the process's own socket. The name that the kernel then knows is one of the helper's: what the program is told
 * is the name that it gave.
 */
final class AddressJudge {
    private static final int MODE = 0777;
    private static final String OURS = "/proc/self/fd/";

    private final Kernel kernel;
    private final Descriptors descriptors;
    private final ProcessState process;
    private final ProcessMemory memory;
    private NetworkRules rules;
    private final LocalNames names;
    private final Blocking options;
    private final RefusalLog log;
    private final @Nullable Observer observer;
    private final MemorySegment room;
    private final OwnSockets own;
    private SocketAddress.File file = new SocketAddress.File("");

    AddressJudge(
            Kernel kernel,
            ProcessState process,
            ProcessMemory memory,
            NetworkRules rules,
            LocalNames names,
            Blocking options,
            RefusalLog log,
            @Nullable Observer observer,
            Arena arena) {
        this.kernel = kernel;
        this.descriptors = process.descriptors();
        this.process = process;
        this.memory = memory;
        this.rules = rules;
        this.names = names;
        this.options = options;
        this.log = log;
        this.observer = observer;
        this.room = arena.allocate(SocketAddress.LIMIT, 8);
        this.own = new OwnSockets(kernel, arena);
    }

    /** Judges by other rules from now on. */
    void follow(NetworkRules others) {
        rules = others;
    }

    /**
     * Ends the call with EPERM, and tells the user.
     *
     * @param what the address; empty if it is not about one
     */
    void refuse(Call call, String what, String why) {
        if (observer != null) {
            observer.decided(what, Errno.EPERM, why);
        }
        log.refused(Syscall.byNumber(call.number()).callName(), Errno.EPERM, why);
        throw CallError.of(Errno.EPERM);
    }

    /**
     * As above, for an address that a rule would allow.
     *
     * @param rule that rule; unlike the others it may hold hostile text
     */
    private void refuse(Call call, String what, String why, String rule) {
        if (observer != null) {
            observer.decided(what, Errno.EPERM, why);
        }
        log.refusedAddress(Syscall.byNumber(call.number()).callName(), rule, why);
        throw CallError.of(Errno.EPERM);
    }

    private MemorySegment read(int address, int length) {
        if (length < 0 || length > SocketAddress.LIMIT) {
            throw CallError.of(Errno.EINVAL);
        }
        return memory.read(address, length);
    }

    /** tcp(7) or udp(7): {@link SocketCalls} makes no others. */
    private NetworkRules.Protocol protocol(int fd) {
        return options.option(fd, Blocking.SOL_SOCKET, Blocking.SO_TYPE) == SocketCalls.SOCK_STREAM
                ? NetworkRules.Protocol.TCP
                : NetworkRules.Protocol.UDP;
    }

    private boolean allows(Verb verb, int fd, SocketAddress.Internet internet) {
        return rules.decide(verb, protocol(fd), internet.address(), internet.port()) != null;
    }

    private void judge(Call call, Verb verb, int fd, SocketAddress address) {
        switch (address) {
            case SocketAddress.Internet internet -> {
                if (!allows(verb, fd, internet)) {
                    String rule = verb.word() + " " + protocol(fd).word() + " " + internet;
                    refuse(call, rule, "no rule allows to " + rule + " (--net '" + rule + "')", rule);
                }
                if (observer != null) {
                    String rule = verb.word() + " " + protocol(fd).word() + " " + internet;
                    observer.decided(rule, 0, "a rule of the network");
                }
            }
            case SocketAddress.Abstract local -> {
                if (!local.isUnnamed() && rules.decideAbstract(verb, local.name()) == null) {
                    String rule = verb.word() + " unix @NAME";
                    String why = "an abstract name is nobody's file, and needs --net '" + rule + "'";
                    refuse(call, "", why, verb.word() + " unix @" + local.name());
                }
            }
            case SocketAddress.File _, SocketAddress.None _ -> {}
        }
    }

    /** A judged address to bind to, where the trustee's order can point to; null for a file's name, which needs the helper. */
    private MemorySegment own(Call call, int fd, int address, int length) {
        MemorySegment bytes = read(address, length);
        SocketAddress parsed = SocketAddress.asTaken(bytes);
        judge(call, Verb.BIND, fd, parsed);
        return copy(call, bytes, parsed);
    }

    /** A judged address to send to, as {@link #own}. */
    MemorySegment destination(Call call, int fd, int address, int length) {
        MemorySegment bytes = read(address, length);
        return destination(call, fd, bytes, SocketAddress.asTaken(bytes));
    }

    private MemorySegment destination(Call call, int fd, MemorySegment bytes, SocketAddress parsed) {
        if (!(parsed instanceof SocketAddress.Internet internet) || allows(Verb.CONNECT, fd, internet)) {
            judge(call, Verb.CONNECT, fd, parsed);
            return copy(call, bytes, parsed);
        }
        SocketAddress.Internet destination = internet.destination();
        judge(call, Verb.CONNECT, fd, destination);
        MemorySegment copy = copy(call, bytes, parsed);
        destination.writeTo(copy);
        return copy;
    }

    /** What was judged, for the order to point to; null for a file's name, which is kept for {@link #openFile}. */
    private MemorySegment copy(Call call, MemorySegment bytes, SocketAddress parsed) {
        if (parsed instanceof SocketAddress.File named) {
            file = named;
            return null;
        }
        MemorySegment copy = call.trustee().data((int) bytes.byteSize());
        MemorySegment.copy(bytes, 0, copy, 0, bytes.byteSize());
        if (parsed instanceof SocketAddress.Internet internet) {
            internet.writeFamilyTo(copy);
        }
        return copy;
    }

    int connect(Call call, int fd, int address, int length) {
        descriptors.get(fd);
        MemorySegment bytes = read(address, length);
        MemorySegment copy = destination(call, fd, bytes, SocketAddress.of(bytes));
        if (copy != null) {
            return call.trustee().execute(Syscall.CONNECT, fd, call.trustee().addressOf(copy), length, 0, 0, 0);
        }
        int socket = openFile(call);
        int borrowed = descriptors.borrow(fd);
        try {
            return kernel.connect(borrowed, room, local(OURS + socket));
        } finally {
            descriptors.giveBack(fd, borrowed);
            kernel.close(socket);
        }
    }

    /**
     * Of a socket in the file system, after {@link #destination} gave null: by the name that was read then, as the program's
     * memory may say something else by now.
     *
     * <p>To talk to a service is to act outside, and their sockets lie where programs write: an agent's, a terminal
     * multiplexer's, a display's in /tmp. So one that the program has not made itself must be named by a rule, itself and not
     * only what it lies in.
     */
    int openFile(Call call) {
        LocalNames.Socket socket = names.open(file.path());
        boolean others =
                kernel.isSocket(socket.fd()) && !own.made(socket.fd()); // what is no socket, the kernel refuses
        if (others && !socket.isNamed() && !rules.allowsAll()) {
            kernel.close(socket.fd());
            String why = "a service's socket has to be named itself (--net 'connect unix PATH')";
            refuse(call, "", why, "connect unix " + socket.name());
        }
        return socket.fd();
    }

    /** The name of a descriptor of ours as a struct sockaddr_un, in {@link #room}; returns its length. */
    private int local(String path) {
        room.fill((byte) 0);
        room.set(JAVA_SHORT_UNALIGNED, 0, (short) SocketAddress.AF_UNIX);
        for (int i = 0; i < path.length(); i++) {
            room.set(JAVA_BYTE, SocketAddress.PATH + (long) i, (byte) path.charAt(i));
        }
        return lengthOf(path);
    }

    int bind(Call call, int fd, int address, int length) {
        descriptors.get(fd);
        MemorySegment copy = own(call, fd, address, length);
        if (copy != null) {
            return call.trustee().execute(Syscall.BIND, fd, call.trustee().addressOf(copy), length, 0, 0, 0);
        }
        String path = file.path();
        LocalNames.Place place = names.place(path);
        int borrowed = descriptors.borrow(fd);
        try {
            String name = OURS + place.directory() + "/" + place.name();
            if (name.length() > 107) {
                return -Errno.ENAMETOOLONG;
            }
            if (!kernel.isSocket(borrowed)) { // else its mode would be changed, and only then be refused
                return -Errno.ENOTSOCK;
            }
            // unix(7), af_unix.c: the file's mode is the socket's own, less the umask, which is 0 in the helper
            kernel.fchmod(borrowed, MODE & ~process.umask());
            int result = kernel.bind(borrowed, room, local(name));
            if (result == 0) {
                own.bound(place.directory(), place.name(), name, path);
            }
            return result;
        } finally {
            descriptors.giveBack(fd, borrowed);
            kernel.close(place.directory());
        }
    }

    /** listen(2) binds what is not bound to every address; so that has to be allowed. Of a UNIX socket bind was judged. */
    void requireListening(Call call, int fd) {
        int borrowed = descriptors.borrow(fd);
        int length = kernel.getsockname(borrowed, room);
        descriptors.giveBack(fd, borrowed);
        if (length >= 2
                && SocketAddress.of(room.asSlice(0, Math.min(length, SocketAddress.LIMIT)))
                        instanceof SocketAddress.Internet internet) {
            judge(call, Verb.LISTEN, fd, internet);
        }
    }

    /**
     * How many bytes the program has for a name, which the kernel overwrites with how many there are. To be asked before the
     * call, for {@link #namesBack} after it.
     *
     * @return -1 if there are no names of ours to put right
     */
    int room(int lengthAddress) {
        return lengthAddress == 0 || own.names().isEmpty() ? -1 : memory.word(lengthAddress);
    }

    /**
     * What the kernel wrote at {@code address} is a name of ours if it was bound by one: the program gets its own instead.
     *
     * @return {@code result}
     */
    int namesBack(Call call, int address, int room, int lengthAddress, int result) {
        if (address == 0 || room < 0) {
            return result;
        }
        int length = memory.word(lengthAddress);
        int kept = Math.min(Math.min(room, length), SocketAddress.LIMIT);
        String beginning = "";
        if (kept > SocketAddress.PATH) {
            if (!(SocketAddress.of(memory.read(address, kept)) instanceof SocketAddress.File file)) {
                return result;
            }
            beginning = file.path();
        }
        for (Map.Entry<String, String> name : own.names().entrySet()) {
            // one that did not fit was cut off
            if (length == lengthOf(name.getKey()) && name.getKey().startsWith(beginning)) {
                byte[] bytes = name.getValue().getBytes(StandardCharsets.ISO_8859_1);
                int all = lengthOf(name.getValue());
                int fits = Math.min(all, room) - SocketAddress.PATH;
                if (fits > 0) {
                    MemorySegment out = call.outAt(address, SocketAddress.PATH + fits);
                    out.fill((byte) 0);
                    out.set(JAVA_SHORT_UNALIGNED, 0, (short) SocketAddress.AF_UNIX);
                    MemorySegment.copy(bytes, 0, out, JAVA_BYTE, SocketAddress.PATH, Math.min(fits, bytes.length));
                }
                call.outAt(lengthAddress, 4).set(JAVA_INT_UNALIGNED, 0, all);
                break;
            }
        }
        return result;
    }

    /** unix(7): the path's terminating NUL counts. */
    private static int lengthOf(String path) {
        return SocketAddress.PATH + path.length() + 1;
    }
}
