package nurse.bench.programs;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import nurse.bench.Commands;

/** The ways to start a run, for a program that does nothing; beside a JVM that does nothing. */
public enum Start {
    JAR("java -jar nurse-cli.jar run", Commands.java(), "-jar", Commands.jar().toString()),
    CLIENT("nurse run", client()),
    JAR_ALONE(
            "java -jar nurse-cli.jar run, no resident helper", Commands.nurse().toArray(String[]::new)),
    CLIENT_ALONE("nurse run, no resident helper", "/usr/bin/env", "NURSE_RESIDENT=no", client());

    private final String title;
    private final List<String> command;

    Start(String title, String... command) {
        this.title = title;
        this.command = List.of(command);
    }

    private static String client() {
        return Commands.client().map(Object::toString).orElse("");
    }

    public String title() {
        return title;
    }

    /** Arguments of measure.c; empty if this build has no client. */
    Optional<List<String>> arguments(Place place) {
        if (Commands.client().isEmpty()) {
            return Optional.empty();
        }
        List<String> all = new ArrayList<>(List.of("/", place.work().toString(), "-"));
        all.addAll(command);
        all.addAll(List.of("run", "--quiet", "--root", place.tree().toString(), "/bin/true"));
        return Optional.of(all);
    }
}
