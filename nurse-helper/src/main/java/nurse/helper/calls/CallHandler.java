package nurse.helper.calls;

/** Answers the calls of one subject: files, memory, time ... */
public interface CallHandler {
    /** Returned for a call that the handler has no answer to yet: the program gets ENOSYS and the log its name, once. */
    int UNANSWERED = Integer.MIN_VALUE;

    /**
     * Decides a call and carries it out.
     *
     * @return the call's result as the program is to see it, a negative errno, or {@link #UNANSWERED}
     * @throws CallError instead of returning a negative errno
     */
    int answer(Syscall syscall, Call call);
}
