package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import nurse.cli.Jar.Result;
import nurse.cli.Jar.User;
import org.junit.jupiter.api.Test;

/**
 * The way of who meets nurse for the first time, over the built jar: a program is refused something, the summary names the
 * option, learn writes a policy, the program runs by it, explain says why, and taking a line out refuses exactly that.
 */
class NewcomerIT {
    private static final String NEEDED = "/var/lib/dpkg/status";
    private static final Pattern RULE = Pattern.compile("^    \"([^\"]+)\",");
    private static final Pattern REFUSED = Pattern.compile("\"file\":\"([^\"]+)\",\"error\":\"EPERM\"");

    private final Path directory = Jar.directory();

    private Result nurse(String command, String... arguments) {
        List<String> all = new ArrayList<>(List.of(command, "--root", Jar.TREE.toString()));
        all.addAll(List.of(arguments));
        return Jar.execute(directory, new byte[0], Jar.command(User.ROOT, all));
    }

    /** The option that the summary says would allow the first thing that was refused. */
    private static List<String> option(Result refused) {
        String line = refused.err()
                .lines()
                .filter(l -> l.startsWith("  ") && l.endsWith(" would"))
                .findFirst()
                .orElseThrow(() -> new AssertionError(refused.err()));
        return List.of(line.substring(line.lastIndexOf("; ") + 2, line.lastIndexOf(" would"))
                .split(" "));
    }

    @Test
    void theWayFromARefusalToAPolicyThatOneUnderstands() throws IOException {
        Files.writeString(directory.resolve("unknown.py"), """
                count = sum(1 for line in open('/var/lib/dpkg/status') if line.startswith('Package: '))
                open('result.txt', 'w').write('%d packages\\n' % count)
                print('done')
                """);
        String[] program = {"python3", "unknown.py"};

        // Refused, told by which option it would be allowed; so allowed, and the next thing is refused.
        Result first = nurse("run", program);
        assertThat(first.status()).isEqualTo(1);
        assertThat(option(first)).containsExactly("--read", NEEDED);
        List<String> options = new ArrayList<>(option(first));
        options.addAll(List.of(program));
        Result second = nurse("run", options.toArray(String[]::new));
        assertThat(second.status()).isEqualTo(1);
        assertThat(option(second)).containsExactly("--write", directory + "/result.txt");
        options.addAll(0, option(second));
        assertThat(nurse("run", options.toArray(String[]::new)).succeeded().out())
                .isEqualTo("done\n");
        String result = Files.readString(directory.resolve("result.txt"));
        Files.delete(directory.resolve("result.txt"));

        // Or learned at once.
        Result learned = nurse("learn", program).succeeded();
        assertThat(learned.err()).contains("'python3.toml' holds ", "--policy python3.toml python3 ...");
        Files.delete(directory.resolve("result.txt"));
        Result byPolicy = nurse("run", "--policy", "python3.toml", "python3", "unknown.py")
                .succeeded();
        assertThat(byPolicy.out()).isEqualTo("done\n");
        assertThat(byPolicy.err()).isEmpty();
        assertThat(directory.resolve("result.txt")).hasContent(result);

        // Why.
        Result why = nurse("explain", "python3.toml", "open", NEEDED).succeeded();
        assertThat(why.out()).contains("allowed\n  rule:       read '" + NEEDED + "' (python3.toml:");
        assertThat(nurse("explain", "python3.toml", "open", "/etc/shadow").status())
                .isEqualTo(1);
        assertThat(nurse("check", "python3.toml").succeeded().out()).doesNotContain("error");

        everyLineIsNeededForExactlyWhatItSays();
    }

    private void everyLineIsNeededForExactlyWhatItSays() throws IOException {
        List<String> lines = Files.readAllLines(directory.resolve("python3.toml"));
        assertThat(refusedBy(lines)).isEmpty();
        int tried = 0;
        for (int i = 0; i < lines.size(); i++) {
            var rule = RULE.matcher(lines.get(i));
            if (!rule.find() || rule.group(1).indexOf('/') < 0) {
                continue;
            }
            String path = rule.group(1).replace("${cwd}", directory.toString()).replace("${home}", "/nowhere");
            List<String> fewer = new ArrayList<>(lines);
            fewer.remove(i);
            assertThat(refusedBy(fewer))
                    .as(lines.get(i))
                    .isNotEmpty()
                    .allMatch(file -> file.equals(path) || file.startsWith(path + "/"));
            tried++;
        }
        assertThat(tried).isGreaterThanOrEqualTo(3);
    }

    /** What a run by these lines is refused with EPERM. */
    private List<String> refusedBy(List<String> policy) throws IOException {
        Files.write(directory.resolve("fewer.toml"), policy);
        Files.deleteIfExists(directory.resolve("log"));
        Files.deleteIfExists(directory.resolve("result.txt"));
        nurse("run", "--quiet", "--policy", "fewer.toml", "--log", "log", "python3", "unknown.py");
        return Files.readAllLines(directory.resolve("log")).stream()
                .filter(line -> !line.contains("\"call\":\"start\""))
                .flatMap(line -> REFUSED.matcher(line).results().map(match -> match.group(1)))
                .toList();
    }
}
