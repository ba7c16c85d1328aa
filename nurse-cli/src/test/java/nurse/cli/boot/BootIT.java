package nurse.cli.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The finished jar, started with the java of this test and with an older one of this machine, where there is one. */
class BootIT {
    private static final Path JVMS = Path.of("/usr/lib/jvm");

    @TempDir
    private Path directory;

    @Test
    void thisJavaRunsTheJarWithoutAWordOfItsOwn() throws Exception {
        assertRuns(Path.of(System.getProperty("java.home"), "bin/java"));
    }

    @Test
    void anOlderJavaGoesOnWithANewerOneWithoutAWordOfItsOwn() throws Exception {
        assertRuns(olderJava());
    }

    @Test
    void theExitStatusOfTheNewerJavaIsHandedOn() throws Exception {
        Path java = olderJava();

        assertThat(run(java, Map.of(), "no-such-command").status()).isEqualTo(2);
    }

    /** Without the library that it would become the newer one by, it is the newer one's parent. */
    @Test
    void anOlderJavaGoesOnWithoutALibraryBesideTheJar() throws Exception {
        Path java = olderJava();
        Path copy = Files.copy(Path.of(System.getProperty("nurse.jar")), directory.resolve("nurse-cli.jar"));

        Outcome outcome = run(java, copy, Map.of(), "--version");

        assertThat(outcome.err()).isEmpty();
        assertThat(outcome.out())
                .isEqualTo(run(java, Map.of(), "--version").out())
                .isNotBlank();
        assertThat(run(java, copy, Map.of(), "no-such-command").status()).isEqualTo(2);
    }

    @Test
    void aNewerJavaThatCannotBeStartedIsNamed() throws Exception {
        Path broken = Files.createDirectories(directory.resolve("broken/bin")).getParent();
        Files.writeString(broken.resolve("release"), "JAVA_VERSION=\"99\"\n");
        Files.writeString(broken.resolve("bin/java"), "#!/no/such/interpreter\n");
        assertThat(broken.resolve("bin/java").toFile().setExecutable(true)).isTrue();

        Outcome outcome = run(olderJava(), Map.of("NURSE_JAVA_HOME", broken.toString()), "--version");

        assertThat(outcome.status()).isEqualTo(125);
        assertThat(outcome.err())
                .startsWith("nurse: cannot start " + broken + "/bin/java\n  why: ")
                .contains("\n  do:  set NURSE_JAVA_HOME");
    }

    private void assertRuns(Path java) throws Exception {
        Outcome outcome = run(java, Map.of(), "--version");

        assertThat(outcome.err()).isEmpty();
        assertThat(outcome.out()).isNotBlank();
        assertThat(outcome.status()).isZero();
    }

    private Outcome run(Path java, Map<String, String> environment, String... args) throws Exception {
        return run(java, Path.of(System.getProperty("nurse.jar")), environment, args);
    }

    private Outcome run(Path java, Path jar, Map<String, String> environment, String... args) throws Exception {
        Path out = directory.resolve("out");
        Path err = directory.resolve("err");
        ProcessBuilder builder =
                new ProcessBuilder(Stream.concat(Stream.of(java.toString(), "-jar", jar.toString()), Stream.of(args))
                        .toList());
        builder.environment().keySet().removeAll(List.of("JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS"));
        builder.environment().putAll(environment);
        int status = builder.redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start()
                .waitFor();
        return new Outcome(
                status, Files.readString(out, StandardCharsets.UTF_8), Files.readString(err, StandardCharsets.UTF_8));
    }

    private static Path olderJava() throws IOException {
        Optional<Path> older;
        try (Stream<Path> homes = Files.list(JVMS)) {
            older = homes.filter(home -> feature(home) >= 11 && feature(home) < Boot.NEEDED)
                    .map(home -> home.resolve("bin/java"))
                    .filter(Files::isExecutable)
                    .findFirst();
        }
        assumeTrue(older.isPresent(), "no Java of version 11 to 21 in " + JVMS);
        return older.get();
    }

    private static int feature(Path home) {
        Properties release = new Properties();
        try (var reader = Files.newBufferedReader(home.resolve("release"))) {
            release.load(reader);
        } catch (IOException none) {
            return 0;
        }
        return Integer.parseInt(release.getProperty("JAVA_VERSION", "0").replaceAll("\"|[.].*", ""));
    }

    private record Outcome(int status, String out, String err) {}
}
