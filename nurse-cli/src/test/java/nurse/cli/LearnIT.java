package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import nurse.cli.Jar.Result;
import nurse.cli.Jar.User;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@code learn} writes lets the program do again what it did, and nothing else. */
class LearnIT {
    private static final String SECRET = "/etc/passwd";

    private static Result learn(Path directory, String... arguments) {
        List<String> all = new ArrayList<>(List.of(
                "learn", "--root", Jar.TREE.toString(), "--lock", Jar.LOCK, "--quiet", "-o", "../learned.toml"));
        all.addAll(List.of(arguments));
        return Jar.execute(directory, new byte[0], Jar.command(User.ROOT, all));
    }

    private static Result run(Path directory, String... arguments) {
        List<String> all = new ArrayList<>(List.of("--quiet", "--policy", "../learned.toml"));
        all.addAll(List.of(arguments));
        return Jar.run(directory, all.toArray(String[]::new));
    }

    /** A directory to work in, and room beside it for the policy, which is none of the program's affairs. */
    private static Path work() throws IOException {
        Path work = Files.createDirectory(Jar.directory().resolve("work"));
        return work;
    }

    private static Path copy() throws IOException {
        Path work = Jar.directory().resolve("work");
        Files.move(DebianPrograms.copy(), work);
        return work;
    }

    static List<List<String>> programs() {
        return DebianPrograms.commands();
    }

    /** Files that are really called so, and a twin beside them that the policy must not be about. */
    @Test
    void namesThatLookLikeVariablesOrWildcardsAreNames() throws IOException {
        Path work = work();
        Path other = Files.createDirectory(work.resolve("other"));
        String[] names = {"${home}", "a*", "$$"}; // of six the directory would be learned
        List<String> command = new ArrayList<>(List.of("cat"));
        for (String name : names) {
            Files.writeString(other.resolve(name), name);
            command.add("other/" + name);
        }
        Files.writeString(other.resolve("ab"), "not to be read");
        Result first = learn(work, command.toArray(String[]::new));
        assertThat(first.succeeded().out()).isEqualTo(String.join("", names));
        assertThat(run(work, command.toArray(String[]::new)).succeeded().out()).isEqualTo(first.out());
        assertThat(run(work, "cat", "other/ab").status()).isEqualTo(1);
    }

