package nurse.helper.ask;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import nurse.ffm.Errno;
import nurse.helper.policy.Access;
import nurse.helper.policy.Decision;
import nurse.helper.policy.PolicyBuilder;
import nurse.helper.policy.PolicyException;
import nurse.helper.policy.PolicyFile;
import nurse.helper.sandbox.NoProcess;
import nurse.helper.sandbox.RefusalCount;
import org.junit.jupiter.api.Test;

class AskingTest {
    private final Deque<Answer> answers = new ArrayDeque<>();
    private final List<Question> questions = new ArrayList<>();
    private final Hold hold = new Hold();

    /** Held by who asks, and let go by who called. */
    private static final class Hold implements Pause {
        private boolean held;

        @Override
        public boolean begins() {
            held = true;
            return true;
        }

        @Override
        public boolean holds() {
            return held;
        }

        @Override
        public void ends() {
            held = false;
        }
    }

    private Asking asking(String... files) throws PolicyException {
        PolicyFile.Place place = new PolicyFile.Place("/w", "/w", "/home");
        String text = "version = 1\ndefault = \"none\"\n[files]\n" + String.join("\n", files) + "\n";
        PolicyBuilder.RunPolicy policy = new PolicyBuilder("/w")
                .file(PolicyFile.parse(text, "p.toml", place))
                .build();
        return new Asking(
                policy,
                new RefusalCount(),
                (question, trustee, pause) -> {
                    assertThat(pause.begins()).isTrue();
                    questions.add(question);
                    return answers.remove();
                },
                new NoProcess(),
                1,
                hold,
                name -> true);
    }

    /** A call that asks for this: whether it is answered anew. */
    private boolean asks(Asking asking, String file, int access) {
        asking.begins();
        Decision decision = asking.files().decide(file, access);
        asking.refused(file, decision);
        boolean allowed = asking.isAllowed(-decision.errno(), null);
        assertThat(hold.held).isFalse();
        return allowed;
    }

    private static boolean allows(Asking asking, String file, int access) {
        return asking.files().decide(file, access).allowed();
    }

    @Test
    void onceEndsWithTheCallAndAlwaysDoesNot() throws Exception {
        Asking asking = asking();
        answers.add(Answer.ONCE);
        assertThat(asks(asking, "/a", Access.READ)).isTrue();
        assertThat(allows(asking, "/a", Access.READ)).isTrue();
        assertThat(asking.ends()).isTrue();
        assertThat(allows(asking, "/a", Access.READ)).isFalse();
        answers.add(Answer.ALWAYS);
        assertThat(asks(asking, "/a", Access.READ)).isTrue();
        assertThat(asking.ends()).isFalse();
        assertThat(allows(asking, "/a", Access.READ)).isTrue();
        assertThat(allows(asking, "/a", Access.WRITE)).isFalse();
        assertThat(allows(asking, "/b", Access.READ)).isFalse();
    }

    @Test
    void neverAndRestAskNoMore() throws Exception {
        Asking asking = asking();
        answers.add(Answer.NEVER);
        assertThat(asks(asking, "/a", Access.READ)).isFalse();
        assertThat(asks(asking, "/a/below", Access.WRITE)).isFalse();
        assertThat(questions).hasSize(1);
        answers.add(Answer.REST);
        assertThat(asks(asking, "/b", Access.READ)).isFalse();
        assertThat(asks(asking, "/c", Access.READ)).isFalse();
        assertThat(questions).hasSize(2);
    }

    @Test
    void whatARuleTakesAwayIsNotAskedAboutAndNotGivenByTheWay() throws Exception {
        Asking asking = asking("deny = [\"/d\"]", "noexec = [\"/n\"]", "hide = [\"/h\", \"/a/h\"]");
        assertThat(asks(asking, "/d/x", Access.READ)).isFalse();
        assertThat(asks(asking, "/h", Access.READ)).isFalse();
        assertThat(questions).isEmpty();
        answers.addAll(List.of(Answer.ALWAYS, Answer.ALWAYS, Answer.ALWAYS));
        assertThat(asks(asking, "/n/x", Access.READ)).isTrue();
        assertThat(allows(asking, "/n/x", Access.READ)).isTrue();
        assertThat(allows(asking, "/n/x", Access.EXECUTE)).isFalse();
        assertThat(asks(asking, "/e", Access.READ)).isTrue(); // twin: where no rule is against it
        assertThat(allows(asking, "/e", Access.EXECUTE)).isTrue();
        assertThat(asks(asking, "/a", Access.WRITE)).isTrue();
        assertThat(allows(asking, "/a/h", Access.READ)).isFalse();
    }

    @Test
    void oneCallAsksNoMoreThanEightTimes() throws Exception {
        Asking asking = asking();
        asking.begins();
        int asked = 0;
        do {
            answers.add(Answer.ONCE);
            String file = "/a" + asked++;
            asking.refused(file, asking.files().decide(file, Access.READ));
        } while (asking.isAllowed(-Errno.EPERM, null));
        assertThat(questions).hasSize(8);
    }

    @Test
    void anAddressIsAllowedAsItWasUsed() throws Exception {
        Asking asking = asking();
        asking.begins();
        asking.refusedAddress("connect", "connect tcp 192.0.2.1:80", "why");
        answers.add(Answer.ALWAYS);
        assertThat(asking.isAllowed(-Errno.EPERM, null)).isTrue();
        assertThat(asking.network().rules()).hasSize(1);
        assertThat(asking.network().rules().get(0).toString()).contains("192.0.2.1");
        asking.begins();
        asking.refusedAddress("connect", "connect unix @a\0b", "why"); // a name that no rule can say
        assertThat(asking.isAllowed(-Errno.EPERM, null)).isFalse();
        assertThat(questions).hasSize(1);
    }
}
