package nurse.helper.descriptors;

import java.util.EnumMap;
import java.util.Map;
import nurse.helper.calls.CallError;
import nurse.helper.policy.Limits;
import nurse.helper.policy.Limits.Limit;

/**
 * What a run may have of what the kernel counts for all processes of a user together, so that no run takes what the user's
 * other programs need; and, where the run's memory is limited, of the buffers that the kernel keeps for it beside its address
 * space.
 *
 * <p>A share is charged to the open file that uses it up, and given back when the last descriptor of that file is closed. A file
 * that was sent in a message stays charged to the end of the run: whoever received it may have it still. Not thread-safe.
 */
public final class Shares {
    /** A pipe's buffer as pipe(2) makes it: PIPE_DEF_BUFFERS of 4096 bytes, include/linux/pipe_fs_i.h. */
    public static final long PIPE = 16 * 4096;
    /** What a socket's buffers may hold: net.core.wmem_default and rmem_default, as the kernel has them by itself. */
    public static final long SOCKET = 2 * 212_992;

    /** What is counted. */
    public enum Share {
        /** fs.inotify.max_user_instances: 128. */
        INOTIFY(16),
        /** fs.inotify.max_user_watches: 8192 or, since Linux 5.11, up to a million. */
        WATCHES(4096),
        /** Each may watch all that is open; the user may have a 25th of the memory for that: fs.epoll.max_user_watches. */
        EPOLL(32),
        /** fs.pipe-user-pages-soft: 64 MiB. Beyond it every new pipe of the user's gets two pages, or one. */
        PIPES(16 << 20),
        /** Descriptors in messages that nobody has received, charged to the socket that sent them ({@code InFlight}). */
        IN_FLIGHT(256),
        /** Names of open files, which the helper keeps, in bytes: a thousand of 4 KiB. */
        NAMES(4 << 20),
        /** Buffers in the kernel: what the limit of memory says, if it says something. */
        BUFFERS(Long.MAX_VALUE);

        private final long most;

        Share(long most) {
            this.most = most;
        }
    }

    private final Map<Share, Long> used = new EnumMap<>(Share.class);
    private long buffers = Share.BUFFERS.most;
    private boolean countsWritten;

    /** What else the run is limited in. */
    public void limit(Limits limits) {
        if (limits.has(Limit.MEMORY)) {
            buffers = limits.of(Limit.MEMORY);
        }
        countsWritten = limits.has(Limit.WRITTEN);
    }

    /** Whether what is written is counted: then nothing may be written by a call that the kernel does not count (proc(5), io). */
    public boolean countsWritten() {
        return countsWritten;
    }

    /** Whether the run's memory is limited. */
    public boolean areBuffersLimited() {
        return buffers != Share.BUFFERS.most;
    }

    private long left(Share share) {
        return (share == Share.BUFFERS ? buffers : share.most) - used.getOrDefault(share, 0L);
    }

    /** Whether that much more may be used. To be asked before. */
    public boolean has(Share share, long amount) {
        return amount <= left(share);
    }

    /** As {@link #has}, or the call fails with {@code errno}. */
    public void require(Share share, long amount, int errno) {
        if (!has(share, amount)) {
            throw CallError.of(errno);
        }
    }

    /** Charges {@code file}. */
    public void charge(OpenFile file, Share share, long amount) {
        used.merge(share, amount, Long::sum);
        file.charges().merge(share, amount, Long::sum);
    }

    /** Charges {@code file} with so much of a share, and no more with what it was charged before. */
    public void recharge(OpenFile file, Share share, long amount) {
        charge(file, share, amount - file.charges().getOrDefault(share, 0L));
    }

    /** Whether {@code file} has used up some of it. */
    public boolean isCharged(OpenFile file, Share share) {
        return file.charges().getOrDefault(share, 0L) > 0;
    }

    /** No descriptor of {@code file} is left in the program. */
    void giveBack(OpenFile file) {
        if (!file.wasSent()) {
            file.charges().forEach((share, amount) -> {
                if (share != Share.IN_FLIGHT) { // they do not end with the socket
                    used.merge(share, -amount, Long::sum);
                }
            });
        }
    }
}
