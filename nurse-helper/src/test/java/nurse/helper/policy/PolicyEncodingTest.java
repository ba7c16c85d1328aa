package nurse.helper.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyEncodingTest {
    private static PolicyProblem problem(String bytes) {
        PolicyException wrong =
                catchThrowableOfType(PolicyException.class, () -> PolicyEncoding.decoded(bytes, "p\u001b.toml"));
        assertThat(wrong.problems()).hasSize(1);
        return wrong.problems().get(0);
    }

    static Stream<Arguments> malformed() {
        return Stream.of(
                Arguments.of("\u00ff", "1:1", "\\xff"),
                Arguments.of("version = 1\n[files]\ndeny = [\"\u00ff\"]\n", "3:10", "\\xff"),
                Arguments.of("# \u00c3\u00b6\u00f0\u009f\u0098\u0080 \u00e9\n", "1:6", "\\xe9"), // a column a character
                Arguments.of("\r\na\u0080", "2:2", "\\x80"),
                Arguments.of("\u00c0\u00af", "1:1", "\\xc0"), // overlong
                Arguments.of("\u00ed\u00a0\u0080", "1:1", "\\xed"), // a surrogate
                Arguments.of("\u00f4\u0090\u0080\u0080", "1:1", "\\xf4"), // beyond U+10FFFF
                Arguments.of("a\u00c3", "1:2", "\\xc3"), // cut off
                Arguments.of("\u00ff\u00fev\0", "1:1", "\\xff")); // UTF-16
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void aByteThatIsNoUtf8IsAnErrorAtItsPlace(String bytes, String place, String shown) {
        assertThat(problem(bytes).where()).isEqualTo("p\\x1b.toml:" + place);
        assertThat(problem(bytes).what()).isEqualTo("the byte " + shown + " is no UTF-8");
    }

    @Test
    void aByteOrderMarkIsAnErrorThatSaysSo() {
        assertThat(problem("\u00ef\u00bb\u00bfversion = 1").toString()).contains(":1:1: ", "byte order mark");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "version = 1\n",
                "\u00c3\u00b6",
                "\u00f0\u009f\u0098\u0080",
                "a\u00ef\u00bb\u00bf",
                "\u00f4\u008f\u00bf\u00bf\0"
            })
    void aTextIsWhatItsBytesSay(String bytes) throws PolicyException {
        assertThat(PolicyDocument.bytes(PolicyEncoding.decoded(bytes, "p.toml")))
                .isEqualTo(bytes);
        assertThat(PolicyEncoding.isText(bytes)).isTrue();
    }
}
