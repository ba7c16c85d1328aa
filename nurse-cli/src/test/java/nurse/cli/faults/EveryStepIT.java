package nurse.cli.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import nurse.cli.Jar;
import nurse.cli.faults.SteppedRun.Fault;
import nurse.cli.faults.SteppedRun.Outcome;
import nurse.ffm.Kernel;
import nurse.helper.sandbox.Ending;
import nurse.helper.sandbox.Lock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A fault at each step of a run in turn: the run ends, says how, leaves no process and no descriptor, and what the program had
 * written is there.
 */
class EveryStepIT {
    private static final int SIGKILL = 9;
    private static final int SIGCONT = 18;
    private static final int SIGSTOP = 19;
    private static final int STATUS = 7;
    private static final long STOPPED_NANOS = 2_000_000;
    /** How many are to be killed at a moment of their start; one that has ended by then does not count. */
    private static final int KILLS_OF_STARTS = 150;

    private static final int LOOKS = 100;
    /** Writes by itself, and has the helper and the trustee do something between two lines. */
    private static final String SCRIPT =
            "for i in 1 2 3 4 5 6 7 8 9; do echo \"line $i\"; read word < /etc/hostname; cd /; done; exit " + STATUS;

    private static final String EVERYTHING = "line 1\nline 2\nline 3\nline 4\nline 5\nline 6\nline 7\nline 8\nline 9\n";

    private static final Fault NONE = (kernel, step, pid) -> {};

    private final Path directory = Jar.directory();
    private final SteppedRun run = new SteppedRun(
            directory, Lock.valueOf(System.getProperty("nurse.lock").toUpperCase(Locale.ROOT)), "sh", "-c", SCRIPT);
    /** How much the program had written at each step of a run without a fault. */
    private final List<Long> written = new ArrayList<>();

    private long descriptors;

    @BeforeEach
    void runWithoutAFault() {
        run.run(NONE); // loads what has to be loaded
        Outcome outcome = run.run((kernel, step, pid) -> written.add(run.written()));
        assertThat(outcome.failure()).isNull();
        assertThat(outcome.ending().status()).isEqualTo(STATUS);
        assertThat(run.output()).isEqualTo(EVERYTHING);
        assertThat(written).hasSizeGreaterThan(60);
        descriptors = SteppedRun.descriptors();
    }

    /** The JVM itself opens a file for a moment now and then. */
    @AfterEach
    void nothingIsLeft() throws InterruptedException {
        for (int i = 0; i < LOOKS && SteppedRun.descriptors() > descriptors; i++) {
            Thread.sleep(50);
        }
        assertThat(SteppedRun.descriptors()).as("descriptors").isLessThanOrEqualTo(descriptors);
        assertThat(ProcessHandle.current().children()).as("children").isEmpty();
    }

    private void assertEnded(int step, Outcome outcome) {
        assertThat(SteppedRun.exists(outcome.pid()))
                .as("the process after step %d", step)
                .isFalse();
        assertThat(run.output()).as("output after step %d", step).isEqualTo(EVERYTHING.substring(0, (int)
                outcome.written()));
        assertThat(outcome.written()).as("written before step %d", step).isEqualTo(written.get(step));
    }

    @Test
    void theProcessIsKilledAtEachStep() {
        for (int step = 0; step < written.size(); step++) {
            int at = step;
            Outcome outcome = run.run((kernel, now, pid) -> {
                if (now == at) {
                    kernel.kill(pid, SIGKILL);
                }
            });
            assertThat(outcome.failure()).as("step %d", step).isNull();
            assertThat(outcome.ending()).as("step %d", step).isEqualTo(new Ending.Killed(SIGKILL));
            assertEnded(step, outcome);
        }
    }

    @Test
    void theHelperRunsOutOfMemoryAtEachStep() {
        for (int step = 0; step < written.size(); step++) {
            int at = step;
            Outcome outcome = run.run((kernel, now, pid) -> {
                if (now == at) {
                    throw new OutOfMemoryError("of a test");
                }
            });
            assertThat(outcome.failure()).as("step %d", step).isInstanceOf(OutOfMemoryError.class);
            assertEnded(step, outcome);
        }
    }

    @Test
    void theProcessIsStoppedAndContinuedAtEachStep() {
        for (int step = 0; step < written.size(); step++) {
            int at = step;
            Outcome outcome = run.run((kernel, now, pid) -> {
                if (now == at) {
                    kernel.kill(pid, SIGSTOP);
                    startThread(() -> {
                        LockSupport.parkNanos(STOPPED_NANOS);
                        signal(pid, SIGCONT);
                    });
                }
            });
            assertThat(outcome.failure()).as("step %d", step).isNull();
            assertThat(outcome.ending()).as("step %d", step).isEqualTo(new Ending.Exited(STATUS));
            assertThat(run.output()).as("step %d", step).isEqualTo(EVERYTHING);
            assertThat(SteppedRun.exists(outcome.pid())).isFalse();
        }
    }

    /** Stopped for good: kill(1) ends it all the same. */
    @Test
    void aStoppedProcessIsKilledAtEachStep() {
        for (int step = 0; step < written.size(); step += 3) {
            int at = step;
            Outcome outcome = run.run((kernel, now, pid) -> {
                if (now == at) {
                    kernel.kill(pid, SIGSTOP);
                    kernel.kill(pid, SIGKILL);
                }
            });
            assertThat(outcome.ending()).as("step %d", step).isEqualTo(new Ending.Killed(SIGKILL));
            assertEnded(step, outcome);
        }
    }

    /** The launcher, ld.so before the lock, the handshake: no call of these comes to the helper, so the moment is chance. */
    @Test
    void theProcessIsKilledAtSomeMomentOfItsStart() {
        long seed = new Random().nextLong();
        System.out.println("EveryStepIT: the moments of the start are of seed " + seed);
        Random random = new Random(seed);
        long begin = System.nanoTime();
        run.run(NONE);
        long whole = System.nanoTime() - begin;
        int killed = 0;
        for (int i = 0; killed < KILLS_OF_STARTS && i < 4 * KILLS_OF_STARTS; i++) {
            long delay = (long) (random.nextDouble() * whole / 2);
            Outcome outcome = run.run(
                    pid -> startThread(() -> {
                        LockSupport.parkNanos(delay);
                        signal(pid, SIGKILL);
                    }),
                    NONE);
            String as = "seed " + seed + ", run " + i + ": " + outcome;
            assertThat(outcome.failure()).as(as).isNull();
            assertThat(outcome.ending()).as(as).isIn(new Ending.Killed(SIGKILL), new Ending.Exited(STATUS));
            if (outcome.ending() instanceof Ending.Killed) {
                killed++;
            } else {
                whole = whole / 8 * 7; // it has ended by then: runs take less than the first one took
            }
            assertThat(SteppedRun.exists(outcome.pid())).as(as).isFalse();
            assertThat(EVERYTHING).as(as).startsWith(run.output());
        }
        assertThat(killed).as("killed, seed %d", seed).isEqualTo(KILLS_OF_STARTS);
    }

    private static void startThread(Runnable body) {
        Thread thread = new Thread(body, "fault");
        thread.setDaemon(true);
        thread.start();
    }

    /** The number may be another process's by then only if all numbers were used up meanwhile. */
    private static void signal(int pid, int signal) {
        try (Kernel kernel = Kernel.confined()) {
            kernel.kill(pid, signal);
        }
    }
}
