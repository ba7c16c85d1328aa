package nurse.helper.serve;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.ffm.KernelRefused;
import nurse.ffm.LocalSocket;
import nurse.ffm.ProcFs;
import nurse.helper.descriptors.HelperFiles;
import nurse.helper.sandbox.OutputPump;
import nurse.helper.sandbox.ProcessMaker;
import nurse.helper.sandbox.SandboxFailed;

/** The client becomes the program: it is sent all that the launcher needs, and executes it. */
final class ClientProcess implements ProcessMaker {
    private final LocalSocket socket;
    private final LocalSocket.Peer peer;
    private final RunCall call;

    ClientProcess(LocalSocket socket, LocalSocket.Peer peer, RunCall call) {
        this.socket = socket;
        this.peer = peer;
        this.call = call;
    }

    @Override
    public Made make(Kernel kernel, int launcher, List<String> arguments, List<String> environment, int[] inherited) {
        if (inherited.length != Protocol.ANSWER_INHERITED) {
            throw new IllegalArgumentException("inherited=" + inherited.length);
        }
        int strings = KernelRefused.check("memfd_create", kernel.memfd_create("nurse-answer", Kernel.MFD_CLOEXEC));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment answer = arena.allocate(Protocol.ANSWER_SIZE, 8);
            answer.set(JAVA_INT, Protocol.ANSWER_MAGIC, Protocol.CLIENT_MAGIC);
            answer.set(JAVA_INT, Protocol.ANSWER_VERSION, Protocol.CLIENT_VERSION);
            answer.set(JAVA_INT, Protocol.ANSWER_KIND, Protocol.ANSWER_RUN);
            answer.set(JAVA_INT, Protocol.ANSWER_ARGUMENTS, write(kernel, strings, arguments));
            answer.set(JAVA_INT, Protocol.ANSWER_ENVIRONMENT, write(kernel, strings, environment));
            int[] fds = new int[2 + inherited.length];
            fds[0] = launcher;
            fds[1] = strings;
            System.arraycopy(inherited, 0, fds, 2, inherited.length);
            int sent = socket.send(answer, fds);
            if (sent < 0) {
                throw notSent(-sent);
            }
        } finally {
            kernel.close(strings);
            call.closeOutput(kernel);
        }
        int pidfd = kernel.fcntl(peer.pidfd(), Kernel.F_DUPFD_CLOEXEC, 0);
        return new Made(peer.pid(), KernelRefused.check("fcntl(F_DUPFD_CLOEXEC)", pidfd));
    }

    /** ETOOMANYREFS: the user's programs have more descriptors in messages under way than this process may open files (unix(7)). */
    private static SandboxFailed notSent(int errno) {
        String why = new KernelRefused("sendmsg", errno).getMessage();
        return errno == Errno.EPIPE || errno == Errno.ECONNRESET
                ? new SandboxFailed("the client has gone", why, "run it again")
                : new SandboxFailed(
                        "the program's process cannot be given its descriptors",
                        errno == Errno.ETOOMANYREFS
                                ? "this user's programs have too many descriptors on their way in messages (unix(7))"
                                : why,
                        "end the program that sends them, or run it again later");
    }

    @Override
    public void pumpOutput(Kernel kernel, OutputPump pump) {
        throw new UnsupportedOperationException("what the program writes does not pass through this process");
    }

    private static int write(Kernel kernel, int fd, List<String> strings) {
        StringBuilder all = new StringBuilder();
        for (String string : strings) {
            all.append(string).append('\0');
        }
        byte[] bytes = all.toString().getBytes(StandardCharsets.ISO_8859_1);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(Math.max(bytes.length, 1));
            MemorySegment.copy(bytes, 0, memory, JAVA_BYTE, 0, bytes.length);
            int done = 0;
            while (done < bytes.length) {
                done += KernelRefused.check("write", kernel.write(fd, memory.asSlice(done), bytes.length - done));
            }
        }
        return bytes.length;
    }

    @Override
    public int filters(Kernel kernel) {
        return ProcFs.filters(kernel, peer.pid(), peer.pid());
    }

    @Override
    public int sharedFiles(Kernel kernel) {
        return HelperFiles.of(kernel).sharedAmongMany();
    }

    /** It has its own parent, and the helper's end of the pipe ends it (launcher_main.c, tie_to_helper). */
    @Override
    public int parent() {
        return 0;
    }

    /** Its exit status is its parent's to see. */
    @Override
    public int awaitEnd(Kernel kernel, int pidfd) {
        kernel.poll(pidfd, Kernel.POLLIN, -1);
        return kernel.waitExit(pidfd, Kernel.WNOHANG);
    }
}
