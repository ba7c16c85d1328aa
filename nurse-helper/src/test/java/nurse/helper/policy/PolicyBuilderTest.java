package nurse.helper.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import nurse.helper.policy.Rule.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@SuppressWarnings("EnumOrdinal") // the order of strength is what is tested
class PolicyBuilderTest {
    private static final String CWD = "/home/me/project";

    private static PolicyBuilder builder() {
        return new PolicyBuilder(CWD);
    }

    private static PolicyFile file(boolean systemRules, Rule... rules) {
        return new PolicyFile(systemRules, List.of(rules), List.of());
    }

    private static Rule rule(String path, Kind kind) {
        return new Rule(path, kind, "policy.toml:1:1");
    }

    private static boolean allows(PolicyBuilder builder, String path, int access) throws PolicyException {
        return builder.build().files().decide(path, access).allowed();
    }

    @Test
    void withoutOptionsTheBuiltInRulesHold() throws PolicyException {
        assertThat(allows(builder(), "/usr/bin/jq", Access.READ)).isTrue();
        assertThat(allows(builder(), CWD + "/x", Access.READ)).isTrue();
        assertThat(allows(builder(), "/secret/password", Access.READ)).isFalse();
    }

    @Test
    void anOptionAllowsAndIsNamedInTheDecision() throws PolicyException {
        Policy policy = builder().read("/secret").write("out").build().files();
        assertThat(policy.decide("/secret/password", Access.READ))
                .hasToString("read allowed by read '/secret' (--read '/secret')");
        assertThat(policy.decide(CWD + "/out", Access.WRITE).allowed()).isTrue();
        assertThat(policy.decide("/secret/password", Access.WRITE).allowed()).isFalse();
    }

    @Test
    void aRelativeOptionStartsFromTheWorkingDirectory() throws PolicyException {
        Policy policy = builder().write("../other/./x").build().files();
        assertThat(policy.decide("/home/me/other/x", Access.WRITE).allowed()).isTrue();
    }

    @Test
    void allWrongOptionsAreReportedTogether() {
        PolicyBuilder builder = builder()
                .read("")
                .write("a/../b")
                .environment("LD_AUDIT")
                .environment("LD_DEBUG=all")
                .environment("=x");
        PolicyException exception = catchThrowableOfType(PolicyException.class, builder::build);
        assertThat(exception.problems())
                .extracting(PolicyProblem::where)
                .containsExactly(
                        "--read ''", "--write 'a/../b'", "--env 'LD_AUDIT'", "--env 'LD_DEBUG=all'", "--env '=x'");
        assertThat(exception.exitStatus()).isEqualTo(125);
    }

    @Test
    void withoutTheSystemRulesOnlyTheFileAndTheOptionsCount() throws PolicyException {
        PolicyBuilder builder =
                builder().file(file(false, rule("/a", Kind.READ))).read("/b").environment("X");
        assertThat(allows(builder, "/a", Access.READ)).isTrue();
        assertThat(allows(builder, "/b", Access.READ)).isTrue();
        assertThat(allows(builder, "/usr/bin/jq", Access.READ)).isFalse();
        assertThat(allows(builder, CWD, Access.READ)).isFalse();
        assertThat(builder.build().environment().inner(Map.of("PATH", "/bin", "X", "1")))
                .containsOnlyKeys("X");
    }

    @Test
    void aDeniedDirectoryIsDeniedAlsoWhereBuiltInRulesAreMoreSpecific() throws PolicyException {
        PolicyBuilder builder = builder().file(file(true, rule("/etc", Kind.DENY)));
        assertThat(allows(builder, "/etc/passwd", Access.READ)).isFalse();
        assertThat(allows(builder(), "/etc/passwd", Access.READ)).isTrue();
        assertThat(allows(builder.read("/etc/ssl"), "/etc/ssl/certs/x", Access.READ))
                .isTrue();
    }

    @Test
    void theCurrentDirectoryIsWritableWhereADirectoryAboveIs() throws PolicyException {
        assertThat(allows(builder().write("/home/me"), CWD + "/x", Access.WRITE))
                .isTrue();
        assertThat(allows(builder(), CWD + "/x", Access.WRITE)).isFalse();
    }

