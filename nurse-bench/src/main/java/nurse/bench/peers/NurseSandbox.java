package nurse.bench.peers;

import java.util.List;
import java.util.Map;
import nurse.ffm.Kernel;
import nurse.helper.files.View;
import nurse.helper.policy.Policy;
import nurse.helper.policy.PolicyBuilder;
import nurse.helper.program.ProgramException;
import nurse.helper.sandbox.ChildMaker;
import nurse.helper.sandbox.Lock;
import nurse.helper.sandbox.Phases;
import nurse.helper.sandbox.ProgramRun;
import nurse.helper.sandbox.RefusalLog;
import nurse.helper.sandbox.StartSignals;

/** The product, in this JVM: the program is really locked into SECCOMP. */
public final class NurseSandbox implements Interceptor {
    private final Lock lock;
    private final Policy policy;
    private final RefusalLog log;

    public NurseSandbox(Lock lock, Policy policy, RefusalLog log) {
        this.lock = lock;
        this.policy = policy;
        this.log = log;
    }

    @Override
    public int run(Kernel kernel, List<String> arguments, List<Integer> standard) {
        try (View view = View.of(kernel, "/", "/")) {
            return new ProgramRun(
                            arguments,
                            Map.of(),
                            view,
                            "/",
                            022,
                            StartSignals.NONE,
                            PolicyBuilder.RunPolicy.of(policy),
                            lock,
                            List.of())
                    .run(kernel, new ChildMaker(kernel, standard), log, ending -> {}, new Phases(0), null)
                    .status();
        } catch (ProgramException e) {
            throw new IllegalStateException(e.what() + ": " + e.why(), e);
        }
    }

    @Override
    public String placement() {
        return Cpus.count() == 1 ? "all on the one CPU" : "program on one CPU, helper and trustee on another";
    }

    @Override
    public void place(Kernel kernel, int parentThread, int program) {
        Cpus.pin(kernel, program, Cpus.second());
        Cpus.pin(kernel, parentThread, Cpus.first());
    }
}
