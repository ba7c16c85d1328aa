package nurse.helper.processes;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoaderOriginTest {
    private static final String ORIGIN =
            "/./././././././././././././././."; // sixteen times; here as a constant for the annotation

    private final LoaderOrigin origin = new LoaderOrigin("/opt/app/bin/program", 77);

    @Test
    void whatLdSoMakesOfItsNameLeadsToTheDirectory() {
        assertThat(LoaderOrigin.nameOf("/opt/app/bin/program", 1031)).isEqualTo(ORIGIN.substring(1) + "/1031");
        assertThat(origin.resolve(ORIGIN + "/../lib/libx.so")).isEqualTo("/opt/app/bin/../lib/libx.so");
        assertThat(origin.resolve("/proc/77/fd" + ORIGIN + "/libx.so")).isEqualTo("/opt/app/bin/libx.so");
        assertThat(origin.resolve(ORIGIN)).isEqualTo("/opt/app/bin");
        assertThat(new LoaderOrigin("/program", 77).resolve(ORIGIN + "/libx.so"))
                .isEqualTo("/libx.so");
        assertThat(new LoaderOrigin("/program", 77).resolve(ORIGIN)).isEqualTo("/");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/etc/passwd",
                "/././etc",
                "x",
                "",
                "/proc/77/fd/3",
                "/proc/78/fd" + ORIGIN + "/x",
                ORIGIN + "hidden",
                ORIGIN + "./x"
            })
    void anyOtherNameStaysAsItIs(String name) {
        assertThat(origin.resolve(name)).isEqualTo(name);
    }

    @Test
    void theOriginIsAsLongAsTheDirectory() {
        for (int length = 1; length < 200; length++) {
            String program = "/" + "d".repeat(length) + "/p";
            assertThat(2 * LoaderOrigin.dots(program)).isGreaterThanOrEqualTo(program.length() - "/p".length());
        }
    }
}
