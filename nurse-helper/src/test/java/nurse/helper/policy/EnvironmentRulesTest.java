package nurse.helper.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EnvironmentRulesTest {
    static List<EnvironmentRules.Rule> list(List<String> pass, List<String> drop, Map<String, String> set) {
        List<EnvironmentRules.Rule> rules = new ArrayList<>();
        drop.forEach(name -> rules.add(new EnvironmentRules.Rule(EnvironmentRules.Verb.DROP, name, "", "drop")));
        pass.forEach(name -> rules.add(new EnvironmentRules.Rule(EnvironmentRules.Verb.PASS, name, "", "pass")));
        set.forEach(
                (name, value) -> rules.add(new EnvironmentRules.Rule(EnvironmentRules.Verb.SET, name, value, "set")));
        return rules;
    }

    private static EnvironmentRules rules(List<String> pass, Map<String, String> set) {
        return EnvironmentRules.of(list(pass, List.of(), set));
    }

    private static Map<String, String> inner(EnvironmentRules rules, String... names) {
        Map<String, String> outer = new TreeMap<>();
        for (String name : names) {
            outer.put(name, "outer");
        }
        return rules.inner(outer);
    }

    @Test
    void onlyWhatIsHarmlessIsPassedByDefault() {
        EnvironmentRules rules = rules(DefaultPolicy.ENVIRONMENT, Map.of());
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
                list(List.of("PY*", "AWS_REGION"), List.of("PYTHONPATH", "AWS_*", "A"), Map.of("A", "set")));
        assertThat(inner(rules, "PYTHONPATH", "PYTHONHOME", "AWS_REGION", "AWS_SECRET", "A"))
                .isEqualTo(Map.of("PYTHONHOME", "outer", "AWS_REGION", "outer", "A", "set"));
        assertThat(inner(rules(List.of("*"), Map.of()), "PYTHONPATH", "AWS_SECRET"))
                .hasSize(2);
    }

    @Test
    void aStarStandsForTheEndOfAName() {
        EnvironmentRules rules = rules(List.of("PY*", "X"), Map.of());
        assertThat(inner(rules, "PY", "PYTHONPATH", "XPY", "X", "X1", "py")).containsOnlyKeys("PY", "PYTHONPATH", "X");
    }

    @Test
    void aSetVariableWinsOverAPassedOne() {
        EnvironmentRules rules = rules(List.of("A", "B"), Map.of("A", "inner", "C", ""));
        assertThat(inner(rules, "A", "B"))
                .containsExactly(Map.entry("A", "inner"), Map.entry("B", "outer"), Map.entry("C", ""));
    }

    @Test
    void ofTwoThatSpeakOfAVariableTheLastWinsAndABeginningIsForTheRest() {
        List<EnvironmentRules.Rule> rules =
                new ArrayList<>(list(List.of("A", "B"), List.of("C", "D*"), Map.of("S", "base", "T", "base")));
        rules.addAll(list(List.of("C", "S*", "D*", "DX"), List.of("A*", "T"), Map.of()));
        assertThat(inner(EnvironmentRules.of(rules), "A", "B", "C", "D", "DX", "S", "S1", "T"))
                .isEqualTo(Map.of("B", "outer", "C", "outer", "DX", "outer", "S", "base", "S1", "outer"));
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
        assertThatThrownBy(() -> rules(List.of(name), Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("it steers the dynamic loader");
        assertThatThrownBy(() -> rules(List.of(), Map.of(name, "x"))).isInstanceOf(IllegalArgumentException.class);
        EnvironmentRules everything = rules(List.of("*", "L*", "LD*", "G*", "GLIBC_*"), Map.of());
        assertThat(inner(everything, name, "LDAP_SERVER", "GLIBC")).containsOnlyKeys("LDAP_SERVER", "GLIBC");
    }

    @ParameterizedTest
    @ValueSource(strings = {"LD_LIBRARY_PATH", "LD_PRELOAD"})
    void whatIsLoadedAfterTheLockIsPassedToWhoAsksByName(String name) {
        assertThat(inner(rules(List.of(name), Map.of()), name)).containsOnlyKeys(name);
        assertThat(inner(rules(List.of(), Map.of(name, "x")))).containsOnlyKeys(name);
        assertThat(inner(rules(List.of("*"), Map.of()), name)).isEmpty();
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
        assertThatThrownBy(() -> rules(List.of(pattern), Map.of())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void whatCannotStandInAnEnvironmentCannotBeSet() {
        for (Map<String, String> wrong :
                List.of(Map.of("", "x"), Map.of("A=B", "x"), Map.of("A*", "x"), Map.of("A", "x\0y"))) {
            assertThatThrownBy(() -> rules(List.of(), wrong)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(inner(rules(List.of(), Map.of("A", "x=y\n")))).containsEntry("A", "x=y\n");
    }

    @Test
    void anEmptyOuterNameIsNotPassedEvenByAStar() {
        assertThat(inner(rules(List.of("*"), Map.of()), "", "A")).containsOnlyKeys("A");
    }
}
