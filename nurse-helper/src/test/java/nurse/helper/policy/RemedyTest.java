package nurse.helper.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import nurse.helper.policy.Remedy.Option;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RemedyTest {
    private static final Policy NOTHING = Policy.of(List.of());

    private static Remedy of(String file, int access) {
        return Remedy.of(file, NOTHING.decide(file, access));
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                Access.READ,
                Access.LIST,
                Access.EXECUTE,
                Access.LOOKUP,
                Access.WRITE,
                Access.CREATE,
                Access.DELETE,
                Access.CONNECT,
                Access.BIND
            })
    void itsRuleAllowsWhatWasRefusedAndNothingElsewhere(int access) {
        Policy helped = Policy.of(List.of(of("/a/b", access).rule("test")));
        assertThat(helped.decide("/a/b", access).allowed()).isTrue();
        assertThat(helped.decide("/a/bc", access).allowed()).isFalse();
        assertThat(helped.granted("/a") & ~Access.LOOKUP).isZero();
    }

    @Test
    void whatOnlyReadsIsNotAllowedToChangeAndASocketIsForOneUseOnly() {
        assertThat(of("/a", Access.READ).option()).isEqualTo(Option.READ);
        assertThat(Policy.of(List.of(of("/a", Access.READ).rule(""))).granted("/a") & Access.CHANGES)
                .isZero();
        assertThat(of("/a", Access.CONNECT).value()).isEqualTo("connect unix /a");
        assertThat(Policy.of(List.of(of("/a", Access.CONNECT).rule(""))).granted("/a"))
                .isEqualTo(Access.CONNECT | Access.LOOKUP);
        assertThat(Policy.of(List.of(of("/a", Access.BIND).rule(""))).granted("/a"))
                .isEqualTo(Access.BIND | Access.LOOKUP);
    }

    @Test
    void onlyAnotherRunIsHelpedByTheDirectoryOfATemporaryFile() {
        Decision create = NOTHING.decide("/tmp/x", Access.CREATE);
        assertThat(Remedy.of("/tmp/x", create).path()).isEqualTo("/tmp/x");
        assertThat(Remedy.ofAnotherRun("/tmp/x", create).path()).isEqualTo("/tmp");
        assertThat(Remedy.ofAnotherRun("/tmp/x", NOTHING.decide("/tmp/x", Access.READ))
                        .path())
                .isEqualTo("/tmp/x");
        assertThat(Remedy.ofAnotherRun("/home/x", create).path()).isEqualTo("/home/x");
    }

    @Test
    void whoIsRefusedToReadIsRefusedToWriteAndWhatLiesBelowButNotTheOtherWayRound() {
        Remedy read = new Remedy(Option.READ, "/a");
        Remedy write = new Remedy(Option.WRITE, "/a");
        assertThat(read.covers(write)).isTrue();
        assertThat(write.covers(read)).isFalse();
        assertThat(read.covers(new Remedy(Option.READ, "/a/b"))).isTrue();
        assertThat(read.covers(new Remedy(Option.READ, "/ab"))).isFalse();
        assertThat(read.covers(new Remedy(Option.CONNECT, "/a"))).isFalse();
    }
}
