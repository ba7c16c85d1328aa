package nurse.bench;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import nurse.ffm.Kernel;
import nurse.ffm.KernelRefused;
import nurse.helper.files.View;
import nurse.helper.policy.NetworkRules;
import nurse.helper.policy.Policy;
import nurse.helper.policy.Rule;
import nurse.helper.program.ProgramException;
import nurse.helper.sandbox.ChildMaker;
import nurse.helper.sandbox.Lock;
import nurse.helper.sandbox.Phases;
import nurse.helper.sandbox.ProgramRun;
import nurse.helper.sandbox.RefusalFile;

/** {@code roundtrip.c} in a sandbox of this JVM: locked into SECCOMP, and told through a pipe what to call how often. */
final class LockedProgram implements AutoCloseable {
    private final Kernel kernel = new Kernel();
    private final Arena arena = Arena.ofShared();
    private final MemorySegment command = arena.allocate(8, 4);
    private final MemorySegment done = arena.allocate(1);
    private final int commands;
    private final int answers;
    private final Thread helper;

    LockedProgram(String path) {
        long input = KernelRefused.check("pipe2", kernel.pipe2(Kernel.O_CLOEXEC));
        long output = KernelRefused.check("pipe2", kernel.pipe2(Kernel.O_CLOEXEC));
        commands = (int) (input >> 32);
        answers = (int) output;
        helper = new Thread(() -> serve(path, (int) input, (int) (output >> 32)), "helper");
        helper.setDaemon(true);
        helper.start();
        call(20, 1); // getpid: answered means locked
    }

    private static void serve(String path, int input, int output) {
        try (Kernel own = Kernel.confined();
                View view = View.of(own, "/", "/")) {
            Policy all = Policy.of(List.of(new Rule("/", Rule.Kind.WRITE, "benchmark")));
            new ProgramRun(List.of(path), Map.of(), view, "/", 022, 0, all, NetworkRules.NONE, Lock.STRICT)
                    .run(
                            own,
                            new ChildMaker(own, List.of(input, output, 2)),
                            new RefusalFile(own, -1),
                            ending -> {},
                            new Phases(0));
        } catch (ProgramException e) {
            throw new IllegalStateException(e.what() + ": " + e.why(), e);
        } finally {
            try (Kernel closing = new Kernel()) {
                closing.close(input);
                closing.close(output);
            }
        }
    }

    /** Has the program make the i386 system call {@code number}, with zeros as arguments, {@code count} times. */
    void call(int number, int count) {
        command.set(JAVA_INT, 0, number);
        command.set(JAVA_INT, 4, count);
        KernelRefused.check("write", kernel.write(commands, command, 8));
        if (kernel.read(answers, done, 1) != 1) {
            throw new IllegalStateException("the program has ended");
        }
    }

    @Override
    public void close() {
        kernel.close(commands);
        try {
            helper.join(5_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        kernel.close(answers);
        arena.close();
        kernel.close();
    }
}
