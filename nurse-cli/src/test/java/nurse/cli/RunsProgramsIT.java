package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import nurse.cli.Jar.Result;
import nurse.cli.Jar.User;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Debian's own programs say, write and return the same inside as outside. */
class RunsProgramsIT {
    static Stream<Arguments> programs() {
        return User.all().stream()
                .flatMap(user -> DebianPrograms.commands().stream().map(c -> Arguments.of(user, c)));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("programs")
    void aProgramDoesTheSameInsideAsOutside(User user, List<String> command) throws IOException {
        Path inside = DebianPrograms.copy();
        Path outside = DebianPrograms.copy();
        List<String> arguments = new ArrayList<>(
                List.of("--quiet", "--write", ".", "--write", "/nowhere", "--env", DebianPrograms.ONE_THREAD));
        arguments.addAll(command);
        List<String> threadless = new ArrayList<>(List.of("env", DebianPrograms.ONE_THREAD));
        threadless.addAll(command);

        Result expected = Jar.outside(user, outside, threadless.toArray(String[]::new));
        Result actual = Jar.run(user, inside, arguments.toArray(String[]::new));

        assertThat(actual.status()).as("status; stderr: %s", actual.err()).isEqualTo(expected.status());
        assertThat(actual.out()).isEqualTo(expected.out());
        assertThat(actual.err()).isEqualTo(expected.err());
        assertThat(FileTree.of(inside)).isEqualTo(FileTree.of(outside));
    }
}
