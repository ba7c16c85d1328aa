package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Texts that people see, kept in src/test/resources/golden: a change of one is seen in the change that makes it. {@code
 * -Dnurse.golden=write} writes them anew; read what changed before committing it.
 */
final class Golden {
    private static final Path DIRECTORY = Path.of("src/test/resources/golden");

    private Golden() {}

    static void check(String name, String text) {
        Path file = DIRECTORY.resolve(name);
        try {
            if ("write".equals(System.getProperty("nurse.golden"))) {
                Files.createDirectories(DIRECTORY);
                Files.writeString(file, text);
            }
            assertThat(file).as("mvn -Dnurse.golden=write makes it").exists();
            assertThat(text)
                    .as("%s; if it is meant, -Dnurse.golden=write", file)
                    .isEqualTo(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
