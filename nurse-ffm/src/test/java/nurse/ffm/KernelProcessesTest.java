package nurse.ffm;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.SynchronousQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KernelProcessesTest {
    private static final int NONE = Integer.MAX_VALUE; // above /proc/sys/kernel/pid_max

    private final Arena arena = Arena.ofConfined();
    private final Kernel kernel = Kernel.confined();

    @AfterEach
    void close() {
        kernel.close();
        arena.close();
    }

    @Test
    void thisProcessKnowsItself() throws Exception {
        ProcessHandle self = ProcessHandle.current();
        assertThat(kernel.getpid()).isEqualTo((int) self.pid());
        assertThat(kernel.getppid()).isEqualTo((int) self.parent().orElseThrow().pid());
        assertThat(ProcFs.tasks(kernel, kernel.getpid())).contains(kernel.gettid());
        assertThat(kernel.getpgid(0)).isEqualTo(kernel.getpgid(kernel.getpid()));
        assertThat(kernel.getsid(0)).isNotNegative();
        assertThat(kernel.getpgid(NONE)).isEqualTo(-Errno.ESRCH);
        String ids = ProcFs.status(kernel, kernel.getpid(), kernel.getpid(), "Uid");
        assertThat(ids).startsWith(kernel.getuid() + "\t" + kernel.geteuid() + "\t");
        String groups = ProcFs.status(kernel, kernel.getpid(), kernel.getpid(), "Gid");
        assertThat(groups).startsWith(kernel.getgid() + "\t" + kernel.getegid() + "\t");
        int mask = kernel.umask(077);
        assertThat(kernel.umask(mask)).isEqualTo(077);
    }

    @Test
    void signalsGoOnlyToWhoIsThere() {
        assertThat(kernel.kill(kernel.getpid(), 0)).isZero();
        assertThat(kernel.kill(NONE, 0)).isEqualTo(-Errno.ESRCH);
        assertThat(kernel.tgkill(kernel.getpid(), kernel.gettid(), 0)).isZero();
        assertThat(kernel.tgkill(kernel.getpid(), NONE, 0)).isEqualTo(-Errno.ESRCH);
        int pidfd = kernel.pidfd_open(kernel.getpid(), 0);
        assertThat(kernel.pidfd_send_signal(pidfd, 0)).isZero();
        assertThat(kernel.pidfd_send_signal(pidfd, 999)).isEqualTo(-Errno.EINVAL);
        assertThat(kernel.waitExit(pidfd)).isEqualTo(-Errno.ECHILD); // nobody is one's own child
        int copy = kernel.pidfd_getfd(pidfd, pidfd);
        assertThat(copy).isNotNegative();
        assertThat(kernel.pidfd_getfd(pidfd, 99_999)).isEqualTo(-Errno.EBADF);
        kernel.close(copy);
        kernel.close(pidfd);
        assertThat(kernel.pidfd_open(NONE, 0)).isEqualTo(-Errno.ESRCH);
    }

    @Test
    void anIgnoredSignalIsIgnoredAndSigkillCannotBe() {
        int sigwinch = 28; // ignored by default: this JVM does not notice
        assertThat(kernel.ignore(sigwinch)).isZero();
        String ignored = ProcFs.status(kernel, kernel.getpid(), kernel.gettid(), "SigIgn");
        assertThat(Long.parseUnsignedLong(ignored, 16) >>> sigwinch - 1 & 1).isEqualTo(1);
        assertThat(kernel.ignore(Kernel.SIGKILL)).isEqualTo(-Errno.EINVAL);
    }

    @Test
    void theEndOfASingleThreadIsSeenThroughItsPidfd() throws Exception {
        SynchronousQueue<Integer> tid = new SynchronousQueue<>();
        CountDownLatch end = new CountDownLatch(1);
        Thread thread = Thread.ofPlatform().start(() -> {
            try (Kernel own = Kernel.confined()) {
                tid.put(own.gettid());
                end.await();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        });
        int id = tid.take();
        assertThat(kernel.pidfd_open(id, 0)).isIn(-Errno.EINVAL, -Errno.ENOENT); // it leads no process
        int pidfd = kernel.pidfd_open(id, Kernel.PIDFD_THREAD);
        assertThat(pidfd).isNotNegative();
        assertThat(kernel.poll(pidfd, Kernel.POLLIN, 0)).isZero();
        end.countDown();
        assertThat(kernel.poll(pidfd, Kernel.POLLIN, 10_000_000_000L) & Kernel.POLLIN)
                .isEqualTo(Kernel.POLLIN);
        thread.join();
        kernel.close(pidfd);
    }

    @Test
    void theSchedulerIsAskedAndTold() {
        MemorySegment cpus = arena.allocate(128, 8);
        int bytes = kernel.sched_getaffinity(0, cpus);
        assertThat(bytes).isPositive();
        assertThat(kernel.sched_setaffinity(0, cpus)).isZero();
        assertThat(kernel.sched_setaffinity(0, arena.allocate(8))).isEqualTo(-Errno.EINVAL); // no CPU at all
        assertThat(kernel.sched_getaffinity(NONE, cpus)).isEqualTo(-Errno.ESRCH);
        assertThat(kernel.sched_yield()).isZero();
        int priority = kernel.getpriority(Kernel.PRIO_PROCESS, 0);
        assertThat(priority).isBetween(1, 40);
        assertThat(kernel.setpriority(Kernel.PRIO_PROCESS, 0, 20 - priority)).isZero();
        assertThat(kernel.setpriority(99, 0, 0)).isEqualTo(-Errno.EINVAL);
        assertThat(kernel.getpriority(Kernel.PRIO_PROCESS, NONE)).isEqualTo(-Errno.ESRCH);
    }

    @Test
    void limitsAndUsageAreRead() {
        MemorySegment limit = arena.allocate(16, 8);
        assertThat(kernel.prlimit64(0, Kernel.RLIMIT_NOFILE, MemorySegment.NULL, limit))
                .isZero();
        assertThat(limit.get(JAVA_LONG, 0)).isPositive();
        assertThat(kernel.prlimit64(0, Kernel.RLIMIT_NOFILE, limit, MemorySegment.NULL))
                .isZero();
        assertThat(kernel.prlimit64(0, 99, MemorySegment.NULL, limit)).isEqualTo(-Errno.EINVAL);
        MemorySegment usage = arena.allocate(144, 8);
        assertThat(kernel.getrusage(Kernel.RUSAGE_SELF, usage)).isZero();
        assertThat(usage.get(JAVA_LONG, 32)).isPositive(); // ru_maxrss
        assertThat(kernel.getrusage(99, usage)).isEqualTo(-Errno.EINVAL);
        assertThat(kernel.times(arena.allocate(32, 8))).isPositive();
    }

    @Test
    void clocksRunAndUnknownOnesAreRefused() {
        long before = System.nanoTime();
        long now = kernel.clock_gettime(Kernel.CLOCK_MONOTONIC); // nanoTime's clock on Linux
        assertThat(now).isBetween(before, System.nanoTime());
        assertThat(kernel.clock_gettime(Kernel.CLOCK_REALTIME) / 1_000_000_000)
                .isCloseTo(System.currentTimeMillis() / 1000, org.assertj.core.data.Offset.offset(2L));
        assertThat(kernel.clock_getres(Kernel.CLOCK_MONOTONIC)).isPositive();
        assertThat(kernel.clock_gettime(99)).isEqualTo(-Errno.EINVAL);
        assertThat(kernel.clock_getres(99)).isEqualTo(-Errno.EINVAL);
    }

    @Test
    void theSystemTellsItsNameAndGivesRandomBytes() {
        MemorySegment names = arena.allocate(390);
        assertThat(kernel.uname(names)).isZero();
        assertThat(names.getString(0, ISO_8859_1)).isEqualTo("Linux");
        MemorySegment info = arena.allocate(112, 8);
        assertThat(kernel.sysinfo(info)).isZero();
        assertThat(info.get(JAVA_LONG, 32)).isPositive(); // totalram
        MemorySegment random = arena.allocate(16, 8);
        assertThat(kernel.getrandom(random, 16, 0)).isEqualTo(16);
        assertThat(random.get(JAVA_LONG, 0) | random.get(JAVA_LONG, 8)).isNotZero();
        assertThat(kernel.getrandom(random, 16, 1 << 30)).isEqualTo(-Errno.EINVAL);
    }

    @Test
    void processOptionsAreReadAndUnknownOnesRefused() {
        int getDumpable = 3; // PR_GET_DUMPABLE, linux/prctl.h
        assertThat(kernel.prctl(getDumpable, 0, 0, 0, 0)).isBetween(0, 2);
        assertThat(kernel.prctl(99_999, 0, 0, 0, 0)).isEqualTo(-Errno.EINVAL);
    }
}
