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
        assertThat(directory).isDirectoryNotContaining("glob:**/.nurse-*").isDirectoryContaining("glob:**/link");
    }

    /** As root: an ordinary user's file is the user's own anyway. */
    @Test
    void anOldOneKeepsItsOwner() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "before");
        boolean isRoot = Files.getAttribute(file, "unix:uid").equals(0);
        int owner = isRoot ? 65534 : (int) Files.getAttribute(file, "unix:uid");
        if (isRoot) {
            Files.setAttribute(file, "unix:uid", owner);
            Files.setAttribute(file, "unix:gid", owner);
        }
        assertThat(write("file", "after")).isZero();
        assertThat(file).hasContent("after");
        assertThat(Files.getAttribute(file, "unix:uid")).isEqualTo(owner);
        assertThat(write("other", "new")).isZero(); // the twin: what is new is whose who made it
        assertThat(Files.getAttribute(directory.resolve("other"), "unix:uid"))
                .isEqualTo(Files.getAttribute(directory, "unix:uid"));
    }

    @Test
    void whatCannotBeWrittenIsAsItWas() throws Exception {
        Path inner =
                Files.writeString(Files.createDirectory(directory.resolve("d")).resolve("f"), "before");
        assertThat(write("d", "after")).isEqualTo(-Errno.EISDIR);
        assertThat(inner).hasContent("before");
        assertThat(directory).isDirectoryNotContaining("glob:**/.nurse-*");
        assertThat(write("none/file", "after")).isEqualTo(-Errno.ENOENT);
    }
}
