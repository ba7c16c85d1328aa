package nurse.bench.roundtrip;

import java.util.List;
import java.util.concurrent.TimeUnit;
import nurse.bench.peers.Interceptor;
import nurse.bench.peers.NotifySandbox;
import nurse.bench.peers.NurseSandbox;
import nurse.bench.peers.Programs;
import nurse.bench.peers.PtraceSandbox;
import nurse.bench.peers.Unmediated;
import nurse.ffm.Kernel;
import nurse.helper.policy.Policy;
import nurse.helper.policy.Rule;
import nurse.helper.sandbox.Lock;
import nurse.helper.sandbox.RefusalCount;
import nurse.helper.sandbox.RefusalLog;
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
 * What one call costs a program, by what intercepts it and by who has to do with it. The program is the same, and so are the
 * policy and the handlers behind all that judge. The command through the pipe and its answer are part of it, shared by
 * {@value #CALLS} calls.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RoundTripBenchmark {
    static final int CALLS = 2_000;

    @Param
    public By by;

    @Param
    public What what;

    private final Kernel kernel = new Kernel();
    private DrivenProgram program;

    /** What intercepts. */
    public enum By {
        NATIVE("native"),
        NURSE_STRICT("nurse, strict"),
        NURSE_TRAP("nurse, trap"),
        SIGSYS("a SIGSYS trap in the process"),
        PTRACE_SYSCALL("ptrace, two stops"),
        PTRACE_SYSEMU("ptrace, SYSEMU"),
        PTRACE_SECCOMP("ptrace, SECCOMP-assisted"),
        NOTIFY("user notification"),
        NOTIFY_SYNC("user notification, SYNC_WAKE_UP");

        private final String title;

        By(String title) {
            this.title = title;
        }

        /** As reports have it. */
        public String title() {
            return title;
        }

        /** @param policy what a program may do, where somebody judges it */
        public Interceptor interceptor(Policy policy, RefusalLog log) {
            return switch (this) {
                case NATIVE -> new Unmediated();
                case NURSE_STRICT -> new NurseSandbox(Lock.STRICT, policy, log);
                case NURSE_TRAP -> new NurseSandbox(Lock.TRAP, policy, log);
                case SIGSYS -> new Unmediated("trap");
                case PTRACE_SYSCALL -> PtraceSandbox.bySyscall(policy, log);
                case PTRACE_SYSEMU -> PtraceSandbox.bySysemu(policy, log);
                case PTRACE_SECCOMP -> PtraceSandbox.bySeccomp(policy, log);
                case NOTIFY -> new NotifySandbox(false, policy, log);
                case NOTIFY_SYNC -> new NotifySandbox(true, policy, log);
            };
        }
    }

    /** Which call, by who has to do with it in nurse: arch/x86/entry/syscalls/syscall_32.tbl. */
    public enum What {
        /** rt_sigprocmask(0, NULL, NULL, 0): fails in the kernel and in the gate alike, who asks nobody. */
        GATE(175, 0),
        /** getppid. */
        HELPER(64, 0),
        /** membarrier(MEMBARRIER_CMD_QUERY): asks the kernel, and changes nothing. */
        TRUSTEE(375, 0),
        READ_1(3, 1),
        WRITE_1(4, 1),
        READ_64K(3, 64 * 1024),
        WRITE_64K(4, 64 * 1024);

        private final int number;
        private final int bytes;

        What(int number, int bytes) {
            this.number = number;
            this.bytes = bytes;
        }
    }

    @Setup(Level.Trial)
    public void start() {
        Policy all = Policy.of(List.of(new Rule("/", Rule.Kind.WRITE, "benchmark")));
        RefusalCount log = new RefusalCount();
        program = new DrivenProgram(by.interceptor(all, log), List.of(Programs.path("roundtrip")));
    }

    @TearDown(Level.Trial)
    public void stop() {
        program.close();
        kernel.close();
    }

    @Benchmark
    @OperationsPerInvocation(CALLS)
    public void call() {
        program.call(what.number, what.bytes, CALLS);
    }
}
