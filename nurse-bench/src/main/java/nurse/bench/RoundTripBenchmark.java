package nurse.bench;

import java.util.concurrent.TimeUnit;
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
 * What one call costs a program that is really locked into SECCOMP mode 1, by who carries it out. The command through the
 * pipe and its answer are part of it, shared by {@value #CALLS} calls.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RoundTripBenchmark {
    private static final int CALLS = 2_000;
    // arch/x86/entry/syscalls/syscall_32.tbl
    private static final int READ = 3;
    private static final int BRK = 45;
    private static final int GETPPID = 64;

    private LockedProgram program;

    @Setup(Level.Trial)
    public void start() {
        program = new LockedProgram(System.getProperty("nurse.roundtrip"));
    }

    @TearDown(Level.Trial)
    public void stop() {
        program.close();
    }

    /** The untrustee's own, under SECCOMP: a read of nothing. */
    @Benchmark
    @OperationsPerInvocation(CALLS)
    public void carriedOutByTheUntrustee() {
        program.call(READ, CALLS);
    }

    @Benchmark
    @OperationsPerInvocation(CALLS)
    public void answeredByTheHelper() {
        program.call(GETPPID, CALLS);
    }

    @Benchmark
    @OperationsPerInvocation(CALLS)
    public void carriedOutByTheTrustee() {
        program.call(BRK, CALLS);
    }
}
