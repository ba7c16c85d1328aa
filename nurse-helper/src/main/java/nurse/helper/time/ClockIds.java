package nurse.helper.time;

import nurse.ffm.Errno;
import nurse.helper.calls.CallError;

/** Clock ids (clock_getres(2)) as the program means them, turned into what the helper's thread has to ask for. */
public final class ClockIds {
    static final int CLOCK_PROCESS_CPUTIME_ID = 2;
    static final int CLOCK_THREAD_CPUTIME_ID = 3;
    private static final int PER_THREAD = 4; // linux/posix-timers.h: CPUCLOCK_PERTHREAD_MASK
    private static final int SCHED = 2; // CPUCLOCK_SCHED
    private static final int CLOCKFD = 3; // dynamic clocks: a descriptor, which would be the helper's

    private ClockIds() {}

    /** The CPU clock of a whole process, as any other process may ask for it. */
    public static int ofProcess(int pid) {
        return ~pid << 3 | SCHED;
    }

    /** Whether a negative id is a CPU clock of this very process (or of its one thread, which has the same number). */
    static boolean isOwn(int clock, int pid) {
        int of = ~(clock >> 3);
        return (clock & CLOCKFD) != CLOCKFD && (of == 0 || of == pid);
    }

    /** Whether it is the untrustee's own CPU clock, which only a thread of its process may ask for. */
    static boolean isThread(int clock, int pid) {
        return clock == CLOCK_THREAD_CPUTIME_ID || (clock < 0 && (clock & PER_THREAD) != 0 && isOwn(clock, pid));
    }

    /** The trustee's name for it: by the thread's number, since it would be the trustee's own otherwise. */
    static int ofUntrustee(int clock, int pid) {
        return ~pid << 3 | PER_THREAD | (clock == CLOCK_THREAD_CPUTIME_ID ? SCHED : clock & CLOCKFD);
    }

    /** The helper's name for the program's clock. @throws CallError EINVAL for others' CPU clocks and dynamic ones */
    static int forHelper(int clock, int pid) {
        if (clock == CLOCK_PROCESS_CPUTIME_ID) {
            return ofProcess(pid);
        }
        if (clock >= 0) {
            return clock;
        }
        if (!isOwn(clock, pid)) {
            throw CallError.of(Errno.EINVAL);
        }
        return ~pid << 3 | clock & 7;
    }
}
