package nurse.helper.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import nurse.ffm.Kernel;
import nurse.helper.descriptors.Descriptors;
import nurse.helper.descriptors.OpenFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The program's process is this one: its sockets are borrowed as another process's are. */
class BlockingTest {
    private static final int OF_EACH = 1024;

    private final Kernel kernel = new Kernel();
    private final Arena arena = Arena.ofConfined();
    private final int pidfd = kernel.pidfd_open(kernel.getpid(), 0);
    private final long pair = kernel.socketpair();
    private final int socket = (int) pair;
    private final Descriptors descriptors = new Descriptors(kernel, pidfd, OF_EACH);
    private final Blocking blocking = new Blocking(kernel, descriptors, arena);

    BlockingTest() {
        descriptors.put(socket, OpenFile.anonymous(), false);
    }

    @AfterEach
    void close() {
        kernel.close((int) pair);
        kernel.close((int) (pair >> 32));
        kernel.close(pidfd);
        arena.close();
        kernel.close();
    }

    @Test
    void aSocketDoesNotWaitForTheTimeOfAnOrder() {
        try (Blocking.NotWaiting ignored = blocking.new NotWaiting(socket, true)) {
            assertThat(isNonBlocking()).isTrue();
        }
        assertThat(isNonBlocking()).isFalse();
    }

    @Test
    void theSocketOfAProgramThatAskedNotToWaitStaysAsItIs() {
        kernel.fcntl(socket, Kernel.F_SETFL, Kernel.O_NONBLOCK);
        try (Blocking.NotWaiting ignored = blocking.new NotWaiting(socket, false)) {
            assertThat(isNonBlocking()).isTrue();
        }
        assertThat(isNonBlocking()).isTrue();
    }

    /** What ended the program is thrown out of the block; closing must neither hide it nor leave the flag to who shares the socket. */
    @Test
    void theFlagGoesAwayAlthoughTheProgramHasEnded() {
        try (Blocking.NotWaiting ignored = blocking.new NotWaiting(socket, true)) {
            descriptors.remove(socket);
        }
        assertThat(isNonBlocking()).isFalse();
    }

    private boolean isNonBlocking() {
        return (kernel.fcntl(socket, Kernel.F_GETFL, 0) & Kernel.O_NONBLOCK) != 0;
    }
}
