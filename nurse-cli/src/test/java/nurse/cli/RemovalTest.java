package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import nurse.ffm.Kernel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RemovalTest {
    private static final int OPEN = Kernel.O_RDONLY | Kernel.O_DIRECTORY | Kernel.O_CLOEXEC;

    @TempDir
    Path directory;

    private final Kernel kernel = new Kernel();

    private void remove(String name) {
        int parent = kernel.openat(Kernel.AT_FDCWD, directory.toString(), OPEN, 0);
        Removal.remove(kernel, parent, name, "moved");
        kernel.close(parent);
    }

    /** Deeper than this process may have descriptors, or its thread frames on its stack. */
    @Test
    void aTreeOfAnyDepthIsRemovedWithAFewDescriptors() throws Exception {
        int depth = 25_000;
        int at = kernel.openat(Kernel.AT_FDCWD, directory.toString(), OPEN, 0);
        for (int i = 0; i < depth; i++) {
            assertThat(kernel.mkdirat(at, "d", 0700)).isZero();
            int below = kernel.openat(at, "d", OPEN, 0);
            kernel.close(at);
            at = below;
        }
        int free = kernel.dup(at);
        kernel.close(free);
        remove("d");
        assertThat(directory.resolve("d")).doesNotExist();
        assertThat(kernel.dup(at)).as("the lowest free number").isEqualTo(free);
        kernel.close(free);
        kernel.close(at);
    }

    @Test
    void allThatIsInItGoesAndNothingThatALinkLeadsTo() throws Exception {
        Path outside = Files.writeString(directory.resolve("outside"), "stays");
        Path top = Files.createDirectory(directory.resolve("top"));
        for (int i = 0; i < 3000; i++) {
            Files.createFile(top.resolve("file with a name that is not short " + i));
        }
        Path below = Files.createDirectories(top.resolve("a/b/c"));
        Files.createSymbolicLink(below.resolve("link"), directory);
        Files.createSymbolicLink(top.resolve("link"), outside);
        Files.createLink(below.resolve("hard"), outside);
        Files.createDirectories(top.resolve("moved0/moved0/moved1")); // the names that it moves to
        Files.createDirectories(top.resolve("moved1"));
        remove("top");
        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left).containsExactly(outside);
        }
        assertThat(outside).hasContent("stays");
    }

    @Test
    void aLinkInItsPlaceIsNotFollowed() throws Exception {
        Path kept = Files.createDirectories(directory.resolve("kept/below"));
        Files.createSymbolicLink(directory.resolve("link"), directory.resolve("kept"));
        remove("link");
        assertThat(kept).isDirectory();
    }
}
