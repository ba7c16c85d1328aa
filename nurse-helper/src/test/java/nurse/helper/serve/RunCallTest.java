package nurse.helper.serve;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import nurse.ffm.Kernel;
import nurse.ffm.LocalSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What comes over the socket is a call, or it is none and nothing is left open of it. */
class RunCallTest {
    private static final int MESSAGES = 3000;
    private static final String SENT = "nurse-strings";
    private static final String ARGUMENTS = "run\0--quiet\0true\0";
    private static final String ENVIRONMENT = "PATH=/usr/bin\0WORD=a=b\0=none\0";

    private final Kernel kernel = new Kernel();

    @AfterEach
    void nothingIsOpen() throws IOException {
        assertThat(open()).isZero();
        int file = kernel.memfd_create(SENT, Kernel.MFD_CLOEXEC);
        assertThat(open()).isEqualTo(1);
        kernel.close(file);
        kernel.close();
    }

    /** Of what was sent, which has a name of its own: the JVM opens files at any time, too. */
    private static int open() throws IOException {
        int count = 0;
        try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path fd : all) {
                try {
                    count += Files.readSymbolicLink(fd).toString().startsWith("/memfd:" + SENT) ? 1 : 0;
                } catch (NoSuchFileException closedMeanwhile) {
                    // one of the JVM's, or the one by which the directory was read
                }
            }
        }
        return count;
    }

    private static byte[] good() {
        byte[] call = new byte[Protocol.CALL_SIZE];
        put(call, Protocol.CALL_MAGIC, Protocol.CLIENT_MAGIC);
        put(call, Protocol.CALL_VERSION, Protocol.CLIENT_VERSION);
        put(call, Protocol.CALL_UMASK, 022);
        put(call, Protocol.CALL_ARGUMENTS, ARGUMENTS.length());
        put(call, Protocol.CALL_ENVIRONMENT, ENVIRONMENT.length());
        return call;
    }

    private static void put(byte[] bytes, int at, int value) {
        MemorySegment.ofArray(bytes).set(JAVA_INT.withByteAlignment(1), at, value);
    }

    /** Whether what was sent is taken for a call; if so it is within its bounds. */
    private boolean message(byte[] bytes, String strings, int count) {
        int file = kernel.memfd_create(SENT, Kernel.MFD_CLOEXEC);
        long pair = kernel.socketpair();
        try (Arena arena = Arena.ofConfined();
                LocalSocket ours = new LocalSocket(kernel, (int) pair, Protocol.CALL_DESCRIPTORS);
                LocalSocket theirs = new LocalSocket(kernel, (int) (pair >> 32), Kernel.SEND_FDS_MAX)) {
            MemorySegment text = arena.allocate(Math.max(1, strings.length()));
            MemorySegment.copy(strings.getBytes(StandardCharsets.ISO_8859_1), 0, text, JAVA_BYTE, 0, strings.length());
            kernel.write(file, text, strings.length());
            MemorySegment payload = arena.allocate(Math.max(1, bytes.length)).asSlice(0, bytes.length);
            MemorySegment.copy(bytes, 0, payload, JAVA_BYTE, 0, bytes.length);
            int[] fds = new int[count];
            Arrays.fill(fds, file);
            theirs.send(payload, fds);
            if (bytes.length == 0) {
                return false; // nothing comes: it would be waited for
            }
            RunCall call = RunCall.receive(kernel, ours);
            if (call == null) {
                return false;
            }
            assertThat(call.umask()).isBetween(0, 0777);
            assertThat(String.join("", call.arguments()).length()).isLessThanOrEqualTo(strings.length());
            assertThat(call.environment().keySet()).noneMatch(name -> name.isEmpty() || name.contains("="));
            call.close(kernel);
            return true;
        } finally {
            kernel.close(file);
        }
    }

    @Test
    void aCallIsTakenWithAllThatItSays() {
        assertThat(message(good(), ARGUMENTS + ENVIRONMENT, Protocol.CALL_DESCRIPTORS))
                .isTrue();
    }

    @Test
    void whatIsNoCallIsNotTaken() {
        String strings = ARGUMENTS + ENVIRONMENT;
        assertThat(message(good(), strings, Protocol.CALL_DESCRIPTORS - 1)).isFalse();
        assertThat(message(good(), strings, Protocol.CALL_DESCRIPTORS + 1)).isFalse();
        assertThat(message(good(), strings.substring(1), Protocol.CALL_DESCRIPTORS))
                .isFalse();
        assertThat(message(Arrays.copyOf(good(), Protocol.CALL_SIZE - 1), strings, Protocol.CALL_DESCRIPTORS))
                .isFalse();
        int[] numbers = {-1, Integer.MIN_VALUE, Integer.MAX_VALUE, Protocol.STRINGS_MOST, Protocol.STRINGS_MOST + 1};
        for (int field : new int[] {Protocol.CALL_ARGUMENTS, Protocol.CALL_ENVIRONMENT}) {
            for (int number : numbers) {
                byte[] call = good();
                put(call, field, number);
                assertThat(message(call, strings, Protocol.CALL_DESCRIPTORS))
                        .as("%d at %d", number, field)
                        .isFalse();
            }
        }
    }

    @Test
    void anyBytesAndDescriptorsAreBounded() {
        long seed = new Random().nextLong();
        System.out.println("RunCallTest: seed " + seed);
        Random random = new Random(seed);
        int taken = 0;
        for (int i = 0; i < MESSAGES; i++) {
            byte[] call = random.nextInt(8) == 0 ? new byte[1 + random.nextInt(100)] : good();
            for (int change = random.nextInt(4); change > 0; change--) {
                int at = random.nextInt(call.length);
                call[at] = random.nextBoolean() ? (byte) random.nextInt() : (byte) (call[at] ^ 1 << random.nextInt(8));
            }
            StringBuilder strings = new StringBuilder(ARGUMENTS + ENVIRONMENT);
            for (int change = random.nextInt(6); change > 0; change--) {
                strings.setCharAt(random.nextInt(strings.length()), (char) random.nextInt(256));
            }
            int fds = random.nextInt(4) == 0 ? random.nextInt(10) : Protocol.CALL_DESCRIPTORS;
            taken += message(call, strings.toString(), fds) ? 1 : 0;
        }
        assertThat(taken).as("seed %d", seed).isBetween(1, MESSAGES - 1);
    }
}
