package nurse.helper.layers;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What a JVM reads of its JDK while it runs. Debian's JDK has links in its configuration, to files below /etc. */
final class JavaFiles {
    /** Where a class library of a running JVM reads settings: java.security, net.properties. */
    private static final List<String> SETTINGS = List.of("conf", "conf/security");

    private JavaFiles() {}

    /** The JDK's directory, and each file or directory outside of it that a link of its settings leads to. */
    static Set<String> of(Path home) {
        Set<String> files = new LinkedHashSet<>();
        files.add(home.toString());
        for (String part : SETTINGS) {
            addWhatLeadsOut(home, home.resolve(part), files);
        }
        return files;
    }

    private static void addWhatLeadsOut(Path home, Path directory, Set<String> files) {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            addIfOutside(home, directory, files);
            for (Path entry : entries) {
                if (Files.isSymbolicLink(entry)) {
                    addIfOutside(home, entry, files);
                }
            }
        } catch (IOException noSuchSettings) {
            // what cannot be listed is not read either
        }
    }

    private static void addIfOutside(Path home, Path path, Set<String> files) {
        try {
            Path real = path.toRealPath();
            if (!real.startsWith(home.toRealPath())) {
                files.add(real.toString());
            }
        } catch (IOException linkToNowhere) {
            // there is nothing to read
        }
    }
}
