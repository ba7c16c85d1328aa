package nurse.bench.peers;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.ffm.lane.Lane;
import nurse.ffm.lane.LaneLayout;
import nurse.helper.calls.Call;
import nurse.helper.calls.CallClass;
import nurse.helper.calls.Syscall;
import nurse.helper.calls.Trustee;
import nurse.helper.descriptors.Descriptors;
import nurse.helper.descriptors.HelperFiles;
import nurse.helper.descriptors.OpenFile;
import nurse.helper.files.Paths;
import nurse.helper.files.View;
import nurse.helper.memory.ProtectedRanges;
import nurse.helper.policy.Policy;
import nurse.helper.policy.PolicyBuilder;
import nurse.helper.processes.ProcessState;
import nurse.helper.sandbox.Dispatcher;
import nurse.helper.sandbox.RefusalLog;
import nurse.helper.time.Clocks;

/**
 * The helper's own policy engine and handlers behind another interception: does for a stopped program what the gate does in
 * a sandboxed one, brings along what the call's arguments point to and puts the answer where it belongs. So what is
 * compared is the interception and nothing else.
 *
 * <p>The program has one thread and is stopped meanwhile, so nothing that was judged can change. Not thread-safe.
 */
final class Mediator {
    static final long ORDERS_SIZE = LaneLayout.ORDERS_LANES + (long) LaneLayout.ORDERS_LANE_SIZE;
    static final long REQUESTS_SIZE = LaneLayout.REQUESTS_LANE_SIZE;

    private static final int STRING_LIMIT = 4097; // PATH_MAX, and a byte to see that it was longer: gate.c has the same
    private static final int PAGE = 4096;
    private static final Syscall.Arg[][] PACKED = packed();

    private final Kernel kernel;
    private final int pid;
    private final MemorySegment orders;
    private final MemorySegment requests;
    private final Lane lane;
    private final Call call;
    private final Dispatcher dispatcher;
    private final ProcessState process;

    /** The program and what it runs under. */
    record Program(int pid, int pidfd, String path, String workingDirectory, View view, Policy policy) {}

    /**
     * @param orders what an order's pointers point to, as the helper maps it, {@link #ORDERS_SIZE} bytes
     * @param requests {@link #REQUESTS_SIZE} bytes
     * @param lane over these two
     */
    Mediator(
            Kernel kernel,
            Program program,
            MemorySegment orders,
            MemorySegment requests,
            Lane lane,
            Trustee trustee,
            RefusalLog log,
            Arena arena) {
        this.kernel = kernel;
        this.pid = program.pid();
        this.orders = orders.asSlice(LaneLayout.ORDERS_LANES);
        this.requests = requests;
        this.lane = lane;
        this.call = new Call(lane, trustee);
        Descriptors descriptors = new Descriptors(
                kernel,
                fd -> kernel.pidfd_getfd(program.pidfd(), fd),
                HelperFiles.of(kernel).forOne());
        ProtectedRanges nothing = new ProtectedRanges();
        this.process =
                new ProcessState(pid, program.path(), program.workingDirectory(), 022, descriptors, nothing, false);
        for (int fd = 0; fd < 3; fd++) {
            descriptors.put(fd, OpenFile.inherited(), false);
        }
        Paths paths = new Paths(kernel, program.view(), program.policy(), process, log);
        this.dispatcher = new Dispatcher(
                kernel,
                paths,
                process,
                PolicyBuilder.RunPolicy.of(program.policy()),
                Clocks.ofKernel(kernel),
                null,
                log,
                null,
                null,
                arena);
    }

    /**
     * Whether the policy has a say in a call. What has not is left to the kernel: in nurse the untrustee does it, or its
     * gate; and the thread's own affairs, which nurse has behind it before it locks.
     */
    static boolean judges(int number) {
        Syscall syscall = Syscall.byNumber(number);
        return syscall == null
                || switch (syscall) {
                    case SET_TID_ADDRESS, SET_ROBUST_LIST -> false;
                    default ->
                        switch (syscall.callClass()) {
                            case NATIVE, OWN, GATE, PER_THREAD -> false;
                            default -> true;
                        };
                };
    }

