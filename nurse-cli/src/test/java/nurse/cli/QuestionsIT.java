package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import nurse.cli.Jar.Result;
import nurse.cli.Jar.User;
import nurse.helper.profiles.Profiles;
import org.junit.jupiter.api.Test;

/** What one can ask of a policy: is it right, which rule decides, what profiles are there; and that a run answers the same. */
class QuestionsIT {
    private final Path directory = Jar.directory();

    private Result nurse(String... arguments) {
        return Jar.execute(directory, new byte[0], Jar.command(User.ROOT, List.of(arguments)));
    }

    private Result explain(String policy, String... question) {
        List<String> all = new ArrayList<>(List.of("explain", "--root", Jar.TREE.toString(), policy));
        all.addAll(List.of(question));
        return nurse(all.toArray(String[]::new));
    }

    private String policy(String name, String text) throws Exception {
        Files.writeString(directory.resolve(name), "version = 1\n" + text);
        return name;
    }

    @Test
    void checkFindsNothingInTheProfiles() {
        List<String> all = new ArrayList<>(List.of("check", "--root", Jar.TREE.toString()));
        all.addAll(Profiles.NAMES);
        Result result = nurse(all.toArray(String[]::new)).succeeded();
        assertThat(result.out().lines())
                .hasSize(Profiles.NAMES.size())
                .allMatch(line -> line.endsWith(": nothing is wrong"));
    }

    @Test
    void checkTellsErrorsWithTheirPlaceAndEndsWith1() throws Exception {
        policy("wrong.toml", "[files]\nraed = [\"/data\"]\nread = [\"~/x\"]\n");
        policy("good.toml", "[files]\nread = [\"/usr/share/misc\", \"${cwd}\"]\n");
        Result wrong = nurse("check", "wrong.toml");
        assertThat(wrong.status()).isEqualTo(1);
        assertThat(wrong.out())
                .contains("wrong.toml:3:1: error: unknown key 'raed'", "did you mean 'read'?")
                .contains("wrong.toml:4:9: error: ");
        assertThat(nurse("check", "wrong.toml", "good.toml").status()).isEqualTo(1);
    }

    @Test
    void whatIsBoundInARunIsThereForQuestionsToo() throws Exception {
        Files.writeString(Files.createDirectory(directory.resolve("data")).resolve("file"), "");
        Files.createSymbolicLink(directory.resolve("data/link"), Path.of("file"));
        policy("bound.toml", "[files]\nmodify = [\"/mnt/d/file\"]\n");
        String[] question = {"bound.toml", "open", "/mnt/d/link"};
        assertThat(nurse("explain", "--bind", "data:/mnt/d", question[0], question[1], question[2])
                        .out())
                .contains("which leads to '/mnt/d/file', to read: allowed", "read '/mnt/d' (--bind 'data:/mnt/d')");
        assertThat(nurse("explain", question[0], question[1], question[2]).out())
                .contains("refused with EPERM");
        assertThat(nurse("check", "--bind", "data:/mnt/d", "bound.toml")
                        .succeeded()
                        .out())
                .contains("nothing is wrong");
        assertThat(nurse("check", "bound.toml").out()).contains("is about what is not there");
    }

    @Test
    void explainNamesTheDropThatKeepsAVariableOutside() throws Exception {
        policy("drop.toml", "[env]\ndrop = [\"LANG\"]\n");
        policy("keep.toml", "");
        assertThat(explain("drop.toml", "env", "LANG").out())
                .contains("stays outside", "drop 'LANG' (drop.toml:3:9)", "--env LANG: it gets in");
        assertThat(explain("keep.toml", "env", "LANG").succeeded().out()).contains("allowed");
    }

    @Test
    void explainSaysWhatIsTheSameInEachRun() throws Exception {
        String[] fixed = {"clock_gettime", "gettimeofday", "getrandom", "times", "getrusage", "sysinfo"};
        String devices = "[files]\nwrite = [\"/dev/urandom\"]\n";
        policy("fixed.toml", "[repeat]\ntime = 2024-01-01T00:00:00Z\nrandom = 7\n" + devices);
        policy("free.toml", devices);
        for (String call : fixed) {
            assertThat(explain("fixed.toml", call).succeeded().out())
                    .containsPattern("answer: +\\[repeat\\] (time|random): ");
            assertThat(explain("free.toml", call).succeeded().out()).doesNotContain("[repeat]");
        }
        assertThat(explain("fixed.toml", "clock_gettime").out()).contains("2024-01-01T00:00:00Z");
        assertThat(explain("fixed.toml", "times").out()).contains("CPU time").doesNotContain("clocks");
        for (String read : List.of("O_RDONLY", "O_RDWR")) {
            assertThat(explain("fixed.toml", "open", "/dev/urandom", read).out())
                    .contains("[repeat] random");
            assertThat(explain("free.toml", "open", "/dev/urandom", read)
                            .succeeded()
                            .out())
                    .doesNotContain("[repeat]");
        }
        for (String write : List.of("O_WRONLY", "O_PATH")) { // open(2) gives the device itself then
            assertThat(explain("fixed.toml", "open", "/dev/urandom", write)
                            .succeeded()
                            .out())
                    .doesNotContain("[repeat]");
        }
        assertThat(explain("fixed.toml", "open", "/dev/zero").out()).doesNotContain("[repeat]");
        assertThat(explain("fixed.toml", "getpid").out()).doesNotContain("[repeat]");
    }

