package nurse.cli.learn;

import static org.assertj.core.api.Assertions.assertThat;

import nurse.helper.policy.Remedy;
import org.junit.jupiter.api.Test;

class AnsweredRuleTest {
    private static String added(String text, Remedy.Option option, String path) {
        return AnsweredRule.addTo(text, new Remedy(option, path), "/home/me/work", "/home/me");
    }

    @Test
    void aRuleIsAddedToItsArrayAndAllElseStays() {
        String text = "version = 1 # mine\n[files]\nread = [\"x\"] # why\n# and this\n[env]\npass = [\"A\"]\n";
        assertThat(added(text, Remedy.Option.READ, "/home/me/y"))
                .isEqualTo("version = 1 # mine\n[files]\nread = [\"x\",\n" + line("\"${home}/y\",")
                        + "] # why\n# and this\n[env]\npass = [\"A\"]\n");
        assertThat(added(text, Remedy.Option.WRITE, "/home/me/work/y"))
                .contains("read = [\"x\"] # why\nwrite = [\n" + line("\"${cwd}/y\",") + "]\n# and this\n[env]");
        assertThat(added(text, Remedy.Option.CONNECT, "/run/s"))
                .endsWith("pass = [\"A\"]\n\n[net]\nallow = [\n" + line("\"connect unix /run/s\",") + "]\n");
    }

    private static String line(String entry) {
        return "    " + entry + " ".repeat(38 - entry.length()) + "# allowed when asked\n";
    }

    @Test
    void aHostileNameIsAStringAndNothingElse() {
        String added = added("version = 1\n", Remedy.Option.READ, "/a\",\n]\nwrite = [\"/\"]\n#\u001b");
        assertThat(added.lines()).hasSize(6);
        assertThat(added).contains("\"/a\\\",\\u000a]\\u000awrite = [\\\"/\\\"]\\u000a#\\u001b\",");
    }
}
