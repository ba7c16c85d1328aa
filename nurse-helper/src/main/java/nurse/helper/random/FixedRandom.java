package nurse.helper.random;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;

/** All that is random in a run, from one seed. Of one run, and its thread alone. */
public final class FixedRandom implements AutoCloseable {
    /** Each device that is open has a thread behind it. */
    private static final int DEVICES = 64;
    /** A feed that has lost its reader just now needs a moment to end. */
    private static final long LAST_FEED_NANOS = 1_000_000_000;

    private final String seed;
    private final RandomStream calls;
    private final Semaphore free = new Semaphore(DEVICES);
    private int opened;
    /** An eventfd that can be read when the run is over; -1 before the first device. */
    private int over = -1;

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
        if (over < 0) {
            over = kernel.eventfd2(0, Kernel.EFD_CLOEXEC);
        }
        long pipe = over < 0 ? over : kernel.pipe2(Kernel.O_CLOEXEC);
        if (pipe < 0) {
            free.release();
            return (int) pipe;
        }
        int device = (int) pipe;
        int feed = (int) (pipe >>> 32);
        boolean started = false;
        try {
            RandomFeed.start(kernel, feed, over, new RandomStream(seed, "device " + ++opened), free::release);
            started = true;
        } finally {
            if (!started) { // no memory for a thread: close() would wait for it
                kernel.close(feed);
                kernel.close(device);
                free.release();
            }
        }
        return device;
    }

    /**
     * How many descriptors of the helper's all this may have now: one behind each device that somebody can still read, whoever
     * that is, and one for the end. The latter counts before it is there, so that an open never takes two.
     */
    public int held() {
        return DEVICES - free.availablePermits() + 1;
    }

    /** Ends all feeds: a program may have sent a device to somebody who keeps it (unix(7)), and its run may be one of many. */
    @Override
    public void close() {
        if (over < 0) {
            return;
        }
        try (Kernel kernel = Kernel.confined();
                Arena arena = Arena.ofConfined()) {
            kernel.write(over, arena.allocateFrom(JAVA_LONG, 1), Long.BYTES);
            free.acquireUninterruptibly(DEVICES);
            kernel.close(over);
        }
    }
}
