package nurse.helper.sandbox;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.ffm.KernelRefused;
import nurse.ffm.Statx;
import org.jspecify.annotations.Nullable;

/**
 * Stands between the program's standard output and error and the user's, and counts: write(2) is the program's own under
 * SECCOMP, so the helper has to see on its way what the program writes. Not a byte more than the limit arrives.
 *
 * <p>The program has a pipe where the user has a terminal or a file; one pipe for both streams if they are one file, so that
 * their order stays. When nobody reads the user's file any more, or it takes no more, the pump closes the pipe: the program's
 * next write(2) gets SIGPIPE.
 */
public final class OutputPump {
    private static final int CHUNK = 1 << 16;
    /** A pipe that poll(2) calls writable takes so many bytes without waiting (pipe(7), PIPE_BUF). */
    private static final int PIPE_BUF = 4096;

    private static final int POLLOUT = 4; // poll(2)
    private static final int NO_READER = 8 | 16 | 32; // POLLERR, POLLHUP, POLLNVAL
    private static final long POLL_SIZE = 8; // struct pollfd

    private final AtomicLong left;
    private final Consumer<Kernel> exceeded;
    private final List<Stream> streams = new ArrayList<>();
    private final CountDownLatch known = new CountDownLatch(1);
    private final AtomicInteger lost = new AtomicInteger();

    /** One of the user's files, and the pipe that leads there. */
    private record Stream(int to, int end, int stop, Thread thread) {}

    /**
     * @param most bytes
     * @param exceeded called, by a thread of the pump, when there is more
     */
    OutputPump(long most, Consumer<Kernel> exceeded) {
        this.left = new AtomicLong(most);
        this.exceeded = exceeded;
    }

    /**
     * The program's descriptor for what is to arrive at {@code to}; stays open here until {@link #closeEnds}.
     *
     * @param owned whether {@code to} is to be closed when the program has closed its end, so that a reader sees that too
     */
    int into(Kernel kernel, int to, boolean owned) {
        for (Stream stream : streams) {
            if (areOne(kernel, stream.to, to)) {
                return stream.end;
            }
        }
        long pipe = kernel.pipe2(Kernel.O_CLOEXEC);
        KernelRefused.check("pipe2", pipe);
        int from = (int) pipe;
        int end = (int) (pipe >>> 32);
        int stop = KernelRefused.check("eventfd2", kernel.eventfd2(0, Kernel.EFD_CLOEXEC));
        boolean regular = kernel.isRegular(to);
        Thread thread = Thread.ofPlatform()
                .daemon()
                .name("nurse-output")
                .start(() -> pump(from, to, stop, regular ? CHUNK : PIPE_BUF, owned));
        streams.add(new Stream(to, end, stop, thread));
        return end;
    }

