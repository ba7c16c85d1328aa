package nurse.helper.network;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.util.Set;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.helper.calls.Call;
import nurse.helper.calls.CallError;
import nurse.helper.calls.CallHandler;
import nurse.helper.calls.Syscall;
import nurse.helper.descriptors.Descriptors;
import nurse.helper.descriptors.OpenFile;
import nurse.helper.descriptors.PollEntries;
import nurse.helper.memory.ProcessMemory;
import nurse.helper.processes.ProcessState;

/** Sending and receiving: the data is nobody's affair, the addresses and descriptors that go with it are. */
final class MessageCalls {
    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_WAITALL = 0x100;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int MSG_WAITFORONE = 0x10000;
    private static final int MSG_CMSG_CLOEXEC = 0x40000000;
    private static final int SIGPIPE = 13;
    private static final int SOL_SOCKET = 1;
    private static final int SO_TYPE = 3;
    private static final int SOCK_STREAM = 1;
    private static final int SCM_RIGHTS = 1;
    private static final int SCM_CREDENTIALS = 2;
    private static final int SOL_IP = 0;
    private static final int SOL_IPV6 = 41;
    /** IP_TOS, IP_TTL, IP_PKTINFO. Not IP_RETOPTS: its options may hold a route, and so another destination (ip(7)). */
    private static final Set<Integer> IP_CONTROL = Set.of(1, 2, 8);
    /** IPV6_PKTINFO, IPV6_HOPLIMIT, IPV6_TCLASS, and the first two of RFC 2292. Not IPV6_RTHDR and its kin. */
    private static final Set<Integer> IPV6_CONTROL = Set.of(50, 52, 67, 2, 8);
    // struct msghdr and cmsghdr of i386 (linux/compat.h), struct mmsghdr
    private static final int MSGHDR_SIZE = 28;
    private static final int NAME = 0;
    private static final int NAMELEN = 4;
    private static final int CONTROL = 16;
    private static final int CONTROLLEN = 20;
    private static final int MMSGHDR_SIZE = 32;
    private static final int CMSGHDR_SIZE = 12;
    private static final int CONTROL_LIMIT = 4096;
    private static final int OUTS_OF_A_MESSAGE = 3; // its length, and of a name of ours the name and its length

    private final Kernel kernel;
    private final ProcessState process;
    private final Descriptors descriptors;
    private final ProcessMemory memory;
    private final AddressJudge judge;
    private final Blocking blocking;
    private final InFlight inFlight;

    MessageCalls(Kernel kernel, ProcessState process, ProcessMemory memory, AddressJudge judge, Blocking blocking) {
        this.kernel = kernel;
        this.process = process;
        this.descriptors = process.descriptors();
        this.memory = memory;
        this.judge = judge;
        this.blocking = blocking;
        this.inFlight = new InFlight(kernel, process.pid(), descriptors);
    }

    int answer(Syscall syscall, Call call, int[] a) {
        return switch (syscall) {
            case SENDTO -> sendto(call, a);
            case SENDMSG -> sendmsg(call, a[0], a[1], a[2]);
            case RECVFROM -> recvfrom(call, a);
            case RECVMSG -> recvmsg(call, a[0], a[1], a[2]);
            case SENDMMSG -> sendmmsg(call, a);
            case RECVMMSG, RECVMMSG_TIME64 -> recvmmsg(call, a);
            default -> CallHandler.UNANSWERED;
        };
    }

    /** One attempt that does not wait, made again when the socket is ready if the program wants to wait. */
    private interface Attempt {
        int make(int flags);
    }

    private int attempt(Call call, int fd, int flags, int events, Attempt attempt) {
        descriptors.get(fd);
        boolean waits = (flags & MSG_DONTWAIT) == 0 && blocking.waits(fd);
        while (true) {
            int result = attempt.make(flags | MSG_DONTWAIT);
            if (!waits || result != -Errno.EAGAIN) {
                return result;
            }
            int ready = blocking.await(call, fd, events);
            if (ready <= 0) {
                return ready == 0 ? -Errno.EAGAIN : ready;
            }
        }
    }

