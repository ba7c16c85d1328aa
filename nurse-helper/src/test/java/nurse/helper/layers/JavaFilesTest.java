package nurse.helper.layers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JavaFilesTest {
    @TempDir
    private Path directory;

    private Path home;
    private Path etc;

    @BeforeEach
    void makeAJdk() throws IOException {
        directory = directory.toRealPath();
        home = Files.createDirectories(directory.resolve("jdk"));
        etc = Files.createDirectories(directory.resolve("etc/security"));
        Files.writeString(etc.resolve("java.security"), "");
        Files.writeString(etc.resolve("other"), "");
    }

    /** As in Debian: conf/security/java.security is a link to /etc/java-25-openjdk/security/java.security. */
    @Test
    void aFileThatTheSettingsLinkToIsReadAndNotItsNeighbours() throws IOException {
        Path security = Files.createDirectories(home.resolve("conf/security"));
        Files.createSymbolicLink(security.resolve("java.security"), etc.resolve("java.security"));

        assertThat(JavaFiles.of(home))
                .containsExactly(home.toString(), etc.resolve("java.security").toString());
    }

    @Test
    void aDirectoryOfSettingsThatIsALinkIsRead() throws IOException {
        Files.createSymbolicLink(home.resolve("conf"), directory.resolve("etc"));

        assertThat(JavaFiles.of(home)).containsExactly(home.toString(), directory + "/etc", etc.toString());
    }

    @Test
    void aJdkWithoutLinksToTheOutsideIsReadAlone() throws IOException {
        Path security = Files.createDirectories(home.resolve("conf/security"));
        Files.writeString(security.resolve("java.security"), "");
        Files.createSymbolicLink(security.resolve("inside"), security.resolve("java.security"));
        Files.createSymbolicLink(security.resolve("nowhere"), directory.resolve("nothing"));

        assertThat(JavaFiles.of(home)).containsExactly(home.toString());
    }
}
