package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import nurse.cli.Jar.Result;
import nurse.cli.Jar.User;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a user is told of a run: the summary, the audit log, the trace. */
class WatchesIT {
    private static final String SHADOW = "/etc/shadow";

    private Path directory;

    @BeforeEach
    void makeDirectory() {
        directory = Jar.directory();
    }

    private Result trace(String... arguments) {
        List<String> all = new ArrayList<>(List.of("trace", "--root", Jar.TREE.toString(), "--lock", Jar.LOCK));
        all.addAll(List.of(arguments));
        return Jar.execute(directory, new byte[0], Jar.command(User.ROOT, all));
    }

    @Test
    void theSummaryNamesNoOptionForWhatAFileHidesAsNoneWouldAllowIt() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "text");
        String rule = "\n[files]\nhide = [\"" + file + "\"]\n";
        for (String hidden : List.of(rule, "")) {
            Files.writeString(directory.resolve("p.toml"), "version = 1\n" + hidden);
            Result result = Jar.run(directory, "--policy", "p.toml", "--read", "file", "cat", "file");
            assertThat(result.out()).isEqualTo(hidden.isEmpty() ? "text" : "");
            assertThat(result.err().contains("/file' (p.toml:4:9) denies it; it stays so until that rule is changed\n"))
                    .isNotEqualTo(hidden.isEmpty());
            assertThat(result.err()).doesNotContain(" would\n");
        }
    }

    @Test
    void theSummaryNamesWhatWasRefusedAndTheOptionThatAllowsItAndTheOptionDoes() {
        Result refused = Jar.run(directory, "cat", SHADOW, SHADOW);
        assertThat(refused.err())
                .contains("nurse: 2 calls were refused\n")
                .contains("  openat '/etc/shadow' EPERM, 2 times: no rule allows it; --read /etc/shadow would\n");
        Result allowed = Jar.run(directory, "--read", SHADOW, "cat", SHADOW).succeeded();
        assertThat(allowed.out()).contains("root:");
        assertThat(allowed.err()).isEmpty();
    }

    /** Each hint is tried, by running it. */
    @Test
    void theOptionThatIsNamedForAFileThatOnlyTheHostHasShowsIt() throws Exception {
        Path file = Files.writeString(Files.createTempFile("nurse-it-host", ".txt"), "text");
        Result refused = Jar.run(directory, "cat", file.toString());
        assertThat(refused.err())
                .contains(": it is not in the program's root; --bind " + file + ":" + file + " would\n");
        assertThat(refused.err()).doesNotContain("--read");
        assertThat(Jar.run(directory, "--bind", file + ":" + file, "cat", file.toString())
                        .out())
                .isEqualTo("text");
        Path other = Files.writeString(Jar.directory().resolve("other"), "more");
        assertThat(Jar.run(directory, "cat", other.toString()).err())
                .contains("--bind " + other + ":/mnt/other would\n");
        assertThat(Jar.run(directory, "--bind", other + ":/mnt/other", "cat", "/mnt/other")
                        .out())
                .isEqualTo("more");
        Files.delete(file);
        assertThat(Jar.run(directory, "cat", file.toString()).err())
                .doesNotContain("--bind")
                .doesNotContain("--read");
    }

    @Test
    void theRootIsNotNamedByAnOptionAsAllIsBelowIt() throws Exception {
        String list = "import os; print('usr' in os.listdir('/'))";
        Result refused = Jar.run(directory, "python3", "-Ic", list);
        assertThat(refused.err())
                .endsWith("nurse: 1 call was refused\n"
                        + "  openat '/' EPERM: no rule allows it; list = [\"/\"] in a policy file would, for the"
                        + " names in directories only\n");
        Files.writeString(directory.resolve("p.toml"), "version = 1\n[files]\nlist = [\"/\"]\n");
        assertThat(Jar.run(directory, "--policy", "p.toml", "python3", "-Ic", list)
                        .succeeded()
                        .out())
                .isEqualTo("True\n");
        assertThat(Jar.run(directory, "--policy", "p.toml", "cat", SHADOW).status())
                .isEqualTo(1);
    }

    /** A resident helper is not the program's parent, and does not wait for it. The twin goes by exit. */
    @Test
    void aRunThatASignalEndsDidNotEndWell() throws Exception {
        String reads = "import os, signal\ntry: open('/etc/shadow')\nexcept OSError: pass\n";
        for (int i = 0; i < 5; i++) { // whether its parent has reaped it already when the helper looks is open
            Result killed = Jar.run(directory, "--log", "killed", "python3", "-I", "-c", reads + "os.abort()");
            assertThat(killed.status()).isEqualTo(134);
            assertThat(killed.err())
                    .isEqualTo("nurse: 1 call was refused\n"
                            + "  openat '/etc/shadow' EPERM: no rule allows it; --read /etc/shadow would\n");
            assertThat(lastLine("killed")).contains("\"event\":\"end\"").doesNotContain("\"status\":0");
        }
        Result left = Jar.run(directory, "--log", "left", "python3", "-I", "-c", reads + "os._exit(0)");
        assertThat(left.err()).startsWith("nurse: it ended well, but 1 call was refused\n");
        assertThat(lastLine("left")).contains("\"event\":\"end\"").contains("\"status\":0");
    }

    /** The twin of each end is another with the same status, or the same program that runs. */
    @Test
    void theLogTellsWhatEndedARunAndEachStartHasAnEnd() throws Exception {
        Jar.run(directory, "--log", "log", "python3", "-c", "raise SystemExit(124)");
        assertThat(lastLine("log"))
                .contains("\"by\":\"exit\"", "\"status\":124")
                .doesNotContain("limit");
        Jar.run(directory, "--log", "log", "--limit", "wall=200ms", "sleep", "50");
        assertThat(lastLine("log")).contains("\"by\":\"limit\"", "\"limit\":\"wall\"", "\"status\":124");
        Jar.run(directory, "--log", "log", "sh", "-c", "exit 143");
        assertThat(lastLine("log")).contains("\"by\":\"exit\"", "\"status\":143");
        Jar.run(directory, "--log", "log", "sh", "-c", "kill $$");
        assertThat(lastLine("log")).contains("\"by\":\"signal\"");
        Jar.run(directory, "--log", "log", "nosuch");
        assertThat(lastLine("log")).contains("\"by\":\"nurse\"", "\"status\":127");
        Jar.run(directory, "--log", "log", "/etc/passwd");
        assertThat(lastLine("log")).contains("\"by\":\"nurse\"", "\"status\":126");
        Jar.run(directory, "--log", "log", "/etc/shadow");
        assertThat(lastLine("log")).contains("\"by\":\"nurse\"", "\"status\":126", "\"refused\":1");
        assertThat(Files.readString(directory.resolve("log"))).contains("\"file\":\"/etc/shadow\",\"error\":\"EPERM\"");
        assertThat(runs("start")).hasSize(7).doesNotHaveDuplicates().isEqualTo(runs("end"));
    }

    private List<String> runs(String event) throws Exception {
        return Files.readAllLines(directory.resolve("log")).stream()
                .filter(line -> line.contains("\"event\":\"" + event + "\""))
                .map(line -> line.replaceFirst(".*\"run\":\"([^\"]*)\".*", "$1"))
                .toList();
    }

    /** One helper, many runs of it at once: a process's number and the time do not tell them apart. */
    @Test
    void eachRunHasANameOfItsOwnInALogThatManyShare() throws Exception {
        String command = String.join(
                " ",
                Jar.command(
                        User.ROOT,
                        List.of("run", "--root", Jar.TREE.toString(), "--lock", Jar.LOCK, "--log", "log", "true")));
        Jar.execute(directory, new byte[0], List.of("sh", "-c", "for i in $(seq 40); do " + command + " & done; wait"))
                .succeeded();
        assertThat(runs("start")).hasSize(40).doesNotHaveDuplicates();
        assertThat(runs("end")).containsExactlyInAnyOrderElementsOf(runs("start"));
    }

    private String lastLine(String log) throws Exception {
        return Files.readAllLines(directory.resolve(log)).getLast();
    }

    @Test
    void aRunThatEndsWellIsToldOnlyOfWhatItMayHaveMissed() {
        String reads = "try: open('/etc/shadow')\nexcept OSError: pass";
        assertThat(Jar.run(directory, "python3", "-c", reads).succeeded().err())
                .isEqualTo("nurse: it ended well, but 1 call was refused\n"
                        + "  openat '/etc/shadow' EPERM: no rule allows it; --read /etc/shadow would\n");
        String looks = "import os; os.path.exists('/etc/shadow'); os.access('/etc/shadow', os.R_OK)";
        assertThat(Jar.run(directory, "python3", "-c", looks).succeeded().err()).isEmpty();
        assertThat(Jar.run(directory, "--quiet", "python3", "-c", reads)
                        .succeeded()
                        .err())
                .isEmpty();
    }

    /** Both rights were refused: the option is the one that gives both. A temporary file is named anew by the next run. */
    @Test
    void whatIsRefusedToBeMadeIsToldWithTheOptionThatLetsItBeMade() {
        String make = "open('%s', 'w+')";
        Result refused = Jar.run(directory, "python3", "-c", make.formatted("new"));
        assertThat(refused.err())
                .contains("/new' EPERM: no more than read ", "; --write " + directory + "/new would\n");
        Jar.run(directory, "--write", directory + "/new", "python3", "-c", make.formatted("new"))
                .succeeded();
        assertThat(Jar.run(directory, "python3", "-c", make.formatted("/tmp/gs_Xy7"))
                        .err())
                .contains("; --write /tmp would\n");
    }

    /** A rule for /proc does not open it, so that the decision about it has no error of its own. */
    @Test
    void aFileOfProcThatIsRefusedWhateverARuleSaysIsToldWithItsError() {
        String opens = "import os\nfor flags in (os.O_RDWR, os.O_RDWR | os.O_CREAT):\n"
                + "  try: os.open('%s', flags)\n  except OSError as e: print(e.errno)\nraise SystemExit(3)";
        Result refused = Jar.run(directory, "--write", "/proc", "python3", "-c", opens.formatted("/proc/self/mem"));
        assertThat(refused.out()).isEqualTo("1\n1\n");
        assertThat(refused.err()).contains("/mem' EPERM").doesNotContain("errno 0");
        assertThat(Jar.run(directory, "--write", "/proc", "python3", "-c", opens.formatted("/proc/self/comm"))
                        .err())
                .doesNotContain("/comm'");
    }

    @Test
    void whatIsRefusedToBeMadeIsToldOnceForEachRight() throws Exception {
        String make = "import os\ntry: os.open('new', os.O_WRONLY | os.O_CREAT)\nexcept OSError: pass";
        Jar.run(directory, "--write", ".", "--log", "allowed", "python3", "-c", make)
                .succeeded();
        Files.delete(directory.resolve("new"));
        Jar.run(directory, "--log", "refused", "python3", "-c", make).succeeded();
        assertThat(decisionsOnNew("refused"))
                .doesNotHaveDuplicates()
                .isNotEmpty()
                .allMatch(l -> l.contains("EPERM"));
        assertThat(decisionsOnNew("allowed"))
                .doesNotHaveDuplicates()
                .isNotEmpty()
                .noneMatch(l -> l.contains("EPERM"));
    }

    private List<String> decisionsOnNew(String log) throws Exception {
        return Files.readAllLines(directory.resolve(log)).stream()
                .filter(line -> line.contains("/new\"") && line.contains("openat"))
                .map(line -> line.replaceFirst("\"time\":\"[^\"]*\"", ""))
                .toList();
    }

    @Test
    void aDryRunRefusesNothingAndTellsWhatItWouldHaveRefused() throws Exception {
        Files.writeString(directory.resolve("p.toml"), "version = 1\n[calls]\nmkdir = \"EROFS\"\n");
        String all = "import os, socket\nopen('/etc/shadow').read()\nopen('new', 'w').write('x')\nos.mkdir('made')\n"
                + "try: socket.create_connection(('127.0.0.1', 9))\nexcept ConnectionRefusedError: print('tried')\n";
        Result dry = Jar.run(directory, "--dry-run", "--policy", "p.toml", "--log", "log", "python3", "-c", all)
                .succeeded();
        assertThat(dry.out()).isEqualTo("tried\n");
        assertThat(directory.resolve("made")).isDirectory();
        assertThat(dry.err())
                .startsWith("nurse: dry run: ")
                .contains(" calls would be refused\n")
                .contains("  openat '/etc/shadow' EPERM: no rule allows it; --read /etc/shadow would\n")
                .contains("/new' EPERM: no more than read ", "--write ")
                .contains("  mkdir EROFS: calls mkdir (p.toml:3:1)\n")
                .contains("--net 'connect tcp 127.0.0.1:9'");
        String log = Files.readString(directory.resolve("log"));
        assertThat(log).contains("\"dryRun\":true");
        assertThat(log.lines().filter(line -> line.contains("\"file\":\"/etc/shadow\"")))
                .singleElement()
                .asString()
                .contains("\"allowed\":false");
        // The twin: it is refused in earnest.
        assertThat(Jar.run(directory, "python3", "-c", all).status()).isEqualTo(1);
        assertThat(Jar.run(directory, "--dry-run", "true").succeeded().err())
                .isEqualTo("nurse: dry run: nothing would be refused\n");
    }

    /** After a run that ends well, too; the twin is a call that a program can do without. */
    @Test
    void theNetworkThatACategoryRefusesIsTold() throws Exception {
        Files.writeString(
                directory.resolve("p.toml"),
                "version = 1\n[categories]\nnetwork = \"EACCES\"\n[calls]\numask = \"ENOSYS\"\n");
        String socket = "import socket\ntry: socket.socket()\nexcept PermissionError: print('refused')";
        Result network = Jar.run(directory, "--policy", "p.toml", "python3", "-c", socket);
        assertThat(network.succeeded().out()).isEqualTo("refused\n");
        assertThat(network.err())
                .startsWith("nurse: it ended well, but 1 call was refused\n")
                .contains("categories network (p.toml:3:1)");
        String umask = "import os\ntry: os.umask(0)\nexcept OSError: print('refused')";
        Result twin = Jar.run(directory, "--policy", "p.toml", "python3", "-c", umask);
        assertThat(twin.succeeded().out()).isEqualTo("refused\n");
        assertThat(twin.err()).isEmpty();
    }

    @Test
    void ofWhatIsNotThereNothingIsToldAfterARunThatEndsWell() {
        String caches = """
            for i in range(20):
                for name in ('/root/.nobodys-cache/%d' % i, '/root/absent%d' % i):
                    try: open(name)
                    except OSError: pass
                try: open('/root/.nobodys-cache/%d.tmp' % i, 'w')
                except OSError: pass
            """;
        assertThat(Jar.run(directory, "python3", "-c", caches).succeeded().err())
                .isEmpty();
    }

    /** The twin is allowed all five. */
    @Test
    void whatIsNotThereHidesNothingThatIsThereAndRefused() throws Exception {
        String program = """
            import os, socket
            def tries(what):
                try: what()
                except OSError: pass
            for i in range(3000): tries(lambda: open('/nosuch-%d' % i))
            for name in ('/etc/shadow', '/etc/gshadow', '/root/.bashrc'): tries(lambda: open(name))
            tries(lambda: socket.socket())
            tries(lambda: os.unlink('/etc/nologin-' + 'x'))
            tries(lambda: os.utime('/etc/hostname'))
            """;
        Result result = Jar.run(directory, "--log", "log", "--report", "page.html", "python3", "-c", program);
        assertThat(result.succeeded().err())
                .startsWith("nurse: it ended well, but 5 calls were refused\n")
                .contains("'/etc/shadow'", "'/etc/gshadow'", "'/root/.bashrc'", "--net", " '/etc/hostname'")
                .doesNotContain("nosuch", "nologin");
        String page = Files.readString(directory.resolve("page.html"));
        String refused = page.substring(page.indexOf("id=\"refusals\""), page.indexOf("id=\"timeline\""));
        assertThat(refused)
                .contains("/etc/shadow", "/etc/gshadow", "/root/.bashrc", "/etc/hostname")
                .contains(" more were about files that are not there.");
        assertThat(trace("-c", "python3", "-c", program).err()).containsPattern(" 3 +300[0-9]  openat\n");
        Result allowed = Jar.run(
                directory,
                "--write",
                "/etc",
                "--write",
                "/root",
                "--net",
                "all",
                "python3",
                "-c",
                program.replace("os.utime('/etc/hostname')", "os.access('/etc/hostname', os.W_OK)"));
        assertThat(allowed.succeeded().err()).isEmpty();
    }

    @Test
    void theOptionThatTheSummaryNamesIsOneWordForTheShellWhateverTheName() {
        String name = "a b'$(touch x)\u202e\u001b[31m";
        Result refused = Jar.run(directory, "python3", "-c", "open(\"a b'$(touch x)\\u202e\\x1b[31m\", 'w')");
        assertThat(refused.err()).doesNotContain("\u202e").doesNotContain("\u001b");
        String option = refused.err()
                .lines()
                .filter(line -> line.contains("--write "))
                .map(line -> line.substring(line.indexOf("--write ") + 8, line.lastIndexOf(" would")))
                .findFirst()
                .orElseThrow();
        Result echoed = Jar.execute(directory, new byte[0], List.of("bash", "-c", "printf %s " + option));
        assertThat(echoed.succeeded().out()).isEqualTo(directory + "/" + name);
    }

    @Test
    void theAuditLogIsJsonThatTellsOfEachDecisionAndIsComplete() throws Exception {
        Path log = directory.resolve("log");
        Jar.run(directory, "--log", log.toString(), "--read", "/etc/gshadow", "cat", SHADOW, "/etc/gshadow");
        String json = "import json, sys; print([json.loads(l)%s for l in open('log')])";
        Result events = Jar.execute(directory, new byte[0], List.of("python3", "-c", json.replace("%s", "['event']")));
        List<String> words =
                List.of(events.succeeded().out().replaceAll("[^a-z,]", "").split(","));
        assertThat(words.get(0)).isEqualTo("start");
        assertThat(words.get(words.size() - 1)).isEqualTo("end");
        assertThat(words.subList(1, words.size() - 1)).isNotEmpty().allMatch("decision"::equals);
        assertThat(Files.readAllLines(log))
                .filteredOn(line -> line.contains("\"file\":\"/etc/shadow\""))
                .singleElement()
                .asString()
                .contains("\"call\":\"openat\"", "\"allowed\":false", "\"error\":\"EPERM\"", "\"access\":\"read\"");
        assertThat(Files.readAllLines(log))
                .filteredOn(line -> line.contains("\"file\":\"/etc/gshadow\""))
                .anyMatch(line -> line.contains("\"allowed\":true"));
        assertThat(Files.readAllLines(log).get(words.size() - 1))
                .contains("\"decisions\":" + (words.size() - 2) + ",", "\"refused\":1,", "\"lost\":0", "\"status\":1");
    }

    @Test
    void aHostileNameIsOneLineOfTheLogAndNothingInItReachesTheTerminal() throws Exception {
        String open = "import os\nfor n in (b'/root/\\n\\x1b[2J\"\\xff\\xe2\\x80\\xae',):\n"
                + "    try: os.open(n, 0)\n    except OSError: pass\n";
        Jar.run(directory, "--log", "log", "python3", "-c", open).succeeded();
        List<String> lines = Files.readAllLines(directory.resolve("log"));
        assertThat(lines)
                .filteredOn(line -> line.contains("/root/\\u000a"))
                .singleElement()
                .asString()
                .contains("\\u001b[2J\\\"", "\\u202e\"", "\"fileHex\":\"2f726f6f742f0a1b5b324a22ffe280ae\"");
        assertThat(String.join("", lines)).doesNotContain("\u001b").doesNotContain("\u202e");
    }

    @Test
    void whatCannotBeWrittenToTheLogIsCountedAndTold() {
        Result result = Jar.run(directory, "--log", "/dev/full", "cat", SHADOW);
        assertThat(result.err()).contains("lines of the log are lost").contains("  why: ");
        assertThat(Jar.run(directory, "--log", "/dev/null", "cat", SHADOW).err())
                .doesNotContain("lost");
    }

    @Test
    void traceShowsEachCallWithArgumentsResultDurationAndDecision() {
        Result traced = trace("cat", SHADOW);
        assertThat(traced.status()).isEqualTo(1);
        assertThat(traced.err())
                .containsPattern(
                        "openat\\(AT_FDCWD, '/etc/shadow', O_RDONLY\\|O_LARGEFILE\\) = -1 EPERM <[0-9.]+ [um]s>"
                                + " refused: '/etc/shadow' default: what no rule allows is refused\n")
                .containsPattern("openat\\(AT_FDCWD, '/etc/ld.so.cache', O_RDONLY[A-Z_|]*\\) = 3 <[0-9.]+ [um]s>"
                        + " allowed: read '/etc/ld.so.cache'")
                .containsPattern("exit_group\\(1\\) = \\?")
                .doesNotContain("\u001b");
        assertThat(traced.out()).isEmpty();
    }

    @Test
    void traceFiltersCountsAndWritesToAFile() throws Exception {
        trace("-e", "refused", "-o", "refused.txt", "cat", SHADOW);
        assertThat(Files.readAllLines(directory.resolve("refused.txt")))
                .singleElement()
                .asString()
                .contains("openat", SHADOW);
        Result table = trace("-c", "-q", "-e", "openat,close", "cat", SHADOW);
        assertThat(table.err().lines().filter(line -> line.matches(" +[0-9.]+ +[0-9.].*")))
                .hasSize(3)
                .last()
                .asString()
                .endsWith("total");
        Result wrong = trace("-e", "opanat", "cat", SHADOW);
        assertThat(wrong.status()).isEqualTo(2);
        assertThat(wrong.err()).contains("'opanat'", "why:", "do:");
    }

    @Test
    void colourIsForTerminalsAndNotForWhoAsksForNone() {
        List<String> run = Jar.command(
                User.ROOT,
                List.of("trace", "--root", Jar.TREE.toString(), "--lock", Jar.LOCK, "-e", "refused", "cat", SHADOW));
        assertThat(onTerminal(run, Map.of()).out()).contains("\u001b[31mrefused:");
        assertThat(onTerminal(run, Map.of("NO_COLOR", "1")).out())
                .contains("refused:")
                .doesNotContain("\u001b[3");
    }

    private Result onTerminal(List<String> command, Map<String, String> variables) {
        List<String> words = new ArrayList<>(command);
        int at = words.indexOf("-i") + 1; // of env
        variables.forEach((name, value) -> words.add(at, name + "=" + value));
        return Jar.execute(directory, new byte[0], List.of("script", "-qec", String.join(" ", words), "/dev/null"));
    }
}
