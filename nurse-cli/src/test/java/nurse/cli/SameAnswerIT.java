package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import nurse.ffm.Errno;
import nurse.helper.policy.Access;
import nurse.helper.policy.Decision;
import nurse.helper.policy.Policy;
import nurse.helper.policy.PolicyFile;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whichever call asks about a file, it gets the answer of the policy: open, access, stat, a mapping as code. On random policies
 * over a tree of files, with the pure function beside it.
 */
class SameAnswerIT {
    private static final List<String> KINDS =
            List.of("read", "write", "list", "execute", "modify", "create", "delete", "noexec", "deny", "hide");

    /** For each file: open for reading, access R_OK, open for writing, access W_OK, stat, access F_OK, mmap PROT_EXEC. */
    private static final String ASK = """
            import mmap, os, sys
            def asks(call):
                try:
                    call()
                    return '1'
                except OSError as e:
                    return 'H' if e.errno == 2 else '0'
            def code(name):
                fd = os.open(name, os.O_RDONLY)
                try: mmap.mmap(fd, 1, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_EXEC).close()
                finally: os.close(fd)
            for name in sys.argv[1:]:
                print(name, asks(lambda: os.close(os.open(name, os.O_RDONLY))), int(os.access(name, os.R_OK)),
                      asks(lambda: os.close(os.open(name, os.O_WRONLY))), int(os.access(name, os.W_OK)),
                      asks(lambda: os.stat(name)), int(os.access(name, os.F_OK)), asks(lambda: code(name)))
            """;

    static LongStream seeds() {
        return new SplittableRandom(42).longs(3);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void openAccessStatAndExecutionGetTheSameAnswer(long seed) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        Path directory = Jar.directory();
        List<String> files = new ArrayList<>();
        for (String top : List.of("a", "b", "c")) {
            for (String below : List.of("x", "y", "z")) {
                Path made = Files.createDirectories(directory.resolve(top).resolve(below));
                for (String name : List.of("1", "2")) {
                    Files.writeString(made.resolve(name), "text");
                    made.resolve(name).toFile().setExecutable(true);
                    files.add(top + "/" + below + "/" + name);
                }
            }
        }
        String text = policy(random, files);
        Files.writeString(directory.resolve("p.toml"), text.replace("[files]", "extends = \"minimal\"\n[files]"));
        Files.writeString(directory.resolve("ask.py"), ASK);
        List<String> arguments =
                new ArrayList<>(List.of("--quiet", "--policy", "p.toml", "--read", "ask.py", "python3", "ask.py"));
        arguments.addAll(files);
        List<String> answers = Jar.run(directory, arguments.toArray(String[]::new))
                .succeeded()
                .out()
                .lines()
                .toList();
        Policy policy = Policy.of(PolicyFile.parse(
                        text, "p.toml", new PolicyFile.Place(directory.toString(), directory.toString(), "/nowhere"))
                .rules());
        assertThat(answers).hasSameSizeAs(files);
        for (int i = 0; i < files.size(); i++) {
            String path = directory + "/" + files.get(i);
            String read = answer(policy.decide(path, Access.READ));
            String write = answer(policy.decide(path, Access.WRITE));
            String look = answer(policy.decide(path, Access.LOOKUP));
            String code = read.equals("1") ? answer(policy.decide(path, Access.EXECUTE)) : read;
            String expected =
                    String.join(" ", files.get(i), read, flag(read), write, flag(write), look, flag(look), code);
            assertThat(answers.get(i)).as("seed %d\n%s", seed, text).isEqualTo(expected);
        }
    }

    /** 1 if it is allowed, H if it is hidden, else 0. */
    private static String answer(Decision decision) {
        return decision.allowed() ? "1" : decision.errno() == Errno.ENOENT ? "H" : "0";
    }

    private static String flag(String answer) {
        return answer.equals("1") ? "1" : "0";
    }

    /** Rules about the directory, its directories and its files, each of a random kind. */
    private static String policy(SplittableRandom random, List<String> files) {
        List<List<String>> byKind = new ArrayList<>();
        KINDS.forEach(kind -> byKind.add(new ArrayList<>()));
        for (String file : files) {
            String path = file;
            for (int depth = random.nextInt(3); depth > 0; depth--) {
                path = path.substring(0, path.lastIndexOf('/'));
            }
            byKind.get(random.nextInt(KINDS.size())).add("\"" + path + "\"");
        }
        StringBuilder text = new StringBuilder("version = 1\n[files]\n");
        for (int i = 0; i < KINDS.size(); i++) {
            text.append(KINDS.get(i)).append(" = ").append(byKind.get(i)).append('\n');
        }
        return text.toString();
    }
}
