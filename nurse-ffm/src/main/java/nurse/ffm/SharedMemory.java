package nurse.ffm;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A memfd (memfd_create(2)), mapped shared and writable by this process for the life of an arena. */
public final class SharedMemory {
    private final int fd;
    private final MemorySegment memory;

    private SharedMemory(int fd, MemorySegment memory) {
        this.fd = fd;
        this.memory = memory;
    }

    /**
     * Makes a memfd of {@code size} bytes, all zero, without any seal that a caller would miss: see {@link #sealSize}
     * and {@link #sealAgainstWriters}. Until then a party that has the descriptor can shrink it under our mapping
     * (SIGBUS), so seal it before it is handed out.
     *
     * @param executable whether it may be executed as a file; mappings of it may be executable either way
     * @throws KernelRefused when the kernel cannot do so
     */
    public static SharedMemory create(Kernel kernel, Arena arena, String name, long size, boolean executable) {
        try (OwnedFd file = MemFile.create(kernel, name, executable)) {
            KernelRefused.check("ftruncate", kernel.ftruncate(file.fd(), size));
            MemorySegment memory =
                    kernel.map(arena, size, Kernel.PROT_READ | Kernel.PROT_WRITE, Kernel.MAP_SHARED, file.fd(), 0);
            return new SharedMemory(file.release(), memory);
        }
    }

    /**
     * Makes a memfd of {@code size} bytes, all zero, whose size and seals cannot be changed any more.
     *
     * @param executable whether it may be executed as a file; mappings of it may be executable either way
     * @param onlyWeWrite whether every later mapping and write of it is refused ({@link #sealAgainstWriters})
     * @throws KernelRefused when the kernel cannot do so
     */
    public static SharedMemory create(
            Kernel kernel, Arena arena, String name, long size, boolean executable, boolean onlyWeWrite) {
        SharedMemory shared = create(kernel, arena, name, size, executable);
        try {
            if (onlyWeWrite) {
                shared.sealAgainstWriters(kernel);
            } else {
                shared.sealSize(kernel);
            }
        } catch (KernelRefused refused) {
            kernel.close(shared.fd);
            throw refused;
        }
        return shared;
    }

    /**
     * A sealed executable file that exists nowhere but in memory ({@link MemFile}); who holds the descriptor closes it.
     */
    public static int file(Kernel kernel, String name, byte[] content) {
        return MemFile.of(kernel, name, content).release();
    }

    /**
     * Fixes the size, and with it the seals: nobody, we included, can change either any more.
     *
     * @throws KernelRefused when the seals did not take
     */
    public void sealSize(Kernel kernel) {
        MemFile.seal(kernel, fd, Kernel.F_SEAL_SHRINK | Kernel.F_SEAL_GROW | Kernel.F_SEAL_SEAL);
    }

    /**
     * Fixes the size, and refuses every write but those through our mapping, which was there before: write(2), a new
     * writable mapping and mprotect(2) of a shared one get EPERM or EACCES, for whoever holds a descriptor
     * (F_SEAL_FUTURE_WRITE).
     *
     * @throws KernelRefused when the seals did not take
     */
    public void sealAgainstWriters(Kernel kernel) {
        MemFile.seal(
                kernel,
                fd,
                Kernel.F_SEAL_FUTURE_WRITE | Kernel.F_SEAL_SHRINK | Kernel.F_SEAL_GROW | Kernel.F_SEAL_SEAL);
    }

    /** The memfd; who asked for the memory closes it. The mapping lives on without it. */
    public int fd() {
        return fd;
    }

    /** Our mapping, readable and writable; it ends with the arena. */
    public MemorySegment memory() {
        return memory;
    }
}
