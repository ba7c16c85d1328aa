package nurse.bench.roundtrip;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.concurrent.TimeUnit;
import nurse.bench.peers.Cpus;
import nurse.bench.peers.Programs;
import nurse.bench.peers.Unmediated;
import nurse.ffm.Kernel;
import nurse.ffm.KernelRefused;
import nurse.ffm.SharedMemory;
import nurse.ffm.Spawn;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * The bare round trip through shared memory, with both sides looking on a CPU of their own: what is left of a call that the
 * helper answers when there is no call in it. Makes no sense on one CPU.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RingBenchmark {
    private static final int TRIPS = 2_000;

    /** Two C programs; the one that asks is where {@link Unmediated} puts programs. */
    @State(Scope.Benchmark)
    public static class BetweenPrograms {
        private DrivenProgram ring;

        @Setup(Level.Trial)
        public void start() {
            String first = Integer.toString(Cpus.first());
            String second = Integer.toString(Cpus.second());
            ring = new DrivenProgram(new Unmediated(second, first), List.of(Programs.path("ring")));
        }

        @TearDown(Level.Trial)
        public void stop() {
            ring.close();
        }
    }

    /** A C program that answers, and this JVM. */
    @State(Scope.Thread)
    public static class FromJava {
        private static final int REPLY = 128; // ring.c
        private static final int END = -1;
        private static final VarHandle INT = JAVA_INT.varHandle();

        private final Kernel kernel = new Kernel();
        private final Arena arena = Arena.ofShared();
        private SharedMemory memory;
        private MemorySegment words;
        private int pidfd;
        private int number;

        @Setup(Level.Trial)
        public void start() {
            memory = SharedMemory.create(kernel, arena, "ring", 4096, false);
            words = memory.memory();
            int pid = KernelRefused.check(
                    "posix_spawn",
                    Spawn.spawn(
                            Programs.path("ring"),
                            List.of("ring", Integer.toString(Cpus.second())),
                            List.of(),
                            new int[] {0, 1, 2, memory.fd()},
                            new int[] {0, 1, 2, 3}));
            pidfd = KernelRefused.check("pidfd_open", kernel.pidfd_open(pid, 0));
            Cpus.pin(kernel, 0, Cpus.first());
        }

        private void trip() {
            int next = ++number;
            INT.setRelease(words, 0L, next);
            while ((int) INT.getAcquire(words, (long) REPLY) != next) {
                Thread.onSpinWait();
            }
        }

        @TearDown(Level.Trial)
        public void stop() {
            INT.setRelease(words, 0L, END);
            kernel.waitExit(pidfd);
            kernel.close(pidfd);
            kernel.close(memory.fd());
            arena.close();
            kernel.close();
        }
    }

    @Benchmark
    @OperationsPerInvocation(TRIPS)
    public void betweenPrograms(BetweenPrograms state) {
        state.ring.call(0, 0, TRIPS);
    }

    @Benchmark
    @OperationsPerInvocation(TRIPS)
    public void fromJava(FromJava state) {
        for (int i = 0; i < TRIPS; i++) {
            state.trip();
        }
    }
}
