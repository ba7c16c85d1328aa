package nurse.ffm;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("MustBeClosedChecker") // some arenas are closed early, on purpose
class KernelDescriptorsTest {
    /** The JVM, which opens files of its own at any time, does not come so far: a number above is free when we closed it. */
    private static final int FAR = 700;

    private final Arena arena = Arena.ofConfined();
    private final Kernel kernel = Kernel.confined();

    @AfterEach
    void close() {
        kernel.close();
        arena.close();
    }

    private static int low(long pair) {
        assertThat(pair).isNotNegative();
        return (int) pair;
    }

    private static int high(long pair) {
        return (int) (pair >>> 32);
    }

    @Test
    void copiesAreCloseOnExecAndRangesAreClosed() {
        int fd = kernel.eventfd2(0, 0);
        assertThat(kernel.fcntl(fd, Kernel.F_GETFD, 0)).isZero();
        int far = kernel.fcntl(fd, Kernel.F_DUPFD_CLOEXEC, FAR);
        assertThat(far).isGreaterThanOrEqualTo(FAR);
        assertThat(kernel.fcntl(far, Kernel.F_GETFD, 0)).isEqualTo(Kernel.FD_CLOEXEC);
        assertThat(kernel.dup3(fd, far + 1, 0)).isEqualTo(far + 1);
        assertThat(kernel.dup3(fd, fd, 0)).isEqualTo(-Errno.EINVAL);
        assertThat(kernel.close_range(far + 1, far + 1, Kernel.CLOSE_RANGE_CLOEXEC))
                .isZero();
        assertThat(kernel.fcntl(far + 1, Kernel.F_GETFD, 0)).isEqualTo(Kernel.FD_CLOEXEC);
        assertThat(kernel.close_range(far, far + 1, 0)).isZero();
        assertThat(kernel.close(far)).isEqualTo(-Errno.EBADF);
        assertThat(kernel.close_range(2, 1, 0)).isEqualTo(-Errno.EINVAL);
        assertThat(kernel.close(fd)).isZero();
    }

    @Test
    void aPipeIsReadableOnceItWasWrittenTo() {
        long pipe = kernel.pipe2(Kernel.O_CLOEXEC);
        MemorySegment bytes = arena.allocateFrom("ab", ISO_8859_1);
        assertThat(kernel.poll(low(pipe), Kernel.POLLIN, 0)).isZero();
        assertThat(kernel.write(high(pipe), bytes, 2)).isEqualTo(2);
        assertThat(kernel.poll(low(pipe), Kernel.POLLIN, -1)).isEqualTo(Kernel.POLLIN);
        kernel.close(high(pipe));
        assertThat(kernel.read(low(pipe), bytes, 2)).isEqualTo(2);
        assertThat(kernel.poll(low(pipe), Kernel.POLLIN, -1)).isEqualTo(Kernel.POLLHUP);
        int far = kernel.fcntl(low(pipe), Kernel.F_DUPFD_CLOEXEC, FAR);
        kernel.close(low(pipe));
        kernel.close(far);
        assertThat(kernel.poll(far, Kernel.POLLIN, 0)).isEqualTo(Kernel.POLLNVAL);
        assertThat(kernel.pipe2(1 << 30)).isEqualTo(-Errno.EINVAL);
    }

    @Test
    void pollingEndsWhenTheTimeIsOver() {
        int fd = kernel.eventfd2(0, Kernel.EFD_CLOEXEC);
        long start = kernel.clock_gettime(Kernel.CLOCK_MONOTONIC);
        assertThat(kernel.poll(fd, Kernel.POLLIN, 5_000_000)).isZero();
        assertThat(kernel.clock_gettime(Kernel.CLOCK_MONOTONIC) - start).isGreaterThanOrEqualTo(5_000_000);
        kernel.close(fd);
    }

    @Test
    void aPollSetTellsWhichOfItsDescriptorsIsReady() {
        int one = kernel.eventfd2(0, Kernel.EFD_CLOEXEC);
        int two = kernel.eventfd2(1, Kernel.EFD_CLOEXEC);
        PollSet set = new PollSet(arena);
        int first = set.add(one, Kernel.POLLIN);
        int second = set.add(two, Kernel.POLLIN);
        assertThat(set.poll(kernel, -1)).isEqualTo(1);
        assertThat(set.revents(first)).isZero();
        assertThat(set.revents(second)).isEqualTo(Kernel.POLLIN);
        set.remove(second);
        assertThat(set.poll(kernel, 0)).isZero();
        assertThat(set.add(two, Kernel.POLLOUT)).isEqualTo(second);
        kernel.close(two);
        assertThat(set.poll(kernel, 0)).isEqualTo(1);
        assertThat(set.revents(second)).isEqualTo(Kernel.POLLNVAL);
        kernel.close(one);
    }

