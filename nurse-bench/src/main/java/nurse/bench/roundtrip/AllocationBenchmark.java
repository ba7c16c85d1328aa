package nurse.bench.roundtrip;

import java.util.List;
import java.util.concurrent.TimeUnit;
import nurse.bench.peers.NurseSandbox;
import nurse.bench.peers.Programs;
import nurse.helper.policy.Policy;
import nurse.helper.policy.Rule;
import nurse.helper.sandbox.Lock;
import nurse.helper.sandbox.RefusalCount;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Calls that carry no path, to be run with JMH's gc profiler ({@code -prof gc}): it counts what all threads of this JVM
 * allocate, the helper's among them. Less than the smallest object (16 bytes) for a call is nothing for a call.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class AllocationBenchmark {
    private static final int CALLS = 10_000;

    @Param
    public Answered call;

    private DrivenProgram program;

    /** Calls with a descriptor, a buffer and a number as arguments, or with zeros: arch/x86/entry/syscalls/syscall_32.tbl. */
    public enum Answered {
        GETPPID(64, 0),
        LSEEK(19, 1),
        FSTAT64(197, 1),
        /** CLOCK_MONOTONIC_RAW, the number of the descriptor. */
        CLOCK_GETTIME(265, 1),
        /** By the trustee. */
        MEMBARRIER(375, 0);

        private final int number;
        private final int bytes;

        Answered(int number, int bytes) {
            this.number = number;
            this.bytes = bytes;
        }
    }

    @Setup(Level.Trial)
    public void start() {
        Policy all = Policy.of(List.of(new Rule("/", Rule.Kind.WRITE, "benchmark")));
        NurseSandbox sandbox = new NurseSandbox(Lock.TRAP, all, new RefusalCount());
        program = new DrivenProgram(sandbox, List.of(Programs.path("roundtrip")));
        program.call(call.number, call.bytes, 10 * CALLS); // what is compiled has done its allocating
    }

    @TearDown(Level.Trial)
    public void stop() {
        program.close();
    }

    @Benchmark
    @OperationsPerInvocation(CALLS)
    public void call() {
        program.call(call.number, call.bytes, CALLS);
    }
}
