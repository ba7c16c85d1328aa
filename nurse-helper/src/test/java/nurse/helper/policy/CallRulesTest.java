package nurse.helper.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import nurse.ffm.Errno;
import nurse.helper.calls.Syscall;
import org.junit.jupiter.api.Test;

class CallRulesTest {
    private static CallRules rules(String text) throws PolicyException {
        return CallRules.of(PolicyFile.parse("version = 1\n" + text, "p.toml", new PolicyFile.Place("/", "/w", "/h"))
                .calls());
    }

    @Test
    void aCallIsRefusedWithItsErrorAndNoOther() throws PolicyException {
        CallRules rules = rules("[calls]\nmkdir = 'EROFS'");
        assertThat(rules.refusing(Syscall.MKDIR).errno()).isEqualTo(Errno.EROFS);
        assertThat(rules.refusing(Syscall.MKDIR)).hasToString("calls mkdir (p.toml:3:1)");
        assertThat(rules.refusing(Syscall.MKDIRAT)).isNull();
        assertThat(CallRules.NONE.refusing(Syscall.MKDIR)).isNull();
    }

    @Test
    void aCallWinsOverItsCategoryWhateverTheOrder() throws PolicyException {
        for (String text : List.of(
                "[categories]\nnetwork = 'EACCES'\n[calls]\nsocketpair = 'allow'\nbind = 'EPERM'",
                "[calls]\nbind = 'EPERM'\nsocketpair = 'allow'\n[categories]\nnetwork = 'EACCES'")) {
            CallRules rules = rules(text);
            assertThat(rules.refusing(Syscall.SOCKETPAIR)).isNull();
            assertThat(rules.refusing(Syscall.SOCKET).errno()).isEqualTo(Errno.EACCES);
            assertThat(rules.refusing(Syscall.BIND).errno()).isEqualTo(Errno.EPERM);
            assertThat(rules.refusing(Syscall.OPEN)).isNull();
        }
    }

    @Test
    void aCategoryLeavesOutWhatTheProgramDoesItself() throws PolicyException {
        CallRules rules = rules("[categories]\ndescriptor = 'EPERM'");
        assertThat(rules.refusing(Syscall.WRITE)).isNull();
        assertThat(rules.refusing(Syscall.DUP)).isNotNull();
    }

    @Test
    void aRuleThatCannotBeKeptIsAnError() {
        for (String text :
                List.of("[calls]\nread = 'EPERM'", "[calls]\nexit_group = 'EPERM'", "[calls]\nopn = 'EPERM'")) {
            assertThat(org.assertj.core.api.Assertions.catchThrowableOfType(PolicyException.class, () -> rules(text)))
                    .as(text)
                    .hasMessageContaining("p.toml:3:1: unknown key");
        }
    }
}
