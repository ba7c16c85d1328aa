package nurse.ffm;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * What this process has open, by the kernel's names for it: the JVM opens files of its own at any time, so that neither how many
 * there are nor which number is free says what a test left open.
 */
final class OpenFiles {
    private OpenFiles() {}

    /** How many descriptors are of a file whose name, as /proc/self/fd has it, begins so. */
    static int of(String name) throws IOException {
        int count = 0;
        try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path fd : all) {
                try {
                    count += Files.readSymbolicLink(fd).toString().startsWith(name) ? 1 : 0;
                } catch (NoSuchFileException closedMeanwhile) {
                    // one of the JVM's, or the one by which the directory was read
                }
            }
        }
        return count;
    }

    /** The kernel's name for what a descriptor is of. */
    static String name(int fd) throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd)).toString();
    }
}
