package nurse.bench.roundtrip;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import nurse.bench.peers.Interceptor;
import nurse.bench.peers.Programs;
import nurse.ffm.Kernel;
import nurse.ffm.KernelRefused;

/** A program of ours under an interceptor, told through a pipe what to call how often (roundtrip.c, ring.c). */
public final class DrivenProgram implements AutoCloseable {
    private static final int GETPID = 20; // arch/x86/entry/syscalls/syscall_32.tbl

    private final Kernel kernel = new Kernel();
    private final Arena arena = Arena.ofShared();
    private final MemorySegment command = arena.allocate(12, 4);
    private final MemorySegment done = arena.allocate(1);
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final Thread parent;
    private final int commands;
    private final int answers;
    private volatile int parentThread;
    private int program;

    /** Starts it, and has it placed where it is fastest. */
    public DrivenProgram(Interceptor interceptor, List<String> arguments) {
        long input = KernelRefused.check("pipe2", kernel.pipe2(Kernel.O_CLOEXEC));
        long output = KernelRefused.check("pipe2", kernel.pipe2(Kernel.O_CLOEXEC));
        commands = (int) (input >> 32);
        answers = (int) output;
        parent = new Thread(() -> run(interceptor, arguments, (int) input, (int) (output >> 32)), "interceptor");
        parent.setDaemon(true);
        parent.start();
        call(GETPID, 0, 1); // answered: it is there, and locked if it is to be
        program = Programs.childOf(kernel, parentThread);
        interceptor.place(kernel, parentThread, program);
    }

    private void run(Interceptor interceptor, List<String> arguments, int input, int output) {
        try (Kernel own = new Kernel()) {
            parentThread = own.gettid();
            interceptor.run(own, arguments, List.of(input, output, 2));
        } catch (Throwable e) {
            failure.set(e);
        } finally {
            try (Kernel closing = new Kernel()) {
                closing.close(input);
                closing.close(output);
            }
        }
    }

    /** Its process. */
    public int program() {
        return program;
    }

    /** The thread that started it, and that answers where this is done by this JVM: a thread id of the kernel's. */
    public int parentThread() {
        return parentThread;
    }

    /** The same thread, as Java has it. */
    public long parentThreadId() {
        return parent.threadId();
    }

    /** Has the program make the i386 system call {@code number} so often, with so many bytes (roundtrip.c). */
    public void call(int number, int bytes, int count) {
        command(number, bytes, count);
        await();
    }

    /** As {@link #call}, without waiting for the end, which {@link #await} does. */
    public void command(int number, int bytes, int count) {
        command.set(JAVA_INT, 0, number);
        command.set(JAVA_INT, 4, bytes);
        command.set(JAVA_INT, 8, count);
        KernelRefused.check("write", kernel.write(commands, command, 12));
    }

    public void await() {
        if (kernel.read(answers, done, 1) != 1) {
            throw new IllegalStateException("the program has ended", failure.get());
        }
    }

    @Override
    public void close() {
        kernel.close(commands);
        try {
            parent.join(5_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        kernel.close(answers);
        arena.close();
        kernel.close();
    }
}
