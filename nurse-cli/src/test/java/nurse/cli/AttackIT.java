package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import nurse.cli.Jar.Result;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Hostile programs, src/test/native/attack: each says at its head what it tries, how it must end, and what its twin is. */
class AttackIT {
    private static final Path SOURCES = Path.of("src/test/native/attack").toAbsolutePath();
    private static final Path LAYOUT =
            Path.of("../nurse-native/src/main/native/include").toAbsolutePath();

    private Path directory;

    @BeforeEach
    void makeVictim() throws Exception {
        directory = Jar.directory();
        Files.writeString(directory.resolve("victim"), "text");
        Files.setPosixFilePermissions(directory.resolve("victim"), PosixFilePermissions.fromString("rw-r--r--"));
    }

    private Result attack(String name, String option, String value, String... arguments) {
        Jar.execute(
                        directory,
                        new byte[0],
                        List.of(
                                "gcc",
                                "-m32",
                                "-O1",
                                "-std=gnu11",
                                "-I" + LAYOUT,
                                "-I" + SOURCES,
                                SOURCES.resolve(name + ".c").toString(),
                                "-o",
                                name))
                .succeeded();
        List<String> run = new ArrayList<>(List.of(option, value, "./" + name));
        run.addAll(List.of(arguments));
        return Jar.runOnHost(directory, run.toArray(String[]::new));
    }

    @ParameterizedTest
    @ValueSource(strings = {"forged_book", "forged_result", "device_node", "memory", "descriptors"})
    void theAttackGetsNothing(String name) throws Exception {
        Result result = attack(name, "--env", "ATTACK=1");
        assertThat(result.status()).as(result.out() + result.err()).isZero();
        assertThat(result.err()).doesNotContain("Exception");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("victim"))))
                .isEqualTo("rw-r--r--");
    }

    @Test
    void aRuleForAllOfProcGivesNobodysMemory() {
        Result result = attack("proc_mem", "--read", "/proc");
        assertThat(result.status()).as(result.out() + result.err()).isZero();
    }

    @Test
    void aDirectoryCannotBeRenamedAwayFromADenialInsideIt() throws Exception {
        Files.createDirectories(directory.resolve("w/x"));
        Files.createDirectories(directory.resolve("w/plain"));
        Files.writeString(directory.resolve("w/x/secret"), "secret");
        Files.writeString(
                directory.resolve("p.toml"), "version = 1\n[files]\nwrite = [\"w\"]\ndeny = [\"w/x/secret\"]\n");
        Result result = attack("rename_denied", "--policy", "p.toml");
        assertThat(result.status()).as(result.out() + result.err()).isZero();
        assertThat(directory.resolve("w/moved")).isDirectory();
    }

    @ParameterizedTest(name = "garbage {0} ends with {1} under strict, {2} under trap")
    @CsvSource({
        "0,0,0",
        "1,0,0",
        "2,137,137",
        "3,137,137",
        "4,0,0",
        "5,137,0",
        "6,7,7",
        "7,137,159",
        "8,139,139",
        "9,0,0"
    })
    void garbageInEveryChannelEndsAsDeclared(String kind, int strict, int trap) {
        int status = Jar.LOCK.equals("strict") ? strict : trap;
        Result result = attack("garbage", "--env", "ATTACK=1", kind);
        assertThat(result.status()).as(result.out() + result.err()).isEqualTo(status);
        assertThat(result.err()).doesNotContain("Exception");
    }
}
