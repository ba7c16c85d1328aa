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
 * The newest Java of this machine that is new enough, by the rule of {@link JavaPlaces}. It reads the {@code release} files
 * that JDKs carry, so that none has to be started to be asked. Not thread-safe.
 */
final class JavaSearch {
    private final int needed;
    private final List<String> looked = new ArrayList<>();
    private Path best;
    private int bestVersion;

    private JavaSearch(int needed) {
        this.needed = needed;
    }

    static JavaSearch ofThisMachine() throws IOException {
        return of(JavaPlaces.read(), System.getenv());
    }

    static JavaSearch of(JavaPlaces places, Map<String, String> environment) {
        JavaSearch search = new JavaSearch(places.needed());
        for (JavaPlaces.Place place : places.places()) {
            search.lookAtPlace(place, environment);
            if (place.kind() == JavaPlaces.Kind.CHOSEN && search.best != null) {
                break;
            }
        }
        return search;
    }

    int needed() {
        return needed;
    }

    /** The {@code bin/java} that was found. */
    Optional<Path> java() {
        return Optional.ofNullable(best);
    }

    /** Where was looked, with what was found there, for the message to the user. */
    List<String> looked() {
        return Collections.unmodifiableList(looked);
    }

    private void lookAtPlace(JavaPlaces.Place place, Map<String, String> environment) {
        switch (place.kind()) {
            case CHOSEN:
            case VARIABLE:
                lookAtVariable(place.name(), environment);
                break;
            case BELOW:
                lookBelow(Path.of(place.name()));
                break;
            case BELOW_HOME:
                String home = environment.get("HOME");
                if (home != null && !home.isEmpty()) {
                    lookBelow(Path.of(home, place.name()));
                }
                break;
        }
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
        List<Path> homes = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(parent)) {
            entries.forEach(homes::add);
        } catch (IOException unreadable) {
            // as good as empty: the message says that nothing was found there
        }
        Collections.sort(homes);
        List<String> found = new ArrayList<>();
        for (Path home : homes) {
            if (Files.exists(home.resolve("release"))) {
                found.add(home.getFileName() + ": " + lookAt(home));
            }
        }
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
        if (version.feature() >= needed && version.feature() > bestVersion) {
            best = java;
            bestVersion = version.feature();
        }
        return "Java " + name;
    }

    private static String unquoted(String value) {
        return value.replace("\"", "").trim();
    }
}
