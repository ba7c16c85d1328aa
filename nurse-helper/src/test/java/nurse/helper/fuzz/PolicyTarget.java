package nurse.helper.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import nurse.helper.policy.Access;
import nurse.helper.policy.Decision;
import nurse.helper.policy.Policy;
import nurse.helper.policy.PolicyException;
import nurse.helper.policy.PolicyFile;
import nurse.helper.policy.PolicyProblem;
import nurse.helper.policy.Rule;

/** A policy file: told what is wrong with it, or read; and then its rules are about absolute paths without detours. */
public final class PolicyTarget {
    private static final PolicyFile.Place PLACE = new PolicyFile.Place("/etc/policies", "/work/dir", "/home/me");

    private PolicyTarget() {}

    public static void fuzzerTestOneInput(byte[] input) {
        String text = new String(input, StandardCharsets.UTF_8);
        PolicyFile file;
        try {
            file = PolicyFile.parse(text, "policy.toml", PLACE);
        } catch (PolicyException refused) {
            assertThat(refused.problems()).isNotEmpty();
            for (PolicyProblem problem : refused.problems()) {
                assertThat(problem.what()).isNotEmpty();
                // what is shown to people may quote the file, and must be escaped
                assertThat(problem.toString().chars().filter(c -> c < ' ' && c != '\n' || c == 0x7f))
                        .isEmpty();
            }
            return;
        }
        Policy policy = Policy.of(file.rules());
        for (Rule rule : file.rules()) {
            assertThat(rule.path()).startsWith("/").doesNotContain("\0", "//", "/../", "/./");
            Decision decision = policy.decide(rule.path(), Access.READ);
            assertThat(decision.errno()).isBetween(0, 133);
        }
    }
}
