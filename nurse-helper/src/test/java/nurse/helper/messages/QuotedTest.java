package nurse.helper.messages;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QuotedTest {
    private static String quoted(String text) {
        return Quoted.of(new String(text.getBytes(UTF_8), ISO_8859_1));
    }

    @Test
    void visibleTextIsShownAsItIs() {
        assertThat(quoted("/usr/share/Größe 日本語 😀")).isEqualTo("'/usr/share/Größe 日本語 😀'");
        assertThat(quoted("")).isEqualTo("''");
    }

    @Test
    void controlCharactersAreEscaped() {
        assertThat(quoted("a\u001b[2Jb\n\r\t\u0000\u007f")).isEqualTo("'a\\x1b[2Jb\\n\\r\\t\\x00\\x7f'");
        assertThat(quoted("\u0085\u009b")).isEqualTo("'\\u{85}\\u{9b}'");
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                0x202e,
                0x2066,
                0x200f,
                0x061c, // bidirectional
                0x200b,
                0x200d,
                0x2060,
                0xfeff,
                0x00ad,
                0xe0041, // zero-width
                0x2028,
                0x2029,
                0x00a0,
                0x3000, // separators
                0x115f,
                0x3164,
                0xfe0f,
                0x2800, // letters and symbols drawn as nothing
                0xe000,
                0xffff,
                0x10ffff // no characters
            })
    void whatCannotBeSeenIsEscaped(int character) {
        assertThat(quoted("a" + Character.toString(character) + "b"))
                .isEqualTo("'a\\u{" + Integer.toHexString(character) + "}b'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u00ff", "\u00c0\u00af", "\u00ed\u00a0\u0080", "\u00e2\u0082", "\u00f4\u0090\u0080\u0080"})
    void malformedUtf8IsShownByteByByte(String bytes) {
        StringBuilder expected = new StringBuilder("'a");
        bytes.chars().forEach(b -> expected.append("\\x").append(Integer.toHexString(b)));
        assertThat(Quoted.of("a" + bytes + "z")).isEqualTo(expected.append("z'").toString());
    }

    @Test
    void aTruncatedSequenceAtTheEndIsShown() {
        assertThat(Quoted.of("a\u00e2\u0082")).isEqualTo("'a\\xe2\\x82'");
    }

    @Test
    void quoteAndBackslashCannotBeForged() {
        assertThat(quoted("a' b\\n")).isEqualTo("'a\\' b\\\\n'");
    }

    @Test
    void whatIsNoByteIsEscaped() {
        assertThat(Quoted.of("a日b")).isEqualTo("'a\\u{65e5}b'");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void differentBytesNeverLookTheSame(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Map<String, String> seen = new HashMap<>();
        for (int i = 0; i < 20_000; i++) {
            StringBuilder bytes = new StringBuilder();
            for (int n = random.nextInt(6); n > 0; n--) {
                bytes.append("\\x1b'\u00c3\u00a9\n\u00e2\u0080\u00aeu{}85".charAt(random.nextInt(16)));
            }
            String before = seen.put(Quoted.of(bytes.toString()), bytes.toString());
            assertThat(before == null || before.contentEquals(bytes)).isTrue();
        }
    }
}
