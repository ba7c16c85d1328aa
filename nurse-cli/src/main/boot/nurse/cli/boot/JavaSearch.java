package nurse.cli.boot;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/**
 * The newest Java of this machine that is new enough, found by the {@code release} files that JDKs carry, so that none
 * has to be started to be asked. Not thread-safe.
 */
final class JavaSearch {
    private static final String EXPLICIT = "NURSE_JAVA_HOME";

    private final int needed;
    private final List<String> looked = new ArrayList<>();
    private Path best;
    private Runtime.Version bestVersion;

    private JavaSearch(int needed) {
        this.needed = needed;
    }

    /** Looks where Java is usually installed, and first of all where the user says. */
    static JavaSearch ofThisMachine(int needed) {
        return of(needed, System.getenv(), List.of(Path.of("/usr/lib/jvm"), Path.of("/opt")));
    }

    /** A Java at NURSE_JAVA_HOME that is new enough is taken, whatever else there is; else the newest of all. */
    static JavaSearch of(int needed, Map<String, String> environment, List<Path> parents) {
        JavaSearch search = new JavaSearch(needed);
        search.lookAtVariable(EXPLICIT, environment);
        if (search.best == null) {
            search.lookAtVariable("JAVA_HOME", environment);
            parents.forEach(search::lookBelow);
        }
        return search;
    }

    /** The {@code bin/java} that was found. */
    Optional<Path> java() {
        return Optional.ofNullable(best);
    }

    /** Where was looked, with what was found there, for the message to the user. */
    List<String> looked() {
        return Collections.unmodifiableList(looked);
    }

    private void lookAtVariable(String name, Map<String, String> environment) {
        String value = environment.get(name);
        if (value == null || value.isEmpty()) {
            looked.add(name + " (not set)");
            return;
        }
        looked.add(name + "=" + value + " (" + lookAt(Path.of(value)) + ")");
    }

    private void lookBelow(Path parent) {
        List<String> found = new ArrayList<>();
        try (DirectoryStream<Path> homes = Files.newDirectoryStream(parent)) {
            for (Path home : homes) {
                // Debian's shorter names for the same JDK are symbolic links
                if (!Files.isSymbolicLink(home) && Files.exists(home.resolve("release"))) {
                    found.add(home.getFileName() + ": " + lookAt(home));
                }
            }
        } catch (IOException unreadable) {
            // as good as empty: the message says that nothing was found there
        }
        Collections.sort(found);
        looked.add(parent + "/* (" + (found.isEmpty() ? "nothing" : String.join("; ", found)) + ")");
    }

    /** Remembers it if it is the best so far; says in any case what it is. */
    private String lookAt(Path home) {
        Path java = home.resolve("bin/java");
        Properties release = new Properties();
        try (Reader reader = Files.newBufferedReader(home.resolve("release"))) {
            release.load(reader);
        } catch (IOException | IllegalArgumentException unreadable) {
            return "no JDK, it has no readable file named release";
        }
        String name = unquoted(release.getProperty("JAVA_VERSION", ""));
        String architecture = unquoted(release.getProperty("OS_ARCH", "x86_64"));
        Runtime.Version version;
        try {
            version = Runtime.Version.parse(name);
        } catch (IllegalArgumentException oldOrForeign) { // "1.8.0_452" is one
            return "Java " + name;
        }
        if (!architecture.equals("x86_64") && !architecture.equals("amd64")) {
            return "Java " + name + " for " + architecture;
        }
        if (!Files.isExecutable(java)) {
            return "Java " + name + " without bin/java";
        }
        boolean better = bestVersion == null || version.compareTo(bestVersion) > 0;
        if (version.feature() >= needed && better) {
            best = java;
            bestVersion = version;
        }
        return "Java " + name;
    }

    private static String unquoted(String value) {
        return value.replace("\"", "").trim();
    }
}
