package nurse.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What a program left behind, to compare. */
public final class FileTree {
    private FileTree() {}

    /** Kind, permissions, links and content of all files below by their names. */
    public static Map<String, String> of(Path directory) throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(directory)) {
            all.forEach(path -> files.put(directory.relativize(path).toString(), describe(path)));
        }
        return files;
    }

    private static String describe(Path path) {
        try {
            String mode = Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS)
                    .toString();
            if (Files.isSymbolicLink(path)) {
                return mode + " -> " + Files.readSymbolicLink(path);
            }
            return Files.isRegularFile(path)
                    ? mode + " " + new String(Files.readAllBytes(path), StandardCharsets.ISO_8859_1).hashCode()
                    : mode;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
