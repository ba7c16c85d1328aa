package nurse.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** How the product is started. */
public final class Commands {
    private static final Path CHECKOUT = Path.of(System.getProperty("nurse.checkout", "."));

    private Commands() {}

    /** The java that this runs on. */
    public static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /** The jar, with a helper of its own in its own process. */
    public static List<String> nurse() {
        return List.of("/usr/bin/env", "NURSE_RESIDENT=no", java(), "-jar", jar().toString());
    }

    /** The native client, which has a resident helper do the work. */
    public static Optional<Path> client() {
        Path client = CHECKOUT.resolve("nurse-cli/target/nurse");
        return Files.isExecutable(client) ? Optional.of(client) : Optional.empty();
    }

    public static Path jar() {
        return CHECKOUT.resolve("nurse-cli/target/nurse-cli.jar");
    }

    public static Path checkout() {
        return CHECKOUT;
    }
}
