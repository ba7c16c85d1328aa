package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import nurse.cli.Jar.Result;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** System calls made around the C library: src/test/native/direct/direct.c. */
class DirectCallsIT {
    private static final Path SOURCE =
            Path.of("src/test/native/direct/direct.c").toAbsolutePath();
    private static final boolean STRICT = Jar.LOCK.equals("strict");
    private static final String MEDIATED = "pid right, secret refused\n";

    private final Path directory = Jar.directory();

    @BeforeEach
    void compile() {
        Jar.compile(directory, SOURCE, "-o", "direct");
    }

    @Test
    void callsOfTheLibraryAreTheTwin() {
        assertThat(Jar.runOnHost(directory, "./direct", "libc").out()).isEqualTo(MEDIATED);
        assertThat(Jar.runOnHost(directory, "--read", "/etc/shadow", "./direct", "libc")
                        .out())
                .isEqualTo("pid right, secret opened\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"int80", "vdso"})
    void aDirectCallReachesThePolicyUnderTrapAndKillsUnderStrict(String way) {
        Result refused = Jar.runOnHost(directory, "./direct", way);
        Result allowed = Jar.runOnHost(directory, "--read", "/etc/shadow", "./direct", way);
        if (STRICT) {
            assertThat(refused.status()).isEqualTo(137);
            assertThat(refused.err()).contains("SECCOMP", "such calls are in 'direct'", "--lock trap");
            assertThat(allowed.status()).isEqualTo(137);
        } else {
            assertThat(refused.out()).isEqualTo(MEDIATED);
            assertThat(refused.status()).isEqualTo(9);
            assertThat(allowed.out()).isEqualTo(way.equals("vdso") ? MEDIATED : "pid right, secret opened\n");
        }
    }

    /** sigaltstack(2) is answered for the stack that the program is on, although the gate is on another one then. */
    @ParameterizedTest
    @ValueSource(strings = {"stack-libc", "stack-int80"})
    void theAlternateStackIsTheSameInsideAsOutside(String way) {
        Result outside =
                Jar.execute(directory, new byte[0], List.of("./direct", way)).succeeded();
        Result inside = Jar.runOnHost(directory, "./direct", way);
        assertThat(outside.out()).contains("in the handler: 0, stack 0, flags 1", "changed in the handler: -1\n");
        if (STRICT && way.equals("stack-int80")) {
            assertThat(inside.status()).isEqualTo(137);
        } else {
            assertThat(inside.out()).isEqualTo(outside.out());
            assertThat(inside.status()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"far", "x32"})
    void a64BitCallKills(String way) {
        Result result = Jar.runOnHost(directory, "./direct", way);
        assertThat(result.status()).isEqualTo(STRICT ? 137 : 159);
        assertThat(result.err()).contains("SECCOMP");
        assertThat(result.out()).isEmpty();
    }
}