    /** The kernel would send SIGPIPE to who makes the call, the trustee. */
    private int piped(Call call, int fd, int flags, int result) {
        if (result == -Errno.EPIPE
                && (flags & MSG_NOSIGNAL) == 0
                && blocking.option(fd, SOL_SOCKET, SO_TYPE) == SOCK_STREAM) {
            call.trustee().execute(Syscall.TGKILL, process.pid(), process.pid(), SIGPIPE, 0, 0, 0);
        }
        return result;
    }

    private int sendto(Call call, int[] a) {
        int fd = a[0];
        int length = a[2];
        int flags = a[3];
        descriptors.get(fd);
        if (a[4] != 0 && a[5] != 0) {
            MemorySegment copy = judge.destination(call, a[0], a[4], a[5]);
            if (copy == null) {
                return sendToFile(call, a);
            }
            int address = call.trustee().addressOf(copy);
            return piped(call, fd, flags, attempt(call, fd, flags, PollEntries.POLLOUT, set -> call.trustee()
                    .execute(Syscall.SENDTO, fd, a[1], length, set | MSG_NOSIGNAL, address, a[5])));
        }
        // A stream that may wait takes everything (send(2)), in as many parts as it needs.
        int sent = 0;
        while (true) {
            int at = a[1] + sent;
            int left = length - sent;
            int result = attempt(call, fd, flags, PollEntries.POLLOUT, set -> call.trustee()
                    .execute(Syscall.SENDTO, fd, at, left, set | MSG_NOSIGNAL, 0, 0));
            if (result < 0) {
                return sent > 0 ? sent : piped(call, fd, flags, result);
            }
            sent += Math.min(result, left);
            if (sent >= length || (flags & MSG_DONTWAIT) != 0 || result == 0 || !blocking.waits(fd)) {
                return sent;
            }
        }
    }

    /** A datagram to a socket in the file system: connected to it for this one, as the name is the helper's to resolve. */
    private int sendToFile(Call call, int[] a) {
        if (Integer.compareUnsigned(a[2], ProcessMemory.LIMIT) > 0) {
            return -Errno.EMSGSIZE;
        }
        int socket = judge.openFile(call);
        try {
            MemorySegment data = memory.read(a[1], a[2]);
            return piped(call, a[0], a[3], attempt(call, a[0], a[3], PollEntries.POLLOUT, set -> {
                int borrowed = descriptors.borrow(a[0]);
                try {
                    return kernel.sendToLocal(borrowed, data, a[2], set | MSG_NOSIGNAL, "/proc/self/fd/" + socket);
                } finally {
                    descriptors.giveBack(a[0], borrowed);
                }
            }));
        } finally {
            kernel.close(socket);
        }
    }

    /** The header, the address and the control data are the helper's copies; the vectors and the data the program's. */
    private int sendmsg(Call call, int fd, int header, int flags) {
        descriptors.get(fd);
        MemorySegment copy = call.trustee().data(MSGHDR_SIZE);
        MemorySegment.copy(memory.read(header, MSGHDR_SIZE), 0, copy, 0, MSGHDR_SIZE);
        int name = copy.get(JAVA_INT_UNALIGNED, NAME);
        int nameLength = copy.get(JAVA_INT_UNALIGNED, NAMELEN);
        if (name != 0 && nameLength != 0) {
            MemorySegment address = judge.destination(call, fd, name, nameLength);
            if (address == null) {
                return -Errno.EOPNOTSUPP; // docs/network.md: sendto and connect can
            }
            copy.set(JAVA_INT_UNALIGNED, NAME, call.trustee().addressOf(address));
        }
        int sent = 0;
        int control = copy.get(JAVA_INT_UNALIGNED, CONTROL);
        int controlLength = copy.get(JAVA_INT_UNALIGNED, CONTROLLEN);
        if (controlLength < 0 || controlLength > CONTROL_LIMIT) {
            return -Errno.ENOBUFS;
        }
        if (control != 0 && controlLength > 0) {
            MemorySegment data = call.trustee().data(controlLength);
            MemorySegment.copy(memory.read(control, controlLength), 0, data, 0, controlLength);
            sent = judgeControl(call, data);
            copy.set(JAVA_INT_UNALIGNED, CONTROL, call.trustee().addressOf(data));
        }
        int address = call.trustee().addressOf(copy);
        Attempt send = set -> call.trustee().execute(Syscall.SENDMSG, fd, address, set | MSG_NOSIGNAL, 0, 0, 0);
        int count = sent;
        Attempt bounded = sent > 0 ? set -> inFlight.bounded(fd, count, () -> send.make(set)) : send;
        return piped(call, fd, flags, attempt(call, fd, flags, PollEntries.POLLOUT, bounded));
    }

