package nurse.helper.serve;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import nurse.ffm.Kernel;
import nurse.ffm.LocalSocket;
import nurse.helper.sandbox.StartSignals;

/** What a client wants to have run, as it came over the socket and was bounded. Not thread-safe. */
public final class RunCall {
    private static final long PATIENCE_NANOS = 10_000_000_000L;
    private static final int CLOSED = -1;

    private final List<String> arguments;
    private final Map<String, String> environment;
    private final int error;
    private final int directory;
    private final int umask;
    private final boolean handedOn;
    private final StartSignals signals;
    private final long started;
    private int output;

    private RunCall(MemorySegment call, int[] fds, List<String> arguments, Map<String, String> environment) {
        this.arguments = arguments;
        this.environment = environment;
        this.output = fds[0];
        this.error = fds[1];
        this.directory = fds[2];
        this.umask = call.get(JAVA_INT, Protocol.CALL_UMASK) & 0777;
        this.handedOn = call.get(JAVA_INT, Protocol.CALL_HANDED_ON) != 0;
        this.signals = new StartSignals(
                call.get(JAVA_LONG, Protocol.CALL_IGNORED), call.get(JAVA_LONG, Protocol.CALL_BLOCKED));
        this.started = call.get(JAVA_LONG, Protocol.CALL_STARTED);
    }

    /** The command first; one char a byte. */
    public List<String> arguments() {
        return arguments;
    }

    /** The client's. */
    public Map<String, String> environment() {
        return environment;
    }

    /** A descriptor of the client's standard output; -1 when the program has it. */
    public int output() {
        return output;
    }

    /** A descriptor of its standard error. */
    public int error() {
        return error;
    }

    /** A descriptor of its working directory (O_PATH). */
    public int directory() {
        return directory;
    }

    /** Its file mode creation mask. */
    public int umask() {
        return umask;
    }

    /** Whether the client's process was a JVM before. */
    public boolean handedOn() {
        return handedOn;
    }

    /** What the program inherits of its signals. */
    public StartSignals signals() {
        return signals;
    }

    /** When it began, nanoseconds of CLOCK_MONOTONIC. */
    public long started() {
        return started;
    }

    /**
     * Takes a client's call.
     *
     * @return null when none came that is one; nothing is left open then
     */
    static RunCall receive(Kernel kernel, LocalSocket socket) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment call = arena.allocate(Protocol.CALL_SIZE, 8);
            int got = socket.receive(call, PATIENCE_NANOS);
            int[] fds = got <= 0 ? new int[0] : socket.descriptors();
            RunCall parsed = got == Protocol.CALL_SIZE && fds.length == Protocol.CALL_DESCRIPTORS
                    ? parse(kernel, call, fds)
                    : null;
            for (int i = 0; i < fds.length; i++) {
                if (parsed == null || i == Protocol.CALL_DESCRIPTORS - 1) { // the strings have been read
                    kernel.close(fds[i]);
                }
            }
            return parsed;
        }
    }

    private static RunCall parse(Kernel kernel, MemorySegment call, int[] fds) {
        int arguments = call.get(JAVA_INT, Protocol.CALL_ARGUMENTS);
        int environment = call.get(JAVA_INT, Protocol.CALL_ENVIRONMENT);
        boolean ours = call.get(JAVA_INT, Protocol.CALL_MAGIC) == Protocol.CLIENT_MAGIC
                && call.get(JAVA_INT, Protocol.CALL_VERSION) == Protocol.CLIENT_VERSION;
        boolean bounded = arguments >= 0
                && environment >= 0
                && arguments <= Protocol.STRINGS_MOST
                && environment <= Protocol.STRINGS_MOST - arguments;
        byte[] strings = ours && bounded ? read(kernel, fds[3], arguments + environment) : null;
        if (strings == null) {
            return null;
        }
        Map<String, String> variables = new LinkedHashMap<>();
        for (String entry : split(strings, arguments, strings.length)) {
            int equals = entry.indexOf('=');
            if (equals > 0) {
                variables.putIfAbsent(entry.substring(0, equals), entry.substring(equals + 1));
            }
        }
        return new RunCall(call, fds, split(strings, 0, arguments), variables);
    }

    private static byte[] read(Kernel kernel, int fd, int size) {
        byte[] bytes = new byte[size];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment room = arena.allocate(Math.max(size, 1));
            int done = 0;
            while (done < size) {
                int got = kernel.pread(fd, room.asSlice(done), size - done, done);
                if (got <= 0) {
                    return null;
                }
                done += got;
            }
            MemorySegment.copy(room, JAVA_BYTE, 0, bytes, 0, size);
        }
        return bytes;
    }

    /** Strings with a NUL each; what stands behind the last NUL is none. */
    private static List<String> split(byte[] bytes, int from, int to) {
        List<String> strings = new ArrayList<>();
        int start = from;
        for (int i = from; i < to; i++) {
            if (bytes[i] == 0) {
                strings.add(new String(bytes, start, i - start, StandardCharsets.ISO_8859_1));
                start = i + 1;
            }
        }
        return strings;
    }

    /** When the process is made: the helper must not keep a pipe open that the program closes. */
    void closeOutput(Kernel kernel) {
        if (output != CLOSED) {
            kernel.close(output);
            output = CLOSED;
        }
    }

    void close(Kernel kernel) {
        closeOutput(kernel);
        kernel.close(error);
        kernel.close(directory);
    }
}
