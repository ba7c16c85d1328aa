package nurse.cli.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.IntFunction;
import nurse.ffm.Errno;
import nurse.helper.calls.Syscall;
import nurse.helper.policy.Access;
import nurse.helper.policy.Policy;
import nurse.helper.policy.Rule;
import org.junit.jupiter.api.Test;

/** Whatever else a program asks for, what it was refused is told. */
class RefusalSummaryTest {
    private static final Policy POLICY = Policy.of(List.of(new Rule("/usr", Rule.Kind.READ, "test")));
    private static final int MANY = 3_000;

    private final Refusals refusals = new Refusals(file -> !file.contains("nosuch"));

    private void open(String file, int access) {
        refusals.answering(Syscall.OPENAT);
        refusals.refused(file, POLICY.decide(file, access));
    }

    private void fiveThatCount() {
        open("/home/me/secret", Access.READ);
        open("/root/.bashrc", Access.READ);
        open("/etc/shadow", Access.READ);
        refusals.refusedAddress("connect", "connect tcp 192.0.2.7:443", "no rule allows it (--net ...)");
        refusals.answering(Syscall.UNLINK);
        refusals.refused("/etc/passwd", POLICY.decide("/etc/passwd", Access.DELETE));
    }

    private void assertThatTheFiveAreTold(boolean well) {
        String text = new RefusalSummary(refusals, "python3", file -> null).text(well);
        assertThat(text)
                .contains("/home/me/secret", "/root/.bashrc", "/etc/shadow", "connect EPERM", "unlink '/etc/passwd'");
        assertThat(text.lines().count()).isLessThan(12);
    }

    private void assertThatFiveAreToldBehind(IntFunction<Runnable> decoy) {
        for (int i = 0; i < MANY; i++) {
            decoy.apply(i).run();
        }
        fiveThatCount();
        for (int i = MANY; i < 2 * MANY; i++) {
            decoy.apply(i).run();
        }
        assertThatTheFiveAreTold(true);
        assertThatTheFiveAreTold(false);
        assertThat(refusals.count()).isEqualTo(2 * MANY + 5);
        assertThat(refusals.kinds().size()).isLessThanOrEqualTo(1000);
    }

    @Test
    void alone() {
        fiveThatCount();
        assertThatTheFiveAreTold(true);
        assertThatTheFiveAreTold(false);
        assertThat(new RefusalSummary(refusals, "python3", file -> null).text(true))
                .startsWith("nurse: it ended well, but 5 calls were refused\n");
    }

    @Test
    void behindFilesThatAreNotThere() {
        assertThatFiveAreToldBehind(i -> () -> open("/nosuch-" + i, Access.READ));
        assertThat(new RefusalSummary(refusals, "python3", file -> null).text(false))
                .contains("6000 were for files that are not there, such as openat '/nosuch-0'");
        assertThat(new RefusalSummary(refusals, "python3", file -> null).text(true))
                .doesNotContain("nosuch");
    }

    @Test
    void behindFilesOfTheSameDirectoryThatAreNotThere() {
        assertThatFiveAreToldBehind(i -> () -> open("/etc/nosuch-" + i, Access.READ));
    }

    @Test
    void behindFilesThatAreThere() {
        assertThatFiveAreToldBehind(i -> () -> open("/srv/" + i, Access.READ));
        assertThat(new RefusalSummary(refusals, "python3", file -> null).text(true))
                .contains("6000 files in '/srv'");
    }

    @Test
    void behindFilesInDirectoriesOfTheirOwn() {
        assertThatFiveAreToldBehind(i -> () -> open("/srv/" + i % 7 + "/" + i + "/x", Access.READ));
    }

    @Test
    void behindWhatIsChanged() {
        assertThatFiveAreToldBehind(i -> () -> open("/usr/share/" + i + "/x", Access.WRITE));
    }

    @Test
    void behindAddresses() {
        assertThatFiveAreToldBehind(i -> () -> refusals.refusedAddress(
                "connect", "connect tcp 10.0.0.1:" + i, "no rule allows to connect tcp 10.0.0.1:" + i));
    }

    @Test
    void behindCallsThatThereAreNot() {
        assertThatFiveAreToldBehind(
                i -> () -> refusals.refused("syscall " + i, Errno.ENOSYS, "the sandbox does not know how to do it"));
    }

    /** The kept names take less than so many chars, however long they are. */
    @Test
    void behindLongNamesInBoundedMemory() {
        String deep = "/x".repeat(2000);
        assertThatFiveAreToldBehind(i -> () -> open("/srv/" + i + deep, Access.READ));
        assertThat(refusals.kinds().stream()
                        .mapToInt(kind -> kind.file.length())
                        .sum())
                .isLessThan(1 << 20);
    }

    /** It asks for many names of which it gets none; its twin is a run that is refused one file that is there. */
    @Test
    void aSearchThatFoundNothingIsToldOnlyIfNothingElseIs() {
        refusals.answering(Syscall.STATX);
        for (int i = 0; i < 5; i++) {
            String file = "/nosuch" + i + "/other";
            refusals.refused(file, POLICY.decide(file, Access.LOOKUP));
        }
        assertThat(new RefusalSummary(refusals, "python3", file -> null).text(false))
                .contains("5 were for files that are not there");
        open("/etc/shadow", Access.READ);
        assertThat(new RefusalSummary(refusals, "python3", file -> null).text(false))
                .startsWith("nurse: 1 call was refused\n  openat '/etc/shadow'")
                .doesNotContain("nosuch");
    }
}
