package nurse.helper.processes;

import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.ffm.ProcFs;
import nurse.helper.calls.Call;
import nurse.helper.calls.CallHandler;
import nurse.helper.calls.CallRefused;
import nurse.helper.calls.Durations;
import nurse.helper.calls.Syscall;

/**
 * Signals, as far as they need more than the untrustee: actions, masks and handlers are the gate's own affair
 * (actions.c, masks.c, delivery.c).
 *
 * <p>The program may send signals to itself only, and the trustee sends them, so that their sender is the program. They
 * reach the untrustee: the trustee blocks all signals.
 */
public final class SignalCalls implements CallHandler {
    private static final int SIGACTION_SIZE = 20;
    private static final int SIGINFO_SIZE = 128;
    private static final int SIGNALS = 64;

    private final Kernel kernel;
    private final ProcessState process;
    private final MemorySegment nothing;

    public SignalCalls(Kernel kernel, ProcessState process, Arena arena) {
        this.kernel = kernel;
        this.process = process;
        this.nothing = arena.allocate(8, 8);
    }

    @Override
    public int answer(Syscall syscall, Call call) {
        return switch (syscall) {
            case RT_SIGACTION -> sigaction(call);
            case KILL -> kill(call);
            case TKILL -> tgkill(call, process.pid(), call.argument(0), call.argument(1));
            case TGKILL -> tgkill(call, call.argument(0), call.argument(1), call.argument(2));
            case RT_SIGQUEUEINFO -> queue(syscall, call, call.argument(0), 1);
            case RT_TGSIGQUEUEINFO ->
                call.argument(0) == process.pid() ? queue(syscall, call, call.argument(1), 2) : -Errno.ESRCH;
            case RT_SIGPENDING -> pending(call);
            case PAUSE -> call.trustee().await(nothing, 0, -1);
            case RT_SIGTIMEDWAIT -> timedwait(call, 8);
            case RT_SIGTIMEDWAIT_TIME64 -> timedwait(call, 16);
            default -> UNANSWERED;
        };
    }

    /**
     * What the gate wants the kernel to do at a signal. A handler runs in the untrustee, under SECCOMP: the trustee blocks
     * every signal. So its address is of no concern; only the signal is, since SIGKILL and SIGSTOP have none.
     */
    private static int sigaction(Call call) {
        MemorySegment action = call.struct(1, SIGACTION_SIZE);
        if (action == null) {
            return -Errno.EFAULT;
        }
        return call.trustee()
                .execute(Syscall.RT_SIGACTION, call.argument(0), call.trustee().addressOf(action), 0, 8, 0, 0);
    }

    /** The default action of a signal that the gate holds the handler of, done by the kernel: core dump, status and all. */
    public int raise(Call call) {
        int signal = call.argument(0);
        MemorySegment byDefault = call.trustee().data(SIGACTION_SIZE);
        byDefault.fill((byte) 0);
        call.trustee().execute(Syscall.RT_SIGACTION, signal, call.trustee().addressOf(byDefault), 0, 8, 0, 0);
        return kernel.tgkill(process.pid(), process.pid(), signal);
    }

    private int kill(Call call) {
        int pid = call.argument(0);
        if (pid == process.pid()) {
            return call.forward(Syscall.KILL);
        }
        // Its process group and "everybody" have others in them: us, and who started us.
        if (pid == 0 || pid == -1) {
            throw CallRefused.of(Errno.EPERM, "a program sends signals to itself only");
        }
        return -Errno.ESRCH;
    }

    private int tgkill(Call call, int pid, int tid, int signal) {
        if (tid <= 0 || pid <= 0 || signal < 0 || signal > SIGNALS) {
            return -Errno.EINVAL;
        }
        if (pid != process.pid() || tid != process.pid()) {
            return -Errno.ESRCH; // the trustee's number is none that the program knows
        }
        return call.trustee().execute(Syscall.TGKILL, pid, tid, signal, 0, 0, 0);
    }

    private int queue(Syscall syscall, Call call, int pid, int signal) {
        MemorySegment info = call.struct(signal + 1, SIGINFO_SIZE);
        if (info == null) {
            return -Errno.EFAULT;
        }
        if (pid != process.pid()) {
            return -Errno.ESRCH;
        }
        int address = call.trustee().addressOf(info);
        return syscall == Syscall.RT_SIGQUEUEINFO
                ? call.trustee().execute(syscall, pid, call.argument(1), address, 0, 0, 0)
                : call.trustee().execute(syscall, pid, pid, call.argument(2), address, 0, 0);
    }

    /** What the kernel holds back: of the untrustee's thread, and of the process (proc(5), status). */
    private int pending(Call call) {
        String thread = ProcFs.status(kernel, process.pid(), process.pid(), "SigPnd");
        String shared = ProcFs.status(kernel, process.pid(), process.pid(), "ShdPnd");
        if (thread == null || shared == null) {
            return -Errno.ESRCH;
        }
        call.out(0, 8)
                .set(JAVA_LONG_UNALIGNED, 0, Long.parseUnsignedLong(thread, 16) | Long.parseUnsignedLong(shared, 16));
        return 0;
    }

    /** The gate takes the signal; here is only the waiting for it. */
    private int timedwait(Call call, int size) {
        MemorySegment time = call.struct(2, size);
        if (time == null) {
            return call.trustee().await(nothing, 0, -1);
        }
        long nanos = Durations.ofTimespec(time, size);
        int result = call.trustee().await(nothing, 0, nanos == Long.MAX_VALUE ? -1 : nanos);
        return result == 0 ? -Errno.EAGAIN : result;
    }
}
