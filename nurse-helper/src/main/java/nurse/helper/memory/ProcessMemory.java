package nurse.helper.memory;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.helper.calls.CallError;

/**
 * What pointers of the program's point to, where the gate does not bring it along: what a struct points to, arrays that are
 * larger than the lane.
 *
 * <p>Read once into memory of the helper's: what is judged there is what is used. Not thread-safe: each read overwrites the
 * one before.
 */
public final class ProcessMemory {
    /** Bytes of a read, at most. */
    public static final int LIMIT = 64 * 1024;

    private final Kernel kernel;
    private final int pid;
    private final MemorySegment buffer;

    public ProcessMemory(Kernel kernel, int pid, Arena arena) {
        this.kernel = kernel;
        this.pid = pid;
        this.buffer = arena.allocate(LIMIT, 8);
    }

    /**
     * The {@code length} bytes at {@code address}.
     *
     * @throws CallError EFAULT when not all of them can be read, EINVAL when they are more than {@link #LIMIT}
     */
    public MemorySegment read(int address, int length) {
        if (length < 0 || length > LIMIT) {
            throw CallError.of(Errno.EINVAL);
        }
        if (length > 0 && kernel.process_vm_readv(pid, address, buffer, length) != length) {
            throw CallError.of(Errno.EFAULT);
        }
        return buffer.asSlice(0, length);
    }

    /** The word at {@code address}; EFAULT as above. */
    public int word(int address) {
        return read(address, 4).get(JAVA_INT_UNALIGNED, 0);
    }
}