    /** Answers a call as the helper does; what the answer carries is in the program's memory afterwards. */
    int answer(int number, int[] arguments) {
        int used = 0;
        long request = LaneLayout.REQUEST;
        requests.set(JAVA_INT, request + LaneLayout.REQUEST_NR, number);
        Syscall.Arg[] packed = number >= 0 && number < PACKED.length ? PACKED[number] : null;
        for (int i = 0; i < 6; i++) {
            int length = packed == null || packed[i] == null ? 0 : pack(packed[i], arguments, i, used);
            if (length < 0) {
                return length;
            }
            requests.set(JAVA_INT, request + LaneLayout.REQUEST_ARG + 4L * i, arguments[i]);
            requests.set(JAVA_INT, request + LaneLayout.REQUEST_OFFSET + 4L * i, used);
            requests.set(JAVA_INT, request + LaneLayout.REQUEST_LENGTH + 4L * i, length);
            used += length + 3 & ~3;
        }
        call.take();
        int result = dispatcher.answer(call);
        lane.reply(0, result, result >= 0 || call.answersDespiteError());
        copyOut();
        return result;
    }

    /** The descriptors that the program has, as the helper's book has them. */
    Descriptors descriptors() {
        return process.descriptors();
    }

    private int pack(Syscall.Arg arg, int[] arguments, int i, int used) {
        int room = LaneLayout.REQUEST_DATA_SIZE - used;
        if (arguments[i] == 0) {
            return 0;
        }
        return switch (arg.kind()) {
            case PATH, STR -> string(arguments[i], used, Math.min(room, STRING_LIMIT));
            default -> {
                long size = arg.sizeArg() < 0
                        ? arg.size()
                        : (arguments[arg.sizeArg()] & 0xffffffffL) * Math.max(arg.size(), 1);
                if (size > room) {
                    yield -Errno.EINVAL;
                }
                yield copyIn(arguments[i] & 0xffffffffL, used, (int) size) == size ? (int) size : -Errno.EFAULT;
            }
        };
    }

    /** A string can end right before a page that is not there. */
    private int string(int address, int used, int limit) {
        int have = 0;
        while (have < limit) {
            long from = (address & 0xffffffffL) + have;
            int got = copyIn(from, used + have, (int) Math.min(PAGE - from % PAGE, limit - have));
            if (got <= 0) {
                return -Errno.EFAULT;
            }
            for (int i = 0; i < got; i++) {
                if (requests.get(JAVA_BYTE, LaneLayout.REQUEST_DATA + (long) used + have + i) == 0) {
                    return have + i + 1;
                }
            }
            have += got;
        }
        return have;
    }

    private int copyIn(long address, int used, int length) {
        MemorySegment to = requests.asSlice(LaneLayout.REQUEST_DATA + (long) used, length);
        return length == 0 ? 0 : kernel.process_vm_readv(pid, address, to, length);
    }

    /** What the reply carries, where the gate would copy it. */
    private void copyOut() {
        long reply = LaneLayout.REPLY;
        int copies = orders.get(JAVA_INT, reply + LaneLayout.REPLY_COPIES);
        for (int i = 0; i < copies; i++) {
            long copy = reply + LaneLayout.REPLY_COPY + (long) i * LaneLayout.REPLY_COPY_SIZE;
            int length = orders.get(JAVA_INT, copy + 8);
            MemorySegment data = orders.asSlice(LaneLayout.REPLY_DATA + (long) orders.get(JAVA_INT, copy + 4), length);
            kernel.process_vm_writev(pid, orders.get(JAVA_INT, copy) & 0xffffffffL, data, length);
        }
    }

    /** By number, which arguments the gate copies: the same table that the gate is generated from. */
    private static Syscall.Arg[][] packed() {
        int most =
                Arrays.stream(Syscall.values()).mapToInt(Syscall::number).max().orElse(0);
        Syscall.Arg[][] packed = new Syscall.Arg[most + 1][];
        for (Syscall syscall : Syscall.values()) {
            if (syscall.callClass() != CallClass.HELPER && syscall.callClass() != CallClass.TRUSTEE) {
                continue;
            }
            packed[syscall.number()] = new Syscall.Arg[6];
            List<Syscall.Arg> args = syscall.args();
            for (int i = 0; i < args.size(); i++) {
                packed[syscall.number()][i] = switch (args.get(i).kind()) {
                    case PATH, STR, IN, INOUT -> args.get(i);
                    default -> null;
                };
            }
        }
        return packed;
    }
}
