package nurse.bench.peers;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.ffm.KernelRefused;
import nurse.ffm.SharedMemory;
import nurse.ffm.Spawn;
import nurse.ffm.lane.Lane;
import nurse.ffm.lane.LaneLayout;
import nurse.helper.calls.CallError;
import nurse.helper.calls.Syscall;
import nurse.helper.calls.Trustee;
import nurse.helper.files.View;
import nurse.helper.policy.Policy;
import nurse.helper.sandbox.DescriptorPassing;
import nurse.helper.sandbox.RefusalLog;

/**
 * A sandbox by ptrace(2) with the helper's policy engine and handlers: the program itself makes what has to be made in its
 * process, as the trustee would, while it is stopped.
 *
 * <p>To compare with, not to use: a program of one thread, with no child.
 */
public final class PtraceSandbox implements Interceptor {
    private static final int PROT_READ = 1;
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_SHARED = 1;

    private final Tracee.Interception how;
    private final Policy policy;
    private final RefusalLog log;

    private PtraceSandbox(Tracee.Interception how, Policy policy, RefusalLog log) {
        this.how = how;
        this.policy = policy;
        this.log = log;
    }

    /** PTRACE_SYSCALL: two stops a call, whatever call. */
    public static PtraceSandbox bySyscall(Policy policy, RefusalLog log) {
        return new PtraceSandbox(Tracee.Interception.SYSCALL, policy, log);
    }

    /** PTRACE_SYSEMU: one stop a call, and three more where the program itself must make it. */
    public static PtraceSandbox bySysemu(Policy policy, RefusalLog log) {
        return new PtraceSandbox(Tracee.Interception.SYSEMU, policy, log);
    }

    /** A SECCOMP filter with RET_TRACE: read and write do not stop, as in nurse. */
    public static PtraceSandbox bySeccomp(Policy policy, RefusalLog log) {
        return new PtraceSandbox(Tracee.Interception.SECCOMP, policy, log);
    }

    @Override
    public String placement() {
        return "tracer and program pinned to the same CPU";
    }

    @Override
    public void place(Kernel kernel, int parentThread, int program) {
        Cpus.pin(kernel, parentThread, Cpus.second());
        Cpus.pin(kernel, program, Cpus.second());
    }

    @Override
    public int run(Kernel kernel, List<String> arguments, List<Integer> standard) {
        try (Arena arena = Arena.ofConfined();
                View view = View.of(kernel, "/", "/");
                Sharing sharing = new Sharing(kernel, arena)) {
            int pid = spawn(arguments, standard, sharing);
            int pidfd = KernelRefused.check("pidfd_open", kernel.pidfd_open(pid, 0));
            try {
                Tracee tracee = new Tracee(kernel, pid, how, arena);
                tracee.intoProgram();
                tracee.toNextCall();
                Lane lane = sharing.mapInto(tracee);
                Mediator.Program program = new Mediator.Program(pid, pidfd, arguments.get(0), "/", view, policy);
                Mediator mediator = new Mediator(
                        kernel,
                        program,
                        sharing.orders.memory(),
                        sharing.requests.memory(),
                        lane,
                        new StoppedProgram(kernel, tracee, lane, sharing.control),
                        log,
                        arena);
                mediate(tracee, mediator);
                throw new AssertionError("a loop without an end has ended");
            } catch (Tracee.Ended end) {
                return end.exitStatus;
            } finally {
                kernel.pidfd_send_signal(pidfd, Kernel.SIGKILL);
                kernel.close(pidfd);
            }
        }
    }

    private int spawn(List<String> arguments, List<Integer> standard, Sharing sharing) {
        List<String> all = new ArrayList<>(List.of("tracee", how == Tracee.Interception.SECCOMP ? "trace" : "ptrace"));
        all.addAll(arguments);
        int[] sources = {
            standard.get(0),
            standard.get(1),
            standard.get(2),
            sharing.controlOfProgram,
            sharing.orders.fd(),
            sharing.requests.fd()
        };
        int[] targets = {0, 1, 2, LaneLayout.FD_CONTROL, LaneLayout.FD_ORDERS, LaneLayout.FD_REQUESTS};
        return KernelRefused.check(
                "posix_spawn", Spawn.spawn(Programs.path("tracee"), all, List.of(), sources, targets));
    }

