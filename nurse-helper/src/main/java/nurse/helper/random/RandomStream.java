package nurse.helper.random;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.SplittableRandom;

/**
 * Bytes that follow from a seed and a name: those of {@link SplittableRandom#nextLong}, little endian, seeded with the first
 * eight bytes, big endian, of SHA-256 over seed, a zero byte and name. Looks random to a program, and is no secret.
 *
 * <p>Not thread-safe. How the bytes are asked for makes no difference to what they are.
 */
final class RandomStream {
    private final SplittableRandom numbers;
    /** The last number, of which so many bytes are left. */
    private long number;

    private int left;

    RandomStream(String seed, String name) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest((seed + "\0" + name).getBytes(UTF_8));
            this.numbers = new SplittableRandom(ByteBuffer.wrap(digest).getLong());
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }

    /** Fills {@code to} with the next bytes. */
    void fill(MemorySegment to) {
        long at = 0;
        long size = to.byteSize();
        while (at < size) {
            if (left == 0) {
                for (; size - at >= Long.BYTES; at += Long.BYTES) {
                    to.set(JAVA_LONG_UNALIGNED, at, numbers.nextLong());
                }
                if (at == size) {
                    return;
                }
                number = numbers.nextLong();
                left = Long.BYTES;
            }
            to.set(JAVA_BYTE, at++, (byte) number);
            number >>>= Byte.SIZE;
            left--;
        }
    }
}
