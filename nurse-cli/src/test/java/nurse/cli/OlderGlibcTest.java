package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OlderGlibcTest {
    @TempDir
    private Path directory;

    /** They run in a tree whose glibc may be older than that of the host on which the jar was built. */
    @ParameterizedTest
    @ValueSource(strings = {"attacks", "evil-main"})
    void theProgramsOfNurseAttackNeedNoNewGlibc(String name) throws IOException {
        try (InputStream program = OlderGlibcTest.class.getResourceAsStream("/native/linux-i686/" + name)) {
            assertThat(OlderGlibc.versions(program.readAllBytes()))
                    .contains(OlderGlibc.NEEDED)
                    .allMatch(version -> version <= OlderGlibc.NEEDED);
        }
    }

    @Test
    void aProgramThatNeedsANewerGlibcIsSeen() throws IOException {
        Path program = Files.writeString(directory.resolve("program"), "\0libc.so.6\0GLIBC_2.0\0GLIBC_2.38\0");

        assertThatThrownBy(() -> OlderGlibc.assertSuffices(program)).hasMessageContaining("38");
    }
}
