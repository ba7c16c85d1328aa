package nurse.helper.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import nurse.helper.profiles.Profiles;
import org.junit.jupiter.api.Test;

/** docs/policy.md says what is so. */
class PolicyReferenceTest {
    private static final Path REFERENCE = Path.of("..", "docs", "policy.md");

    private static final PolicyFile.Place PLACE =
            new PolicyFile.Place("/home/me/policies", "/home/me/work", "/home/me");

    static final PolicyFile.Sources SOURCES = new PolicyFile.Sources() {
        @Override
        public List<String> profiles() {
            return Profiles.NAMES;
        }

        @Override
        public String profile(String name) {
            return Profiles.text(name);
        }

        @Override
        public String file(String path) {
            return null;
        }
    };

    @Test
    void everyKeyAndProfileIsListed() throws IOException {
        String reference = reference();
        PolicyKeys.TABLES.forEach((table, keys) -> {
            if (!table.equals(PolicyKeys.CALLS) && !table.equals(PolicyKeys.CATEGORIES)) {
                keys.forEach(key -> assertThat(reference).containsPattern("`\\[?" + key + "\\]?`"));
            }
        });
        for (String name : Profiles.NAMES) {
            assertThat(reference).contains("| `" + name + "` | " + Profiles.description(name) + " |");
        }
    }

    /** The tables that are made of the code, each between two comments; {@code -Dnurse.golden=write} writes them anew. */
    @Test
    void theTablesAreMadeOfTheCode() throws IOException {
        StringBuilder profiles = new StringBuilder("| profile | for |\n|---|---|\n");
        Profiles.NAMES.forEach(name -> profiles.append("| `")
                .append(name)
                .append("` | ")
                .append(Profiles.description(name))
                .append(" |\n"));
        check("profiles", profiles.toString());
        check("built-in rules", builtIn());
        StringBuilder rights = new StringBuilder("| word | what is of the same path | rights |\n|---|---|---|\n");
        for (Rule.Kind kind : PolicyKeys.FILE_KINDS) {
            String does =
                    switch (kind.does()) {
                        case SETS -> "gives these, and no others that rules of shorter paths give";
                        case ADDS -> "gives these as well";
                        case TAKES -> "takes these away";
                    };
            rights.append("| `" + kind.word() + "` | " + does + " | " + rights(kind) + " |\n");
        }
        check("rights", rights.toString());
    }

    private static String rights(Rule.Kind kind) {
        return kind.rights() == Access.ALL
                ? "all"
                : Access.describe(kind.rights()).replace(" and ", ", ");
    }

    /** A line for each kind and origin, as they stand in the code. */
    private static String builtIn() {
        Map<String, List<String>> groups = new LinkedHashMap<>();
        for (Rule rule : DefaultPolicy.of("/").rules()) {
            String what = rule.origin().replaceFirst("^built-in: ", "");
            groups.computeIfAbsent("| " + what + " | " + rule.kind().word() + " | ", key -> new ArrayList<>())
                    .add("`" + rule.path() + "`");
        }
        StringBuilder table = new StringBuilder("| what | rule | paths |\n|---|---|---|\n");
        groups.forEach((head, paths) ->
                table.append(head).append(String.join(" ", paths)).append(" |\n"));
        return table.toString();
    }

    private static void check(String name, String made) throws IOException {
        String page = reference();
        String begin = "<!-- made of the code: " + name + " -->\n";
        int start = page.indexOf(begin) + begin.length();
        int end = page.indexOf("<!-- end -->", start);
        assertThat(start).as(begin).isGreaterThan(begin.length());
        if ("write".equals(System.getProperty("nurse.golden"))) {
            page = page.substring(0, start) + made + page.substring(end);
            Files.writeString(REFERENCE, page);
            end = page.indexOf("<!-- end -->", start);
        }
        assertThat(page.substring(start, end))
                .as("mvn -Dnurse.golden=write makes it")
                .isEqualTo(made);
    }

    @Test
    void everyProfileIsAValidPolicyWithInputAndOutputAndWithout() throws PolicyException {
        PolicyFile.Place given =
                new PolicyFile.Place("/p", "/w", "/h", List.of("/in/a"), List.of("/out/b"), "/tmp/nurse-1");
        PolicyFile.Place bare = new PolicyFile.Place("/p", "/w", "/h", List.of(), List.of(), "/tmp/nurse-1");
        for (String name : Profiles.NAMES) {
            Policy policy = Policy.of(PolicyFile.profile(name, given, SOURCES).rules());
            assertThat(policy.decide("/in/a", Access.READ).allowed()).as(name).isTrue();
            assertThat(policy.decide("/in/a", Access.WRITE).allowed()).as(name).isFalse();
            assertThat(policy.decide("/out/b", Access.WRITE).allowed()).as(name).isTrue();
            for (String secret :
                    List.of("/etc/passwd", "/etc/shadow", "/h/.ssh/id", "/w/x", "/tmp/x", "/root", "/in/c")) {
                assertThat(policy.decide(secret, Access.READ).allowed())
                        .as(name + " " + secret)
                        .isFalse();
            }
            assertThat(PolicyFile.profile(name, bare, SOURCES).systemRules())
                    .as(name)
                    .isFalse();
        }
    }

    private static String reference() throws IOException {
        return Files.readString(REFERENCE);
    }

    @Test
    void theExamplesAreValid() throws IOException {
        List<String> examples = Pattern.compile("(?ms)^```toml\\n(.*?)^```$")
                .matcher(reference())
                .results()
                .map(result -> result.group(1))
                .toList();
        assertThat(examples).hasSizeGreaterThanOrEqualTo(2);
        for (String example : examples) {
            assertThatCode(() -> PolicyFile.parse(example, "policy.toml", PLACE, SOURCES))
                    .as(example)
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void theWrongExampleGivesTheMessagesShown() throws IOException {
        var matcher = Pattern.compile("(?ms)^```toml wrong\\n(.*?)^```$.*?^```text\\n(.*?)^```$")
                .matcher(reference());
        assertThat(matcher.find()).isTrue();
        String example = matcher.group(1);
        PolicyException exception =
                catchThrowableOfType(PolicyException.class, () -> PolicyFile.parse(example, "policy.toml", PLACE));
        assertThat(exception.getMessage()).isEqualTo(matcher.group(2).strip());
    }

    @Test
    void everyVariableIsListed() throws IOException {
        String reference = reference();
        for (String name : DefaultPolicy.ENVIRONMENT) {
            assertThat(reference).contains("`" + name + "`");
        }
    }
}