    @Test
    void builtInDevicesStayWritableInAReadableDirectory() throws PolicyException {
        assertThat(allows(builder().read("/dev").read("/dev/null"), "/dev/null", Access.WRITE))
                .isTrue();
        assertThat(allows(builder().read("/dev"), "/dev/tty", Access.READ)).isTrue();
    }

    @Test
    void privateKeysStayDeniedUntilTheyAreNamed() throws PolicyException {
        String key = "/etc/ssl/private/key.pem";
        assertThat(allows(builder().read("/"), key, Access.READ)).isFalse();
        assertThat(allows(builder().read("/etc/ssl"), key, Access.READ)).isFalse();
        assertThat(allows(builder().read("/etc/ssl/private"), key, Access.READ)).isTrue();
        assertThat(allows(builder().read(key), key, Access.READ)).isTrue();
    }

    @Test
    void aRuleAboutALinkIsOneAboutWhereItLeads() throws PolicyException {
        PolicyBuilder builder = builder()
                .links(path -> path.equals("/data/link/f") ? List.of(path, "/b/second/f", "/vault/f") : List.of(path))
                .read("/data/link/f");
        assertThat(allows(builder, "/vault/f", Access.READ)).isTrue();
        assertThat(allows(builder, "/data/link", Access.LOOKUP)).isTrue();
        assertThat(allows(builder, "/b/second", Access.LOOKUP)).isTrue();
        assertThat(allows(builder, "/vault", Access.READ)).isFalse();
        assertThat(allows(builder, "/b/second", Access.READ)).isFalse();
        PolicyBuilder denied =
                builder().links(path -> List.of(path, "/usr/secret")).file(file(true, rule("/secret", Kind.DENY)));
        assertThat(allows(denied, "/usr/secret/x", Access.READ)).isFalse();
        assertThat(allows(denied, "/usr/other", Access.READ)).isTrue();
    }

    @Test
    void theNoteOfTheRootIsGivenUnlessItIsAllowedExplicitly() throws PolicyException {
        assertThat(new PolicyBuilder("/").build().notes()).hasSize(1);
        assertThat(new PolicyBuilder("/").read("/").build().notes()).isEmpty();
        assertThat(new PolicyBuilder("/").file(file(false)).build().notes()).isEmpty();
    }

    @Test
    void anOptionsVariableWinsOverTheFiles() throws PolicyException {
        PolicyFile file = new PolicyFile(
                true,
                List.of(),
                EnvironmentRulesTest.list(List.of("FROM_FILE"), List.of(), Map.of("A", "file", "B", "file")));
        for (PolicyBuilder builder : List.of(
                builder().environment("A=x=y").file(file), builder().file(file).environment("A=x=y"))) {
            assertThat(builder.environment("PY*")
                            .build()
                            .environment()
                            .inner(Map.of("PYX", "1", "FROM_FILE", "1", "OTHER", "1")))
                    .isEqualTo(Map.of("A", "x=y", "B", "file", "PYX", "1", "FROM_FILE", "1"));
        }
    }

    private static final List<Kind> KINDS =
            List.of(Kind.READ, Kind.WRITE, Kind.DENY, Kind.HIDE, Kind.CREATE, Kind.LIST, Kind.NOEXEC);

    @Test
    void whereNothingIsToBeExecutedBuiltInRulesBelowDoNotAllowItEither() throws PolicyException {
        PolicyBuilder builder = builder().file(file(true, rule("/usr", Kind.READ), rule("/usr", Kind.NOEXEC)));
        assertThat(allows(builder, "/usr/bin/jq", Access.EXECUTE)).isFalse();
        assertThat(allows(builder, "/usr/bin/jq", Access.READ)).isTrue();
        PolicyBuilder all = builder().file(file(true, rule("/", Kind.NOEXEC)));
        assertThat(allows(all, "/usr/bin/jq", Access.EXECUTE)).isFalse();
        assertThat(allows(all, "/usr/bin/jq", Access.READ)).isTrue();
        assertThat(allows(all.read("/opt"), "/opt/tool", Access.EXECUTE)).isTrue();
    }

