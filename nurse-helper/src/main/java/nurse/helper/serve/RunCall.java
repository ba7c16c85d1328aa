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

/**
 * What a client wants to have run, as it came over the socket and was bounded.
 *
 * @param arguments the command first; one char a byte
 * @param environment the client's
 * @param output a descriptor of the client's standard output
 * @param error a descriptor of its standard error
 * @param directory a descriptor of its working directory (O_PATH)
 * @param umask its file mode creation mask
 * @param ignoredSignals bit {@code signal - 1}
 * @param started when it began, nanoseconds of CLOCK_MONOTONIC
 */
public record RunCall(
        List<String> arguments,
        Map<String, String> environment,
        int output,
        int error,
        int directory,
        int umask,
        long ignoredSignals,
        long started) {
    private static final long PATIENCE_NANOS = 10_000_000_000L;

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
        return new RunCall(
                split(strings, 0, arguments),
                variables,
                fds[0],
                fds[1],
                fds[2],
                call.get(JAVA_INT, Protocol.CALL_UMASK) & 0777,
                call.get(JAVA_LONG, Protocol.CALL_IGNORED),
                call.get(JAVA_LONG, Protocol.CALL_STARTED));
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

    void close(Kernel kernel) {
        kernel.close(error);
        kernel.close(directory);
    }
}
