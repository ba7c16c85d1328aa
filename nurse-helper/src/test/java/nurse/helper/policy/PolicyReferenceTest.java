package nurse.helper.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import nurse.helper.profiles.Profiles;
import org.junit.jupiter.api.Test;

/** docs/policy.md says what is so. */
class PolicyReferenceTest {
    private static final PolicyFile.Place PLACE =
            new PolicyFile.Place("/home/me/policies", "/home/me/work", "/home/me");

    private static final PolicyFile.Sources SOURCES = new PolicyFile.Sources() {
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
        return Files.readString(Path.of("..", "docs", "policy.md"));
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
    void everyBuiltInRuleAndVariableIsListed() throws IOException {
        String reference = reference();
        for (Rule rule : DefaultPolicy.of("/").rules()) {
            String path = rule.path();
            assertThat(reference).contains("`" + (path.startsWith("/etc/") ? path.substring(5) : path) + "`");
        }
        for (String name : DefaultPolicy.ENVIRONMENT) {
            assertThat(reference).contains("`" + name + "`");
        }
    }
}
