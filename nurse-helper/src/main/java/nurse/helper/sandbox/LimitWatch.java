package nurse.helper.sandbox;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicReference;
import nurse.ffm.Kernel;
import nurse.ffm.KernelRefused;
import nurse.ffm.ProcFs;
import nurse.helper.policy.Limits;
import nurse.helper.policy.Limits.Limit;
import nurse.helper.time.ClockIds;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one process within its limits: some the kernel keeps (setrlimit(2)), the others a thread of the helper looks after, and
 * ends the process.
 *
 * <p>Nothing is started where no limit needs it. Thread-safe.
 */
final class LimitWatch implements AutoCloseable {
    private static final int RLIMIT_CPU = 0; // asm-generic/resource.h
    private static final int RLIMIT_AS = 9;
    private static final int RLIMIT_SIGPENDING = 11;
    private static final int SIGXFSZ = 25;
    private static final long SECOND = 1_000_000_000;
    /** A sixteenth of the user's queued signals is for one run, */
    private static final int SHARE_OF_SIGNALS = 4;
    /** or so many, where that is less: programs that use timers have some dozens. */
    private static final long LEAST_SIGNALS = 128;
    /** How much processor time the kernel grants beyond ours, which is finer: it counts in seconds. */
    private static final long KERNEL_GRACE_SECONDS = 2;
    /** How often what only can be sampled is looked at. docs/policy.md says so. */
    private static final long SAMPLE_NANOS = 20_000_000;

    private final Limits limits;
    private final int pid;
    private final int pidfd;
    private final long start = System.nanoTime();
    private final AtomicReference<@Nullable Limit> exceeded = new AtomicReference<>();
    private @Nullable Thread watcher;
    private final HelperTime helperTime = new HelperTime();

    /** @param pidfd of the process; not to be closed before this is */
    LimitWatch(Limits limits, int pid, int pidfd) {
        this.limits = limits;
        this.pid = pid;
        this.pidfd = pidfd;
    }

    /**
     * Has the kernel keep what it can, before the program's first instruction.
     *
     * @throws KernelRefused when it will not
     */
    void apply(Kernel kernel, Arena arena) {
        shareSignals(kernel, arena);
        if (limits.has(Limit.MEMORY)) {
            set(kernel, arena, RLIMIT_AS, limits.of(Limit.MEMORY));
        }
        if (limits.has(Limit.OPEN_FILES)) {
            set(kernel, arena, Kernel.RLIMIT_NOFILE, limits.of(Limit.OPEN_FILES));
        }
        if (limits.has(Limit.CPU)) {
            set(kernel, arena, RLIMIT_CPU, limits.of(Limit.CPU) / SECOND + KERNEL_GRACE_SECONDS);
        }
        // No file can become larger than all that may be written together.
        long size = Math.min(most(Limit.FILE_SIZE), most(Limit.WRITTEN));
        if (size != Long.MAX_VALUE) {
            set(kernel, arena, Kernel.RLIMIT_FSIZE, size);
        }
        if (limits.has(Limit.CPU) || limits.has(Limit.WALL) || limits.has(Limit.WRITTEN)) {
            watcher = Thread.ofPlatform().daemon().name("nurse-limits").start(this::watch);
        }
    }

    /** Queued signals and timers are counted for a user together: sigqueue_alloc in kernel/signal.c. */
    private void shareSignals(Kernel kernel, Arena arena) {
        MemorySegment now = arena.allocate(16, 8);
        KernelRefused.check("prlimit64", kernel.prlimit64(pid, RLIMIT_SIGPENDING, MemorySegment.NULL, now));
        set(kernel, arena, RLIMIT_SIGPENDING, Math.max(LEAST_SIGNALS, now.get(JAVA_LONG, 8) >>> SHARE_OF_SIGNALS));
    }

    private long most(Limit limit) {
        return limits.has(limit) ? limits.of(limit) : Long.MAX_VALUE;
    }

