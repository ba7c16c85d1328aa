package nurse.helper.program;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is expected here is what Linux 6.18 was seen to do with the same bytes. */
class ScriptTest {
    private static Optional<Script> parse(String content) {
        byte[] bytes = content.getBytes(ISO_8859_1);
        assertThat(Script.is(bytes)).isTrue();
        return Script.parse(Arrays.copyOf(bytes, Math.min(bytes.length, Script.HEAD)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "#!/bin/sh\\n|/bin/sh|null",
                "#!/bin/sh|/bin/sh|null",
                "#! \\t/bin/sh \\t\\necho|/bin/sh|null",
                "#!/bin/sh -e\\n|/bin/sh|-e",
                "#!/bin/sh -e|/bin/sh|-e",
                "#! /bin/sh \\t a b \\t\\n|/bin/sh|a b",
                "#!/bin/sh\\r\\n|/bin/sh\\r|null",
                "#!/bin/sh -e\\r\\n|/bin/sh|-e\\r",
                "#!/bin/sh\\0 b c\\n|/bin/sh|null",
                "#!/bin/sh a\\0b c\\n|/bin/sh|a",
                "#!sh\\n|sh|null",
                "#!/bin/sh |/bin/sh|",
                "#!/bin/sh a |/bin/sh|a ",
            })
    void theFirstLineIsReadAsTheKernelReadsIt(String content, String interpreter, String argument) {
        assertThat(parse(unescape(content)))
                .contains(new Script(
                        unescape(interpreter),
                        "null".equals(argument)
                                ? Optional.empty()
                                : Optional.of(unescape(argument == null ? "" : argument))));
    }

    private static String unescape(String text) {
        return text.replace("\\n", "\n")
                .replace("\\t", "\t")
                .replace("\\r", "\r")
                .replace("\\0", "\0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"#!\n", "#! \t \n", "#!\n/bin/sh\n"})
    void aLineWithoutAnInterpreterIsRefused(String content) {
        assertThat(parse(content)).isEmpty();
    }

    @Test
    void anArgumentIsCutAt256BytesButANameIsNot() {
        assertThat(parse("#!/bin/sh " + "a".repeat(400) + "\n"))
                .contains(new Script("/bin/sh", Optional.of("a".repeat(255 - 10))));
        assertThat(parse("#!/" + "a".repeat(400) + "\n")).isEmpty();
        assertThat(parse("#!/" + "a".repeat(252) + "\n"))
                .map(Script::interpreter)
                .contains("/" + "a".repeat(252));
        assertThat(parse("#!" + " ".repeat(400) + "/bin/sh\n")).isEmpty();
    }
}