    /**
     * Whether two descriptors are of one open file description, or of one terminal, pipe or socket. A regular file that was
     * opened twice is two: each has an offset of its own. Where kcmp(2) is refused, as in a container, it is taken for one.
     */
    private static boolean areOne(Kernel kernel, int one, int other) {
        int pid = kernel.getpid();
        int compared = kernel.kcmpFiles(pid, pid, one, other);
        if (compared == 0) {
            return true;
        }
        boolean countsByInode = kernel.isRegular(one)
                ? compared < 0
                : kernel.isFifo(one) || kernel.isSocket(one) || kernel.isDevice(one);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ofOne = statx(kernel, arena, one);
            MemorySegment ofOther = statx(kernel, arena, other);
            return countsByInode
                    && ofOne != null
                    && ofOther != null
                    && Statx.dev(ofOne) == Statx.dev(ofOther)
                    && Statx.ino(ofOne) == Statx.ino(ofOther);
        }
    }

    private static @Nullable MemorySegment statx(Kernel kernel, Arena arena, int fd) {
        MemorySegment statx = arena.allocate(Statx.SIZE, 8);
        int result = kernel.statx(fd, "", Kernel.AT_EMPTY_PATH, Kernel.STATX_BASIC_STATS, statx);
        return result < 0 ? null : statx;
    }

    /** The process has its own by now: with it the last writer goes. */
    void closeEnds(Kernel kernel) {
        streams.forEach(stream -> kernel.close(stream.end));
    }

    /** From now on {@code exceeded} can be called: there is a process to be ended. */
    void begin() {
        known.countDown();
    }

    /**
     * Waits until all has arrived. To be called when the process has ended.
     *
     * @param hurries whether to give up what the user's file does not take at once: a limit has ended the program, and nobody
     *     may be there to read
     * @return 0, or the errno by which the user's file took no more; a reader that has gone is none
     */
    int await(Kernel kernel, boolean hurries) {
        if (hurries) {
            streams.forEach(stream -> add(kernel, stream.stop));
        }
        for (Stream stream : streams) {
            try {
                stream.thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return lost.get();
            }
            kernel.close(stream.stop);
        }
        streams.clear();
        return lost.get();
    }

    /** What waits for the eventfd (eventfd(2)) sees it readable from now on. */
    private static void add(Kernel kernel, int eventfd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment one = arena.allocate(JAVA_LONG);
            one.set(JAVA_LONG, 0, 1);
            kernel.write(eventfd, one, Long.BYTES);
        }
    }

    /** @param most how much to write at a time, so that it can be given up before each */
    private void pump(int from, int to, int stop, int most, boolean owned) {
        try (Kernel kernel = Kernel.confined();
                Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(CHUNK);
            MemorySegment polls = arena.allocate(2 * POLL_SIZE, 8);
            while (hasInput(kernel, polls, from, to)) {
                int got = kernel.read(from, buffer, CHUNK);
                if (got <= 0) {
                    break;
                }
                long before = left.getAndAdd(-got);
                int fits = (int) Math.max(0, Math.min(got, before));
                int result = write(kernel, polls, to, stop, buffer.asSlice(0, fits), most);
                if (result < 0) {
                    lost.compareAndSet(0, result == -Errno.EPIPE ? 0 : -result);
                    break;
                }
                if (fits < got) {
                    known.await();
                    exceeded.accept(kernel);
                    break;
                }
            }
            kernel.close(from); // a program that writes on gets EPIPE
            if (owned) {
                kernel.close(to);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits for what the program writes, or its end; false when the user's file has no reader any more. */
    private static boolean hasInput(Kernel kernel, MemorySegment polls, int from, int to) {
        while (true) {
            poll(polls, 0, from, Kernel.POLLIN);
            poll(polls, POLL_SIZE, to, 0); // POLLERR and its like are told all the same
            int ready = kernel.ppoll(polls, 2, -1);
            if (ready > 0) {
                return found(polls, 0) != 0 || (found(polls, POLL_SIZE) & NO_READER) == 0;
            }
            if (ready != -Errno.EINTR) {
                return false;
            }
        }
    }

    /**
     * Writes all, waiting as long as the user's file takes nothing. Its open file description may be non-blocking, and stays so:
     * the user's other programs have it, too.
     *
     * @return 0, or a negative errno: EPIPE also when this pump is to hurry and nothing can be written at once
     */
    private static int write(Kernel kernel, MemorySegment polls, int to, int stop, MemorySegment bytes, int most) {
        long done = 0;
        while (done < bytes.byteSize()) {
            poll(polls, 0, to, POLLOUT);
            poll(polls, POLL_SIZE, stop, Kernel.POLLIN);
            int ready = kernel.ppoll(polls, 2, -1);
            if (ready == -Errno.EINTR) {
                continue;
            }
            if (ready < 0) {
                return ready;
            }
            if (found(polls, 0) == 0) {
                return -Errno.EPIPE;
            }
            int wrote = kernel.write(to, bytes.asSlice(done), (int) Math.min(most, bytes.byteSize() - done));
            if (wrote < 0 && wrote != -Errno.EINTR && wrote != -Errno.EAGAIN) {
                return wrote;
            }
            done += Math.max(wrote, 0);
        }
        return 0;
    }

    private static void poll(MemorySegment polls, long entry, int fd, int events) {
        polls.set(JAVA_INT, entry, fd);
        polls.set(JAVA_SHORT, entry + 4, (short) events);
        polls.set(JAVA_SHORT, entry + 6, (short) 0);
    }

    private static int found(MemorySegment polls, long entry) {
        return polls.get(JAVA_SHORT, entry + 6);
    }
}
