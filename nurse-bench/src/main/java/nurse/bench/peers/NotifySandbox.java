package nurse.bench.peers;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.ffm.KernelRefused;
import nurse.ffm.Spawn;
import nurse.ffm.lane.Lane;
import nurse.helper.calls.CallError;
import nurse.helper.calls.Syscall;
import nurse.helper.calls.Trustee;
import nurse.helper.files.View;
import nurse.helper.policy.Policy;
import nurse.helper.sandbox.RefusalLog;

/**
 * A sandbox by seccomp user notification (seccomp_unotify(2)) with the helper's policy engine and handlers.
 *
 * <p>To compare with, not to use. A supervisor can answer a call, give the program a descriptor, or let the very call go on
 * as the program made it; so a call that the trustee would make with arguments of the helper's goes on with the program's
 * own, its result is not known here and taken for success, and what needs a further call in the process is ENOSYS.
 */
public final class NotifySandbox implements Interceptor {
    private static final int LISTENER = 3; // the lowest that is free when tracee.c asks for it
    private static final int PATIENCE_MILLIS = 10_000;

    private final boolean syncWakeUp;
    private final Policy policy;
    private final RefusalLog log;

    /** @param syncWakeUp SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP, since Linux 6.6: each side is woken on the other's CPU */
    public NotifySandbox(boolean syncWakeUp, Policy policy, RefusalLog log) {
        this.syncWakeUp = syncWakeUp;
        this.policy = policy;
        this.log = log;
    }

    @Override
    public String placement() {
        return "supervisor and program pinned to the same CPU";
    }

    @Override
    public void place(Kernel kernel, int parentThread, int program) {
        Cpus.pin(kernel, parentThread, Cpus.second());
        Cpus.pin(kernel, program, Cpus.second());
    }

    @Override
    public int run(Kernel kernel, List<String> arguments, List<Integer> standard) {
        List<String> all = new ArrayList<>(List.of("tracee", "notify"));
        all.addAll(arguments);
        int[] sources = standard.stream().mapToInt(fd -> fd).toArray();
        int pid = KernelRefused.check(
                "posix_spawn", Spawn.spawn(Programs.path("tracee"), all, List.of(), sources, new int[] {0, 1, 2}));
        int pidfd = KernelRefused.check("pidfd_open", kernel.pidfd_open(pid, 0));
        try (Arena arena = Arena.ofConfined();
                View view = View.of(kernel, "/", "/")) {
            Notifications notifications = new Notifications(kernel, listener(kernel, pidfd), syncWakeUp, arena);
            try {
                mediate(
                        kernel,
                        new Mediator.Program(pid, pidfd, arguments.get(0), "/", view, policy),
                        notifications,
                        arena);
            } finally {
                kernel.close(notifications.fd());
            }
            return Waiting.exitStatus(Waiting.forExit(kernel, pid));
        } finally {
            kernel.pidfd_send_signal(pidfd, Kernel.SIGKILL);
            kernel.close(pidfd);
        }
    }

    /** The program's execve waits for us, so there is no hurry: its listener is borrowed as soon as it has one. */
    private static int listener(Kernel kernel, int pidfd) {
        for (int i = 0; i < PATIENCE_MILLIS; i++) {
            int fd = kernel.pidfd_getfd(pidfd, LISTENER);
            if (fd >= 0) {
                // before it is tracee.c, its descriptors are copies of ours
                if ("anon_inode:seccomp notify".equals(kernel.readlinkat(Kernel.AT_FDCWD, "/proc/self/fd/" + fd))) {
                    return fd;
                }
                kernel.close(fd);
            }
            LockSupport.parkNanos(1_000_000);
        }
        throw new IllegalStateException("the program got no listener for its notifications");
    }

    private void mediate(Kernel kernel, Mediator.Program program, Notifications notifications, Arena arena) {
        MemorySegment orders = arena.allocate(Mediator.ORDERS_SIZE, 8);
        MemorySegment requests = arena.allocate(Mediator.REQUESTS_SIZE, 8);
        Lane lane = new Lane(orders, requests, 0, 0, 0);
        WaitingProgram waiting = new WaitingProgram(kernel, program.pidfd(), notifications, lane);
        Mediator mediator = new Mediator(kernel, program, orders, requests, lane, waiting, log, arena);
        int[] arguments = new int[6];
        boolean started = false;
        while (notifications.receive()) {
            int number = notifications.call();
            if (!started || !Mediator.judges(number)) { // the first is the execve that makes it the program
                started = true;
                notifications.goOn();
                continue;
            }
            for (int i = 0; i < 6; i++) {
                arguments[i] = notifications.argument(i);
            }
            waiting.goesOn = false;
            int result = mediator.answer(number, arguments);
            if (waiting.goesOn) {
                notifications.goOn();
            } else {
                notifications.answer(result);
            }
        }
    }

    /** A program that waits in its call: the call can go on, and descriptors can be put into the process. */
    private static final class WaitingProgram implements Trustee {
        private final Kernel kernel;
        private final int pidfd;
        private final Notifications notifications;
        private final Lane lane;
        private boolean goesOn;

        WaitingProgram(Kernel kernel, int pidfd, Notifications notifications, Lane lane) {
            this.kernel = kernel;
            this.pidfd = pidfd;
            this.notifications = notifications;
            this.lane = lane;
        }

        @Override
        public int execute(Syscall syscall, int a, int b, int c, int d, int e, int f) {
            if (syscall == Syscall.DUP3 && syscall.number() != notifications.call()) {
                return duplicate(a, b, c);
            }
            goesOn = syscall.number() == notifications.call();
            return goesOn ? 0 : -Errno.ENOSYS;
        }

        private int duplicate(int from, int to, int flags) {
            int borrowed = kernel.pidfd_getfd(pidfd, from);
            if (borrowed < 0) {
                return borrowed;
            }
            int result = notifications.install(borrowed, to, (flags & Kernel.O_CLOEXEC) != 0);
            kernel.close(borrowed);
            return result;
        }

        @Override
        public MemorySegment data(int length) {
            MemorySegment data = lane.orderData(length);
            if (data == null) {
                throw CallError.of(Errno.ENOMEM);
            }
            return data;
        }

        /** Of no use here: the call goes on with the program's own pointers. */
        @Override
        public int addressOf(MemorySegment data) {
            return 0;
        }

        @Override
        public int install(int fd, int number, boolean closeOnExec) {
            return Math.min(notifications.install(fd, number, closeOnExec), 0);
        }

        @Override
        public void awaitThroughSignals(MemorySegment fds, int count) {
            kernel.ppoll(fds, count, -1);
        }

        @Override
        public int await(MemorySegment fds, int count, long timeoutNanos) {
            return kernel.ppoll(fds, count, timeoutNanos);
        }
    }
}
