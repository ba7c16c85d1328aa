package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import nurse.cli.Jar.Result;
import nurse.cli.Jar.User;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the kernel says to a program is the same inside as outside: src/test/native/facts. The policy lets the program do
 * everything where it works, so that what differs is a fault.
 */
class FactsIT {
    private static final Path SOURCES = Path.of("src/test/native/facts").toAbsolutePath();

    static List<Object[]> programs() {
        List<Object[]> all = new ArrayList<>();
        for (User user : User.all()) {
            for (String name : List.of("descriptors", "files", "process", "sockets")) {
                all.add(new Object[] {name, user});
            }
        }
        return all;
    }

    @ParameterizedTest(name = "{0} as {1}")
    @MethodSource("programs")
    void everyFactIsTheSame(String name, User user) {
        isTheSame(user, name);
    }

    /** Random trees, links and names. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(ints = {1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233})
    void everyPathLeadsToTheSame(int seed) {
        isTheSame(User.ROOT, "paths", Integer.toString(seed));
    }

    private static void isTheSame(User user, String name, String... arguments) {
        Path base = Jar.directory();
        Jar.compile(base, SOURCES.resolve(name + ".c"), "-o", name);
        List<String> program = new ArrayList<>(List.of(base.resolve(name).toString()));
        program.addAll(List.of(arguments));

        List<String> outside = new ArrayList<>(user.become());
        outside.addAll(program);
        Result expected = Jar.execute(deep(base), new byte[0], outside).succeeded();
        List<String> inside = new ArrayList<>(
                List.of("run", "--quiet", "--net", "loopback", "--read", "/", "--write", base.toString()));
        inside.addAll(program);
        Result actual = Jar.execute(deep(base), new byte[0], Jar.command(user, inside));
        assertThat(actual.out()).isEqualTo(expected.out());
        assertThat(actual.succeeded().err()).isEmpty();
    }

    /** A fresh directory that as many {@code ..} as a test may write lead not out of; its name is always the same. */
    private static Path deep(Path base) {
        Path top = base.resolve("1");
        Jar.execute(base, new byte[0], List.of("rm", "-rf", top.toString())).succeeded();
        Path deep = top.resolve("2/3/4/5/6/7");
        try {
            Files.createDirectories(deep);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        Jar.execute(base, new byte[0], List.of("chmod", "-R", "a+rwX", top.toString()))
                .succeeded();
        return deep;
    }
}
