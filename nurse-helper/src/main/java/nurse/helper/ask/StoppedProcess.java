package nurse.helper.ask;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import nurse.ffm.Kernel;
import nurse.ffm.ProcFs;

/**
 * Stops the program's process by SIGSTOP, which can be neither caught nor blocked.
 *
 * <p>A program that waits for an answer need not wait: read and write are its own calls, and so is the moment when it looks for
 * the answer. Only for a process that is the helper's child: another parent, a shell, would take it for a stopped job (waitpid(2),
 * WUNTRACED).
 */
public final class StoppedProcess implements Pause {
    private static final int TRIES = 5000;
    private static final long BETWEEN = TimeUnit.MILLISECONDS.toNanos(1);
    private static final int SIGCONT = 18;
    private static final int SIGSTOP = 19;

    private final Kernel kernel;
    private final int pid;
    private final int pidfd;

    public StoppedProcess(Kernel kernel, int pid, int pidfd) {
        this.kernel = kernel;
        this.pid = pid;
        this.pidfd = pidfd;
    }

    @Override
    public boolean begins() {
        kernel.pidfd_send_signal(pidfd, SIGSTOP);
        for (int i = 0; i < TRIES; i++) { // signal(7): each thread stops at its next way out of the kernel
            if (holds()) {
                return true;
            }
            LockSupport.parkNanos(BETWEEN);
        }
        return false;
    }

    @Override
    public boolean holds() {
        return ProcFs.tasks(kernel, pid).stream().noneMatch(this::runs);
    }

    /** By proc(5): T is stopped, Z and X are no more. */
    private boolean runs(int tid) {
        String state = ProcFs.status(kernel, pid, tid, "State");
        return state != null && "TZX".indexOf(state.charAt(0)) < 0;
    }

    @Override
    public void ends() {
        kernel.pidfd_send_signal(pidfd, SIGCONT);
    }
}
