package nurse.helper.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import nurse.helper.policy.EnvironmentRules;
import nurse.helper.policy.EnvironmentRules.Verb;
import nurse.helper.program.ProgramException.NotRunnable;
import nurse.helper.program.ProgramException.Reason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StartEnvironmentTest {
    private static EnvironmentRules passing(String... names) {
        return EnvironmentRules.of(List.of(names).stream()
                .map(name -> new EnvironmentRules.Rule(Verb.PASS, name, "", "test"))
                .toList());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "LD_AUDIT",
                "LD_DEBUG_OUTPUT",
                "LD_INVENTED_TOMORROW",
                "LD_",
                "GLIBC_TUNABLES",
                "LD_PRELOAD",
                "LD_LIBRARY_PATH",
                "",
                "A=B",
                "A\0"
            })
    void whateverWayItCameNothingThatNoRuleCanLetInIsThereAtTheStart(String name) {
        NotRunnable refusal = catchThrowableOfType(
                NotRunnable.class, () -> StartEnvironment.entries("tool", Map.of(name, "x"), passing("*")));
        assertThat(refusal.reason()).isEqualTo(Reason.VARIABLE);
        assertThat(refusal.what()).isEqualTo("cannot run 'tool'");
    }

    @Test
    void aValueHoldsNoZeroByte() {
        assertThat(catchThrowableOfType(
                        NotRunnable.class,
                        () -> StartEnvironment.entries("tool", Map.of("A", "x\0LD_AUDIT=y"), passing("*"))))
                .isNotNull();
    }

    @Test
    void allElseIsThereInItsOrder() throws ProgramException {
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("Z", "1");
        variables.put("LDAP_SERVER", "LD_AUDIT=x");
        variables.put("MALLOC_PERTURB_", "");
        variables.put("LD_PRELOAD", "x.so");
        variables.put("A B", "\n=");
        assertThat(StartEnvironment.entries("tool", variables, passing("LD_PRELOAD")))
                .containsExactly("Z=1", "LDAP_SERVER=LD_AUDIT=x", "MALLOC_PERTURB_=", "LD_PRELOAD=x.so", "A B=\n=");
    }
}
