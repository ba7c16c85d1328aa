package nurse.helper.calls;

import nurse.ffm.lane.LaneLayout;

/** Answers the calls of one subject: files, memory, time ... */
public interface CallHandler {
    /** Returned for a call that the handler has no answer to yet: the program gets ENOSYS and the log its name, once. */
    int UNANSWERED = Integer.MIN_VALUE;

    /**
     * Returned for a call that a signal ended and that changed nothing: it is made again if the signal's handler has
     * SA_RESTART, else the program gets EINTR (signal(7), "Interruption of system calls and library functions by signal
     * handlers", says which calls these are).
     */
    int RESTART = -LaneLayout.RESTART;

    /**
     * Decides a call and carries it out.
     *
     * @return the call's result as the program is to see it, a negative errno, or {@link #UNANSWERED}
     * @throws CallError instead of returning a negative errno
     */
    int answer(Syscall syscall, Call call);
}
