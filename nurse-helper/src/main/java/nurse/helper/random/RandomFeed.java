package nurse.helper.random;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;

/** Keeps a pipe full of a stream's bytes until nobody can read it any more, or the run is over. */
final class RandomFeed {
    private static final int F_SETPIPE_SZ = 1031; // linux/fcntl.h
    /** As much as an ordinary user may ask for (pipe(7), pipe-max-size). */
    private static final int LARGE = 1 << 20;

    private static final int CHUNK = 1 << 16;

    private RandomFeed() {}

    /**
     * The pipe is full when this returns, so that what a program reads at once does not depend on who is faster.
     *
     * @param to the write end, closed at the end
     * @param over can be read when the run is over
     */
    static void start(Kernel kernel, int to, int over, RandomStream stream, Runnable end) {
        kernel.fcntl(to, F_SETPIPE_SZ, LARGE); // if not, it holds less
        kernel.fcntl(to, Kernel.F_SETFL, Kernel.O_NONBLOCK);
        byte[] rest;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment chunk = arena.allocate(CHUNK, 8);
            int wrote;
            do {
                stream.fill(chunk);
                wrote = kernel.write(to, chunk, CHUNK);
            } while (wrote == CHUNK);
            rest = chunk.asSlice(Math.max(wrote, 0)).toArray(JAVA_BYTE);
        }
        Thread.ofPlatform().daemon().name("nurse-random").start(() -> feed(to, over, rest, stream, end));
    }

    private static void feed(int to, int over, byte[] rest, RandomStream stream, Runnable end) {
        try (Kernel kernel = Kernel.confined();
                Arena arena = Arena.ofConfined()) {
            MemorySegment chunk = arena.allocate(CHUNK, 8);
            MemorySegment next = chunk.asSlice(0, rest.length);
            next.copyFrom(MemorySegment.ofArray(rest));
            MemorySegment polls = arena.allocate(16, 4); // struct pollfd[2]
            polls.set(JAVA_INT, 0, over);
            polls.set(JAVA_SHORT, 4, (short) Kernel.POLLIN);
            polls.set(JAVA_INT, 8, to);
            polls.set(JAVA_SHORT, 12, (short) Kernel.POLLOUT);
            while (writeAll(kernel, to, next, polls)) {
                next = chunk;
                stream.fill(chunk);
            }
            kernel.close(to);
        } finally {
            end.run();
        }
    }

    /** False when the run is over, or the last reader is gone: EPIPE, as the JVM ignores SIGPIPE. */
    private static boolean writeAll(Kernel kernel, int to, MemorySegment bytes, MemorySegment polls) {
        long done = 0;
        while (done < bytes.byteSize()) {
            kernel.ppoll(polls, 2, -1);
            if (polls.get(JAVA_SHORT, 6) != 0) {
                return false;
            }
            int wrote = kernel.write(to, bytes.asSlice(done), (int) (bytes.byteSize() - done));
            if (wrote < 0 && wrote != -Errno.EINTR && wrote != -Errno.EAGAIN) {
                return false;
            }
            done += Math.max(wrote, 0);
        }
        return true;
    }
}
