package nurse.helper.time;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import nurse.ffm.Errno;
import nurse.helper.calls.Call;
import nurse.helper.calls.CallHandler;
import nurse.helper.calls.Syscall;
import nurse.helper.processes.ProcessState;

/**
 * Timers that send signals: setitimer(2), alarm(2), timer_create(2). They belong to the process, so the trustee makes them,
 * and their signals go to the one thread that does not block them, the untrustee.
 */
final class TimerCalls {
    private static final int SIGEVENT_SIZE = 64;
    private static final int SIGEV_NOTIFY = 8;
    private static final int SIGEV_TID = 12;
    private static final int SIGEV_NONE = 1;
    private static final int SIGEV_THREAD_ID = 4;

    private final ProcessState process;

    TimerCalls(ProcessState process) {
        this.process = process;
    }

    int answer(Syscall syscall, Call call) {
        return switch (syscall) {
            case ALARM, GETITIMER, TIMER_GETTIME, TIMER_GETTIME64, TIMER_GETOVERRUN, TIMER_DELETE ->
                call.forward(syscall);
            case SETITIMER -> setitimer(call);
            case TIMER_CREATE -> create(call);
            case TIMER_SETTIME -> settime(syscall, call, 16);
            case TIMER_SETTIME64 -> settime(syscall, call, 32);
            case TIMERFD_SETTIME -> ofDescriptor(syscall, call, 16);
            case TIMERFD_SETTIME64 -> ofDescriptor(syscall, call, 32);
            case TIMERFD_GETTIME, TIMERFD_GETTIME64 -> {
                process.descriptors().get(call.argument(0));
                yield call.forward(syscall);
            }
            default -> CallHandler.UNANSWERED;
        };
    }

    /** A null pointer stops the timer: a feature of Linux (setitimer(2), BUGS). */
    private static int setitimer(Call call) {
        MemorySegment value = call.struct(1, 16);
        int address = value == null ? 0 : call.trustee().addressOf(value);
        return call.trustee().execute(Syscall.SETITIMER, call.argument(0), address, call.argument(2), 0, 0, 0);
    }

    private int create(Call call) {
        int clock = call.argument(0);
        if (ClockIds.isThread(clock, process.pid())) {
            clock = ClockIds.ofUntrustee(clock, process.pid());
        } else if (clock < 0 && !ClockIds.isOwn(clock, process.pid())) {
            return -Errno.EINVAL;
        }
        MemorySegment event = call.struct(1, SIGEVENT_SIZE);
        if (event == null) {
            return call.trustee().execute(Syscall.TIMER_CREATE, clock, 0, call.argument(2), 0, 0, 0);
        }
        int notify = event.get(JAVA_INT_UNALIGNED, SIGEV_NOTIFY);
        boolean toThread = (notify & SIGEV_THREAD_ID) != 0 && notify != SIGEV_NONE;
        if (toThread && event.get(JAVA_INT_UNALIGNED, SIGEV_TID) != process.pid()) {
            return -Errno.EINVAL; // as for a thread that is not there: the trustee must not get signals
        }
        return call.trustee()
                .execute(Syscall.TIMER_CREATE, clock, call.trustee().addressOf(event), call.argument(2), 0, 0, 0);
    }

    private static int settime(Syscall syscall, Call call, int size) {
        MemorySegment value = call.struct(2, size);
        if (value == null) {
            return -Errno.EINVAL;
        }
        return call.trustee()
                .execute(
                        syscall,
                        call.argument(0),
                        call.argument(1),
                        call.trustee().addressOf(value),
                        call.argument(3),
                        0,
                        0);
    }

    private int ofDescriptor(Syscall syscall, Call call, int size) {
        process.descriptors().get(call.argument(0));
        return call.argument(2) == 0 ? -Errno.EFAULT : settime(syscall, call, size);
    }
}
