package nurse.helper.calls;

import java.lang.foreign.MemorySegment;

/** Has system calls carried out inside the sandboxed process, by its trustee. Serves one lane's thread only. */
public interface Trustee {
    /**
     * Has one i386 system call carried out and waits for its end.
     *
     * @return what the kernel returned, as the sandboxed process tells: good enough to answer the program with, not to
     *     rest a decision on
     */
    int execute(Syscall syscall, int a, int b, int c, int d, int e, int f);

    /** Room for what a pointer of the next order points to. Only the helper can write it. */
    MemorySegment data(int length);

    /** Where in the sandboxed process a slice from {@link #data} is. */
    int addressOf(MemorySegment data);

    /**
     * Gives the process a descriptor of the helper's, under exactly this number.
     *
     * @param fd the helper's descriptor; stays open here
     * @param number the lowest number that is free in the process
     * @return 0 or a negative errno
     */
    int install(int fd, int number, boolean closeOnExec);

    /**
     * Waits, using no CPU, until one of {@code fds} is ready, the time is over, or a signal comes to the program.
     *
     * @param fds poll(2) entries in native memory, fd, events, revents as the kernel has them, 8 bytes each
     * @param count how many
     * @param timeoutNanos how long at most; negative for ever
     * @return how many are ready, 0 when the time is over, or -EINTR
     */
    int await(MemorySegment fds, int count, long timeoutNanos);

    /**
     * Waits, whatever signals come to the program, until one of {@code fds} is ready or the program has ended.
     *
     * @throws RuntimeException when it has: there is nobody to answer any more
     */
    void awaitThroughSignals(MemorySegment fds, int count);
}
