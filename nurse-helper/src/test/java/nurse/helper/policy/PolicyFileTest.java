package nurse.helper.policy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import nurse.helper.policy.Rule.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyFileTest {
    private static final PolicyFile.Place PLACE = new PolicyFile.Place("/etc/policies", "/work/dir", "/home/me");

    private static PolicyFile parse(String text) throws PolicyException {
        return PolicyFile.parse(text, "policy.toml", PLACE);
    }

    private static List<PolicyProblem> problems(String text) {
        return problems(text, PLACE);
    }

    private static List<PolicyProblem> problems(String text, PolicyFile.Place place) {
        PolicyException exception =
                catchThrowableOfType(PolicyException.class, () -> PolicyFile.parse(text, "policy.toml", place));
        return exception == null ? List.of() : exception.problems();
    }

    private static PolicyProblem problem(String text) {
        assertThat(problems(text)).hasSize(1);
        return problems(text).get(0);
    }

    /** A file with one path, in line 3, column 9. */
    private static String reading(String path) {
        return "version = 1\n[files]\nread = [" + path + "]\n";
    }

    private static Rule only(String text) throws PolicyException {
        return parse(text).rules().get(0);
    }

    private static List<String> said(PolicyFile file) {
        return file.environment().stream()
                .map(rule -> rule.verb() + " " + rule.name()
                        + (rule.verb() == EnvironmentRules.Verb.SET ? "=" + rule.value() : ""))
                .toList();
    }

    /** What a program gets of the variables A and B by a file that extends others. */
    private static Map<String, String> inner(String text) throws PolicyException {
        return EnvironmentRules.of(extending(text).environment()).inner(Map.of("A", "outer", "B", "outer"));
    }

    @Test
    void aWholeFileIsRead() throws PolicyException {
        PolicyFile file = parse("""
                version = 1            # always
                default = "none"
                [files]
                read = ["/usr", "/etc/hosts",]
                write = [
                  "${cwd}/out",
                ]
                deny = ["${home}"]
                [env]
                pass = ["LANG", "PY*"]
                set = { HOME = "/nowhere", "a.b" = "" }
                """);
        assertThat(file.systemRules()).isFalse();
        assertThat(file.rules())
                .containsExactly(
                        new Rule("/usr", Kind.READ, "policy.toml:4:9"),
                        new Rule("/etc/hosts", Kind.READ, "policy.toml:4:17"),
                        new Rule("/work/dir/out", Kind.WRITE, "policy.toml:6:3"),
                        new Rule("/home/me", Kind.DENY, "policy.toml:8:9"));
        assertThat(said(file)).containsExactlyInAnyOrder("PASS LANG", "PASS PY*", "SET HOME=/nowhere", "SET a.b=");
    }

    @Test
    void theSmallestFileKeepsTheSystemRules() throws PolicyException {
        PolicyFile file = parse("version = 1");
        assertThat(file.systemRules()).isTrue();
        assertThat(file.rules()).isEmpty();
        assertThat(parse("version = 1\ndefault = 'system'").systemRules()).isTrue();
    }

    @Test
    void whatIsSetMayBeATableOfItsOwn() throws PolicyException {
        assertThat(said(parse("version = 1\n[env.set]\nA = \"1\""))).containsExactly("SET A=1");
    }

    static Stream<Arguments> paths() {
        return Stream.of(
                Arguments.of("data", "/etc/policies/data"),
                Arguments.of("./data/", "/etc/policies/data"),
                Arguments.of(".", "/etc/policies"),
                Arguments.of("../x", "/etc/x"),
                Arguments.of("../..", "/"),
                Arguments.of("/", "/"),
                Arguments.of("//usr///lib/.", "/usr/lib"),
                Arguments.of("/a..b/...", "/a..b/..."),
                Arguments.of("${cwd}", "/work/dir"),
                Arguments.of("${cwd}/", "/work/dir"),
                Arguments.of("${home}/.cache", "/home/me/.cache"),
                Arguments.of("/a$b/$c", "/a$b/$c"),
                Arguments.of("/$${home}/$*", "/${home}/*"),
                Arguments.of("${cwd}/$$$$x$", "/work/dir/$$x$"),
                Arguments.of("/caf${xe9}", "/caf\u00e9"),
                Arguments.of("${xFF}${x2a}/${x24}${x7b}", "/etc/policies/\u00ff*/${"),
                Arguments.of("/$$${xff}", "/$\u00ff"),
                Arguments.of("/$${xff}", "/${xff}"),
                Arguments.of("${home}/${xff}", "/home/me/\u00ff"),
                Arguments.of("${home}${x2f}x", "/home/me/x"),
                Arguments.of("/gr\u00f6\u00dfe", "/gr\u00c3\u00b6\u00c3\u009fe"));
    }

    @ParameterizedTest
    @MethodSource("paths")
    void pathsBecomeCanonicalBytes(String written, String canonical) throws PolicyException {
        assertThat(only(reading("'" + written + "'")).path()).isEqualTo(canonical);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/x/${home}",
                "/${cwd}/*",
                "/$",
                "/$$",
                "/a$*b$${c}$$$",
                "/*/$x",
                "/\u00c3\u00b6$\"{",
                "/\u00ff",
                "/$\u00ff",
                "/$$\u00ff$",
                "/*\u00ff*",
                "/${xff}\u00ff",
                "/\u00c0\u00af",
                "/\u00ed\u00a0\u0080",
                "/\u00c3",
                "/\u00c3/\u00a9",
                "/\u0001\u007f\n",
                "/\u00f0\u009f\u0098\u0080\u0080",
                "/\u00ff{x",
                "/\u00ef\u00bb\u00bf"
            })
    void aPathIsReadAsItWasWritten(String path) throws PolicyException {
        assertThat(only(reading(TomlString.ofPath(path))).path()).isEqualTo(path);
    }

    /** Messages show a byte of a name as \xff, which in TOML 1.1 is another character. */
    @Test
    void aByteWrittenAsMessagesShowItIsAnErrorThatSaysHowToWriteIt() throws PolicyException {
        PolicyProblem problem = problem("version = 1\n[files]\ndeny = [\"/\\xff\"]");
        assertThat(problem.where()).isEqualTo("policy.toml:3:11");
        assertThat(problem.next()).contains("${xff}");
        assertThat(parse("version = 1\n[files]\ndeny = ['/\\xff']")
                        .rules()
                        .get(0)
                        .path())
                .isEqualTo("/\\xff");
    }

    @Test
    void aSocketsNameMayHoldAnyByte() throws PolicyException {
        PolicyFile file = PolicyFile.parse(
                "version = 1\n[net]\nconnect = ['unix @a${xff}$*$${', 'unix /run/${xff}', 'unix @a*$']",
                "p.toml",
                PLACE);
        assertThat(file.network()).extracting(NetworkRules.Rule::name).containsExactly("@a\u00ff*${", "@a*$");
        assertThat(file.rules().get(0).path()).isEqualTo("/run/\u00ff");
        for (String rule : List.of("unix @a\u00ff*$${", "connect unix @$\u00ff", "bind unix @\u00c3\u00a9")) {
            PolicyFile written =
                    PolicyFile.parse("version = 1\n[net]\nallow = [" + TomlString.ofRule(rule) + "]", "p.toml", PLACE);
            assertThat(written.network()).extracting(NetworkRules.Rule::text).containsExactly(rule);
        }
    }

    @Test
    void aFileThatIsExtendedAndIsNoUtf8IsAnErrorAtItsPlace() {
        PolicyException wrong = catchThrowableOfType(
                PolicyException.class,
                () -> PolicyFile.parse(
                        "version = 1\nextends = './x.toml'",
                        "p.toml",
                        PLACE,
                        sources(Map.of(PLACE.directory() + "/x.toml", "version = 1\n# \u00ff"))));
        assertThat(wrong.problems().get(0).where()).isEqualTo(PLACE.directory() + "/x.toml:2:3");
    }

    static Stream<Arguments> wrongPaths() {
        return Stream.of(
                Arguments.of("''", "it is empty"),
                Arguments.of("'/a/../b'", "link"),
                Arguments.of("'a/..'", "link"),
                Arguments.of("'/..'", "above /"),
                Arguments.of("'../../..'", "above /"),
                Arguments.of("'${cwd}/../x'", "link"),
                Arguments.of("'~'", "${home}"),
                Arguments.of("'~/x'", "${home}"),
                Arguments.of("'/usr/*'", "no wildcards"),
                Arguments.of("\"/a\\u0000b\"", "zero byte"),
                Arguments.of("'${cdw}'", "did you mean 'cwd'?"),
                Arguments.of("'${HOME}'", "did you mean 'home'?"),
                Arguments.of("'${somewhere}'", "write one of 'cwd', 'home', 'input', 'output', 'tmp'"),
                Arguments.of("'${cwd'", "not closed"),
                Arguments.of("'/a${x00}b'", "zero byte"),
                Arguments.of("'/a${x0g}b'", "${xff}, with two hexadecimal digits"),
                Arguments.of("'/a${x123}b'", "${xff}, with two hexadecimal digits"),
                Arguments.of("'/a${xff'", "not closed"),
                Arguments.of("'/a/${x2e}${x2e}/b'", "link"),
                Arguments.of("'/x/${home}'", "at the beginning"),
                Arguments.of("'${home}x'", "at the beginning"),
                Arguments.of("'/x/$$${home}'", "at the beginning"),
                Arguments.of("'/x/$$*'", "no wildcards"),
                Arguments.of("'${home}/${cwd}'", "at the beginning"),
                Arguments.of("'/" + "x".repeat(4095) + "'", "longer"));
    }

    @ParameterizedTest
    @MethodSource("wrongPaths")
    void aPathThatIsNoneIsAnErrorAtItsPlace(String written, String said) {
        PolicyProblem problem = problem(reading(written));
        assertThat(problem.where()).isEqualTo("policy.toml:3:9");
        assertThat(problem.what()).contains("cannot be used");
        assertThat(problem.toString()).contains(said);
    }

    @Test
    void aVariableThatHappensToBeTheRootOpensNothing() {
        PolicyFile.Place root = new PolicyFile.Place("/p", "/", "/");
        for (String path : List.of("'${cwd}'", "'${home}/'", "'${cwd}//'", "'${cwd}/.'")) {
            assertThat(problems(reading(path), root)).as(path).hasSize(1);
        }
        assertThat(problems(reading("'${cwd}/data', '/'"), root)).isEmpty();
    }

    @Test
    void aHomeThatIsNotThereIsAnError() {
        PolicyFile.Place homeless = new PolicyFile.Place("/p", "/w", "");
        assertThat(problems(reading("'${home}/x'"), homeless)).hasSize(1);
        assertThat(problems(reading("'${cwd}/x'"), homeless)).isEmpty();
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(
                Arguments.of("version = 1\n[files]\nraed = []", 3, 1, "unknown key 'raed'", "did you mean 'read'?"),
                Arguments.of("version = 1\n[files]\nWrite = []", 3, 1, "unknown key 'Write'", "did you mean 'write'?"),
                Arguments.of("version = 1\n[file]\nread = []", 2, 1, "unknown key 'file'", "did you mean 'files'?"),
                Arguments.of("version = 1\nread = []", 2, 1, "unknown key 'read'", "put it below [files]"),
                Arguments.of("version = 1\n[env]\ndeny = []", 3, 1, "unknown key 'deny'", "put it below [files]"),
                Arguments.of("version = 1\n[network]\n", 2, 1, "unknown key 'network'", "write one of 'version'"),
                Arguments.of("version = 1\n\"\\u001b[2J\" = 1", 2, 1, "unknown key '\\x1b[2J'", "write one of"),
                Arguments.of("[files]", 1, 1, "there is no version", "version = 1"),
                Arguments.of("", 1, 1, "there is no version", "version = 1"),
                Arguments.of("version = 2", 1, 1, "version 2 is not known", "version = 1"),
                Arguments.of("version = '1'", 1, 1, "'version' is a string", "version = 1"),
                Arguments.of("version = 1.0", 1, 1, "unknown", "version = 1"),
                Arguments.of(
                        "version = 1\ndefault = 'sytem'", 2, 1, "unknown default 'sytem'", "did you mean 'system'?"),
                Arguments.of("version = 1\ndefault = true", 2, 1, "'default' is true or false", "default ="),
                Arguments.of("version = 1\nfiles = 1", 2, 1, "'files' is a number", "[files]"),
                Arguments.of("version = 1\n[[files]]", 2, 1, "'files' is an array", "[files]"),
                Arguments.of("version = 1\n[files]\nread = '/x'", 3, 1, "'read' is a string", "read = ["),
                Arguments.of(
                        "version = 1\n[files]\nread = ['/x', 7]",
                        3,
                        15,
                        "an entry of read is a number",
                        "in double quotes"),
                Arguments.of(
                        "version = 1\n[files]\nread = [1979-05-27]",
                        3,
                        9,
                        "an entry of read is a date or a time",
                        "quotes"),
                Arguments.of("version = 1\n[env]\nset = []", 3, 1, "'set' is an array", "set = {"),
                Arguments.of("version = 1\n[env]\nset = { A = 1 }", 3, 9, "'A' is a number", "in double quotes"),
                Arguments.of(
                        "version = 1\n[env]\npass = ['A', 'LD_AUDIT']",
                        3,
                        14,
                        "the variable 'LD_AUDIT'",
                        "take it out"),
                Arguments.of(
                        "version = 1\n[env.set]\nLD_DEBUG = 'all'", 3, 1, "the variable 'LD_DEBUG'", "take it out"),
                Arguments.of("version = 1\n[env]\npass = ['A=1']", 3, 9, "the variable 'A=1'", "write a name"),
                Arguments.of("version = 1\n[files]\nread = ['/x'", 3, 13, "this is not TOML", "docs/policy.md"),
                Arguments.of("version = 1\nversion = 1", 2, 1, "this is not TOML", "docs/policy.md"));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void aMistakeIsNamedWithItsPlaceAndAWayOut(String text, int line, int column, String what, String next) {
        if (what.equals("unknown")) {
            what = "'version' is a number";
        }
        PolicyProblem problem = problem(text);
        assertThat(problem.line()).isEqualTo(line);
        assertThat(problem.column()).isEqualTo(column);
        assertThat(problem.what()).startsWith(what);
        assertThat(problem.why()).isNotBlank();
        assertThat(problem.next()).contains(next);
    }

    @Test
    void allMistakesOfAFileAreReportedInTheirOrder() {
        assertThat(problems("""
                        default = "non"
                        [files]
                        read = ["~/x", 1, "/ok"]
                        wirte = ["/y"]
                        [env]
                        pass = ["LD_AUDIT"]
                        """))
                .extracting(PolicyProblem::where)
                .containsExactly(
                        "policy.toml:1:1",
                        "policy.toml:1:1",
                        "policy.toml:3:9",
                        "policy.toml:3:16",
                        "policy.toml:4:1",
                        "policy.toml:6:9");
    }

    @Test
    void beyondAMistakeInTheSyntaxOnlyWhatIsCertainIsReported() {
        assertThat(problems("version = \n[files]\nraed = []\nread = ['x]\n"))
                .extracting(PolicyProblem::line)
                .containsExactly(1, 3, 4);
        assertThat(problems("version = 1\n[files\nread = []\n[env]\npas = []"))
                .extracting(PolicyProblem::line)
                .containsExactly(2);
    }

    @Test
    void aHostileNameOfAFileIsShownEscaped() {
        PolicyException exception =
                catchThrowableOfType(PolicyException.class, () -> PolicyFile.parse("", "a\u001b\n.toml", PLACE));
        assertThat(exception.getMessage()).startsWith("a\\x1b\\n.toml:1:1: ").doesNotContain("\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u0000", "\uffff", "[[[[[[", "a.b.c.d = {{{", "\"\"\"", "= = =", "\ufeffversion = 1x"})
    void garbageIsAnErrorAndNothingWorse(String text) {
        assertThat(problems(text)).isNotEmpty();
    }

    private static final PolicyFile.Place GIVEN = new PolicyFile.Place(
            "/etc/policies",
            "/work/dir",
            "/home/me",
            List.of("/in/a.svg", "/in/b.svg"),
            List.of("/out/x.png"),
            "/tmp/nurse-1");

    @Test
    void inputAndOutputStandForEachFileThatTheRunNames() throws PolicyException {
        PolicyFile file = PolicyFile.parse(
                "version = 1\n[files]\nread = ['${input}']\nwrite = ['${output}', '${output}-journal']",
                "p.toml",
                GIVEN);
        assertThat(file.rules())
                .extracting(Rule::path)
                .containsExactly("/in/a.svg", "/in/b.svg", "/out/x.png", "/out/x.png-journal");
        PolicyProblem missing = problem(reading("'${input}'"));
        assertThat(missing.toString()).contains("the run names no input", "--input FILE");
    }

    /** What can be extended: profiles by name, files by path. */
    static PolicyFile.Sources sources(Map<String, String> texts) {
        return new PolicyFile.Sources() {
            @Override
            public List<String> profiles() {
                return texts.keySet().stream()
                        .filter(name -> !name.startsWith("/"))
                        .sorted()
                        .toList();
            }

            @Override
            public String profile(String name) {
                return texts.get(name);
            }

            @Override
            public String file(String path) {
                return texts.get(path);
            }
        };
    }

    private static final Map<String, String> TEXTS = Map.of(
            "base", "version = 1\ndefault = 'none'\n[files]\nread = ['/lib', '/data', '${input}']\n[limits]\ncpu = 5",
            "/etc/policies/near.toml", "version = 1\nextends = '../far/far.toml'\n[files]\nread = ['here']",
            "/etc/far/far.toml", "version = 1\n[files]\nread = ['there']\n[env]\nset = { A = 'far', B = 'far' }",
            "/etc/policies/a.toml", "version = 1\nextends = 'b.toml'",
            "/etc/policies/b.toml", "version = 1\nextends = './a.toml'",
            "/etc/policies/bad.toml", "version = 1\n[files]\nraed = []");

    private static PolicyFile extending(String text) throws PolicyException {
        return PolicyFile.parse("version = 1\n" + text, "policy.toml", PLACE, sources(TEXTS));
    }

    private static String wrong(String text) {
        return catchThrowableOfType(PolicyException.class, () -> extending(text))
                .getMessage();
    }

    @Test
    void aFileHasTheRulesOfWhatItExtendsAndWinsWhereItSaysSomethingOfTheSame() throws PolicyException {
        PolicyFile file = extending("extends = 'base'\n[files]\ndeny = ['/data']\n[limits]\ncpu = 9\nwall = 1");
        assertThat(file.systemRules()).isFalse();
        assertThat(file.rules())
                .containsExactlyInAnyOrder(
                        new Rule("/lib", Kind.READ, "profile base:4:9"),
                        new Rule("/data", Kind.DENY, "policy.toml:4:9"));
        assertThat(file.limits().of(Limits.Limit.CPU)).isEqualTo(9_000_000_000L);
        assertThat(file.limits().of(Limits.Limit.WALL)).isEqualTo(1_000_000_000L);
    }

    @Test
    void aFileDropsVariablesOfWhatItExtendsAndTakesBackWhatThatDrops() throws PolicyException {
        assertThat(inner("extends = 'near.toml'\n[env]\ndrop = ['A', 'X*']")).isEqualTo(Map.of("B", "far"));
        assertThat(inner("extends = 'near.toml'\n[env]\ndrop = ['*']\nset = { C = 'own' }"))
                .isEqualTo(Map.of("C", "own"));
        assertThat(inner("extends = 'near.toml'\n[env]\npass = ['B']")).isEqualTo(Map.of("A", "far", "B", "outer"));
        assertThat(wrong("[env]\ndrop = ['A']\npass = ['A']")).contains("policy.toml:3:9", "passes or sets it as well");
        assertThat(wrong("[env]\ndrop = ['A*B']")).contains("end of a name only");
        assertThat(inner("default = 'none'\n[env]\npass = ['A*', 'B*']\ndrop = ['A']"))
                .isEqualTo(Map.of("B", "outer"));
    }

    @Test
    void aFileOfAnotherDirectoryIsExtendedWithItsOwnRelativePaths() throws PolicyException {
        PolicyFile file = extending("extends = ['near.toml']\n[env]\nset = { B = 'own' }");
        assertThat(file.rules())
                .extracting(Rule::path)
                .containsExactlyInAnyOrder("/etc/policies/here", "/etc/far/there");
        assertThat(inner("extends = ['near.toml']\n[env]\nset = { B = 'own' }"))
                .isEqualTo(Map.of("A", "far", "B", "own"));
        assertThat(file.systemRules()).isTrue();
    }

    @Test
    void whatCannotBeExtendedIsAnErrorAtItsPlace() {
        assertThat(wrong("extends = 'bsae'")).contains("policy.toml:2:1", "did you mean 'base'?");
        assertThat(wrong("extends = 'gone.toml'")).contains("there is no such file");
        assertThat(wrong("extends = 'a.toml'")).contains("no end", "b.toml:2:1");
        assertThat(wrong("extends = 7")).contains("'extends' is a number");
        assertThat(wrong("extends = 'bad.toml'")).contains("/etc/policies/bad.toml:3:1", "did you mean 'read'?");
    }

    @Test
    void limitsAreRead() throws PolicyException {
        PolicyFile file = parse("""
                version = 1
                [limits]
                cpu = "10s"
                wall = 90
                memory = "512M"
                open-files = 64
                """);
        assertThat(file.limits().most())
                .isEqualTo(Map.of(
                        Limits.Limit.CPU, 10_000_000_000L,
                        Limits.Limit.WALL, 90_000_000_000L,
                        Limits.Limit.MEMORY, 512L << 20,
                        Limits.Limit.OPEN_FILES, 64L));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[limits]\ncpu = '10x'",
                "[limits]\ncpu = 0",
                "[limits]\nmemory = -1",
                "[limits]\nopen-files = 2000",
                "[limits]\nwritten = '99999999999999G'",
                "[limits]\nmemory = true",
                "[calls]\nopen = 'EPREM'",
                "[calls]\nopen = 1",
                "[net]\nconnect = ['tcp nowhere']",
                "[repeat]\ntime = '2024-01-01T00:00:00Z'",
                "[repeat]\ntime = 2024-01-01T00:00:00",
                "[repeat]\ntime = 2038-01-01T00:00:00Z",
                "[repeat]\ntime = 1969-12-31T23:59:59Z",
                "[repeat]\nrandom = 1.5",
            })
    void aValueThatIsNoneIsAnErrorInItsLine(String text) {
        assertThat(problem("version = 1\n" + text).line()).isEqualTo(3);
    }

    @Test
    void theNetworkIsReadWithUnixPathsAsRulesOfFiles() throws PolicyException {
        PolicyFile file =
                parse("version = 1\n[net]\nallow = ['loopback']\nconnect = ['tcp 192.0.2.7:443', 'unix ${cwd}/s']");
        assertThat(file.network())
                .extracting(NetworkRules.Rule::toString)
                .containsExactly(
                        "loopback (policy.toml:3:10)",
                        "loopback (policy.toml:3:10)",
                        "connect tcp 192.0.2.7:443 (policy.toml:4:12)");
        assertThat(file.rules()).containsExactly(new Rule("/work/dir/s", Kind.CONNECT, "policy.toml:4:33"));
    }

    @Test
    void whatIsTheSameInEveryRunIsRead() throws PolicyException {
        Repeat repeat = parse("version = 1\n[repeat]\ntime = 2024-01-01T01:00:00+01:00\nrandom = 7")
                .repeat();
        assertThat(repeat).isEqualTo(new Repeat(Instant.parse("2024-01-01T00:00:00Z"), "7"));
        assertThat(repeat.extendedBy(new Repeat(null, "8"))).isEqualTo(new Repeat(repeat.time(), "8"));
        assertThat(parse("version = 1").repeat()).isEqualTo(Repeat.NOTHING);
    }

    @Test
    void textBecomesBytes() throws PolicyException {
        PolicyFile file = parse("version = 1\n[env]\nset = { A = \"\u00e9\" }");
        assertThat(file.environment().getFirst().value().getBytes(ISO_8859_1)).isEqualTo("\u00e9".getBytes(UTF_8));
    }
}
