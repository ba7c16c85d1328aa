package nurse.helper.random;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class RandomStreamTest {
    private static byte[] bytes(RandomStream stream, int... lengths) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment all = arena.allocate(100);
            int at = 0;
            for (int length : lengths) {
                stream.fill(all.asSlice(at, length));
                at += length;
            }
            return all.asSlice(0, at).toArray(JAVA_BYTE);
        }
    }

    @Test
    void howTheBytesAreAskedForMakesNoDifference() {
        byte[] whole = bytes(new RandomStream("seed", "name"), 64);
        assertThat(bytes(new RandomStream("seed", "name"), 1, 0, 7, 8, 9, 3, 36))
                .isEqualTo(whole);
        assertThat(bytes(new RandomStream("seed", "other"), 64)).isNotEqualTo(whole);
        assertThat(bytes(new RandomStream("other", "name"), 64)).isNotEqualTo(whole);
    }

    /** Computed apart from it (SHA-256, SplitMix64). A JDK with another SplittableRandom would make other runs of the same policy. */
    @Test
    void theBytesAreThoseOfEveryJdk() {
        assertThat(HexFormat.of().formatHex(bytes(new RandomStream("seed", "getrandom"), 8)))
                .isEqualTo("c2e5abfde6c5fca5");
    }
}