    /**
     * Descriptors of the program's own may go with a message, to whom the policy lets it talk. None of ours.
     *
     * @return how many go
     */
    private int judgeControl(Call call, MemorySegment control) {
        int sent = 0;
        long size = control.byteSize();
        for (long at = 0; at + CMSGHDR_SIZE <= size; ) {
            int length = control.get(JAVA_INT_UNALIGNED, at);
            int level = control.get(JAVA_INT_UNALIGNED, at + 4);
            int type = control.get(JAVA_INT_UNALIGNED, at + 8);
            if (length < CMSGHDR_SIZE || length > size - at) {
                throw CallError.of(Errno.EINVAL);
            }
            if (level == SOL_SOCKET && type == SCM_RIGHTS) {
                for (long fd = at + CMSGHDR_SIZE; fd + 4 <= at + length; fd += 4) {
                    descriptors.get(control.get(JAVA_INT_UNALIGNED, fd)).send();
                    sent++;
                }
            } else if (!(level == SOL_SOCKET && type == SCM_CREDENTIALS)
                    && !(level == SOL_IP && IP_CONTROL.contains(type))
                    && !(level == SOL_IPV6 && IPV6_CONTROL.contains(type))) {
                judge.refuse(call, "", "control data of level " + level + " and type " + type + " is not known");
            }
            at += length + 3 & ~3; // CMSG_ALIGN of 32 bits
        }
        return sent;
    }

    private int recvfrom(Call call, int[] a) {
        int room = judge.room(a[5]);
        int got = 0;
        while (true) {
            int at = a[1] + got;
            int left = a[2] - got;
            int result = attempt(call, a[0], a[3], PollEntries.POLLIN, set -> call.trustee()
                    .execute(Syscall.RECVFROM, a[0], at, left, set & ~MSG_WAITALL, a[4], a[5]));
            if (result < 0) {
                return got > 0 ? got : result;
            }
            got += result;
            boolean all = (a[3] & (MSG_WAITALL | MSG_DONTWAIT)) == MSG_WAITALL
                    && Integer.compareUnsigned(got, a[2]) < 0
                    && result > 0
                    && blocking.option(a[0], SOL_SOCKET, SO_TYPE) == SOCK_STREAM;
            if (!all) {
                return judge.namesBack(call, a[4], room, a[5], got);
            }
        }
    }

    /** The kernel writes into the header, so it is the program's own: there is nothing in it to be judged. */
    private int recvmsg(Call call, int fd, int header, int flags) {
        int room = memory.read(header, MSGHDR_SIZE).get(JAVA_INT_UNALIGNED, CONTROLLEN);
        int nameRoom = judge.room(header + NAMELEN);
        int result = attempt(call, fd, flags, PollEntries.POLLIN, set -> call.trustee()
                .execute(Syscall.RECVMSG, fd, header, set, 0, 0, 0));
        if (result < 0) {
            return result;
        }
        MemorySegment after = memory.read(header, MSGHDR_SIZE);
        int name = after.get(JAVA_INT_UNALIGNED, NAME);
        int control = after.get(JAVA_INT_UNALIGNED, CONTROL);
        int length = after.get(JAVA_INT_UNALIGNED, CONTROLLEN);
        if (control != 0 && room > 0 && length >= CMSGHDR_SIZE && length <= CONTROL_LIMIT) {
            received(call, control, length, (flags & MSG_CMSG_CLOEXEC) != 0);
        }
        return judge.namesBack(call, name, nameRoom, header + NAMELEN, result);
    }

