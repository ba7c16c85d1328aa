package nurse.cli.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import nurse.cli.Jar;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * All that look for a JDK find the same one: the build (bin/find-jdk), the jar (JavaSearch), the native client. The JDKs here
 * claim to be newer than any of the machine, and their java and javac say where they lie.
 */
class JdkSearchIT {
    private static final Path JAR = Path.of(System.getProperty("nurse.jar"));
    private static final Path FIND_JDK =
            Path.of("../bin/find-jdk").toAbsolutePath().normalize();

    private Path directory;
    private Path jdks;
    private Map<String, String> environment;

    @BeforeEach
    void makeAHomeAndACopyOfTheClientThatKnowsNoJdk() throws IOException {
        directory = Jar.directory();
        jdks = Files.createDirectories(directory.resolve("home/.jdks"));
        environment = new HashMap<>(Map.of("HOME", directory + "/home"));
        Files.copy(JAR, directory.resolve("nurse-cli.jar"));
        Files.copy(JAR.resolveSibling("nurse"), directory.resolve("nurse"));
    }

    @AfterEach
    void removeTheCopies() throws IOException {
        Files.delete(directory.resolve("nurse-cli.jar"));
    }

    @Test
    void theNewestIsFound() throws IOException {
        jdk(jdks.resolve("a"), "901", "x86_64");
        jdk(jdks.resolve("b"), "902", "x86_64");
        jdk(jdks.resolve("c"), "900", "x86_64");

        allFind(jdks.resolve("b"));
    }

    @Test
    void aLinkIsFound() throws IOException {
        Path target = jdk(directory.resolve("elsewhere"), "901", "x86_64");

        allFind(Files.createSymbolicLink(jdks.resolve("link"), target));
    }

    @Test
    void ofEqualOnesTheFirstByNameIsFound() throws IOException {
        for (String name : List.of("b", "a", "B", "c")) {
            jdk(jdks.resolve(name), "901.0." + (int) name.charAt(0), "x86_64");
        }

        allFind(jdks.resolve("B"));
    }

    @Test
    void oneOfAnotherProcessorIsPassedOver() throws IOException {
        jdk(jdks.resolve("a"), "902", "aarch64");
        jdk(jdks.resolve("b"), "901", "amd64");

        allFind(jdks.resolve("b"));
    }

    @Test
    void theChosenOneIsFoundThoughThereIsANewerOne() throws IOException {
        jdk(jdks.resolve("newer"), "902", "x86_64");
        environment.put(
                "NURSE_JAVA_HOME",
                jdk(directory.resolve("chosen"), "22", "x86_64").toString());

        allFind(directory.resolve("chosen"));
    }

    @Test
    void aChosenOneThatIsTooOldIsPassedOver() throws IOException {
        jdk(jdks.resolve("newer"), "902", "x86_64");
        environment.put(
                "NURSE_JAVA_HOME",
                jdk(directory.resolve("chosen"), "21", "x86_64").toString());

        allFind(jdks.resolve("newer"));
    }

    @Test
    void ofEqualOnesThatOfJavaHomeIsFound() throws IOException {
        jdk(jdks.resolve("a"), "901", "x86_64");
        environment.put(
                "JAVA_HOME", jdk(directory.resolve("usual"), "901", "x86_64").toString());

        allFind(directory.resolve("usual"));
    }

    private void allFind(Path home) throws IOException {
        assertThat(JavaSearch.of(JavaPlaces.read(), environment).java()).contains(home.resolve("bin/java"));
        assertThat(run(FIND_JDK.toString())).isEqualTo(home + "\n");
        assertThat(run("./nurse", "--version")).isEqualTo(home + "/bin/java\n");
    }

    private String run(String... command) {
        List<String> all = new ArrayList<>(List.of("env", "-i", "PATH=/usr/bin:/bin"));
        environment.forEach((name, value) -> all.add(name + "=" + value));
        all.addAll(List.of(command));
        return Jar.execute(directory, new byte[0], all).succeeded().out();
    }

    private static Path jdk(Path home, String version, String processor) throws IOException {
        Path bin = Files.createDirectories(home.resolve("bin"));
        for (String name : List.of("java", "javac")) {
            Path program = Files.writeString(bin.resolve(name), "#!/bin/sh\necho \"$0\"\n");
            Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        Files.writeString(home.resolve("release"), "OS_ARCH=\"" + processor + "\"\nJAVA_VERSION=\"" + version + "\"\n");
        return home;
    }
}
