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
     * Makes a memfd of {@code size} bytes, all zero, whose size cannot be changed any more.
     *
     * @param executable whether others may map it executable
     * @param onlyWeWrite whether every later mapping and write of it is refused (F_SEAL_FUTURE_WRITE); ours stays writable
     * @throws KernelRefused when the kernel cannot do so
     */
    public static SharedMemory create(
            Kernel kernel, Arena arena, String name, long size, boolean executable, boolean onlyWeWrite) {
        int fd = kernel.memfd_create(
                name, Kernel.MFD_CLOEXEC | Kernel.MFD_ALLOW_SEALING | (executable ? Kernel.MFD_EXEC : 0));
        if (fd == -Errno.EINVAL && executable) { // before Linux 6.3 there was no MFD_EXEC, and every memfd was executable
            fd = kernel.memfd_create(name, Kernel.MFD_CLOEXEC | Kernel.MFD_ALLOW_SEALING);
        }
        KernelRefused.check("memfd_create", fd);
        KernelRefused.check("ftruncate", kernel.ftruncate(fd, size));
        long address = kernel.mmap(size, Kernel.PROT_READ | Kernel.PROT_WRITE, fd);
        KernelRefused.check("mmap", address);
        MemorySegment memory =
                MemorySegment.ofAddress(address).reinterpret(size, arena, mapping -> {
                    try (Kernel own = new Kernel()) {
                        own.munmap(mapping.address(), size);
                    }
                });
        int seals = Kernel.F_SEAL_SHRINK
                | Kernel.F_SEAL_GROW
                | Kernel.F_SEAL_SEAL
                | (onlyWeWrite ? Kernel.F_SEAL_FUTURE_WRITE : 0);
        KernelRefused.check("fcntl(F_ADD_SEALS)", kernel.fcntl(fd, Kernel.F_ADD_SEALS, seals));
        if ((kernel.fcntl(fd, Kernel.F_GET_SEALS, 0) & seals) != seals) {
            throw new KernelRefused("fcntl(F_ADD_SEALS) had no effect", Errno.EPERM);
        }
        return new SharedMemory(fd, memory);
    }

    /** A sealed executable file that exists nowhere but in memory; who holds the descriptor closes it. */
    public static int file(Kernel kernel, String name, byte[] content) {
        int fd = kernel.memfd_create(name, Kernel.MFD_CLOEXEC | Kernel.MFD_ALLOW_SEALING | Kernel.MFD_EXEC);
        if (fd == -Errno.EINVAL) {
            fd = kernel.memfd_create(name, Kernel.MFD_CLOEXEC | Kernel.MFD_ALLOW_SEALING);
        }
        KernelRefused.check("memfd_create", fd);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(content.length);
            MemorySegment.copy(content, 0, bytes, java.lang.foreign.ValueLayout.JAVA_BYTE, 0, content.length);
            for (int done = 0; done < content.length; ) {
                int wrote = kernel.write(fd, bytes.asSlice(done), content.length - done);
                KernelRefused.check("write", wrote);
                done += wrote;
            }
        }
        int seals = Kernel.F_SEAL_SHRINK | Kernel.F_SEAL_GROW | Kernel.F_SEAL_WRITE | Kernel.F_SEAL_SEAL;
        KernelRefused.check("fcntl(F_ADD_SEALS)", kernel.fcntl(fd, Kernel.F_ADD_SEALS, seals));
        return fd;
    }

    public int fd() {
        return fd;
    }

    public MemorySegment memory() {
        return memory;
    }
}
