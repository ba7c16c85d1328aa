package nurse.helper.sandbox;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.ffm.KernelRefused;

/**
 * Stands between the program's standard output and error and the user's, and counts: write(2) is the program's own under
 * SECCOMP, so that what it writes has to be seen on its way. Not a byte more than the limit arrives.
 *
 * <p>The program then has pipes where the user has a terminal or a file.
 */
public final class OutputPump {
    private static final int CHUNK = 1 << 16;

    private final AtomicLong left;
    private final Consumer<Kernel> exceeded;
    private final List<Integer> ends = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final CountDownLatch known = new CountDownLatch(1);

    /**
     * @param most bytes
     * @param exceeded called, by a thread of the pump, when there is more
     */
    OutputPump(long most, Consumer<Kernel> exceeded) {
        this.left = new AtomicLong(most);
        this.exceeded = exceeded;
    }

    /** The program's descriptor for what is to arrive at {@code to}; stays open here until {@link #closeEnds}. */
    int into(Kernel kernel, int to) {
        long pipe = kernel.pipe2(Kernel.O_CLOEXEC);
        KernelRefused.check("pipe2", pipe);
        int from = (int) pipe;
        ends.add((int) (pipe >>> 32));
        threads.add(Thread.ofPlatform().daemon().name("nurse-output").start(() -> pump(from, to)));
        return (int) (pipe >>> 32);
    }

    /** The process has its own by now: with it the last writer goes. */
    void closeEnds(Kernel kernel) {
        ends.forEach(kernel::close);
        ends.clear();
    }

    /** From now on {@code exceeded} can be called: there is a process to be ended. */
    void begin() {
        known.countDown();
    }

    /** Waits until all has arrived. To be called when the process has ended. */
    void await() {
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private void pump(int from, int to) {
        try (Kernel kernel = Kernel.confined();
                Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(CHUNK);
            int got;
            while ((got = kernel.read(from, buffer, CHUNK)) > 0 || got == -Errno.EINTR) {
                if (got < 0) {
                    continue;
                }
                long before = left.getAndAdd(-got);
                int fits = (int) Math.max(0, Math.min(got, before));
                write(kernel, to, buffer, fits);
                if (fits < got) {
                    known.await();
                    exceeded.accept(kernel);
                    break;
                }
            }
            kernel.close(from); // a program that writes on gets EPIPE
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void write(Kernel kernel, int to, MemorySegment buffer, int length) {
        int done = 0;
        while (done < length) {
            int wrote = kernel.write(to, buffer.asSlice(done), length - done);
            if (wrote <= 0 && wrote != -Errno.EINTR) {
                return; // nobody reads it
            }
            done += Math.max(wrote, 0);
        }
    }
}
