package nurse.helper.sandbox;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import nurse.ffm.Kernel;

/**
 * The vDSO's {@code __kernel_vsyscall}, which the trustee enters the kernel by: some twenty times faster than
 * {@code int $0x80} on a virtual machine (docs/performance.md).
 */
final class KernelEntry {
    /** Three pushes, which the trustee has no stack for, then what it enters at. */
    private static final int PUSHES = 3;

    /** arch/x86/entry/vdso/vdso32/system_call.S as the kernel leaves it on AMD (syscall), Intel (sysenter). */
    private static final List<byte[]> KNOWN = List.of(
            HexFormat.of().parseHex("51525589cd0f05cd805d5a59c3"),
            HexFormat.of().parseHex("51525589e50f34cd805d5a59c3"));

    private static final int LENGTH = 13;

    private KernelEntry() {}

    /**
     * The address that the trustee may enter at, or 0 when the code there is not known, so that it stays with
     * {@code int $0x80}.
     *
     * @param vsyscall where the process says it is, before any code of the program has run
     */
    static int of(Kernel kernel, int pid, long vsyscall, long vdso, long vdsoSize) {
        if (vsyscall < vdso || vsyscall + LENGTH > vdso + vdsoSize) {
            return 0;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment code = arena.allocate(LENGTH);
            if (kernel.process_vm_readv(pid, vsyscall, code, LENGTH) != LENGTH) {
                return 0;
            }
            byte[] found = code.toArray(JAVA_BYTE);
            return KNOWN.stream().anyMatch(known -> Arrays.equals(known, found)) ? (int) vsyscall + PUSHES : 0;
        }
    }
}