    @Test
    void checkWarnsOfRulesThatChangeNothingAndOfNamesThatAreNotThere() throws Exception {
        Files.createDirectories(directory.resolve("data/inner"));
        policy("idle.toml", """
                default = "none"
                [files]
                read = ["/usr", "data", "data/inner", "nowhere"]
                write = ["data/new", "absent/new"]
                deny = ["/usr/share"]
                hide = ["/usr/share/doc"]
                [net]
                connect = ["tcp 192.0.2.7:443", "192.0.2.0/24", "198.51.100.1"]
                [categories]
                ipc = "ENOSYS"
                [calls]
                shmget = "ENOSYS"
                mkdir = "EROFS"
                """);
        assertThat(nurse("check", "idle.toml").succeeded().out().lines().map(line -> line.replaceAll("'/[^']*/", "'")))
                .containsExactly(
                        "idle.toml:4:25: warning: read 'inner' changes nothing: read 'data' (idle.toml:4:17) says the"
                                + " same, or more; take it out",
                        "idle.toml:4:39: warning: read 'nowhere' is about what is not there: there is no 'nowhere';"
                                + " check the spelling, or take it out",
                        "idle.toml:5:22: warning: write 'new' is about what is not there: there is no 'absent'; make the"
                                + " directory, or check the spelling",
                        "idle.toml:9:12: warning: connect tcp 192.0.2.7:443 changes nothing: another rule says the same;"
                                + " take it out",
                        "idle.toml:13:1: warning: shmget changes nothing: another rule says the same; take it out");
    }

    /** What replaces a rule of the base changes something; what says the same does not. */
    @Test
    void checkAndExplainKnowWhatHoldsAgainWithoutALineOverTheBase() throws Exception {
        policy("base.toml", "default = \"none\"\n[files]\nread = [\"/usr\", \"/opt\"]\n");
        policy("with.toml", "extends = \"base.toml\"\n[files]\ndeny = [\"/usr\"]\nread = [\"/opt\"]\n");
        String base = directory + "/base.toml:4:";
        assertThat(nurse("check", "--root", Jar.TREE.toString(), "with.toml")
                        .succeeded()
                        .out())
                .isEqualTo("with.toml:5:9: warning: read '/opt' changes nothing: read '/opt' (" + base
                        + "17) says the same, or more; take it out\n");
        Result denied = explain("with.toml", "open", "/usr/bin/env");
        assertThat(denied.status()).isEqualTo(1);
        assertThat(denied.out()).contains("  without it: allowed by read '/usr' (" + base + "9)\n");
        assertThat(explain("with.toml", "open", "/opt/x").succeeded().out())
                .contains("  without it: allowed by read '/opt' (" + base + "17)\n");
    }

    @Test
    void ofVariablesToo() throws Exception {
        policy("near.toml", """
                default = "none"
                [env]
                pass = ["A", "PY*"]
                set = { B = "near", C = "near" }
                """);
        policy("own.toml", """
                extends = "near.toml"
                [env]
                pass = ["A", "PYTHONPATH", "D"]
                drop = ["C", "E"]
                set = { B = "near", D = "own" }
                """);
        assertThat(nurse("check", "own.toml").succeeded().out().lines())
                .containsExactly(
                        "own.toml:4:9: warning: pass 'A' changes nothing: pass 'A' (" + directory
                                + "/near.toml:4:9) says the same; take it out",
                        "own.toml:4:14: warning: pass 'PYTHONPATH' changes nothing: pass 'PY*' (" + directory
                                + "/near.toml:4:14) says the same; take it out",
                        "own.toml:4:28: warning: pass 'D' changes nothing: set 'D' (own.toml:6:21) wins; take it out",
                        "own.toml:5:14: warning: drop 'E' changes nothing: nothing passes or sets it; take it out",
                        "own.toml:6:9: warning: set 'B' changes nothing: set 'B' (" + directory
                                + "/near.toml:5:9) says the same; take it out");
        Result dropped = explain("own.toml", "env", "C");
        assertThat(dropped.status()).isEqualTo(1);
        assertThat(dropped.out())
                .contains("  rule:       drop 'C' (own.toml:5:9)\n")
                .contains("  without it: it gets in by set 'C' (" + directory + "/near.toml:5:21)\n")
                .contains("  with:       --env C: it gets in\n");
        assertThat(explain("own.toml", "env", "D").succeeded().out())
                .contains("  rule:       set 'D' (own.toml:6:21)\n")
                .contains("  without it: it gets in by pass 'D' (own.toml:4:28)\n");
    }