    @Test
    void aPollSetIsFullAt64() {
        PollSet set = new PollSet(arena);
        for (int i = 0; i < PollSet.CAPACITY; i++) {
            assertThat(set.add(1000 + i, Kernel.POLLIN)).isEqualTo(i);
        }
        assertThatThrownBy(() -> set.add(1, Kernel.POLLIN))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("capacity=64");
        set.remove(3);
        assertThat(set.add(1, Kernel.POLLIN)).isEqualTo(3);
        assertThatThrownBy(() -> set.revents(64)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void anEventfdCountsAndWouldBlockWhenEmpty() {
        int fd = kernel.eventfd2(3, Kernel.EFD_CLOEXEC | Kernel.EFD_NONBLOCK);
        MemorySegment count = arena.allocate(JAVA_LONG);
        assertThat(kernel.read(fd, count, 8)).isEqualTo(8);
        assertThat(count.get(JAVA_LONG, 0)).isEqualTo(3);
        assertThat(kernel.read(fd, count, 8)).isEqualTo(-Errno.EAGAIN);
        assertThat(kernel.read(fd, count, 7)).isEqualTo(-Errno.EINVAL);
        kernel.close(fd);
        assertThat(kernel.eventfd2(0, 1 << 30)).isEqualTo(-Errno.EINVAL);
    }

    @Test
    void descriptorsTravelOverASocketWithTheirPayload() {
        long sockets = kernel.socketpair();
        long pipe = kernel.pipe2(Kernel.O_CLOEXEC);
        MemorySegment payload = arena.allocateFrom("fds", ISO_8859_1);
        int[] fds = {low(pipe), high(pipe), 99_999};
        assertThat(kernel.sendmsg(low(sockets), payload, 3, fds, 3)).isEqualTo(-Errno.EBADF);
        assertThat(kernel.sendmsg(low(sockets), payload, 3, fds, 2)).isEqualTo(3);
        int[] got = receive(high(sockets), "fds");
        assertThat(got).hasSize(2);
        assertThat(kernel.write(got[1], payload, 3)).isEqualTo(3);
        assertThat(kernel.read(low(pipe), payload, 3)).isEqualTo(3);

        assertThat(kernel.sendFd(low(sockets), got[0])).isZero();
        assertThat(receive(high(sockets), "\0")).hasSize(1);
        assertThat(kernel.sendmsg(low(sockets), payload, 3, fds, 0)).isEqualTo(3);
        assertThat(receive(high(sockets), "fds")).isEmpty();
        assertThatThrownBy(() -> kernel.sendmsg(low(sockets), payload, 3, fds, 4))
                .isInstanceOf(IndexOutOfBoundsException.class);
        kernel.close(high(sockets));
        assertThat(kernel.sendFd(low(sockets), got[0])).isEqualTo(-Errno.EPIPE); // and no SIGPIPE
        kernel.close(low(sockets));
    }

    @Test
    void oneDescriptorIsReceivedAndEveryOtherMessageIsMalformed() {
        long sockets = kernel.socketpair();
        long pipe = kernel.pipe2(Kernel.O_CLOEXEC);
        MemorySegment payload = arena.allocateFrom("ab", ISO_8859_1);
        assertThat(kernel.recvFd(high(sockets))).isEqualTo(-Errno.EAGAIN);
        assertThat(kernel.sendFd(low(sockets), high(pipe))).isZero();
        int got = kernel.recvFd(high(sockets));
        assertThat(kernel.write(got, payload, 2)).isEqualTo(2);
        assertThat(kernel.read(low(pipe), payload, 2)).isEqualTo(2);
        assertThat(kernel.fcntl(got, Kernel.F_GETFD, 0)).isEqualTo(Kernel.FD_CLOEXEC);
        kernel.close(got);

        int next = kernel.dup(low(pipe)); // the lowest free number: it stays free when nothing is left open
        kernel.close(next);
        assertThat(kernel.write(low(sockets), payload, 1)).isEqualTo(1);
        assertThat(kernel.recvFd(high(sockets))).isEqualTo(-Errno.EBADMSG);
        int[] two = {low(pipe), high(pipe)};
        assertThat(kernel.sendmsg(low(sockets), payload, 1, two, 2)).isEqualTo(1);
        assertThat(kernel.recvFd(high(sockets))).isEqualTo(-Errno.EBADMSG);
        assertThat(kernel.sendmsg(low(sockets), payload, 2, two, 1)).isEqualTo(2);
        assertThat(kernel.recvFd(high(sockets))).isEqualTo(-Errno.EBADMSG);
        assertThat(kernel.fcntl(next, Kernel.F_GETFD, 0)).isEqualTo(-Errno.EBADF);
        kernel.close(low(sockets));
        assertThat(kernel.recvFd(high(sockets))).isEqualTo(-Errno.EBADMSG); // its end
        kernel.close(high(sockets));
    }

    /** recvmsg(2) with room for descriptors, which the product itself never wants to have. */
    private int[] receive(int socket, String expected) {
        MemorySegment message = arena.allocate(256, 8);
        message.set(JAVA_LONG, 16, message.address() + 64);
        message.set(JAVA_LONG, 24, 1);
        message.set(JAVA_LONG, 32, message.address() + 128);
        message.set(JAVA_LONG, 40, 64);
        message.set(JAVA_LONG, 64, message.address() + 96);
        message.set(JAVA_LONG, 72, 16);
        int recvmsg = 47;
        long length = kernel.syscall(recvmsg, socket, message.address(), Kernel.O_CLOEXEC, 0, 0, 0);
        assertThat(length).isEqualTo(expected.length());
        if (message.get(JAVA_LONG, 40) == 0) {
            return new int[0];
        }
        int count = (int) (message.get(JAVA_LONG, 128) - 16) / 4;
        return message.asSlice(144, 4L * count).toArray(JAVA_INT);
    }

    @Test
    void aPeersDescriptorsAreDroppedAndItsMessageIsReadOnly() throws IOException {
        long sockets = kernel.socketpair();
        MemorySegment payload = arena.allocateFrom("hostile", ISO_8859_1);
        kernel.sendmsg(low(sockets), payload, 7, new int[] {low(sockets)}, 1);
        assertThat(kernel.recv(high(sockets), payload, 4, Kernel.MSG_TRUNC)).isEqualTo(7);
        assertThat(kernel.recv(high(sockets), payload, 4, Kernel.MSG_DONTWAIT)).isEqualTo(-Errno.EAGAIN);
        assertThat(OpenFiles.of(OpenFiles.name(low(sockets)))).isEqualTo(1);
        kernel.close(low(sockets));
        assertThat(kernel.recv(high(sockets), payload, 4, 0)).isZero();
        int far = kernel.fcntl(high(sockets), Kernel.F_DUPFD_CLOEXEC, FAR);
        kernel.close(high(sockets));
        kernel.close(far);
        assertThat(kernel.recv(far, payload, 4, 0)).isEqualTo(-Errno.EBADF);
    }

    @Test
    void anOwnedDescriptorIsClosedOnceAndAReleasedOneIsNot() {
        int event = kernel.eventfd2(0, Kernel.EFD_CLOEXEC);
        OwnedFd owned = OwnedFd.of(kernel, "dup", kernel.fcntl(event, Kernel.F_DUPFD_CLOEXEC, FAR));
        int number = owned.fd();
        owned.close();
        assertThat(kernel.fcntl(number, Kernel.F_GETFD, 0)).isEqualTo(-Errno.EBADF);
        int successor = kernel.dup3(event, number, Kernel.O_CLOEXEC);
        kernel.close(event);
        owned.close();
        assertThat(kernel.fcntl(successor, Kernel.F_GETFD, 0)).isNotNegative();
        assertThatThrownBy(owned::fd).isInstanceOf(IllegalStateException.class);

        try (OwnedFd given = OwnedFd.of(kernel, "eventfd2", successor)) {
            assertThat(given.release()).isEqualTo(successor);
        }
        assertThat(kernel.close(successor)).isZero();
        assertThatThrownBy(() -> OwnedFd.of(kernel, "open", -Errno.ENOENT))
                .isInstanceOf(KernelRefused.class)
                .hasMessage("open failed: ENOENT");
    }

    @Test
    void memoryThatTheKernelMustNotTouchIsRefusedBeforeTheCall() {
        int fd = kernel.openat(Kernel.AT_FDCWD, "/dev/zero", Kernel.O_RDWR | Kernel.O_CLOEXEC, 0);
        MemorySegment buffer = arena.allocate(8);
        assertThat(kernel.read(fd, buffer, 8)).isEqualTo(8);
        assertThatThrownBy(() -> kernel.read(fd, buffer, 9)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> kernel.read(fd, buffer, -1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> kernel.read(fd, buffer.asReadOnly(), 8)).isInstanceOf(IllegalArgumentException.class);
        assertThat(kernel.write(fd, buffer.asReadOnly(), 8)).isEqualTo(8);
        assertThatThrownBy(() -> kernel.read(fd, MemorySegment.ofArray(new byte[8]), 8))
                .isInstanceOf(IllegalArgumentException.class);
        Arena gone = Arena.ofConfined();
        MemorySegment closed = gone.allocate(8);
        gone.close();
        assertThatThrownBy(() -> kernel.read(fd, closed, 8)).isInstanceOf(IllegalStateException.class);
        kernel.close(fd);
    }
}
