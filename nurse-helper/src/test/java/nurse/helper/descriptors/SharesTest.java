package nurse.helper.descriptors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.helper.calls.CallError;
import nurse.helper.descriptors.Shares.Share;
import nurse.helper.policy.Limits;
import nurse.helper.policy.Limits.Limit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SharesTest {
    private static final int INOTIFY = 5; // numbers of the program's
    private static final int COPY = 6;

    private final Kernel kernel = new Kernel();
    private int pidfd;
    private Descriptors descriptors;
    private Shares shares;

    @BeforeEach
    void openBook() {
        pidfd = kernel.pidfd_open(kernel.getpid(), 0);
        descriptors = new Descriptors(kernel, fd -> kernel.pidfd_getfd(pidfd, fd), Integer.MAX_VALUE);
        shares = descriptors.shares();
    }

    @AfterEach
    void closeBook() {
        descriptors.close();
        kernel.close(pidfd);
    }

    private OpenFile charged(Share share, long amount) {
        OpenFile file = OpenFile.anonymous();
        shares.charge(file, share, amount);
        descriptors.put(INOTIFY, file, false);
        return file;
    }

    @Test
    void whatIsChargedIsMissingUntilTheLastDescriptorOfTheFileIsClosed() {
        OpenFile file = charged(Share.INOTIFY, 16);
        descriptors.put(COPY, file, false);
        assertThatThrownBy(() -> shares.require(Share.INOTIFY, 1, Errno.EMFILE))
                .isInstanceOf(CallError.class)
                .extracting(error -> ((CallError) error).errno())
                .isEqualTo(Errno.EMFILE);
        descriptors.remove(INOTIFY);
        assertThat(shares.has(Share.INOTIFY, 1)).isFalse();
        descriptors.remove(COPY);
        shares.require(Share.INOTIFY, 16, Errno.EMFILE);
    }

    /** Twin: the same file, not sent. */
    @Test
    void whatWasSentStaysCharged() {
        charged(Share.EPOLL, 30);
        descriptors.remove(INOTIFY);
        assertThat(shares.has(Share.EPOLL, 32)).isTrue();
        charged(Share.EPOLL, 30).send();
        descriptors.remove(INOTIFY);
        assertThat(shares.has(Share.EPOLL, 2)).isTrue();
        assertThat(shares.has(Share.EPOLL, 3)).isFalse();
    }

    @Test
    void aNewChargeTakesThePlaceOfTheOldOne() {
        OpenFile pipe = charged(Share.PIPES, 1 << 20);
        shares.recharge(pipe, Share.PIPES, 16 << 20);
        assertThat(shares.has(Share.PIPES, 1)).isFalse();
        shares.recharge(pipe, Share.PIPES, 4096);
        assertThat(shares.has(Share.PIPES, (16 << 20) - 4096)).isTrue();
    }

    @Test
    void buffersAreBoundedWhereMemoryIsLimited() {
        assertThat(shares.has(Share.BUFFERS, 1L << 40)).isTrue();
        assertThat(shares.areBuffersLimited()).isFalse();
        shares.limit(new Limits(Map.of(Limit.MEMORY, 1L << 20)));
        assertThat(shares.areBuffersLimited()).isTrue();
        assertThat(shares.has(Share.BUFFERS, 1 << 20)).isTrue();
        assertThat(shares.has(Share.BUFFERS, (1 << 20) + 1)).isFalse();
    }

    /** Twin: those that are there still, of a file that is not looked at, leave no room. */
    @Test
    void watchesThatAreNoMoreAreNotCounted() {
        int instance = (int) kernel.syscall(294, 0, 0, 0, 0, 0, 0); // inotify_init1
        InotifyWatches watches = new InotifyWatches(kernel, descriptors);
        descriptors.put(instance, OpenFile.anonymous(), false);
        for (int i = 0; i < 5000; i++) {
            watches.requireRoom();
            assertThat(kernel.inotify_add_watch(instance, "/", 1)).isPositive();
            watches.added(instance);
        }
        shares.charge(OpenFile.anonymous(), Share.WATCHES, 4096);
        assertThatThrownBy(watches::requireRoom).isInstanceOf(CallError.class);
        descriptors.remove(instance);
        kernel.close(instance);
    }
}
