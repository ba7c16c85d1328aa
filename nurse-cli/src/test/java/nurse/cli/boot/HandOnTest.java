package nurse.cli.boot;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class HandOnTest {
    private static byte[] bytes(String text) {
        return text.getBytes(ISO_8859_1);
    }

    @Test
    void theArgumentsAreHandedOnAsTheBytesThatTheyAre() {
        byte[] line = bytes("java\0-jar\0n.jar\0run\0a b\0\0\u00ff\0");

        assertThat(HandOn.plain(line, 4)).isEqualTo(bytes("run\0a b\0\0\u00ff\0"));
    }

    @Test
    void flagsOfTheJvmKeepTheRunHere() {
        assertThat(HandOn.plain(bytes("java\0-Xmx1g\0-jar\0n.jar\0run\0x\0"), 2))
                .isNull();
        assertThat(HandOn.plain(bytes("java\0-cp\0n.jar\0nurse.cli.boot.Boot\0run\0x\0"), 2))
                .isNull();
        assertThat(HandOn.plain(bytes("java\0-cp\0n.jar\0run\0x\0"), 2)).isNull();
    }

    @Test
    void aCommandLineThatCannotBeReadKeepsTheRunHere() {
        assertThat(HandOn.plain(new byte[0], 1)).isNull();
        assertThat(HandOn.plain(bytes("java\0-jar\0n.jar\0run\0x"), 2)).isNull();
        assertThat(HandOn.last(bytes("run\0"), 2)).isNull();
    }

    @Test
    void theLastStringsAreThoseOfTheCommandWhateverFlagsThereAre() {
        byte[] line = bytes("java\0-Xmx1g\0-jar\0n.jar\0check\0\0");

        assertThat(HandOn.last(line, 2)).isEqualTo(bytes("check\0\0"));
        assertThat(HandOn.last(line, 1)).isEqualTo(bytes("\0"));
        assertThat(HandOn.last(line, 0)).isEmpty();
        assertThat(HandOn.last(line, 6)).isEqualTo(line);
    }

    @Test
    void settingsOfTheJvmKeepTheRunHere() {
        assertThat(HandOn.isWanted(Map.of("HOME", "/"))).isTrue();
        assertThat(HandOn.isWanted(Map.of("JAVA_TOOL_OPTIONS", ""))).isFalse();
        assertThat(HandOn.isWanted(Map.of("LOG4J_CONFIGURATION_FILE", "x"))).isFalse();
    }

    @Test
    void onlyWhatRunsAProgramIsHandedOn() {
        assertThat(HandOn.isRun(new String[] {"trace", "x"})).isTrue();
        assertThat(HandOn.isRun(new String[] {"learn", "x"})).isFalse();
        assertThat(HandOn.isRun(new String[0])).isFalse();
    }
}
