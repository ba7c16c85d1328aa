package nurse.cli;

import java.util.Set;
import java.util.concurrent.CompletableFuture;
import nurse.ffm.Kernel;
import nurse.ffm.ProcFs;
import nurse.ffm.SignalPipe;
import nurse.ffm.SignalPipe.Received;
import org.jspecify.annotations.Nullable;

/**
 * Passes signals on to the program that this process is the parent of: the user knows this process only.
 *
 * <p>A signal of the terminal's (Ctrl-C, Ctrl-\, Ctrl-Z) is not passed on: the kernel sends it to the whole foreground process
 * group, which the program is in. This process ends when the program does, with its status, and stops when the program stops at a
 * signal that this process was to stop at as well. SIGSTOP cannot be passed on: no process sees its own.
 *
 * <p>Thread-safe.
 */
final class SignalRelay {
    private static final int SIGCHLD = 17; // arch/x86/include/uapi/asm/signal.h
    private static final int SIGCONT = 18;
    private static final int SIGSTOP = 19;
    private static final int LAST = 64;
    /** SIGTSTP, SIGTTIN, SIGTTOU: the default action of which is to stop. */
    private static final Set<Integer> STOPPING = Set.of(20, 21, 22);

    /**
     * Not to be passed on. The kernel sends SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV and SIGSYS to a thread for what it did
     * itself, and the JVM needs its handlers of them; SIGXCPU is about this process's own time; 32 and 33 are the C library's
     * (nptl(7)); SIGKILL and SIGSTOP have no handlers.
     */
    private static final Set<Integer> OWN = Set.of(4, 5, 7, 8, 11, 31, 24, 32, 33, Kernel.SIGKILL, SIGSTOP);

    /** SIGCONT, SIGTTIN, SIGTTOU. */
    private static final Set<Integer> OF_A_JOB = Set.of(SIGCONT, 21, 22);

    private record Program(int pid, int pidfd) {}

    private final CompletableFuture<Program> program = new CompletableFuture<>();
    private final SignalPipe pipe;
    private final int self;
    private boolean stops;

    private SignalRelay(SignalPipe pipe, int self) {
        this.pipe = pipe;
        this.self = self;
    }

    /**
     * From now on signals wait for the program. So do those that this process was started with as ignored: the program starts
     * with them as ignored too, and may change that.
     *
     * @param asks whether this process uses the terminal itself. In the background the kernel stops the whole job for that, by
     *     SIGTTIN or SIGTTOU, until it comes to the foreground. These keep their default action then, and so does SIGCONT: the
     *     program stands still while somebody is asked, and is not to be continued by what a shell sent to the job
     */
    static SignalRelay hold(Kernel kernel, boolean asks) {
        SignalRelay relay = new SignalRelay(new SignalPipe(kernel), kernel.getpid());
        for (int signal = 1; signal <= LAST; signal++) {
            if (!OWN.contains(signal) && !(asks && OF_A_JOB.contains(signal))) {
                relay.pipe.take(kernel, signal);
            }
        }
        Thread.ofPlatform().daemon().name("nurse-signals").start(relay::pass);
        return relay;
    }

    /** The program is there: a child of this process that nobody has reaped yet. */
    void begin(Kernel kernel, int pid) {
        program.complete(new Program(pid, kernel.pidfd_open(pid, 0)));
    }

    private void pass() {
        try (Kernel kernel = Kernel.confined()) {
            Received received;
            while ((received = pipe.await(kernel)) != null) {
                pass(kernel, received, program.join());
            }
        }
    }

    private void pass(Kernel kernel, Received received, Program to) {
        int signal = received.signal();
        if (signal == SIGCHLD) {
            if (received.code() == Received.CLD_STOPPED && stops) {
                stopWith(kernel, to);
            }
            return;
        }
        if (STOPPING.contains(signal)) {
            stops = true;
        }
        // A write(2) of this process's own to a closed pipe sends SIGPIPE in its own name (fs/pipe.c).
        boolean hasItToo = received.code() == Received.SI_KERNEL || received.pid() == self;
        // fg of a shell continues the whole process group.
        boolean isNeeded = signal != SIGCONT || isStopped(kernel, to);
        if (!hasItToo && isNeeded && kernel.pidfd_send_signal(to.pidfd(), signal) < 0) {
            end(kernel, signal);
        }
        if (stops) {
            stopWith(kernel, to); // it may have stopped before this process was told that it should
        }
    }

    private void stopWith(Kernel kernel, Program program) {
        if (isStopped(kernel, program)) {
            stops = false;
            kernel.kill(self, SIGSTOP);
        }
    }

    private static boolean isStopped(Kernel kernel, Program program) {
        @Nullable String state = ProcFs.status(kernel, program.pid(), program.pid(), "State");
        return state != null && state.startsWith("T");
    }

    /** The program has ended and been reaped: what is left to do, such as to write its output to a pipe, may be given up. */
    private void end(Kernel kernel, int signal) {
        kernel.defaultAction(signal);
        kernel.kill(self, signal);
    }
}
