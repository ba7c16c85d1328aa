package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import nurse.cli.Jar.Result;
import nurse.cli.Jar.User;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The session of the last slide of the 2010 talk. */
class TalkIT {
    private static final String SESSION = """
            import os
            for line in open('/etc/resolv.conf'):
                print('line', line, end='')

            print('pid', os.getpid() > 0)
            try:
                print('read', open('/secret/password').read())
            except OSError as e:
                print(type(e).__name__, e.errno)

            print('access', os.access('/secret/password', os.R_OK))
            """;

    static List<User> users() {
        return User.all();
    }

    @ParameterizedTest
    @MethodSource("users")
    void thePythonSessionOnAPipe(User user) throws Exception {
        Path directory = Jar.directory();
        List<String> command =
                Jar.command(user, List.of("run", "--root", Jar.TREE.toString(), "--quiet", "python3", "-"));
        Result result = Jar.execute(directory, SESSION.getBytes(StandardCharsets.UTF_8), command)
                .succeeded();
        String resolv = Files.readString(Jar.TREE.resolve("etc/resolv.conf"));
        assertThat(result.out()).startsWith("line " + resolv.lines().findFirst().orElseThrow());
        assertThat(result.out()).endsWith("pid True\nPermissionError 1\naccess False\n");
    }

    @Test
    void thePythonSessionOnATerminal() {
        Path directory = Jar.directory();
        String run = String.join(
                " ", Jar.command(User.ROOT, List.of("run", "--root", Jar.TREE.toString(), "python3", "-i")));
        List<String> command = new ArrayList<>(List.of("script", "-qec", run, "/dev/null"));
        Result result = Jar.execute(directory, (SESSION + "\nexit(5)\n").getBytes(StandardCharsets.UTF_8), command);
        assertThat(result.out()).contains(">>> ", "pid True", "PermissionError 1", "access False");
        assertThat(result.status()).isEqualTo(5);
    }

    @Test
    void whatIsAllowedIsReadAndAccessSaysSo() throws Exception {
        Path directory = Jar.directory();
        Path secret = Files.createDirectory(directory.resolve("secret"));
        Files.writeString(secret.resolve("password"), "xyzzy");
        String probe =
                "import os, sys; p = sys.argv[1]; print(open(p).read(), os.access(p, os.R_OK), os.access(p, os.W_OK))";
        String path = secret.resolve("password").toString();
        assertThat(Jar.run(directory, "python3", "-c", probe, path).out()).isEqualTo("xyzzy True False\n");
        assertThat(Jar.run(directory, "--write", path, "python3", "-c", probe, path)
                        .out())
                .isEqualTo("xyzzy True True\n");
    }
}