    /** The same of sockets, whose rules hold a path behind words; the twin is what the second name would be read as. */
    @Test
    void socketsThatLookLikeVariablesOrWildcardsAreNames() throws IOException {
        Path work = work();
        String connect = "import socket, sys; [socket.socket(socket.AF_UNIX).connect(name) for name in sys.argv[1:]]";
        List<String> command = new ArrayList<>(List.of("python3", "-c", connect));
        List<String> names = List.of("${home}", "a$$b", "a*", "blank ");
        List<ServerSocketChannel> sockets = new ArrayList<>();
        try {
            for (String name :
                    Stream.concat(names.stream(), Stream.of("a$b", "blank")).toList()) {
                ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
                sockets.add(socket.bind(UnixDomainSocketAddress.of(work.resolve(name))));
            }
            command.addAll(names);
            learn(work, command.toArray(String[]::new)).succeeded();
            run(work, command.toArray(String[]::new)).succeeded();
            assertThat(run(work, "python3", "-c", connect, "a$b").status()).isEqualTo(1);
            assertThat(run(work, "python3", "-c", connect, "blank").status()).isEqualTo(1);
            String before = Files.readString(work.resolveSibling("learned.toml"));
            command.add(0, "--update");
            learn(work, command.toArray(String[]::new)).succeeded();
            assertThat(work.resolveSibling("learned.toml")).hasContent(before);
            command.add("a$b");
            learn(work, command.toArray(String[]::new)).succeeded();
            run(work, "python3", "-c", connect, "a$b").succeeded();
        } finally {
            for (ServerSocketChannel socket : sockets) {
                socket.close();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("programs")
    void aProgramDoesTheSameByItsLearnedPolicyAsWhenItWasLearned(List<String> command) throws IOException {
        Path learnt = copy();
        Path again = copy();
        List<String> arguments = new ArrayList<>(List.of("--env", DebianPrograms.ONE_THREAD));
        arguments.addAll(command);
        Result first = learn(learnt, arguments.toArray(String[]::new));
        Path policy = learnt.resolveSibling("learned.toml");
        Files.copy(policy, again.resolveSibling("learned.toml"));
        Result second = run(again, command.toArray(String[]::new)); // the variable is in the policy

        assertThat(second.err()).isEqualTo(first.err());
        assertThat(second.status()).isEqualTo(first.status());
        assertThat(second.out()).isEqualTo(first.out());
        assertThat(FileTree.of(again)).isEqualTo(FileTree.of(learnt));
        List<String> rules = Files.readAllLines(policy).stream()
                .filter(line -> line.matches("    \"[/$].*"))
                .toList();
        assertThat(rules).hasSizeLessThan(25).allMatch(line -> line.contains(",  ") && line.contains("  # "));
    }

    /** The program, what it is first given, and what a stranger gives it: to read a secret, and to write outside. */
    static Stream<Arguments> changedInputs() {
        return Stream.of(
                Arguments.of(
                        List.of("python3", "input"),
                        "print(6 * 7)",
                        "print(open('SECRET').read())",
                        "open('OUTSIDE', 'w').write('x')"),
                Arguments.of(
                        List.of("perl", "input"),
                        "print 42",
                        "open F, '<', 'SECRET' or die; print <F>",
                        "open F, '>', 'OUTSIDE' or die; print F 'x'"),
                Arguments.of(
                        List.of("lua5.4", "input"),
                        "print(42)",
                        "print(assert(io.open('SECRET')):read('a'))",
                        "assert(io.open('OUTSIDE', 'w')):write('x')"),
                Arguments.of(
                        List.of("gawk", "-f", "input"),
                        "BEGIN { print 42 }",
                        "BEGIN { while ((getline line < \"SECRET\") > 0) print line }",
                        "BEGIN { print \"x\" > \"OUTSIDE\" }"),
                Arguments.of(
                        List.of("sqlite3", "-batch", "-init", "input", ":memory:", "select 42"),
                        "select 41;",
                        ".import SECRET t\n.import SECRET t\nselect * from t;",
                        ".output OUTSIDE\nselect 'x';"),
                Arguments.of(
                        List.of("gs", "-q", "-dNODISPLAY", "-dNOSAFER", "-dBATCH", "input"),
                        "6 7 mul =",
                        "(SECRET) (r) file 4096 string readstring pop print",
                        "(OUTSIDE) (w) file dup (x) writestring closefile"),
                Arguments.of(List.of("file", "-f", "input"), "input\n", "SECRET\n", ""));
    }

    @ParameterizedTest
    @MethodSource("changedInputs")
    void theLearnedPolicyStopsAChangedInput(List<String> command, String good, String reads, String writes)
            throws IOException {
        Path work = work();
        Path input = work.resolve("input");
        Path elsewhere = Files.createDirectory(work.resolve("elsewhere"));
        Path outside = elsewhere.resolve("outside");
        String[] program = command.toArray(String[]::new);
        Files.writeString(input, good);
        learn(work, program).succeeded();

        // A secret that is in no file that the program needs: of passwd some read their user's name.
        Path secret = elsewhere.resolve("secret");
        Files.writeString(secret, "root:secret-6214\n");
        for (String stolen : List.of(SECRET, secret.toString())) {
            Files.writeString(input, reads.replace("SECRET", stolen));
            Result stopped = run(work, program);
            assertThat(stopped.out() + stopped.err()).as(stolen).doesNotContain("root:", "ASCII text");
            List<String> allowed = new ArrayList<>(List.of("--read", stolen));
            allowed.addAll(command);
            assertThat(run(work, allowed.toArray(String[]::new)).out())
                    .as("twin")
                    .containsAnyOf("root:", "ASCII text");
        }
        if (!writes.isEmpty()) {
            Files.writeString(input, writes.replace("OUTSIDE", outside.toString()));
            run(work, program);
            assertThat(outside).doesNotExist();
            List<String> allowed = new ArrayList<>(List.of("--write", outside.toString()));
            allowed.addAll(command);
            run(work, allowed.toArray(String[]::new));
            assertThat(outside).as("twin").content().contains("x");
        }
    }

    @Test
    void updateAddsWhatIsMissingAndKeepsWhatAPersonWrote() throws IOException {
        Path work = work();
        Path policy = work.resolveSibling("learned.toml");
        Files.writeString(work.resolve("a.json"), "1");
        Files.writeString(work.resolve("b.json"), "2");
        String mine = """
                # Mine.
                version = 1
                extends = "jq"   # the profile

                [files]
                read = ["${cwd}/a.json"] # the first
                deny = [
                    # never this:
                    "${home}/secret"
                ]

                # About limits.
                [limits]
                cpu = "1m"
                """;
        Files.writeString(policy, mine);
        assertThat(run(work, "jq", ".", "b.json").status()).isNotZero();
        assertThat(learn(work, "jq", ".", "b.json").status()).isEqualTo(125);
        learn(work, "--update", "jq", ".", "b.json").succeeded();
        run(work, "jq", ".", "b.json").succeeded();
        run(work, "jq", ".", "a.json").succeeded();
        List<String> kept =
                mine.lines().filter(line -> !line.contains("a.json")).toList();
        List<String> now = Files.readAllLines(policy);
        assertThat(now).containsSubsequence(kept);
        assertThat(Files.readString(policy))
                .contains("read = [\"${cwd}/a.json\",\n    \"${cwd}/b.json\",")
                .contains("# the first\n");
        String once = Files.readString(policy);
        learn(work, "--update", "jq", ".", "b.json").succeeded();
        assertThat(policy).hasContent(once);
    }

    @Test
    void aFileThatIsWrongIsNotUpdatedAndSoNotRuined() throws IOException {
        Path work = work();
        Files.writeString(work.resolveSibling("learned.toml"), "version = 1\n[files]\nraed = []\n");
        Result refused = learn(work, "--update", "true");
        assertThat(refused.status()).isEqualTo(125);
        assertThat(refused.err()).contains("learned.toml:3:1", "unknown key 'raed'");
        assertThat(work.resolveSibling("learned.toml")).hasContent("version = 1\n[files]\nraed = []\n");
    }

    @Test
    void theNamesOfFilesCannotBreakThePolicyNorHideInIt() throws IOException {
        Path work = work();
        String script = """
                import sys
                for name in ('a"]\\nwrite = ["x', 'tab\\t', 'back\\\\slash', '\\u202e', '\\x1b[2J'):
                    open(name, 'w').write('x')
                    print(open(name).read(), end='')
                """;
        Files.writeString(work.resolve("names.py"), script);
        assertThat(learn(work, "python3", "names.py").succeeded().out()).isEqualTo("xxxxx");
        assertThat(run(work, "python3", "names.py").succeeded().out()).isEqualTo("xxxxx");
        String policy = Files.readString(work.resolveSibling("learned.toml"));
        assertThat(policy).doesNotContain("\u202e", "\u001b", "\t").doesNotContainPattern("(?m)^write = \\[\"x");
    }

    @Test
    void whatAVariableWasSetToIsKept() throws IOException {
        Path work = work();
        String show = "import os; print(os.environ.get('A'), os.environ.get('HOME'))";
        String said = learn(work, "--env", "A=a \"quoted\" value", "python3", "-c", show)
                .succeeded()
                .out();
        assertThat(said).isEqualTo("a \"quoted\" value /nowhere\n");
        assertThat(run(work, "python3", "-c", show).succeeded().out()).isEqualTo(said);
    }
}