    private void set(Kernel kernel, Arena arena, int resource, long most) {
        MemorySegment both = arena.allocate(16, 8);
        MemorySegment now = arena.allocate(16, 8);
        KernelRefused.check("prlimit64", kernel.prlimit64(pid, resource, MemorySegment.NULL, now));
        long hard = now.get(JAVA_LONG, 8);
        long allowed = Long.compareUnsigned(most, hard) < 0 ? most : hard; // the user's own limit may be lower
        both.set(JAVA_LONG, 0, allowed);
        both.set(JAVA_LONG, 8, allowed);
        KernelRefused.check("prlimit64", kernel.prlimit64(pid, resource, both, MemorySegment.NULL));
        KernelRefused.check("prlimit64", kernel.prlimit64(pid, resource, MemorySegment.NULL, now));
        if (now.get(JAVA_LONG, 8) != allowed) {
            throw new SandboxFailed(
                    "a limit could not be set",
                    "the kernel did not take it: resource=" + resource,
                    "run it without --limit, and without [limits] in the policy");
        }
    }

    private void watch() {
        try (Kernel kernel = Kernel.confined()) {
            while (exceeded.get() == null) {
                long wall = System.nanoTime() - start;
                if (wall > most(Limit.WALL)) {
                    exceed(kernel, Limit.WALL);
                } else if (limits.has(Limit.CPU) && cpu(kernel) > most(Limit.CPU)) {
                    exceed(kernel, Limit.CPU);
                } else if (limits.has(Limit.WRITTEN) && written(kernel) > most(Limit.WRITTEN)) {
                    exceed(kernel, Limit.WRITTEN);
                } else {
                    boolean samples = limits.has(Limit.CPU) || limits.has(Limit.WRITTEN);
                    long left = most(Limit.WALL) - wall + 1;
                    Thread.sleep(java.time.Duration.ofNanos(samples ? Math.min(left, SAMPLE_NANOS) : left));
                }
            }
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }

    private long cpu(Kernel kernel) {
        return kernel.clock_gettime(ClockIds.ofProcess(pid)) + helperTime.spent();
    }

    /** Whether the helper's time counts, and where; null if not. */
    @Nullable
    HelperTime helperTime() {
        return limits.has(Limit.CPU) ? helperTime : null;
    }

    /** All bytes that its threads passed to write(2) and its kin: proc(5), /proc/PID/io, wchar. */
    private long written(Kernel kernel) {
        String io = ProcFs.read(kernel, "/proc/" + pid + "/io");
        int at = io == null ? -1 : io.indexOf("wchar: ");
        return at < 0 ? 0 : Long.parseLong(io.substring(at + 7, io.indexOf('\n', at)));
    }

    /** Ends the process: a limit is reached. */
    void exceed(Kernel kernel, Limit limit) {
        if (exceeded.compareAndSet(null, limit)) {
            kernel.pidfd_send_signal(pidfd, Kernel.SIGKILL);
        }
    }

    /** What the end of the process means: what it was, or that a limit was reached. */
    Ending explain(Ending ending) {
        Limit limit = exceeded.get();
        if (limit == null && ending instanceof Ending.Killed killed && killed.signal() == SIGXFSZ) {
            limit = limits.has(Limit.FILE_SIZE) ? Limit.FILE_SIZE : limits.has(Limit.WRITTEN) ? Limit.WRITTEN : null;
        }
        // Who ended before the signal came has ended well; but output that was cut off must not look like all of it.
        boolean endedFirst = ending instanceof Ending.Exited && limit != Limit.OUTPUT;
        return limit == null || endedFirst ? ending : new Ending.LimitReached(limit, limits.of(limit));
    }

    @Override
    public void close() {
        Thread running = watcher;
        if (running != null) {
            running.interrupt();
            boolean interrupted = Thread.interrupted();
            try {
                running.join();
            } catch (InterruptedException again) {
                interrupted = true;
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
