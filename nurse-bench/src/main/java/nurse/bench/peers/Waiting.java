package nurse.bench.peers;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import nurse.ffm.Kernel;
import nurse.ffm.KernelRefused;

/** wait4(2) and the words it answers with. */
final class Waiting {
    private static final int SYS_WAIT4 = 61; // arch/x86/entry/syscalls/syscall_64.tbl
    private static final int WALL = 0x40000000; // linux/wait.h

    private Waiting() {}

    /** Waits for the next thing that happens to {@code pid} and returns it as wait(2) has it. {@code word}: 4 bytes. */
    static int next(Kernel kernel, int pid, MemorySegment word) {
        KernelRefused.check("wait4", (int) kernel.syscall(SYS_WAIT4, pid, word.address(), WALL, 0, 0, 0));
        return word.get(JAVA_INT, 0);
    }

    static int forExit(Kernel kernel, int pid) {
        try (Arena arena = Arena.ofConfined()) {
            return next(kernel, pid, arena.allocate(4, 4));
        }
    }

    static boolean hasEnded(int status) {
        return (status & 0xff) != 0x7f;
    }

    /** As a shell has it. */
    static int exitStatus(int status) {
        return (status & 0x7f) == 0 ? status >> 8 & 0xff : 128 + (status & 0x7f);
    }
}
