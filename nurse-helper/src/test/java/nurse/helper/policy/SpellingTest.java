package nurse.helper.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which name rules are about where a directory takes no notice of case. */
class SpellingTest {
    private final List<String> asked = new ArrayList<>();

    private String ruled(String path, Rule... rules) {
        return Policy.of(List.of(rules)).ruled(path, (directory, name, others) -> {
            asked.add(directory + " " + name);
            return others.stream().filter(name::equalsIgnoreCase).findFirst().orElse(null);
        });
    }

    private static Rule rule(Rule.Kind kind, String path) {
        return new Rule(path, kind, "test");
    }

    @Test
    void aNameIsSpelledAsTheRuleThatTakesARightAway() {
        for (Rule.Kind kind : List.of(Rule.Kind.DENY, Rule.Kind.HIDE, Rule.Kind.NOEXEC, Rule.Kind.READ)) {
            assertThat(ruled("/w/A/Key/X", rule(Rule.Kind.WRITE, "/w"), rule(kind, "/w/a/key")))
                    .isEqualTo("/w/a/key/X");
        }
    }

    @Test
    void aNameThatNoRuleTakesFromStaysAsItIs() {
        assertThat(ruled("/w/Other/Key", rule(Rule.Kind.WRITE, "/w"), rule(Rule.Kind.DENY, "/w/a/key")))
                .isEqualTo("/w/Other/Key");
        assertThat(ruled("/W/A/Key", rule(Rule.Kind.WRITE, "/w"), rule(Rule.Kind.DENY, "/w/a/key")))
                .isEqualTo("/W/A/Key");
    }

    @Test
    void aRuleThatOnlyGivesIsNotLookedFor() {
        assertThat(ruled("/w/A", rule(Rule.Kind.READ, "/w"), rule(Rule.Kind.WRITE, "/w/a")))
                .isEqualTo("/w/A");
        assertThat(asked).isEmpty();
    }

    @Test
    void onlyDirectoriesWithSuchAnEntryAreAskedAbout() {
        ruled("/w/A/Key/X", rule(Rule.Kind.WRITE, "/w"), rule(Rule.Kind.DENY, "/w/a/key"));
        assertThat(asked).containsExactly("/w A", "/w/a Key");
    }

    @Test
    void ofTwoRulesInOneFileTheOneThatTakesAwayIsMeant() {
        Rule[] rules = {rule(Rule.Kind.READ, "/w"), rule(Rule.Kind.WRITE, "/w/Key/out"), rule(Rule.Kind.DENY, "/w/key")
        };
        assertThat(ruled("/w/Key/out", rules)).isEqualTo("/w/key/out");
    }

    @Test
    void aRuleOfTheRootDirectoryHasNoSpelling() {
        assertThat(ruled("/", rule(Rule.Kind.WRITE, "/"), rule(Rule.Kind.DENY, "/a")))
                .isEqualTo("/");
        assertThat(ruled("/A", rule(Rule.Kind.WRITE, "/"), rule(Rule.Kind.DENY, "/a")))
                .isEqualTo("/a");
    }
}