    @Test
    void explainNamesTheRuleAndWhatWouldChangeTheAnswer() throws Exception {
        Files.createDirectories(directory.resolve("data/private"));
        policy("p.toml", "[files]\nwrite = [\"data\"]\ndeny = [\"data/private\"]\n[calls]\nchmod = \"EROFS\"\n");
        Result allowed = explain("p.toml", "open", "data/x", "O_WRONLY|O_CREAT").succeeded();
        assertThat(allowed.out())
                .startsWith("open 'data/x', to write and create: allowed\n")
                .contains("  rule:       write '" + directory + "/data' (p.toml:3:10)\n")
                .contains("  without it: refused with EPERM by ");
        Result denied = explain("p.toml", "open", "data/private/x");
        assertThat(denied.status()).isEqualTo(1);
        assertThat(denied.out())
                .startsWith("open 'data/private/x', to read: refused with EPERM\n")
                .contains("  rule:       deny '" + directory + "/data/private' (p.toml:4:9)\n")
                .contains("  without it: allowed by write '" + directory + "/data' (p.toml:3:10)\n");
        assertThat(explain("p.toml", "open", "/etc/shadow").out())
                .contains("  with:       [files] read = [\"/etc/shadow\"], or --read '/etc/shadow': allowed\n");
        assertThat(explain("p.toml", "chmod", "data/x").out())
                .contains("refused with EROFS\n  rule:       calls chmod (p.toml:6:1)");
        policy("n.toml", "[net]\nconnect = [\"tcp loopback:80\"]\n[categories]\nnetwork = \"EACCES\"\n");
        assertThat(explain("n.toml", "connect", "tcp 127.0.0.1:80").out())
                .contains("refused with EACCES\n", "  without it: allowed by connect tcp loopback:80 (n.toml:3:12)\n");
        assertThat(explain("n.toml", "connect", "tcp 192.0.2.7:443").out())
                .contains("refused with EACCES\n", "  without it: refused with EPERM by default: what no rule allows");
        assertThat(explain("p.toml", "connect", "tcp 192.0.2.7:443").out())
                .contains("[net] connect = [\"tcp 192.0.2.7:443\"]");
        assertThat(explain("p.toml", "env", "PATH").succeeded().out())
                .isEqualTo("the variable 'PATH': allowed\n  rule:       pass 'PATH' (built-in: usual variables)\n");
        assertThat(explain("p.toml", "env", "SECRET").status()).isEqualTo(1);
        assertThat(explain("system", "ptrace").out()).contains("no policy allows it");
        Result misspelt = explain("p.toml", "opne", "x");
        assertThat(misspelt.status()).isEqualTo(2);
        assertThat(misspelt.err()).contains("there is no call 'opne'", "did you mean 'open'?");
        assertThat(explain("p.toml", "qqqqqq", "x").err()).contains("docs/syscalls.md lists the calls");
    }

