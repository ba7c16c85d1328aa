package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What ./setup says and does before it downloads anything. It runs in a copy of the checkout's scripts; programs of this test
 * stand in for those that look at the machine or change it, and write down how they are called.
 */
class SetupIT {
    private static final Path CHECKOUT = Path.of("..").toAbsolutePath().normalize();
    private static final String PLACES = "nurse-native/src/main/native/include/java_places.h";

    @TempDir
    private Path directory;

    private Path jdks;

    @BeforeEach
    void copyTheScripts() throws IOException {
        jdks = Files.createDirectories(directory.resolve("jdks"));
        for (String script : List.of("setup", "bin/steps", "bin/find-jdk")) {
            Path copy = directory.resolve(script);
            Files.createDirectories(copy.getParent());
            Files.copy(CHECKOUT.resolve(script), copy);
        }
        Files.createDirectories(directory.resolve(PLACES).getParent());
        Files.writeString(directory.resolve(PLACES), "JAVA_NEEDED(22)\nJAVA_BELOW(\"" + jdks + "\")\n");
        program("fakes/uname", "case $* in -r) echo 6.12.3-amd64 ;; *) echo Linux x86_64 ;; esac");
        program("fakes/dpkg-query", "printf installed");
        program("fakes/apt-cache", """
                case $* in
                    pkgnames) printf 'openjdk-%s-jdk-headless\\n' 17 21 25 ;;
                    policy) echo ' 500 http://deb.debian.org/debian trixie/main amd64 Packages' ;;
                    *) echo '  Candidate: 1.0' ;;
                esac""");
        for (String name : List.of("fakes/apt-get", "fakes/mvn", "fakes/sudo", "bin/make-i386-tree")) {
            program(name, "echo \"${0##*/} $*\" >>" + directory + "/calls\n");
        }
        program("fakes/sudo", "[ \"$1\" = -n ] || exec \"$@\"");
    }

    @Test
    void aMachineThatHasAllIsOnlyBuiltOn() throws IOException {
        jdk("25");

        setup().succeeded();

        assertThat(calls()).containsExactly("make-i386-tree ", "mvn -B -DskipTests package");
    }

    @Test
    void aKernelThatIsTooOldIsNamedBeforeAnythingIsDownloaded() throws IOException {
        jdk("25");
        program("fakes/uname", "case $* in -r) echo 6.1.0-40-amd64 ;; *) echo Linux x86_64 ;; esac");

        Jar.Result result = setup();

        assertThat(result.status()).isEqualTo(1);
        assertThat(result.err()).contains("Linux 6.1.0-40-amd64", "needs Linux 6.6", "backports");
        assertThat(calls()).isEmpty();
    }

    @Test
    void aMachineThatNoNewJdkIsToBeHadForIsToldBeforeAnythingIsDownloaded() throws IOException {
        jdk("21");
        program(
                "fakes/apt-cache",
                "case $* in pkgnames) echo openjdk-17-jdk-headless ;; *) echo 'Packages Candidate: 1' ;; esac");

        Jar.Result result = setup();

        assertThat(result.status()).isEqualTo(1);
        assertThat(result.err()).contains("there is no JDK 22 or newer", "/usr/lib/jvm");
        assertThat(calls()).isEmpty();
    }

    @Test
    void theNewestJdkOfTheDistributionIsInstalledWhereThereIsNone() throws IOException {
        program(
                "fakes/apt-get",
                "echo \"apt-get $*\" >>" + directory + "/calls\n"
                        + "case $* in *assume-no*) ;; *install*) mkdir -p " + jdks + "/new/bin; printf '#!/bin/sh\\n' >"
                        + jdks + "/new/bin/javac; chmod 755 " + jdks + "/new/bin/javac; echo 'JAVA_VERSION=\"25\"' >"
                        + jdks + "/new/release ;; esac");

        setup().succeeded();

        assertThat(calls())
                .contains("apt-get -qy --no-install-recommends install openjdk-25-jdk-headless")
                .last()
                .isEqualTo("mvn -B -DskipTests package");
    }

    @Test
    void whatOnlyTestsNeedIsInstalledForThem() throws IOException {
        jdk("25");
        program("fakes/dpkg-query", "case $* in *python3) ;; *) printf installed ;; esac");

        setup("--tests").succeeded();

        assertThat(calls()).contains("apt-get -qy --no-install-recommends install python3", "make-i386-tree --tests");
        Files.delete(directory.resolve("calls"));
        setup().succeeded();
        assertThat(calls()).noneMatch(call -> call.contains("python3"));
    }

    @Test
    void helpInstallsNothing() throws IOException {
        Jar.Result result = setup("--help").succeeded();

        assertThat(result.out()).contains("usage: ./setup [--tests]", "6.6");
        assertThat(calls()).isEmpty();
    }

    @Test
    void anUnknownOptionInstallsNothing() throws IOException {
        assertThat(setup("--test").status()).isEqualTo(2);
        assertThat(calls()).isEmpty();
    }

    @Test
    void ciRunsTheTestCommandOfTheReadme() throws IOException {
        List<String> readme = Files.readAllLines(CHECKOUT.resolve("README.md"));

        assertThat(readme)
                .filteredOn(line -> line.contains("mvn verify"))
                .first()
                .isEqualTo(Files.readAllLines(CHECKOUT.resolve(".ci/run")).getLast());
    }

    private Jar.Result setup(String... arguments) {
        List<String> command = new ArrayList<>(List.of("env", "-i", "HOME=/nowhere"));
        command.addAll(List.of("PATH=" + directory + "/fakes:/usr/bin:/bin", "./setup"));
        command.addAll(List.of(arguments));
        return Jar.execute(directory, new byte[0], command);
    }

    private List<String> calls() throws IOException {
        Path calls = directory.resolve("calls");
        return Files.exists(calls) ? Files.readAllLines(calls) : List.of();
    }

    private void program(String name, String text) throws IOException {
        Path program = directory.resolve(name);
        Files.createDirectories(program.getParent());
        Files.writeString(program, "#!/bin/sh\n" + text + "\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private void jdk(String version) throws IOException {
        program("jdks/jdk-" + version + "/bin/javac", "");
        Files.writeString(jdks.resolve("jdk-" + version + "/release"), "JAVA_VERSION=\"" + version + "\"\n");
    }
}
