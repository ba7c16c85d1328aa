package nurse.helper.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
    private final Descriptors descriptors = new Descriptors(kernel, fd -> kernel.pidfd_getfd(pidfd, fd), OF_EACH);
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
        assertThat(blocking.withoutWaiting(socket, true, this::nonBlocking)).isEqualTo(1);
        assertThat(nonBlocking()).isZero();
    }

    @Test
    void theSocketOfAProgramThatAskedNotToWaitStaysAsItIs() {
        kernel.fcntl(socket, Kernel.F_SETFL, Kernel.O_NONBLOCK);
        assertThat(blocking.withoutWaiting(socket, false, this::nonBlocking)).isEqualTo(1);
        assertThat(nonBlocking()).isEqualTo(1);
    }

    /** What says that the program has ended comes through, and who shares the socket finds it as it was. */
    @Test
    void theEndOfTheProgramIsNotHiddenAndTheFlagGoesAway() {
        IllegalStateException ended = new IllegalStateException();
        assertThatThrownBy(() -> blocking.withoutWaiting(socket, true, () -> {
                    descriptors.remove(socket);
                    throw ended;
                }))
                .isSameAs(ended);
        assertThat(nonBlocking()).isZero();
    }

    private int nonBlocking() {
        return (kernel.fcntl(socket, Kernel.F_GETFL, 0) & Kernel.O_NONBLOCK) == 0 ? 0 : 1;
    }
}
