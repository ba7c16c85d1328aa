package nurse.ffm;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SharedMemoryTest {
    private static final int READ_WRITE = Kernel.PROT_READ | Kernel.PROT_WRITE;

    private final Arena arena = Arena.ofConfined();
    private final Kernel kernel = Kernel.confined();

    @AfterEach
    void close() {
        kernel.close();
        arena.close();
    }

    /** What another party can open who has the descriptor. */
    private int reopen(SharedMemory shared, int flags) {
        return kernel.openat(Kernel.AT_FDCWD, "/proc/self/fd/" + shared.fd(), flags | Kernel.O_CLOEXEC, 0);
    }

    @Test
    void onlyOurMappingWritesWhatIsSealedAgainstWriters() {
        SharedMemory orders = SharedMemory.create(kernel, arena, "orders", 8192, true, true);
        MemorySegment byteOfTheirs = arena.allocate(1);
        orders.memory().set(JAVA_INT, 4, 42);

        MemorySegment reader = kernel.map(arena, 8192, Kernel.PROT_READ, Kernel.MAP_SHARED, orders.fd(), 0);
        assertThat(reader.get(JAVA_INT, 4)).isEqualTo(42);
        orders.memory().set(JAVA_INT, 4, 43);
        assertThat(reader.get(JAVA_INT, 4)).isEqualTo(43);

        assertThat(kernel.mmap(8192, READ_WRITE, orders.fd())).isEqualTo(-Errno.EPERM);
        assertThat(kernel.mprotect(reader.address(), 8192, READ_WRITE)).isEqualTo(-Errno.EACCES);
        assertThat(kernel.pwrite(orders.fd(), byteOfTheirs, 1, 0)).isEqualTo(-Errno.EPERM);
        assertThat(kernel.ftruncate(orders.fd(), 0)).isEqualTo(-Errno.EPERM);
        assertThat(kernel.ftruncate(orders.fd(), 16384)).isEqualTo(-Errno.EPERM);
        assertThat(kernel.fallocate(orders.fd(), 3, 0, 4096)).isEqualTo(-Errno.EPERM); // PUNCH_HOLE | KEEP_SIZE
        assertThat(kernel.fcntl(orders.fd(), Kernel.F_ADD_SEALS, Kernel.F_SEAL_WRITE))
                .isEqualTo(-Errno.EPERM);
        int again = reopen(orders, Kernel.O_RDWR);
        assertThat(again).isNotNegative();
        assertThat(kernel.mmap(8192, READ_WRITE, again)).isEqualTo(-Errno.EPERM);
        assertThat(kernel.write(again, byteOfTheirs, 1)).isEqualTo(-Errno.EPERM);
        kernel.close(again);
        throughProcMem(reader.address() + 4, false);
        assertThat(reader.get(JAVA_INT, 4)).isEqualTo(43);
        kernel.close(orders.fd());
    }

    @Test
    void everyoneWritesWhatIsSealedInSizeOnly() {
        SharedMemory requests = SharedMemory.create(kernel, arena, "requests", 8192, false, false);
        MemorySegment theirs = kernel.map(arena, 8192, READ_WRITE, Kernel.MAP_SHARED, requests.fd(), 0);
        theirs.set(JAVA_INT, 4, 44);
        assertThat(requests.memory().get(JAVA_INT, 4)).isEqualTo(44);
        assertThat(kernel.pwrite(requests.fd(), arena.allocate(4), 4, 4)).isEqualTo(4);
        assertThat(requests.memory().get(JAVA_INT, 4)).isZero();
        throughProcMem(theirs.address(), true);
        assertThat(kernel.ftruncate(requests.fd(), 0)).isEqualTo(-Errno.EPERM);
        assertThat(kernel.fcntl(requests.fd(), Kernel.F_ADD_SEALS, Kernel.F_SEAL_FUTURE_WRITE))
                .isEqualTo(-Errno.EPERM);
        kernel.close(requests.fd());
    }

    /** Writes a byte by /proc/self/mem, which passes over the protection of private pages. */
    private void throughProcMem(long address, boolean allowed) {
        int mem = kernel.openat(Kernel.AT_FDCWD, "/proc/self/mem", Kernel.O_RDWR | Kernel.O_CLOEXEC, 0);
        assertThat(mem).isNotNegative();
        int wrote = kernel.pwrite(mem, arena.allocate(1), 1, address);
        assertThat(wrote).isEqualTo(allowed ? 1 : -Errno.EIO);
        kernel.close(mem);
    }

    @Test
    void unsealedMemoryCanBeSealedLaterButOnlyOnce() {
        SharedMemory shared = SharedMemory.create(kernel, arena, "later", 4096, false);
        assertThat(kernel.pwrite(shared.fd(), arena.allocate(1), 1, 0)).isEqualTo(1);
        shared.sealAgainstWriters(kernel);
        assertThat(kernel.pwrite(shared.fd(), arena.allocate(1), 1, 0)).isEqualTo(-Errno.EPERM);
        assertThatThrownBy(() -> shared.sealSize(kernel))
                .isInstanceOf(KernelRefused.class)
                .hasMessageContaining("EPERM");
        kernel.close(shared.fd());
    }

    @Test
    void memoryThatIsNoProgramCanStillBeMappedExecutable() {
        SharedMemory shared = SharedMemory.create(kernel, arena, "code", 4096, false, true);
        long code = kernel.mmap(4096, Kernel.PROT_READ | Kernel.PROT_EXEC, shared.fd());
        assertThat(code).isPositive();
        kernel.munmap(code, 4096);
        kernel.close(shared.fd());
    }

    @Test
    void theMappingOutlivesTheDescriptor() {
        SharedMemory shared = SharedMemory.create(kernel, arena, "kept", 4096, false, true);
        assertThat(kernel.close(shared.fd())).isZero();
        shared.memory().set(JAVA_BYTE, 4095, (byte) 7);
        assertThat(shared.memory().get(JAVA_BYTE, 4095)).isEqualTo((byte) 7);
    }

    @Test
    void whatTheKernelRefusesLeavesNoDescriptorOpen() throws IOException {
        assertThatThrownBy(() -> SharedMemory.create(kernel, arena, "none", -1, false, true))
                .isInstanceOf(KernelRefused.class)
                .hasMessageContaining("ftruncate");
        assertThatThrownBy(() -> SharedMemory.create(kernel, arena, "x".repeat(300), 4096, false, true))
                .isInstanceOf(KernelRefused.class)
                .hasMessageContaining("memfd_create");
        assertThat(OpenFiles.of("/memfd:none")).isZero();
        SharedMemory shared = SharedMemory.create(kernel, arena, "none", 4096, false, true);
        assertThat(OpenFiles.of("/memfd:none")).isEqualTo(1);
        kernel.close(shared.fd());
    }
}
