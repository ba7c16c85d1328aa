package nurse.bench.programs;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import nurse.bench.Commands;

/** The ways to start a run, for a program that does nothing; beside a JVM that does nothing. */
public enum Start {
    JAR("java -jar nurse-cli.jar run"),
    CLIENT("nurse run"),
    JAR_ALONE("java -jar nurse-cli.jar run, no resident helper"),
    CLIENT_ALONE("nurse run, no resident helper");

    private final String title;

    Start(String title) {
        this.title = title;
    }

    private List<String> command(String client) {
        return switch (this) {
            case JAR -> List.of(Commands.java(), "-jar", Commands.jar().toString());
            case CLIENT -> List.of(client);
            case JAR_ALONE -> Commands.nurse();
            case CLIENT_ALONE -> List.of("/usr/bin/env", "NURSE_RESIDENT=no", client);
        };
    }

    public String title() {
        return title;
    }

    /** Arguments of measure.c; empty if this build has no client. */
    Optional<List<String>> arguments(Place place) {
        return Commands.client().map(client -> {
            List<String> all = new ArrayList<>(List.of("/", place.work().toString(), "-"));
            all.addAll(command(client.toString()));
            all.addAll(List.of("run", "--quiet", "--root", place.tree().toString(), "/bin/true"));
            return all;
        });
    }
}
