package nurse.helper.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EnvironmentRulesTest {
    private static Map<String, String> inner(EnvironmentRules rules, String... names) {
        Map<String, String> outer = new TreeMap<>();
        for (String name : names) {
            outer.put(name, "outer");
        }
        return rules.inner(outer);
    }

    @Test
    void onlyWhatIsHarmlessIsPassedByDefault() {
        EnvironmentRules rules = EnvironmentRules.of(DefaultPolicy.ENVIRONMENT, Map.of());
        assertThat(inner(
                        rules,
                        "PATH",
                        "LC_ALL",
                        "LC_",
                        "TZ",
                        "AWS_SECRET_ACCESS_KEY",
                        "SSH_AUTH_SOCK",
                        "LD_PRELOAD",
                        "LC"))
                .containsOnlyKeys("PATH", "LC_ALL", "LC_", "TZ");
    }

    @Test
    void whatIsDroppedStaysOutsideUnlessItsWholeNameIsPassedOrItIsSet() {
        EnvironmentRules rules = EnvironmentRules.of(
                List.of("PY*", "AWS_REGION"), List.of("PYTHONPATH", "AWS_*", "A"), Map.of("A", "set"));
        assertThat(inner(rules, "PYTHONPATH", "PYTHONHOME", "AWS_REGION", "AWS_SECRET", "A"))
                .isEqualTo(Map.of("PYTHONHOME", "outer", "AWS_REGION", "outer", "A", "set"));
        assertThat(inner(EnvironmentRules.of(List.of("*"), Map.of()), "PYTHONPATH", "AWS_SECRET"))
                .hasSize(2);
    }

    @Test
    void aStarStandsForTheEndOfAName() {
        EnvironmentRules rules = EnvironmentRules.of(List.of("PY*", "X"), Map.of());
        assertThat(inner(rules, "PY", "PYTHONPATH", "XPY", "X", "X1", "py")).containsOnlyKeys("PY", "PYTHONPATH", "X");
    }

    @Test
    void aSetVariableWinsOverAPassedOne() {
        EnvironmentRules rules = EnvironmentRules.of(List.of("A", "B"), Map.of("A", "inner", "C", ""));
        assertThat(inner(rules, "A", "B"))
                .containsExactly(Map.entry("A", "inner"), Map.entry("B", "outer"), Map.entry("C", ""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "LD_AUDIT",
                "LD_DEBUG",
                "LD_DEBUG_OUTPUT",
                "LD_PROFILE",
                "LD_PROFILE_OUTPUT",
                "LD_TRACE_LOADED_OBJECTS",
                "LD_TRACE_PRELINKING",
                "LD_BIND_NOT",
                "LD_VERBOSE",
                "LD_WARN",
                "LD_SHOW_AUXV",
                "LD_ORIGIN_PATH",
                "LD_USE_LOAD_BIAS",
                "LD_PREFER_MAP_32BIT_EXEC",
                "LD_DYNAMIC_WEAK",
                "LD_HWCAP_MASK",
                "LD_ASSUME_KERNEL",
                "LD_INVENTED_TOMORROW",
                "GLIBC_TUNABLES"
            })
    void whatSteersTheLoaderIsNeverPassedNorSet(String name) {
        assertThatThrownBy(() -> EnvironmentRules.of(List.of(name), Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("before the program is locked");
        assertThatThrownBy(() -> EnvironmentRules.of(List.of(), Map.of(name, "x")))
                .isInstanceOf(IllegalArgumentException.class);
        EnvironmentRules everything = EnvironmentRules.of(List.of("*", "L*", "LD*", "G*", "GLIBC_*"), Map.of());
        assertThat(inner(everything, name, "LDAP_SERVER", "GLIBC")).containsOnlyKeys("LDAP_SERVER", "GLIBC");
    }

    @ParameterizedTest
    @ValueSource(strings = {"LD_LIBRARY_PATH", "LD_PRELOAD"})
    void whatIsLoadedAfterTheLockIsPassedToWhoAsksByName(String name) {
        assertThat(inner(EnvironmentRules.of(List.of(name), Map.of()), name)).containsOnlyKeys(name);
        assertThat(inner(EnvironmentRules.of(List.of(), Map.of(name, "x")))).containsOnlyKeys(name);
        assertThat(inner(EnvironmentRules.of(List.of("*"), Map.of()), name)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "LD_*",
                "LD_LIBRARY_PATH*",
                "LD_PRELOAD*",
                "LD_A*",
                "GLIBC_TUNABLES*",
                "",
                "A=B",
                "A\0",
                "*A",
                "A**",
                "A*B"
            })
    void whatIsNoNameOrAsksForTheLoadersVariablesTogetherIsAnError(String pattern) {
        assertThatThrownBy(() -> EnvironmentRules.of(List.of(pattern), Map.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void whatCannotStandInAnEnvironmentCannotBeSet() {
        for (Map<String, String> wrong :
                List.of(Map.of("", "x"), Map.of("A=B", "x"), Map.of("A*", "x"), Map.of("A", "x\0y"))) {
            assertThatThrownBy(() -> EnvironmentRules.of(List.of(), wrong))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(inner(EnvironmentRules.of(List.of(), Map.of("A", "x=y\n")))).containsEntry("A", "x=y\n");
    }

    @Test
    void anEmptyOuterNameIsNotPassedEvenByAStar() {
        assertThat(inner(EnvironmentRules.of(List.of("*"), Map.of()), "", "A")).containsOnlyKeys("A");
    }
}
