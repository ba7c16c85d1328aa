package nurse.helper.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import nurse.ffm.Errno;
import nurse.helper.policy.Decision.Outcome;
import nurse.helper.policy.Rule.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyTest {
    private static Rule read(String path) {
        return new Rule(path, Kind.READ, "test");
    }

    private static Rule write(String path) {
        return new Rule(path, Kind.WRITE, "test");
    }

    private static Rule deny(String path) {
        return new Rule(path, Kind.DENY, "test");
    }

    private static boolean allows(Policy policy, String path, int access) {
        return policy.decide(path, access).allowed();
    }

    @Test
    void aRuleCoversItsPathAndWhatIsBelow() {
        Policy policy = Policy.of(List.of(read("/usr")));
        assertThat(allows(policy, "/usr", Access.READ)).isTrue();
        assertThat(allows(policy, "/usr/lib/x", Access.READ)).isTrue();
        assertThat(allows(policy, "/etc", Access.READ)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/usrx", "/us", "/usr ", "/USR", "/x/usr", "/usr\u00a0", "/usr\n"})
    void aNameThatOnlyBeginsLikeARuleIsNotCovered(String path) {
        assertThat(allows(Policy.of(List.of(read("/usr"))), path, Access.READ)).isFalse();
        assertThat(allows(Policy.of(List.of(read(path))), path, Access.READ)).isTrue();
    }

    @Test
    void whatNoRuleAllowsIsRefusedWithEpermAndTheDefaultRule() {
        Decision decision = Policy.of(List.of(read("/usr"))).decide("/secret/password", Access.READ);
        assertThat(decision.outcome()).isEqualTo(Outcome.REFUSED);
        assertThat(decision.errno()).isEqualTo(Errno.EPERM);
        assertThat(decision.rule()).isEqualTo(Rule.NOTHING_ALLOWS);
        assertThat(decision).hasToString("read refused by default: what no rule allows is refused");
    }

    @Test
    void anEmptyPolicyRefusesEverything() {
        Policy policy = Policy.of(List.of());
        for (int access = 1; access <= Access.ALL; access++) {
            assertThat(allows(policy, "/", access)).isFalse();
            assertThat(allows(policy, "/a", access)).isFalse();
        }
    }

    @Test
    void aReadRuleAllowsReadingButNotWriting() {
        Policy policy = Policy.of(List.of(read("/in"), write("/out")));
        assertThat(allows(policy, "/in/f", Access.READ)).isTrue();
        assertThat(allows(policy, "/in/f", Access.WRITE)).isFalse();
        assertThat(allows(policy, "/in/f", Access.READ | Access.WRITE)).isFalse();
        assertThat(allows(policy, "/out/f", Access.WRITE)).isTrue();
        assertThat(allows(policy, "/out/f", Access.READ | Access.WRITE)).isTrue();
        assertThat(policy.decide("/in/f", Access.WRITE)).hasToString("write refused by read '/in' (test)");
    }

    @Test
    void aDeniedPartOfAnAllowedDirectoryIsRefusedAndItsNeighbourIsNot() {
        Policy policy = Policy.of(List.of(read("/data"), deny("/data/secret")));
        assertThat(policy.decide("/data/secret/key", Access.READ).rule()).isEqualTo(deny("/data/secret"));
        assertThat(allows(policy, "/data/secret", Access.LOOKUP)).isFalse();
        assertThat(allows(policy, "/data/secrets", Access.READ)).isTrue();
    }

    @Test
    void anAllowedPartOfADeniedDirectoryIsAllowed() {
        Policy policy = Policy.of(List.of(deny("/data"), read("/data/a/public")));
        assertThat(allows(policy, "/data/a/public/f", Access.READ)).isTrue();
        assertThat(allows(policy, "/data/a/private", Access.READ)).isFalse();
    }

    @Test
    void ofTwoRulesOfTheSamePathDenyWins() {
        Policy policy = Policy.of(List.of(write("/a"), deny("/a"), read("/a")));
        assertThat(policy.decide("/a", Access.READ).rule()).isEqualTo(deny("/a"));
        assertThat(policy.decide("/a/b", Access.WRITE).allowed()).isFalse();
    }

    @Test
    void allowRulesOfTheSamePathAddUp() {
        Policy policy = Policy.of(List.of(write("/a"), read("/a")));
        assertThat(policy.decide("/a/b", Access.READ)).hasToString("read allowed by read '/a' (test)");
        assertThat(policy.decide("/a/b", Access.WRITE)).hasToString("write allowed by write '/a' (test)");
    }

    @Test
    void aReadRuleInsideAWritableDirectoryMakesThatPartReadOnly() {
        Policy policy = Policy.of(List.of(write("/work"), read("/work/input")));
        assertThat(allows(policy, "/work/input/f", Access.WRITE)).isFalse();
        assertThat(allows(policy, "/work/output/f", Access.WRITE)).isTrue();
    }

    private static Rule rule(String path, Kind kind) {
        return new Rule(path, kind, "test");
    }

    @Test
    void aRuleThatAddsLeavesWhatRulesOfShorterPathsGive() {
        Policy policy =
                Policy.of(List.of(read("/data"), rule("/data/drop", Kind.CREATE), rule("/data/log", Kind.MODIFY)));
        assertThat(policy.granted("/data/drop/f")).isEqualTo(Kind.READ.rights() | Access.CREATE | Access.BIND);
        assertThat(policy.granted("/data/log/f")).isEqualTo(Kind.READ.rights() | Access.WRITE);
        assertThat(policy.decide("/data/drop/f", Access.READ).rule()).isEqualTo(read("/data"));
        assertThat(policy.decide("/data/drop/f", Access.DELETE)).hasToString("delete refused by read '/data' (test)");
    }

    @Test
    void aDropBoxMayBeFilledAndNothingElse() {
        Policy policy = Policy.of(List.of(rule("/drop", Kind.CREATE)));
        assertThat(policy.granted("/drop/f")).isEqualTo(Access.CREATE | Access.BIND | Access.LOOKUP);
        assertThat(policy.decide("/drop", Access.LIST).allowed()).isFalse();
    }

    @Test
    void whatIsNotToBeExecutedMayStillBeReadUntilARuleSaysOtherwise() {
        Policy policy = Policy.of(List.of(write("/work"), rule("/work/out", Kind.NOEXEC), read("/work/out/bin")));
        assertThat(policy.granted("/work/out/f")).isEqualTo(Access.ALL & ~Access.EXECUTE);
        assertThat(policy.decide("/work/out/f", Access.EXECUTE))
                .hasToString("execute refused by noexec '/work/out' (test)");
        assertThat(allows(policy, "/work/out/bin/tool", Access.EXECUTE)).isTrue();
        assertThat(allows(policy, "/work/tool", Access.EXECUTE)).isTrue();
        assertThat(policy.restrictsExecution()).isTrue();
        assertThat(Policy.of(List.of(read("/a"), deny("/a/b"))).restrictsExecution())
                .isFalse();
    }

    @Test
    void whatIsHiddenIsNotThere() {
        Policy policy = Policy.of(List.of(read("/home"), rule("/home/me/.ssh", Kind.HIDE)));
        assertThat(policy.decide("/home/me/.ssh", Access.LOOKUP).errno()).isEqualTo(Errno.ENOENT);
        assertThat(policy.decide("/home/me/.ssh/id", Access.READ).errno()).isEqualTo(Errno.ENOENT);
        assertThat(policy.decide("/home/you", Access.WRITE).errno()).isEqualTo(Errno.EPERM);
        assertThat(policy.hides()).isTrue();
    }

    @Test
    void ofTwoDenialsOfTheSamePathTheOneThatHidesWins() {
        Policy policy = Policy.of(List.of(deny("/a"), rule("/a", Kind.HIDE), write("/a")));
        assertThat(policy.decide("/a", Access.READ).rule().kind()).isEqualTo(Kind.HIDE);
    }

    @Test
    void aDirectoryOnTheWayMayBeLookedUpAndNothingElse() {
        Policy policy = Policy.of(List.of(read("/home/me/project")));
        for (String way : List.of("/", "/home", "/home/me")) {
            Decision decision = policy.decide(way, Access.LOOKUP);
            assertThat(decision.outcome()).isEqualTo(Outcome.ON_THE_WAY);
            assertThat(decision.rule()).isEqualTo(read("/home/me/project"));
            assertThat(allows(policy, way, Access.READ)).isFalse();
            assertThat(allows(policy, way, Access.READ | Access.LOOKUP)).isFalse();
        }
        assertThat(allows(policy, "/home/you", Access.LOOKUP)).isFalse();
        assertThat(allows(policy, "/home/me/other", Access.LOOKUP)).isFalse();
        assertThat(policy.decide("/home/me/project", Access.LOOKUP).outcome()).isEqualTo(Outcome.ALLOWED);
    }

    @Test
    void theWayThroughADeniedDirectoryToAnAllowedOneIsOpen() {
        Policy policy = Policy.of(List.of(read("/a"), deny("/a/b"), read("/a/b/c/d")));
        assertThat(policy.decide("/a/b", Access.LOOKUP).outcome()).isEqualTo(Outcome.ON_THE_WAY);
        assertThat(policy.decide("/a/b/c", Access.LOOKUP).outcome()).isEqualTo(Outcome.ON_THE_WAY);
        assertThat(allows(policy, "/a/b", Access.READ)).isFalse();
        assertThat(allows(policy, "/a/b/x", Access.LOOKUP)).isFalse();
    }

    @Test
    void aDeniedPathOpensNoWay() {
        Policy policy = Policy.of(List.of(deny("/a/b"), read("/c/d"), deny("/c/d")));
        assertThat(allows(policy, "/a", Access.LOOKUP)).isFalse();
        assertThat(allows(policy, "/c", Access.LOOKUP)).isFalse();
        assertThat(allows(policy, "/", Access.LOOKUP)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "usr",
                "usr/lib",
                "/usr/",
                "//usr",
                "//",
                "/usr//lib",
                "/usr/.",
                "/usr/..",
                "/usr/../etc/shadow",
                "/usr/x/../../etc",
                "/usr/x/./y",
                "/.",
                "/..",
                "/usr/\0",
                "/usr/x\0y",
                "/usr/\u0100",
                "/usr/\u732b"
            })
    void aNameThatIsNotCanonicalIsRefusedEvenWhereAllIsAllowed(String path) {
        Policy policy = Policy.of(List.of(write("/"), write("/usr")));
        Decision decision = policy.decide(path, Access.LOOKUP);
        assertThat(decision.allowed()).isFalse();
        assertThat(decision.rule()).isEqualTo(Rule.NOT_CANONICAL);
        assertThatThrownBy(() -> read(path)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/", "/usr", "/...", "/..a", "/.a", "/a..", "/usr/ ", "/\u0001/\u00ff", "/*", "/\\", "/a\nb"})
    void anyOtherByteIsPartOfAName(String path) {
        assertThat(allows(Policy.of(List.of(read("/"))), path, Access.READ)).isTrue();
        assertThat(allows(Policy.of(List.of(read(path))), path, Access.READ)).isTrue();
    }

    @Test
    void namesWithTheSameHashAreToldApart() {
        assertThat("Aa").hasSameHashCodeAs("BB");
        Policy policy = Policy.of(List.of(read("/Aa"), deny("/AaAa"), read("/BBBB")));
        assertThat(allows(policy, "/Aa", Access.READ)).isTrue();
        assertThat(allows(policy, "/BB", Access.READ)).isFalse();
        assertThat(allows(policy, "/AaAa", Access.READ)).isFalse();
        assertThat(allows(policy, "/BBBB", Access.READ)).isTrue();
        assertThat(allows(policy, "/AaBB", Access.READ)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, Access.ALL + 1, Integer.MIN_VALUE})
    void aQuestionForNoOrUnknownRightsIsAnError(int access) {
        assertThatThrownBy(() -> Policy.of(List.of(write("/"))).decide("/", access))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("access=" + access);
    }

    @Test
    void hostileNamesInRulesAreShownEscaped() {
        assertThat(read("/a\u001b[2J")).hasToString("read '/a\\x1b[2J' (test)");
    }

    @Test
    void theLongestPathThereIsCanBeARuleAndAQuestion() {
        String longest = "/a".repeat(2047);
        Policy policy = Policy.of(List.of(read(longest)));
        assertThat(allows(policy, longest, Access.READ)).isTrue();
        assertThat(allows(policy, longest + "/b", Access.READ)).isTrue();
        assertThat(allows(policy, longest.substring(2), Access.READ)).isFalse();
        assertThat(allows(policy, longest.substring(2), Access.LOOKUP)).isTrue();
    }

    @Test
    void decidingAllocatesNothing() {
        Policy policy = Policy.of(DefaultPolicy.of("/home/me/project").rules());
        List<String> paths = new ArrayList<>(List.of(
                "/",
                "",
                "/usr/lib/i386-linux-gnu/libc.so.6",
                "/etc/shadow",
                "/etc/ssl/private/key.pem",
                "/home",
                "/home/me/project/src/main/java/x.java",
                "/usr/../etc/shadow",
                "/secret/password"));
        long sum = ask(policy, paths, 100_000); // warm: the first calls load and compile
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        threads.getCurrentThreadAllocatedBytes();
        long before = threads.getCurrentThreadAllocatedBytes();
        sum += ask(policy, paths, 100_000);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertThat(sum).isPositive();
        // Less than a byte each: the smallest object has 16. The JVM itself may allocate some on this thread meanwhile.
        assertThat(allocated).as("bytes for 100,000 decisions").isLessThan(100_000);
    }

    private static long ask(Policy policy, List<String> paths, int decisions) {
        long refused = 0;
        for (int i = 0; i < decisions; i++) {
            Decision decision = policy.decide(paths.get(i % paths.size()), 1 + i % Access.ALL);
            refused += decision.errno();
        }
        return refused;
    }
}
