package nurse.helper.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What holds of policy files that extend each other, tried on random ones: a line left out by {@link PolicyFile#without} is as
 * good as a line that was never written, in whichever of the files it stands.
 */
class ExtendedPolicyPropertiesTest {
    private static final PolicyFile.Place PLACE = new PolicyFile.Place("/p", "/work", "/home/me");
    private static final List<String> FILES = List.of("/p/far.toml", "/p/other.toml", "/p/near.toml", "/p/own.toml");
    private static final List<String> PATHS = List.of("/a", "/a/b", "/a/b/c", "/d");
    private static final List<String> NAMES = List.of("A", "AB", "A*", "AB*", "B");
    private static final List<Rule.Kind> KINDS =
            List.of(Rule.Kind.READ, Rule.Kind.WRITE, Rule.Kind.LIST, Rule.Kind.NOEXEC, Rule.Kind.DENY, Rule.Kind.HIDE);

    static LongStream seeds() {
        return new SplittableRandom(42).longs(300);
    }

    /** One entry a line: the others keep their origins when it is made empty. */
    private static String text(int file, Random random) {
        List<String> bases = new ArrayList<>();
        for (int base = 0; base < file; base++) {
            if (base == file - 1 || random.nextBoolean()) {
                bases.add("'" + FILES.get(base).substring("/p/".length()) + "'");
            }
        }
        StringBuilder text = new StringBuilder(
                "version = 1\ndefault = 'none'\nextends = [" + String.join(", ", bases) + "]\n[files]\n");
        for (Rule.Kind kind : KINDS) {
            text.append(kind.word()).append(" = [\n");
            for (String path : PATHS) {
                if (random.nextInt(4) == 0) {
                    text.append('"').append(path).append("\",\n");
                }
            }
            text.append("]\n");
        }
        // either, since no file both drops a variable and passes it
        text.append("[env]\n").append(random.nextBoolean() ? "drop" : "pass").append(" = [\n");
        for (String name : NAMES) {
            if (random.nextInt(3) == 0) {
                text.append('"').append(name).append("\",\n");
            }
        }
        return text.append("]\n").toString();
    }

    private static Map<String, String> texts(long seed) {
        Random random = new Random(seed);
        Map<String, String> texts = new HashMap<>();
        for (int file = 0; file < FILES.size(); file++) {
            texts.put(FILES.get(file), text(file, random));
        }
        return texts;
    }

    private static PolicyFile parsed(Map<String, String> texts) throws PolicyException {
        return PolicyFile.parse(texts.get(FILES.getLast()), "/p/own.toml", PLACE, PolicyFileTest.sources(texts));
    }

    private static Map<String, String> withoutLine(Map<String, String> texts, String file, int line) {
        List<String> lines = new ArrayList<>(texts.get(file).lines().toList());
        lines.set(line - 1, "");
        Map<String, String> fewer = new HashMap<>(texts);
        fewer.put(file, String.join("\n", lines));
        return fewer;
    }

    private static PolicyBuilder.RunPolicy compiled(PolicyFile file) throws PolicyException {
        return new PolicyBuilder("/work").file(file).build();
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void aLineLeftOutIsAsGoodAsOneThatWasNeverWritten(long seed) throws PolicyException {
        Map<String, String> texts = texts(seed);
        PolicyFile whole = parsed(texts);
        for (String file : FILES) {
            List<String> lines = texts.get(file).lines().toList();
            for (int line = 1; line <= lines.size(); line++) {
                if (lines.get(line - 1).startsWith("\"")) {
                    assertThat(whole.without(file + ":" + line + ":1").rules())
                            .as("without line %d of %s of %s", line, file, texts)
                            .hasSameElementsAs(
                                    parsed(withoutLine(texts, file, line)).rules());
                }
            }
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void whatCheckSaysChangesNothingChangesNothingWhenItIsTakenOut(long seed) throws PolicyException {
        Map<String, String> texts = texts(seed);
        PolicyBuilder.RunPolicy whole = compiled(parsed(texts));
        Map<String, String> fewer = texts;
        for (PolicyProblem warning : warnings(texts)) {
            assertThat(warning.text()).contains("changes nothing");
            fewer = withoutLine(fewer, warning.where().split(":")[0], warning.line());
        }
        PolicyBuilder.RunPolicy rest = compiled(parsed(fewer));
        assertThat(answers(rest)).as("%s", texts).isEqualTo(answers(whole));
        assertThat(warnings(fewer)).isEmpty();
    }

    private static List<PolicyProblem> warnings(Map<String, String> texts) throws PolicyException {
        return PolicyCheck.warnings(
                parsed(texts), FILES.getLast(), ExtendedPolicyPropertiesTest::compiled, path -> true);
    }

    private static List<String> answers(PolicyBuilder.RunPolicy policy) {
        List<String> answers = new ArrayList<>();
        for (String path : List.of("/", "/a", "/a/b", "/a/b/c", "/a/b/c/x", "/a/b/x", "/a/x", "/d", "/d/x", "/x")) {
            for (int bit = 0; bit < Access.COUNT; bit++) {
                Decision decision = policy.files().decide(path, 1 << bit);
                answers.add(path + " " + Access.describe(1 << bit) + " " + decision.errno());
            }
        }
        for (String name : List.of("A", "AB", "AC", "ABC", "B", "BA")) {
            answers.add(name + " " + policy.environment().passes(name));
        }
        return answers;
    }
}
