package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SelfNamesTest {
    private static final Map<String, String> LINKS = Map.of(
            "/home/me/log", "/dev/stdout",
            "/home/me/other", "log",
            "/home/me/up", "../../proc/self/fd/3",
            "/home/me/round", "round",
            "/home/me/file-link", "file");

    private static final SelfNames NAMES = new SelfNames(7, "/home/me", LINKS::get);

    @ParameterizedTest
    @CsvSource({
        "/dev/stdin, /proc/7/fd/0",
        "/dev/stdout, /proc/7/fd/1",
        "//dev/./stderr, /proc/7/fd/2",
        "/dev/fd/63, /proc/7/fd/63",
        "/proc/self/fd/1, /proc/7/fd/1",
        "/proc/self/cwd/log, /proc/7/cwd/log",
        "/proc/thread-self/fd/1, /proc/7/task/7/fd/1",
        "/tmp/../dev/stdout, /proc/7/fd/1",
        "../../dev/fd/4, /proc/7/fd/4",
        "log, /proc/7/fd/1",
        "other, /proc/7/fd/1",
        "up, /proc/7/fd/3",
    })
    void aNameOfTheProcessItselfNamesTheProcess(String name, String expected) {
        assertThat(NAMES.forAll(name)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "file",
                "/dev/null",
                "/dev/stdoutx",
                "/dev/fdx/1",
                "/proc/7/fd/1",
                "/proc/selfish",
                "file-link",
                "round",
                ".",
                ""
            })
    void everyOtherNameStaysAsItIs(String name) {
        assertThat(NAMES.forAll(name)).isEqualTo(name);
    }
}
