package nurse.cli.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JavaSearchTest {
    @TempDir
    private Path jvms;

    @Test
    void theNewestIsTakenAndNotTheOneWhoseNameSortsLast() throws IOException {
        jdk("a-jdk", "25.0.1");
        jdk("b-jdk", "9.0.4");
        jdk("c-jdk", "22.0.2");

        assertThat(search(Map.of()).java()).contains(jvms.resolve("a-jdk/bin/java"));
    }

    @Test
    void whatIsTooOldIsNotTaken() throws IOException {
        jdk("jdk-21", "21.0.9");
        jdk("jdk-8", "1.8.0_452");

        assertThat(search(Map.of()).java()).isEmpty();
    }

    @Test
    void exactlyTheNeededOneIsTaken() throws IOException {
        jdk("jdk-22", "22");

        assertThat(search(Map.of()).java()).contains(jvms.resolve("jdk-22/bin/java"));
    }

    @Test
    void whatTheUserNamesIsTakenThoughThereIsANewerOne() throws IOException {
        jdk("jdk-25", "25.0.1");
        Path named = jdk("jdk-23", "23.0.1");

        assertThat(search(Map.of("NURSE_JAVA_HOME", named.toString())).java()).contains(named.resolve("bin/java"));
    }

    @Test
    void whatTheUserNamesIsNotTakenWhenItIsTooOld() throws IOException {
        Path newer = jdk("jdk-25", "25.0.1");
        Path named = jdk("jdk-17", "17.0.15");

        assertThat(search(Map.of("NURSE_JAVA_HOME", named.toString())).java()).contains(newer.resolve("bin/java"));
    }

    @Test
    void aJdkOfAnotherProcessorIsNotTaken() throws IOException {
        Path foreign = jdk("jdk-25", "25.0.1");
        Files.writeString(foreign.resolve("release"), "JAVA_VERSION=\"25.0.1\"\nOS_ARCH=\"aarch64\"\n");

        assertThat(search(Map.of()).java()).isEmpty();
    }

    @Test
    void aDirectoryWithoutAJavaIsNotTaken() throws IOException {
        Path empty = Files.createDirectory(jvms.resolve("jdk-25"));
        Files.writeString(empty.resolve("release"), "JAVA_VERSION=\"25.0.1\"\n");

        assertThat(search(Map.of()).java()).isEmpty();
    }

    @Test
    void theVersionThatIsNeededIsTheSameEverywhere() throws IOException {
        assertThat(Boot.NEEDED).isEqualTo(JavaPlaces.read().needed());
        assertThat(Files.readString(Path.of("../pom.xml")))
                .contains("<maven.compiler.release>" + Boot.NEEDED + "<", "<version>[" + Boot.NEEDED + ",)<");
    }

    @Test
    void aLinkIsAsGoodAsWhatItLeadsTo() throws IOException {
        Path elsewhere = Files.move(
                jdk("jdk-25", "25.0.1"),
                Files.createDirectory(jvms.resolve("far")).resolve("jdk"));
        Path link = Files.createSymbolicLink(jvms.resolve("current"), elsewhere);

        assertThat(search(Map.of()).java()).contains(link.resolve("bin/java"));
    }

    @Test
    void ofEqualOnesTheFirstByNameIsTakenWhateverItsPatch() throws IOException {
        jdk("b", "25.0.2");
        jdk("B", "25.0.1");

        assertThat(search(Map.of()).java()).contains(jvms.resolve("B/bin/java"));
    }

    @Test
    void theMessageSaysWhatIsNeededWhereItLookedAndWhatToDo() throws IOException {
        Path named = jdk("jdk-17", "17.0.15");

        String message = Boot.tooOld(search(Map.of("JAVA_HOME", named.toString())));

        assertThat(message.lines())
                .hasSize(3)
                .satisfiesExactly(
                        what -> assertThat(what).startsWith("nurse: needs Java 22 or newer"),
                        where -> assertThat(where)
                                .contains("NURSE_JAVA_HOME (not set)")
                                .contains("JAVA_HOME=" + named + " (Java 17.0.15)")
                                .contains(jvms + "/* (jdk-17: Java 17.0.15)"),
                        todo -> assertThat(todo).contains("install a JDK 22").contains("NURSE_JAVA_HOME"));
    }

    private JavaSearch search(Map<String, String> environment) {
        return JavaSearch.of(
                JavaPlaces.parse("JAVA_NEEDED(22) /* why */\nJAVA_CHOSEN(\"NURSE_JAVA_HOME\")\n"
                        + "JAVA_VARIABLE(\"JAVA_HOME\")\nJAVA_BELOW(\"" + jvms + "\")\n"
                        + "JAVA_BELOW(\"" + jvms.resolve("missing") + "\")\n"),
                environment);
    }

    private Path jdk(String name, String version) throws IOException {
        Path home = jvms.resolve(name);
        Files.createDirectories(home.resolve("bin"));
        Files.createFile(
                home.resolve("bin/java"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\nOS_ARCH=\"x86_64\"\n");
        return home;
    }
}
