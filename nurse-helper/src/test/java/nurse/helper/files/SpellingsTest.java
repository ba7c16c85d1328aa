package nurse.helper.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import nurse.ffm.Kernel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpellingsTest {
    /** As names come: one char a byte. */
    private static String bytes(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    @ParameterizedTest
    @CsvSource({
        "private, PRIVATE",
        "private, private.",
        "private, 'Private  '",
        "stra\u00dfe, STRASSE",
        "caf\u00e9, cafe\u0301",
        ".git, .g\u200cit",
        "\u03c3, \u03c2"
    })
    void namesThatDifferInWhatSuchFileSystemsIgnoreAreOne(String one, String other) {
        assertThat(Spellings.folds(bytes(one), bytes(other))).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"private, privat", "private, .private", "a b, ab", "caf\u00e9, cafe", "\u00ff, \u00fe"})
    void otherNamesAreTwo(String one, String other) {
        assertThat(Spellings.folds(bytes(one), bytes(other))).isFalse();
    }

    @Test
    void bytesThatAreNoUtf8AreNames() {
        assertThat(Spellings.folds("\u00ff", "\u00ff")).isTrue();
        assertThat(Spellings.folds("\u00ffa", "\u00ffb")).isFalse();
    }

    /** What tests are run on heeds case; where it is ignored PartsIT shows. */
    @Test
    void whereCaseMattersTwoSpellingsAreTwoEntries(@TempDir Path directory) throws Exception {
        Files.writeString(directory.resolve("private"), "");
        Files.createLink(directory.resolve("second"), directory.resolve("private"));
        try (Kernel kernel = new Kernel();
                View view = View.of(kernel, "/", "/")) {
            Spellings spellings = new Spellings(kernel, view);
            String name = directory.toRealPath().toString();
            for (String other : List.of("PRIVATE", "second", "new")) {
                assertThat(spellings.sameEntry(name, other, List.of("private"))).isNull();
            }
        }
    }
}