    /**
     * Each call once, on a name that is refused everything, in a directory that is not: what a run's log says is what explain
     * says.
     */
    @Test
    void aRunAsksOfThePolicyWhatExplainSays() throws Exception {
        Map<String, String> calls = new LinkedHashMap<>();
        calls.put("open('%s/f', os.O_RDONLY)", "openat %s/f");
        calls.put("open('%s/f', os.O_RDWR)", "openat %s/f O_RDWR");
        calls.put("open('%s/new', os.O_WRONLY | os.O_CREAT | os.O_EXCL)", "openat %s/new O_WRONLY|O_CREAT");
        calls.put("stat('%s/f')", "statx %s/f");
        calls.put("readlink('%s/f')", "readlink %s/f");
        calls.put("access('%s/f', os.F_OK)", "access %s/f");
        calls.put("listdir('%s/dir')", "openat %s/dir");
        calls.put("mkdir('%s/d')", "mkdir %s/d");
        calls.put("mkfifo('%s/p')", "mknodat %s/p");
        calls.put("symlink('x', '%s/l')", "symlink %s/l");
        calls.put("unlink('%s/f')", "unlink %s/f");
        calls.put("rmdir('%s/f')", "rmdir %s/f");
        calls.put("rename('%s/f', '%s/g')", "rename %s/f");
        calls.put("truncate('%s/f', 0)", "truncate64 %s/f");
        calls.put("chmod('%s/f', 0o600)", "chmod %s/f");
        calls.put("utime('%s/f')", "utimensat %s/f");
        calls.put("chdir('%s/dir')", "chdir %s/dir");
        Path denied = Files.createDirectory(directory.resolve("denied"));
        Files.writeString(denied.resolve("f"), "text");
        Files.createDirectory(denied.resolve("dir"));
        policy(
                "p.toml",
                "[files]\ndeny = [\"denied/f\", \"denied/new\", \"denied/d\", \"denied/p\", \"denied/l\", \"denied/dir\"]\n");
        List<String> opened = new ArrayList<>();
        List<String> shouldOpen = new ArrayList<>();
        StringBuilder script = new StringBuilder("import os\n");
        calls.keySet().forEach(call -> script.append("try: os.")
                .append(call.replace("%s", denied.toString()))
                .append("\nexcept PermissionError: pass\n"));
        Files.writeString(directory.resolve("calls.py"), script);
        Jar.run(directory, "--quiet", "--policy", "p.toml", "--log", "log", "python3", "calls.py")
                .succeeded();
        List<String> log = Files.readAllLines(directory.resolve("log")).stream()
                .filter(line -> line.contains("\"allowed\":false"))
                .toList();
        Pattern access = Pattern.compile("\"access\":\"([^\"]+)\"");
        for (String question : calls.values()) {
            List<String> words =
                    List.of(question.replace("%s", denied.toString()).split(" "));
            Result result = explain("p.toml", words.toArray(String[]::new));
            assertThat(result.out()).as(question).contains("refused with EPERM", "(p.toml:3:");
            Matcher said = Pattern.compile(", to ([^:]+):").matcher(result.out());
            assertThat(said.find()).as(result.out()).isTrue();
            List<String> asked = log.stream()
                    .filter(line -> line.contains("\"call\":\"" + words.get(0) + "\"")
                            && line.contains("\"file\":\"" + words.get(1) + "\""))
                    .flatMap(line -> access.matcher(line).results().map(match -> match.group(1)))
                    .toList();
            if (words.get(0).equals("openat")) {
                opened.addAll(asked);
                shouldOpen.addAll(List.of(said.group(1).split(" and ")));
            } else {
                assertThat(asked).as(question).containsOnly(said.group(1));
            }
        }
        // Of several rights of open a log has those that were refused before the others were asked for.
        assertThat(opened).isNotEmpty();
        assertThat(shouldOpen).containsAll(opened);
    }

    @Test
    void profilesAreListedAndShownAsFilesThatAreValid() throws Exception {
        String list = nurse("profiles").succeeded().out();
        assertThat(list.lines()).hasSize(Profiles.NAMES.size());
        assertThat(list).containsPattern("(?m)^python +python3: ");
        Files.writeString(
                directory.resolve("mine.toml"),
                nurse("profiles", "python").succeeded().out());
        nurse("check", "--root", Jar.TREE.toString(), "mine.toml").succeeded();
        assertThat(nurse("profiles", "pyhton").status()).isEqualTo(2);
    }

    /** Each file and each command line of the page, in turn; where they are run is what the page calls /home/me/work. */
    @Test
    void theExamplesOnThePagePolicyDoWhatItShows() throws Exception {
        String page = Files.readString(Path.of("..", "docs", "policy.md"));
        Files.createDirectories(directory.resolve("data/private"));
        Files.writeString(directory.resolve("data/table.json"), "{\"answer\": 42}");
        Files.writeString(directory.resolve("data/private/key.json"), "1");
        var file = Pattern.compile("(?ms)^```toml (\\S+\\.toml)\\n(.*?)^```$").matcher(page);
        assertThat(file.find()).isTrue();
        Files.writeString(directory.resolve(file.group(1)), file.group(2));
        var console = Pattern.compile("(?ms)^```console\\n(.*?)^```$").matcher(page);
        assertThat(console.find()).isTrue();
        StringBuilder said = new StringBuilder();
        for (String line :
                console.group(1).lines().filter(l -> l.startsWith("$ nurse ")).toList()) {
            List<String> words = new ArrayList<>();
            Matcher word = Pattern.compile("'([^']*)'|(\\S+)").matcher(line.substring("$ nurse ".length()));
            while (word.find()) {
                words.add(word.group(1) != null ? word.group(1) : word.group(2));
            }
            words.addAll(1, List.of("--root", Jar.TREE.toString()));
            Result result = nurse(words.toArray(String[]::new));
            said.append(line).append('\n').append(result.out()).append(result.err());
        }
        assertThat(said.toString().replace(directory.toString(), "/home/me/work"))
                .isEqualTo(console.group(1));
    }
}
