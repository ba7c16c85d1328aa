package nurse.ffm;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Signals of this process as records in a pipe, with what the kernel says of each.
 *
 * <p>The JVM gives Java no signal's siginfo_t, and keeps some signals to itself (SIGQUIT, SIGUSR2). So the kernel gets a handler of
 * six instructions that is none of the JVM's: it calls write(2) with the siginfo_t that the kernel put on the stack, which is
 * async-signal-safe (signal-safety(7)), and touches neither errno nor any memory. It runs on whichever thread the kernel chooses.
 * The code and the pipe stay until the process ends.
 */
public final class SignalPipe {
    private static final int SIGINFO_SIZE = 128; // asm-generic/siginfo.h, SI_MAX_SIZE
    private static final int CODE_OFFSET = 8;
    private static final int PID_OFFSET = 16;
    private static final int RESTORER = 64; // where in the page it is
    private static final int PAGE = 4096;
    private static final byte[] SYSCALL = {0x0f, 0x05};

    private final int from;
    private final long code;

    /**
     * A signal as sigaction(2) describes it.
     *
     * @param code si_code: who sent it, or of SIGCHLD what became of the child
     * @param pid si_pid: of the sender or the child, where the code says that there is one
     */
    public record Received(int signal, int code, int pid) {
        public static final int SI_KERNEL = 0x80; // asm-generic/siginfo.h
        public static final int CLD_STOPPED = 5;
    }

    /** @throws KernelRefused when the kernel gives no pipe or no memory */
    public SignalPipe(Kernel kernel) {
        long pipe = kernel.pipe2(Kernel.O_CLOEXEC);
        KernelRefused.check("pipe2", pipe);
        from = (int) pipe;
        int to = (int) (pipe >>> 32);
        // A handler must not wait: of so many signals that the pipe is full some are lost.
        KernelRefused.check("fcntl", kernel.fcntl(to, Kernel.F_SETFL, Kernel.O_NONBLOCK));
        code = kernel.mmap(
                0, PAGE, Kernel.PROT_READ | Kernel.PROT_WRITE, Kernel.MAP_PRIVATE | Kernel.MAP_ANONYMOUS, -1, 0);
        KernelRefused.check("mmap", code);
        ByteBuffer page =
                MemorySegment.ofAddress(code).reinterpret(PAGE).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        // handler(int signal, siginfo_t *info, void *context): %rsi is write(2)'s second argument, too
        page.put((byte) 0xbf).putInt(to); // mov $to, %edi
        page.put((byte) 0xba).putInt(SIGINFO_SIZE); // mov $128, %edx
        page.put((byte) 0xb8).putInt(Nr.SYS_write); // mov $1, %eax
        page.put(SYSCALL).put((byte) 0xc3); // syscall; ret
        page.position(RESTORER);
        page.put((byte) 0xb8).putInt(Nr.SYS_rt_sigreturn); // mov $15, %eax
        page.put(SYSCALL);
        int result = kernel.mprotect(code, PAGE, Kernel.PROT_READ | Kernel.PROT_EXEC);
        KernelRefused.check("mprotect", result);
    }

    /** From now on this signal goes into the pipe, and nowhere else. */
    public void take(Kernel kernel, int signal) {
        KernelRefused.check("rt_sigaction", kernel.sigaction(signal, code, code + RESTORER));
    }

    /** The next signal, whenever it comes; null when the pipe cannot be read. */
    public Received await(Kernel kernel) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(SIGINFO_SIZE, 8);
            int got = kernel.read(from, info, SIGINFO_SIZE);
            while (got == -Errno.EINTR) {
                got = kernel.read(from, info, SIGINFO_SIZE);
            }
            return got < SIGINFO_SIZE
                    ? null
                    : new Received(
                            info.get(JAVA_INT, 0), info.get(JAVA_INT, CODE_OFFSET), info.get(JAVA_INT, PID_OFFSET));
        }
    }
}
