package nurse.cli.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
import java.util.stream.Stream;
import nurse.cli.Jar;
import nurse.ffm.Kernel;
import nurse.helper.calls.Call;
import nurse.helper.files.View;
import nurse.helper.observe.Observer;
import nurse.helper.policy.Decision;
import nurse.helper.policy.Policy;
import nurse.helper.policy.PolicyBuilder;
import nurse.helper.policy.Rule;
import nurse.helper.sandbox.ChildMaker;
import nurse.helper.sandbox.Ending;
import nurse.helper.sandbox.Lock;
import nurse.helper.sandbox.OutputPump;
import nurse.helper.sandbox.Phases;
import nurse.helper.sandbox.ProcessMaker;
import nurse.helper.sandbox.ProgramRun;
import nurse.helper.sandbox.RefusalCount;
import nurse.helper.sandbox.StartSignals;

/**
 * Runs of one program in this JVM, by the public Java API, that stop at each step to let something happen: when the process
 * is made, when a call comes to the helper, when its answer is known and not given yet. The steps are the same in every run.
 */
final class SteppedRun {
    private static final long END_SECONDS = 120;
    private static final int WRONLY_TRUNCATED = Kernel.O_WRONLY | Kernel.O_CREAT | Kernel.O_TRUNC | Kernel.O_CLOEXEC;

    private final Path directory;
    private final Path output;
    private final Lock lock;
    private final List<String> program;

    /**
     * How a run went.
     *
     * @param ending null if it ended by an exception
     * @param failure the exception, or null
     * @param pid of the sandboxed process
     * @param steps how many there were
     * @param written how many bytes it had written when the last of these came, and when it had ended
     */
    record Outcome(Ending ending, Throwable failure, int pid, int steps, long written) {}

    /** What happens at a step, in the helper's thread, with the process's number. */
    interface Fault {
        void at(Kernel kernel, int step, int pid);
    }

    SteppedRun(Path directory, Lock lock, String... program) {
        this.directory = directory;
        this.output = directory.resolve("output");
        this.lock = lock;
        this.program = List.of(program);
    }

    /** Runs it in a thread of its own: a thread can run one program. */
    Outcome run(Fault fault) {
        return run(made -> {}, fault);
    }

    /** @param onMade is told of the process when it has begun as the launcher */
    Outcome run(IntConsumer onMade, Fault fault) {
        AtomicReference<Outcome> outcome = new AtomicReference<>();
        Thread thread = new Thread(() -> outcome.set(inThisThread(onMade, fault)), "stepped run");
        thread.start();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(END_SECONDS));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        if (outcome.get() == null) {
            StringBuilder where = new StringBuilder();
            for (StackTraceElement element : thread.getStackTrace()) {
                where.append("\n  at ").append(element);
            }
            throw new AssertionError("the run has not ended after " + END_SECONDS + " s" + where);
        }
        return outcome.get();
    }

    private Outcome inThisThread(IntConsumer onMade, Fault fault) {
        Steps steps = new Steps(fault);
        try (Kernel kernel = Kernel.confined();
                View view = View.of(kernel, Jar.TREE.toString(), directory.toString())) {
            steps.kernel = kernel;
            int out = kernel.openat(Kernel.AT_FDCWD, output.toString(), WRONLY_TRUNCATED, 0600);
            int in = kernel.openat(Kernel.AT_FDCWD, "/dev/null", Kernel.O_RDWR | Kernel.O_CLOEXEC, 0);
            Ending ending = null;
            Throwable failure = null;
            try {
                Policy policy = Policy.of(List.of(new Rule("/", Rule.Kind.READ, "the test")));
                ProgramRun run = new ProgramRun(
                        program,
                        Map.of("PATH", "/usr/bin"),
                        view,
                        directory.toString(),
                        022,
                        StartSignals.NONE,
                        PolicyBuilder.RunPolicy.of(policy),
                        lock,
                        List.of(Jar.TREE + "/lib/ld-linux.so.2"));
                ProcessMaker maker = steps.watch(new ChildMaker(kernel, List.of(in, out, in)), onMade);
                ending = run.run(kernel, maker, new RefusalCount(), end -> {}, new Phases(0), steps);
            } catch (Exception | Error thrown) {
                failure = thrown;
            }
            kernel.close(in);
            kernel.close(out);
            return new Outcome(ending, failure, steps.pid, steps.count, written());
        }
    }

    /** What the program has written so far. */
    long written() {
        try {
            return Files.size(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String output() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How many descriptors, threads and children this JVM has. */
    static long descriptors() {
        return entries("/proc/self/fd");
    }

    static boolean exists(int pid) {
        return Files.exists(Path.of("/proc", Integer.toString(pid)));
    }

    private static long entries(String directory) {
        try (Stream<Path> entries = Files.list(Path.of(directory))) {
            return entries.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class Steps implements Observer {
        private final Fault fault;
        private Kernel kernel;
        private int pid;
        private int count;

        Steps(Fault fault) {
            this.fault = fault;
        }

        ProcessMaker watch(ProcessMaker maker, IntConsumer onMade) {
            return new ProcessMaker() {
                @Override
                public Made make(
                        Kernel kernel,
                        int launcher,
                        List<String> arguments,
                        List<String> environment,
                        int[] inherited) {
                    Made made = maker.make(kernel, launcher, arguments, environment, inherited);
                    pid = made.pid();
                    onMade.accept(pid);
                    return made;
                }

                @Override
                public void pumpOutput(Kernel kernel, OutputPump pump) {
                    maker.pumpOutput(kernel, pump);
                }

                @Override
                public int filters(Kernel kernel) {
                    return maker.filters(kernel);
                }

                @Override
                public int sharedFiles(Kernel kernel) {
                    return maker.sharedFiles(kernel);
                }

                @Override
                public int parent() {
                    return maker.parent();
                }

                @Override
                public int awaitEnd(Kernel kernel, int pidfd) {
                    return maker.awaitEnd(kernel, pidfd);
                }
            };
        }

        private void step() {
            fault.at(kernel, count++, pid);
        }

        @Override
        public void begins(Call call) {
            step();
        }

        @Override
        public void decidesAnew() {}

        @Override
        public void ends(int result) {
            step();
        }

        @Override
        public void endsUnanswered() {}

        @Override
        public void decided(String name, Decision decision) {}

        @Override
        public void decided(String what, int errno, String why) {}
    }
}
