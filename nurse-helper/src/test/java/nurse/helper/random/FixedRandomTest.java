package nurse.helper.random;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import nurse.ffm.Kernel;
import org.junit.jupiter.api.Test;

class FixedRandomTest {
    private static final int MORE_THAN_A_PIPE_HOLDS = 3 << 20;
    private static final int SECOND = 1_000_000_000;

    /** How much there is to read, until the end or a limit. */
    private static int readable(Kernel kernel, int fd) {
        int all = 0;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment room = arena.allocate(1 << 16);
            while (all < MORE_THAN_A_PIPE_HOLDS) {
                assertThat(kernel.poll(fd, Kernel.POLLIN, 20L * SECOND)).isPositive();
                int n = kernel.read(fd, room, 1 << 16);
                if (n <= 0) {
                    break;
                }
                all += n;
            }
        }
        return all;
    }

    /** A program that sends a device to somebody else, and ends: the helper must not feed it for ever. */
    @Test
    void aDeviceThatSomebodyKeepsEndsWithTheRun() {
        try (Kernel kernel = Kernel.confined()) {
            FixedRandom random = new FixedRandom("seed");
            int kept = random.open(kernel);
            random.close();
            assertThat(readable(kernel, kept)).isPositive().isLessThan(MORE_THAN_A_PIPE_HOLDS);
            kernel.close(kept);
        }
    }

    @Test
    void duringTheRunItNeverEnds() {
        try (Kernel kernel = Kernel.confined();
                FixedRandom random = new FixedRandom("seed")) {
            int device = random.open(kernel);
            assertThat(readable(kernel, device)).isGreaterThanOrEqualTo(MORE_THAN_A_PIPE_HOLDS);
            kernel.close(device);
        }
    }

    /** Not only what the program has in its own table: a device that it has sent to somebody still costs the helper one. */
    @Test
    void whatTheHelperHasForDevicesIsCountedUntilNobodyReadsThem() throws InterruptedException {
        try (Kernel kernel = Kernel.confined();
                FixedRandom random = new FixedRandom("seed")) {
            assertThat(random.held()).isOne();
            int first = random.open(kernel);
            int second = random.open(kernel);
            int again = kernel.dup(second);
            assertThat(random.held()).isEqualTo(3);
            kernel.close(first);
            kernel.close(second);
            long limit = System.nanoTime() + 20L * SECOND;
            while (random.held() > 2 && System.nanoTime() < limit) {
                Thread.sleep(1);
            }
            assertThat(random.held()).isEqualTo(2);
            kernel.close(again);
        }
    }

    @Test
    void aRunWithoutADeviceHasNothingToEnd() {
        new FixedRandom("seed").close();
    }
}
