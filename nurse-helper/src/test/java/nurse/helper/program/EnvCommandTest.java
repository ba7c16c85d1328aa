package nurse.helper.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import nurse.helper.program.EnvCommand.Unsupported;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is expected here is what env of coreutils 9.1 does. */
class EnvCommandTest {
    private static final Map<String, String> VARIABLES = Map.of("A", "one two", "E", "");

    private static EnvCommand parse(String... arguments) throws Unsupported {
        return EnvCommand.parse(Arrays.asList(arguments), VARIABLES);
    }

    @Test
    void aNameIsTakenAsItIs() throws Unsupported {
        assertThat(parse("python3", "./s", "x").command()).containsExactly("python3", "./s", "x");
        assertThat(parse("python3 -u", "./s").command()).containsExactly("python3 -u", "./s");
        assertThat(parse("--", "python3", "./s").command()).containsExactly("python3", "./s");
    }

    static Stream<Arguments> strings() {
        return Stream.of(
                Arguments.of("-S python3 -u", List.of("python3", "-u")),
                Arguments.of("-Spython3", List.of("python3")),
                Arguments.of("--split-string=python3 -u", List.of("python3", "-u")),
                Arguments.of("-S  awk\t-f ", List.of("awk", "-f")),
                Arguments.of("-S sh 'a b' \"c d\"e ''", List.of("sh", "a b", "c de", "")),
                Arguments.of("-S sh a\\_b \"a\\_b\" \\#c a#b", List.of("sh", "a", "b", "a b", "#c", "a#b")),
                Arguments.of("-S sh '\\n\\'' \"\\t\\\"\" \\$x", List.of("sh", "\\n'", "\t\"", "$x")),
                Arguments.of(
                        "-S sh ${A} a${A} '${A}' ${NONE} x${NONE}", List.of("sh", "one two", "aone two", "${A}", "x")),
                Arguments.of("-S sh a #b c", List.of("sh", "a")),
                Arguments.of("-S sh a\\c b", List.of("sh", "a")));
    }

    @ParameterizedTest
    @MethodSource("strings")
    void aStringIsSplitAsEnvSplitsIt(String argument, List<String> words) throws Unsupported {
        List<String> command = parse(argument, "./s").command();
        assertThat(command.subList(0, command.size() - 1)).isEqualTo(words);
        assertThat(command.getLast()).isEqualTo("./s");
    }

    @Test
    void variablesAreSet() throws Unsupported {
        EnvCommand env = parse("-S A=1 B=x=y python3 C=2", "./s");
        assertThat(env.environment()).isEqualTo(Map.of("A", "1", "B", "x=y"));
        assertThat(env.command()).containsExactly("python3", "C=2", "./s");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-i",
                "-S -i sh",
                "-",
                "-S -u A sh",
                "-vS sh",
                "-S sh 'a",
                "-S sh a\\",
                "-S sh $A",
                "-S sh ${A",
                "-S \\z",
                "=x"
            })
    void whatIsNotSupportedIsRefused(String argument) {
        assertThatThrownBy(() -> parse(argument, "./s")).isInstanceOf(Unsupported.class);
    }

    @Test
    void noProgramIsRefused() {
        assertThatThrownBy(() -> parse("A=1")).isInstanceOf(Unsupported.class);
    }
}
