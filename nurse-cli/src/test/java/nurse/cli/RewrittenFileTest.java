package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RewrittenFileTest {
    @TempDir
    private Path directory;

    private int write(String name, String text) {
        try (Kernel kernel = Kernel.confined()) {
            return RewrittenFile.write(
                    kernel, Kernel.AT_FDCWD, directory.resolve(name).toString(), text);
        }
    }

    @Test
    void aNewFileIsMade() {
        assertThat(write("new", "text")).isZero();
        assertThat(directory.resolve("new")).hasContent("text");
    }

    @Test
    void anOldOneKeepsItsPermissionsAndALinkToItStays() throws Exception {
        Path real =
                Files.writeString(Files.createDirectory(directory.resolve("d")).resolve("real"), "before");
        Files.setPosixFilePermissions(real, PosixFilePermissions.fromString("rw-rw----"));
        Files.createSymbolicLink(directory.resolve("link"), Path.of("d/real"));
        assertThat(write("link", "after")).isZero();
        assertThat(directory.resolve("link")).isSymbolicLink();
        assertThat(real).hasContent("after");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(real)))
                .isEqualTo("rw-rw----");
        assertThat(directory).isDirectoryNotContaining("glob:**.new").isDirectoryContaining("glob:**/link");
    }

    @Test
    void whatCannotBeWrittenIsAsItWas() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "before");
        Path held = Files.writeString(directory.resolve("file.new"), "somebody's");
        assertThat(write("file", "after")).isEqualTo(-Errno.EEXIST);
        assertThat(file).hasContent("before");
        assertThat(held).hasContent("somebody's");
        assertThat(write("none/file", "after")).isEqualTo(-Errno.ENOENT);
    }
}
