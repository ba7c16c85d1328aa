package nurse.helper.serve;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import nurse.ffm.Kernel;
import nurse.ffm.KernelRefused;
import nurse.ffm.LocalSocket;
import nurse.helper.sandbox.ProcessMaker;

/** One client at the other end of a socket. Confined to the thread that makes it. */
public final class Client implements AutoCloseable {
    private final Kernel kernel;
    private final LocalSocket socket;
    private LocalSocket.Peer peer;
    private RunCall call;

    /** @param fd a connected socket; closed with this */
    public Client(Kernel kernel, int fd) {
        this.kernel = kernel;
        this.socket = new LocalSocket(kernel, fd, Protocol.CALL_DESCRIPTORS);
    }

    /** What it wants, or null: it asked for nothing that makes sense, or has been sent away for not being as we are. */
    public RunCall call(Likeness likeness) {
        try {
            peer = socket.peer();
        } catch (KernelRefused gone) {
            return null;
        }
        if (!likeness.holds(kernel, peer)) {
            answer(Protocol.ANSWER_UNLIKE, 0);
            return null;
        }
        call = RunCall.receive(kernel, socket);
        return call;
    }

    /** Its process. */
    public int pid() {
        return peer.pid();
    }

    /** Makes the program's process of the client. To be asked once. */
    public ProcessMaker maker() {
        return new ClientProcess(socket, peer, call);
    }

    /** Has the client end with a status, if it has not become the program. */
    public void end(int status) {
        answer(Protocol.ANSWER_END, status);
    }

    /** Has the client become a helper for this run alone, and the program's parent. */
    public void sendAway() {
        answer(Protocol.ANSWER_ALONE, 0);
    }

    private void answer(int kind, int status) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment answer = arena.allocate(Protocol.ANSWER_SIZE, 8);
            answer.set(JAVA_INT, Protocol.ANSWER_MAGIC, Protocol.CLIENT_MAGIC);
            answer.set(JAVA_INT, Protocol.ANSWER_VERSION, Protocol.CLIENT_VERSION);
            answer.set(JAVA_INT, Protocol.ANSWER_KIND, kind);
            answer.set(JAVA_INT, Protocol.ANSWER_STATUS, status);
            socket.send(answer); // it may be gone, or the program by now
        }
    }

    @Override
    public void close() {
        if (call != null) {
            call.close(kernel);
        }
        if (peer != null) {
            kernel.close(peer.pidfd());
        }
        socket.close();
    }
}
