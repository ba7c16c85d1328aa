package nurse.helper.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** docs/policy.md says what is so. */
class PolicyReferenceTest {
    private static final PolicyFile.Place PLACE =
            new PolicyFile.Place("/home/me/policies", "/home/me/work", "/home/me");

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
            assertThatCode(() -> PolicyFile.parse(example, "policy.toml", PLACE))
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