    @Test
    void privateKeysStayDeniedWhereAFinerRuleNamesThem() throws PolicyException {
        PolicyBuilder builder = builder().read("/etc").file(file(true, rule("/etc/ssl/private", Kind.LIST)));
        assertThat(allows(builder, "/etc/ssl/private/key.pem", Access.READ)).isFalse();
    }

    @Test
    void limitsOfOptionsWinOverTheFiles() throws PolicyException {
        PolicyFile file = PolicyFile.parse(
                "version = 1\n[limits]\ncpu = 5\nmemory = '1G'", "p.toml", new PolicyFile.Place("/", CWD, "/home/me"));
        Limits limits = builder().limit("cpu=500ms").file(file).build().limits();
        assertThat(limits.of(Limits.Limit.CPU)).isEqualTo(500_000_000L);
        assertThat(limits.of(Limits.Limit.MEMORY)).isEqualTo(1L << 30);
        assertThat(limits.has(Limits.Limit.WALL)).isFalse();
        PolicyException wrong = catchThrowableOfType(
                PolicyException.class,
                () -> builder().limit("cpuu=1").limit("cpu").limit("memory=1X").build());
        assertThat(wrong.getMessage()).contains("did you mean 'cpu'?", "NAME=VALUE", "a size is a number of bytes");
    }

    static LongStream seeds() {
        return new SplittableRandom(43).longs(100);
    }

    /** With the one exception that PolicyPropertiesTest states: a READ rule inside what may be written. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void oneMoreOptionNeverRefusesMore(long seed) throws PolicyException {
        Random random = new Random(seed);
        List<String> paths = new ArrayList<>(List.of("/", "/home", "/home/me", CWD + "/x", "/etc", "/etc/ssl", "/dev"));
        DefaultPolicy.of(CWD).rules().forEach(rule -> paths.add(rule.path()));
        PolicyBuilder before = builder();
        PolicyBuilder after = builder();
        for (int i = random.nextInt(4); i > 0; i--) {
            Rule rule = rule(paths.get(random.nextInt(paths.size())), KINDS.get(random.nextInt(KINDS.size())));
            before.file(file(true, rule));
            after.file(file(true, rule));
        }
        String added = paths.get(random.nextInt(paths.size()));
        boolean writes = random.nextBoolean();
        if (writes) {
            after.write(added);
        } else {
            after.read(added);
        }
        Policy policyBefore = before.build().files();
        Policy policyAfter = after.build().files();
        for (String path : paths) {
            for (int access : new int[] {Access.READ, Access.WRITE, Access.LOOKUP}) {
                Decision decision = policyBefore.decide(path, access);
                boolean narrowed = !writes
                        && access == Access.WRITE
                        && decision.rule().path().length() < added.length()
                        && rule(added, Kind.READ).covers(path);
                if (decision.allowed() && !narrowed) {
                    assertThat(policyAfter.decide(path, access).allowed())
                            .as("%s of %s, added %s", Access.describe(access), path, added)
                            .isTrue();
                }
            }
        }
    }

    @Test
    void theTomlLibraryIsNotLoadedWithoutAPolicyFile() throws Exception {
        ClassLoader without = new WithoutToml();
        Class<?> builder = without.loadClass(PolicyBuilder.class.getName());
        assertThat(builder.getClassLoader()).isSameAs(without);
        Object made = builder.getConstructor(String.class).newInstance("/home/me");
        builder.getMethod("read", String.class).invoke(made, "/x");
        assertThat(builder.getMethod("build").invoke(made)).isNotNull();
    }

    /** Loads the helper's classes anew, and has no TOML library for them. */
    private static final class WithoutToml extends ClassLoader {
        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (name.startsWith("org.tomlj.")) {
                throw new ClassNotFoundException(name);
            }
            if (!name.startsWith("nurse.")) {
                return super.loadClass(name, resolve);
            }
            Class<?> loaded = findLoadedClass(name);
            if (loaded != null) {
                return loaded;
            }
            try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
                byte[] bytes = in.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException failure) {
                throw new ClassNotFoundException(name, failure);
            }
        }
    }
}