    /**
     * Descriptors that came with a message. What says so is in the program's own memory; a number that it makes up is one that
     * the kernel does not know, or one that the helper knows already.
     */
    private void received(Call call, int address, int length, boolean closeOnExec) {
        byte[] bytes = memory.read(address, length).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
        MemorySegment control = MemorySegment.ofArray(bytes);
        boolean refused = false;
        for (long at = 0; at + CMSGHDR_SIZE <= length; ) {
            int size = control.get(JAVA_INT_UNALIGNED, at);
            if (size < CMSGHDR_SIZE || size > length - at) {
                break;
            }
            if (control.get(JAVA_INT_UNALIGNED, at + 4) == SOL_SOCKET
                    && control.get(JAVA_INT_UNALIGNED, at + 8) == SCM_RIGHTS) {
                for (long fd = at + CMSGHDR_SIZE; fd + 4 <= at + size; fd += 4) {
                    refused |= !take(call, control.get(JAVA_INT_UNALIGNED, fd), closeOnExec);
                }
            }
            at += size + 3 & ~3;
        }
        if (refused) {
            judge.refuse(call, "", "a directory came with a message: it would lead past the policy");
        }
    }

    /** @return false for one that the program may not have, which is closed again */
    private boolean take(Call call, int fd, boolean closeOnExec) {
        if (fd < 0 || fd >= descriptors.limit() || descriptors.find(fd) != null) {
            return true;
        }
        descriptors.put(fd, OpenFile.anonymous(), closeOnExec);
        int borrowed = descriptors.borrowOrError(fd);
        if (borrowed == -Errno.EBADF) { // the program made the number up
            descriptors.remove(fd);
            return true;
        }
        // A file that the helper cannot look at may be a directory.
        boolean mayBeDirectory = borrowed < 0 || kernel.isDirectory(borrowed);
        kernel.close(borrowed);
        if (mayBeDirectory) {
            call.trustee().execute(Syscall.CLOSE, fd, 0, 0, 0, 0, 0);
            descriptors.remove(fd);
        }
        return !mayBeDirectory;
    }

    /** Fewer messages than asked for are an answer that the program expects: a lane has room for so many lengths. */
    private int sendmmsg(Call call, int[] a) {
        int count = Math.min(Math.max(a[2], 0), Call.outCount());
        for (int i = 0; i < count; i++) {
            MemorySegment length = call.outAt(a[1] + MMSGHDR_SIZE * i + MSGHDR_SIZE, 4);
            int result = sendmsgAfter(i, call, a[0], a[1] + MMSGHDR_SIZE * i, a[3]);
            if (result < 0) {
                unset(length, a[1] + MMSGHDR_SIZE * i + MSGHDR_SIZE);
                return i > 0 ? i : result;
            }
            length.set(JAVA_INT_UNALIGNED, 0, result);
        }
        return count;
    }

    /** That of the first message is the call's own error; of a later one, the program is told how many went. */
    private int sendmsgAfter(int sent, Call call, int fd, int header, int flags) {
        try {
            return sendmsg(call, fd, header, flags);
        } catch (CallError error) {
            if (sent == 0) {
                throw error;
            }
            return -error.errno();
        }
    }

    /** What the message that was not sent has for a length stays what it was. */
    private void unset(MemorySegment length, int address) {
        length.set(JAVA_INT_UNALIGNED, 0, memory.word(address));
    }

    /** Its time-out is looked at between messages only: as Linux does it (recvmmsg(2), BUGS). */
    private int recvmmsg(Call call, int[] a) {
        int count = Math.min(Math.max(a[2], 0), Call.outCount() / OUTS_OF_A_MESSAGE);
        int flags = a[3] & ~MSG_WAITFORONE;
        for (int i = 0; i < count; i++) {
            boolean waits = i == 0 || (a[3] & MSG_WAITFORONE) == 0 && a[4] == 0;
            int result = recvmsg(call, a[0], a[1] + MMSGHDR_SIZE * i, waits ? flags : flags | MSG_DONTWAIT);
            if (result < 0) {
                return i > 0 ? i : result;
            }
            call.outAt(a[1] + MMSGHDR_SIZE * i + MSGHDR_SIZE, 4).set(JAVA_INT_UNALIGNED, 0, result);
        }
        return count;
    }
}