    private static void mediate(Tracee tracee, Mediator mediator) {
        int[] arguments = new int[6];
        while (true) {
            Registers registers = tracee.registers();
            int number = registers.call();
            if (Mediator.judges(number)) {
                for (int i = 0; i < 6; i++) {
                    arguments[i] = registers.argument(i);
                }
                tracee.answer(mediator.answer(number, arguments));
            } else {
                tracee.goOn();
            }
            tracee.toNextCall();
        }
    }

    /** The memory that pointers of what the program is to make point to, and a socket to pass descriptors. */
    private static final class Sharing implements AutoCloseable {
        private final Kernel kernel;
        private final SharedMemory orders;
        private final SharedMemory requests;
        private final int control;
        private final int controlOfProgram;

        Sharing(Kernel kernel, Arena arena) {
            this.kernel = kernel;
            orders = SharedMemory.create(kernel, arena, "bench-orders", Mediator.ORDERS_SIZE, false);
            requests = SharedMemory.create(kernel, arena, "bench-requests", Mediator.REQUESTS_SIZE, false);
            long pair = KernelRefused.check("socketpair", kernel.socketpair());
            control = (int) pair;
            controlOfProgram = (int) (pair >> 32);
        }

        /** To be called at the program's first call: an exec has unmapped what was there before. */
        Lane mapInto(Tracee tracee) {
            int mmap2 = Syscall.MMAP2.number();
            int atOrders =
                    tracee.make(mmap2, 0, (int) Mediator.ORDERS_SIZE, PROT_READ, MAP_SHARED, LaneLayout.FD_ORDERS, 0);
            int atRequests = tracee.make(
                    mmap2, 0, (int) Mediator.REQUESTS_SIZE, PROT_READ_WRITE, MAP_SHARED, LaneLayout.FD_REQUESTS, 0);
            for (int fd : new int[] {LaneLayout.FD_ORDERS, LaneLayout.FD_REQUESTS}) {
                tracee.make(Syscall.CLOSE.number(), fd);
            }
            return new Lane(orders.memory(), requests.memory(), 0, atOrders & 0xffffffffL, atRequests & 0xffffffffL);
        }

        @Override
        public void close() {
            kernel.close(orders.fd());
            kernel.close(requests.fd());
            kernel.close(control);
            kernel.close(controlOfProgram);
        }
    }

    /** Carries orders out as the trustee does, by the program itself. */
    private static final class StoppedProgram implements Trustee {
        private final Kernel kernel;
        private final Tracee tracee;
        private final Lane lane;
        private final DescriptorPassing passing;

        StoppedProgram(Kernel kernel, Tracee tracee, Lane lane, int control) {
            this.kernel = kernel;
            this.tracee = tracee;
            this.lane = lane;
            this.passing = new DescriptorPassing(kernel, lane, control);
        }

        @Override
        public int execute(Syscall syscall, int a, int b, int c, int d, int e, int f) {
            return tracee.make(syscall.number(), a, b, c, d, e, f);
        }

        @Override
        public MemorySegment data(int length) {
            MemorySegment data = lane.orderData(length);
            if (data == null) {
                throw CallError.of(Errno.ENOMEM);
            }
            return data;
        }

        @Override
        public int addressOf(MemorySegment data) {
            return lane.orderAddress(data);
        }

        @Override
        public int install(int fd, int number, boolean closeOnExec) {
            return passing.install(this, fd, number, closeOnExec);
        }

        @Override
        public void awaitThroughSignals(MemorySegment fds, int count) {
            kernel.ppoll(fds, count, -1);
        }

        /** Signals to the program do not end the wait: nobody here sends any. */
        @Override
        public int await(MemorySegment fds, int count, long timeoutNanos) {
            return kernel.ppoll(fds, count, timeoutNanos);
        }
    }
}
