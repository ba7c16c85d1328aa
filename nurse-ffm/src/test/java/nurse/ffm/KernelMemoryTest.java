package nurse.ffm;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KernelMemoryTest {
    private static final int PRIVATE = Kernel.MAP_PRIVATE | Kernel.MAP_ANONYMOUS;
    private static final int READ_WRITE = Kernel.PROT_READ | Kernel.PROT_WRITE;

    private final Arena arena = Arena.ofConfined();
    private final Kernel kernel = new Kernel();

    @AfterEach
    void close() {
        kernel.close();
        arena.close();
    }

    private boolean isMapped(long address) {
        return ProcFs.maps(kernel, kernel.getpid()).stream()
                .anyMatch(mapping -> mapping.start() <= address && address < mapping.end());
    }

    @Test
    void aMappingLivesAsLongAsItsArena() {
        long address;
        try (Arena own = Arena.ofConfined()) {
            MemorySegment mapping = kernel.map(own, 8192, READ_WRITE, PRIVATE, -1, 0);
            address = mapping.address();
            assertThat(mapping.byteSize()).isEqualTo(8192);
            mapping.set(JAVA_BYTE, 8191, (byte) 1);
            assertThat(isMapped(address)).isTrue();
        }
        assertThat(isMapped(address)).isFalse();
        assertThatThrownBy(() -> kernel.map(arena, 0, READ_WRITE, PRIVATE, -1, 0))
                .isInstanceOf(KernelRefused.class)
                .hasMessageContaining("EINVAL");
    }

    @Test
    void aMappingWithoutWriteIsAReadOnlySegment() {
        MemorySegment mapping = kernel.map(arena, 4096, Kernel.PROT_READ, PRIVATE, -1, 0);
        assertThat(mapping.get(JAVA_BYTE, 0)).isZero();
        assertThat(mapping.isReadOnly()).isTrue();
    }

    @Test
    void protectionIsChangedAndMemoryUnmapped() {
        long address = kernel.mmap(0, 4096, Kernel.PROT_READ, PRIVATE, -1, 0);
        assertThat(address).isPositive();
        assertThat(kernel.mprotect(address, 4096, READ_WRITE)).isZero();
        assertThat(kernel.mprotect(address + 1, 4096, READ_WRITE)).isEqualTo(-Errno.EINVAL);
        assertThat(kernel.munmap(address, 4096)).isZero();
        assertThat(kernel.mprotect(address, 4096, READ_WRITE)).isEqualTo(-Errno.ENOMEM);
        assertThat(kernel.munmap(address + 1, 4096)).isEqualTo(-Errno.EINVAL);
        assertThat(kernel.mmap(4096, Kernel.PROT_READ, -1)).isEqualTo(-Errno.EBADF);
    }

    @Test
    void aSleeperIsWokenByAnotherThread() throws Exception {
        try (Arena shared = Arena.ofShared()) {
            MemorySegment word = shared.allocate(JAVA_INT);
            CompletableFuture<Integer> sleeper = CompletableFuture.supplyAsync(() -> {
                try (Kernel own = Kernel.confined()) {
                    return own.futexWait(word, 0, 10_000_000_000L);
                }
            });
            int woken = 0;
            for (int tries = 0; woken == 0 && tries < 10_000; tries++) { // until it sleeps
                TimeUnit.MICROSECONDS.sleep(500);
                woken = kernel.futexWake(word, 1);
            }
            assertThat(woken).isEqualTo(1);
            assertThat(sleeper.get(10, TimeUnit.SECONDS)).isZero();
        }
    }

    @Test
    void nobodySleepsOnAChangedWordOrForLongerThanAsked() {
        MemorySegment word = arena.allocate(JAVA_INT);
        assertThat(kernel.futexWait(word, 1, -1)).isEqualTo(-Errno.EAGAIN);
        assertThat(kernel.futexWait(word, 0, 1_000_000)).isEqualTo(-Errno.ETIMEDOUT);
        assertThat(kernel.futexWake(word, 1)).isZero();
        MemorySegment odd = arena.allocate(16, 8).asSlice(1, 4);
        assertThat(kernel.futexWake(odd, 1)).isEqualTo(-Errno.EINVAL);
    }

    @Test
    void memoryOfAProcessIsReadAndWrittenFromOutside() {
        MemorySegment theirs = arena.allocate(JAVA_LONG);
        MemorySegment ours = arena.allocate(JAVA_LONG);
        ours.set(JAVA_LONG, 0, 42);
        assertThat(kernel.process_vm_writev(kernel.getpid(), theirs.address(), ours, 8))
                .isEqualTo(8);
        assertThat(theirs.get(JAVA_LONG, 0)).isEqualTo(42);
        theirs.set(JAVA_LONG, 0, 43);
        assertThat(kernel.process_vm_readv(kernel.getpid(), theirs.address(), ours, 8))
                .isEqualTo(8);
        assertThat(ours.get(JAVA_LONG, 0)).isEqualTo(43);
        assertThat(kernel.process_vm_readv(kernel.getpid(), 16L, ours, 8)).isEqualTo(-Errno.EFAULT);
        assertThat(kernel.process_vm_readv(Integer.MAX_VALUE, 16L, ours, 8)).isEqualTo(-Errno.ESRCH);
    }

    @Test
    void anAddressOfA32BitProcessIsUnsigned() {
        int mapFixedNoreplace = 0x100000;
        long address = -1;
        for (long wanted = 0x80000000L; wanted < 0xf0000000L; wanted += 0x1000000) {
            address = kernel.mmap(wanted, 4096, READ_WRITE, PRIVATE | mapFixedNoreplace, -1, 0);
            if (address == wanted) {
                break;
            }
        }
        assumeTrue(address > 0, "the JVM's heap fills all between 2 and 4 GiB");
        MemorySegment ours = arena.allocate(8);
        assertThat(kernel.process_vm_readv(kernel.getpid(), (int) address, ours, 8))
                .isEqualTo(8);
        assertThat(kernel.munmap(address, 4096)).isZero();
        assertThat(kernel.process_vm_readv(kernel.getpid(), (int) address, ours, 8))
                .isEqualTo(-Errno.EFAULT);
    }

    @Test
    void aConfinedInstanceRefusesOtherThreads() {
        try (Kernel confined = Kernel.confined()) {
            assertThat(confined.getpid()).isEqualTo(kernel.getpid());
            CompletableFuture<Integer> other = CompletableFuture.supplyAsync(confined::getpid);
            assertThatThrownBy(other::join).hasCauseInstanceOf(WrongThreadException.class);
            assertThat(CompletableFuture.supplyAsync(kernel::getpid).join()).isEqualTo(confined.getpid());
        }
    }
}
