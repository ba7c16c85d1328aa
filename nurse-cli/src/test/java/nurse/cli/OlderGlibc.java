package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** Which glibc a compiled i386 program needs: the host that compiles it may have a newer one than the tree that it runs in. */
final class OlderGlibc {
    static final Path HEADER = Path.of("../nurse-native/src/main/native/include/older_glibc.h")
            .toAbsolutePath()
            .normalize();

    /** Of each dynamic program: __libc_start_main's newest version. Debian 12 has 2.36. */
    static final int NEEDED = 34;

    private static final Pattern VERSION = Pattern.compile("GLIBC_2\\.(\\d+)");

    private OlderGlibc() {}

    /** The minor numbers of the versions of glibc 2 that the file names. */
    static List<Integer> versions(byte[] file) {
        return VERSION.matcher(new String(file, StandardCharsets.ISO_8859_1))
                .results()
                .map(found -> Integer.valueOf(found.group(1)))
                .toList();
    }

    static void assertSuffices(Path program) {
        try {
            assertThat(versions(Files.readAllBytes(program)))
                    .as("the versions of glibc that %s needs: the tree has an older one than this host", program)
                    .allMatch(version -> version <= NEEDED);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
