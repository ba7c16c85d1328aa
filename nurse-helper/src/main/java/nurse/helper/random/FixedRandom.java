package nurse.helper.random;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;

/** All that is random in a run, from one seed. Of one run, and its thread alone. */
public final class FixedRandom {
    /** Each device that is open has a thread behind it. */
    private static final int DEVICES = 64;
    /** A feed that has lost its reader just now needs a moment to end. */
    private static final long LAST_FEED_NANOS = 1_000_000_000;

    private final String seed;
    private final RandomStream calls;
    private final Semaphore free = new Semaphore(DEVICES);
    private int opened;

    public FixedRandom(String seed) {
        this.seed = seed;
        this.calls = new RandomStream(seed, "getrandom");
    }

    /** What getrandom(2) gives next. */
    public void fill(MemorySegment to) {
        calls.fill(to);
    }

    /** The bytes that AT_RANDOM points to (getauxval(3)). */
    public void ofProcess(MemorySegment to) {
        new RandomStream(seed, "AT_RANDOM").fill(to);
    }

    /**
     * A descriptor to read random bytes from, for ever: what stands in for /dev/random and /dev/urandom. read(2) is the
     * program's own under SECCOMP, so they have to lie ready.
     *
     * @return the read end of a pipe, the caller's to close; or a negative errno, ENFILE when too many are open
     */
    public int open(Kernel kernel) {
        try {
            if (!free.tryAcquire(LAST_FEED_NANOS, TimeUnit.NANOSECONDS)) {
                return -Errno.ENFILE;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return -Errno.EINTR;
        }
        long pipe = kernel.pipe2(Kernel.O_CLOEXEC);
        if (pipe < 0) {
            free.release();
            return (int) pipe;
        }
        RandomFeed.start(kernel, (int) (pipe >>> 32), new RandomStream(seed, "device " + ++opened), free::release);
        return (int) pipe;
    }
}
