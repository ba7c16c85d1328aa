package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import nurse.cli.Jar.Result;
import nurse.cli.Jar.User;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code --ask}: what each answer allows and does not, and that nobody but the user gives it. */
class AskIT {
    private static final String PROMPT = "rest\\? ";
    private static final Path NATIVE =
            Path.of("../nurse-native/src/main/native").toAbsolutePath();
    /** Opens what it is told to, {@code r:NAME} or {@code w:NAME}, and says what came of it. */
    private static final String OPEN = """
            import errno, sys
            for word in sys.argv[1:]:
                try:
                    open(word[2:], word[0]).close()
                    result = "opened"
                except OSError as error:
                    result = errno.errorcode[error.errno]
                print(">", word[2:], result, flush=True)
            """;

    private final Path directory = Jar.directory();

    @BeforeEach
    void makePrograms() throws Exception {
        Files.writeString(directory.resolve("open.py"), OPEN);
    }

    private PseudoTerminal terminal(User user, String... arguments) {
        return terminal(user, List.of(), arguments);
    }

    private PseudoTerminal terminal(User user, List<String> before, String... arguments) {
        List<String> all = new ArrayList<>(List.of("run", "--root", Jar.TREE.toString(), "--ask"));
        all.addAll(List.of(arguments));
        List<String> command = new ArrayList<>(before);
        command.addAll(Jar.command(user, all));
        return new PseudoTerminal(directory, command);
    }

    /** Twins: of each answer the same call is asked for again, and another. */
    @ParameterizedTest
    @MethodSource("nurse.cli.Jar$User#all")
    void eachAnswerAllowsWhatItSaysAndNoMore(User user) throws Exception {
        String[] words = {"w:once", "w:once", "w:always", "w:always", "w:never", "w:never", "w:rest", "w:more"};
        List<String> run = new ArrayList<>(List.of("python3", "open.py"));
        run.addAll(List.of(words));
        try (PseudoTerminal terminal = terminal(user, run.toArray(String[]::new))) {
            String asked = terminal.until(PROMPT);
            assertThat(asked)
                    .contains("nurse: 'python3' asks for openat '" + directory + "/once' to write")
                    .contains("refused: no more than read '" + directory + "' (built-in: the current directory)")
                    .contains("(--write " + directory + "/once, all below it too)")
                    .doesNotContain("save:");
            terminal.type("once\n");
            terminal.until("> once opened");
            terminal.answer("/once' to write.*" + PROMPT, "yes\n"); // no answer: asked again
            terminal.answer("/once' to write.*" + PROMPT, "n\n");
            terminal.until("> once EPERM");
            terminal.answer("/always' to write.*" + PROMPT, "always\n");
            assertThat(terminal.until("> always opened.*> always opened")).doesNotContain("asks for");
            terminal.answer("/never' to write.*" + PROMPT, "never\n");
            assertThat(terminal.until("> never EPERM.*> never EPERM")).doesNotContain("asks for");
            terminal.answer("/rest' to write.*" + PROMPT, "rest\n");
            assertThat(terminal.until("> rest EPERM.*> more EPERM")).doesNotContain("asks for");
            assertThat(terminal.status()).isZero();
        }
        assertThat(directory).isDirectoryContaining("glob:**/once").isDirectoryContaining("glob:**/always");
        assertThat(directory).isDirectoryNotContaining("glob:**/never").isDirectoryNotContaining("glob:**/more");
    }

    @Test
    void alwaysIsNotMoreThanWasAskedAbout() throws Exception {
        try (PseudoTerminal terminal = terminal(User.ROOT, "python3", "open.py", "w:x", "w:xy", "r:x")) {
            terminal.answer("/x' to write.*" + PROMPT, "a\n");
            terminal.answer("> x opened.*/xy' to write.*" + PROMPT, "n\n");
            terminal.until("> xy EPERM.*> x opened");
        }
        String list = "import os; print(len(os.listdir('/var/lib/dpkg')) > 3, flush=True)"
                + "; open('/var/lib/dpkg/status'); open('/var/lib/dpkg/new', 'w')";
        try (PseudoTerminal terminal = terminal(User.ROOT, "python3", "-c", list)) {
            assertThat(terminal.until(PROMPT)).contains("(--read /var/lib/dpkg, all below it too)");
            terminal.type("a\n");
            terminal.answer("True.*/var/lib/dpkg/new' to write.*" + PROMPT, "n\n");
            assertThat(terminal.status()).isEqualTo(1);
        }
    }

    @Test
    void whatARuleTakesAwayAndWhatIsNotThereIsNotAskedAbout() throws Exception {
        Files.createDirectories(directory.resolve("in/secret"));
        Files.writeString(directory.resolve("in/secret/key"), "key");
        Files.writeString(directory.resolve("hidden"), "");
        Files.writeString(directory.resolve("p.toml"), """
                version = 1
                [files]
                deny = ["in/secret"]
                hide = ["hidden"]
                noexec = ["in"]
                [calls]
                mkdir = "EROFS"
                """);
        Files.writeString(directory.resolve("calls.py"), "import os\nos.mkdir('made')\n");
        try (PseudoTerminal terminal = terminal(
                User.ROOT, "--policy", "p.toml", "python3", "open.py", "r:in/secret/key", "r:hidden", "r:/none/x")) {
            assertThat(terminal.until("key EPERM.*hidden ENOENT.*/none/x EPERM"))
                    .doesNotContain("asks for");
            assertThat(terminal.status()).isZero();
        }
        try (PseudoTerminal terminal = terminal(User.ROOT, "--policy", "p.toml", "python3", "calls.py")) {
            assertThat(terminal.until("OSError.*\n")).doesNotContain("asks for");
        }
    }

    @ParameterizedTest
    @MethodSource("nurse.cli.Jar$User#all")
    void saveWritesTheRuleIntoTheFileAndLeavesAllElse(User user) throws Exception {
        Path real = directory.resolve("real.toml");
        String text = "# mine\nversion = 1\n\n[files] # what it may\nread = [\n    \"data\",   # much\n]\n";
        Files.writeString(real, text);
        Files.setPosixFilePermissions(real, PosixFilePermissions.fromString("rw-r-----"));
        Jar.execute(directory, new byte[0], List.of("chown", user == User.ROOT ? "0:0" : "65534:65534", "real.toml"))
                .succeeded();
        Files.createSymbolicLink(directory.resolve("p.toml"), Path.of("real.toml"));
        String[] run = {"--policy", "p.toml", "python3", "open.py", "w:saved", "w:not"};
        try (PseudoTerminal terminal = terminal(user, run)) {
            assertThat(terminal.until(PROMPT)).contains("save:    always, and written into 'p.toml'");
            terminal.type("save\n");
            terminal.until("nurse: written into 'p.toml'.*> saved opened");
            terminal.answer(PROMPT, "never\n");
            assertThat(terminal.status()).isZero();
        }
        assertThat(Files.readString(real))
                .startsWith(text.stripTrailing())
                .contains("write = [\n    \"${cwd}/saved\",")
                .contains("# allowed when asked");
        assertThat(Files.isSymbolicLink(directory.resolve("p.toml"))).isTrue();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(real)))
                .isEqualTo("rw-r-----");
        assertThat(Files.getOwner(real).getName()).isEqualTo(user == User.ROOT ? "root" : "nobody");
        assertThat(directory).isDirectoryNotContaining("glob:**/.nurse-*");
        // The next run asks for nothing that was saved, and without --ask what was not is refused.
        assertThat(Jar.run(user, directory, run).out()).isEqualTo("> saved opened\n> not EPERM\n");
    }

    @Test
    void aFileThatCannotBeWrittenIsSaidAndAllowsAllTheSame() throws Exception {
        Path shut = Files.createDirectory(directory.resolve("shut"));
        Path policy = Files.writeString(shut.resolve("p.toml"), "version = 1\n");
        Files.setPosixFilePermissions(shut, PosixFilePermissions.fromString("r-xr-xr-x"));
        String[] run = {"--policy", "shut/p.toml", "python3", "open.py", "w:x", "w:x"};
        try (PseudoTerminal terminal = terminal(User.all().getLast(), run)) { // root may write all
            terminal.answer(PROMPT, "save\n");
            terminal.until("not written into 'shut/p.toml', which is as it was: EACCES.*> x opened.*> x opened");
        }
        assertThat(policy).hasContent("version = 1");
    }

    @Test
    void ctrlCInterruptsTheProgramAndCtrlDEndsTheQuestions() throws Exception {
        String handler = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n";
        Files.writeString(directory.resolve("int.py"), handler + OPEN); // a build in the background has it ignored
        try (PseudoTerminal terminal = terminal(User.ROOT, "python3", "int.py", "w:x")) {
            terminal.answer(PROMPT, "\u0003");
            terminal.until("KeyboardInterrupt");
            assertThat(terminal.status()).isEqualTo(130);
        }
        try (PseudoTerminal terminal = terminal(User.ROOT, "python3", "open.py", "w:x", "w:y")) {
            terminal.answer(PROMPT, "\u0004");
            assertThat(terminal.until("> x EPERM.*> y EPERM"))
                    .contains("nobody answers")
                    .doesNotContain("asks for");
            assertThat(terminal.status()).isZero();
        }
        assertThat(directory).isDirectoryNotContaining("glob:**/[xy]");
    }

    /** Twin: the same word, typed after the question, is one. */
    @Test
    void whatWasTypedBeforeTheQuestionIsNoAnswer() throws Exception {
        Files.writeString(directory.resolve("wait.py"), """
                import os, time
                print("type", flush=True)
                while not os.path.exists("go"):
                    time.sleep(0.05)
                open("typed", "w").close()
                print("ope" + "ned", flush=True)
                """);
        try (PseudoTerminal terminal = terminal(User.ROOT, "python3", "wait.py")) {
            terminal.answer("type\r\n", "once\nalways\n");
            terminal.until("always\r\n"); // the terminal's echo: it has them
            Files.writeString(directory.resolve("go"), "");
            terminal.until(PROMPT);
            Thread.sleep(300);
            assertThat(directory.resolve("typed")).doesNotExist();
            terminal.answer("", "once\n");
            terminal.until("opened");
            assertThat(terminal.status()).isZero();
        }
    }

    @Test
    void namesAndAScreenThatAProgramHasMadeDoNotHideTheQuestion() throws Exception {
        Files.writeString(directory.resolve("hostile.py"), """
                import os, sys
                sys.stdout.write("\\x1b[5;6r\\x1b[8m\\x1b]0;title") # a scrolling region, hidden text, a title without an end
                sys.stdout.flush()
                try:
                    os.close(os.open(b"\\x1b[2Jx\\r\\xe2\\x80\\xae.gpj\\nnurse: ok", os.O_WRONLY | os.O_CREAT))
                except OSError:
                    print("refused", flush=True)
                """);
        try (PseudoTerminal terminal = terminal(
                User.ROOT,
                List.of("sh", "-c", "shift; exec env TERM=xterm \"$@\"", "sh", "env"),
                "python3",
                "hostile.py")) {
            String shown = terminal.until(PROMPT);
            assertThat(shown)
                    .contains("/\\x1b[2Jx\\r\\u{202e}.gpj\\nnurse: ok' to write")
                    .doesNotContain("\u001b[2J");
            terminal.type("n\n");
            terminal.until("refused");
        }
    }

    /** Compiles src/test/native/ask/paint.c. */
    static void paint(Path directory) {
        Jar.compile(
                directory,
                Path.of("src/test/native/ask/paint.c").toAbsolutePath(),
                "-w",
                "-I" + NATIVE + "/attack",
                "-I" + NATIVE + "/include",
                "-o",
                directory.resolve("paint").toString());
    }

    /**
     * A program that knows the lane asks and does not wait: it writes over the question, and reads the answer. It stands still
     * while the question is there. Twins: before and after it, it does write and read; and
     * BrokenBuildsIT.aProgramThatIsNotHeldWritesOverTheQuestion.
     */
    @ParameterizedTest
    @ValueSource(strings = {"write", "read"})
    void theProgramStandsStillWhileItsUserIsAsked(String what) throws Exception {
        paint(directory);
        try (PseudoTerminal terminal = terminal(User.ROOT, "./paint", what)) {
            String before = terminal.until("asks for");
            if (what.equals("write")) {
                assertThat(before).contains("FAKE");
            }
            assertThat(terminal.until(PROMPT)).doesNotContain("FAKE");
            Thread.sleep(500);
            terminal.type("once\n");
            if (what.equals("read")) {
                terminal.answer("once\r\n", "word\n");
                terminal.until("got word\r?\nopened 1");
            } else {
                assertThat(terminal.until("once\r\n")).isEqualTo("once\r\n");
                terminal.until("FAKE.*opened 1");
            }
            assertThat(terminal.status()).isZero();
        }
    }

    /** A shell that puts a job into the foreground continues all of it, the program too. */
    @Test
    void aJobThatComesToTheForegroundForTheQuestionHasItsProgramStandStill() throws Exception {
        paint(directory);
        List<String> run =
                Jar.command(User.ROOT, List.of("run", "--root", Jar.TREE.toString(), "--ask", "./paint", "write"));
        List<String> shell = List.of("env", "LC_ALL=C", "bash", "--norc", "-i");
        try (PseudoTerminal terminal = new PseudoTerminal(directory, shell)) {
            terminal.type("set -b; " + String.join(" ", run) + " &\n");
            terminal.until("Stopped");
            terminal.type("fg\n");
            terminal.until("asks for");
            assertThat(terminal.until(PROMPT)).doesNotContain("FAKE");
            Thread.sleep(500);
            terminal.type("once\n");
            assertThat(terminal.until("once\r\n")).isEqualTo("once\r\n");
            terminal.until("FAKE.*opened 1");
            terminal.type("exit\n");
        }
    }

    /** Twin: theProgramStandsStillWhileItsUserIsAsked, where the first answer counts. */
    @Test
    void anAnswerDuringWhichTheProgramRanDoesNotCount() throws Exception {
        paint(directory);
        try (PseudoTerminal terminal = terminal(User.ROOT, "./paint", "write")) {
            terminal.until(PROMPT);
            terminal.signal("paint", "CONT");
            terminal.until("FAKE");
            terminal.type("once\n");
            terminal.until("asks for.*" + PROMPT);
            assertThat(directory.resolve("painted")).doesNotExist();
            terminal.type("once\n");
            terminal.until("opened 1");
        }
    }

    @ParameterizedTest
    @MethodSource("nurse.cli.Jar$User#all")
    void anAddressIsAskedAboutWhenItIsUsed(User user) throws Exception {
        Files.writeString(directory.resolve("connect.py"), """
                import socket, sys
                for port in sys.argv[1:]:
                    try:
                        socket.create_connection(("127.0.0.1", int(port))).close()
                        print(">", port, "connected", flush=True)
                    except OSError as error:
                        print(">", port, error.errno, flush=True)
                """);
        try (ServerSocket first = new ServerSocket(0, 9, InetAddress.getLoopbackAddress());
                ServerSocket second = new ServerSocket(0, 9, InetAddress.getLoopbackAddress())) {
            String one = Integer.toString(first.getLocalPort());
            String two = Integer.toString(second.getLocalPort());
            try (PseudoTerminal terminal = terminal(user, "python3", "connect.py", one, one, one, two, two)) {
                String asked = terminal.until(PROMPT);
                assertThat(asked)
                        .contains("asks to 'connect tcp 127.0.0.1:" + one + "'")
                        .contains("(--net 'connect tcp 127.0.0.1:" + one + "')");
                terminal.type("once\n");
                terminal.until("> " + one + " connected");
                terminal.answer(PROMPT, "always\n");
                terminal.until("> " + one + " connected.*> " + one + " connected");
                terminal.answer(":" + two + "'.*" + PROMPT, "never\n");
                assertThat(terminal.until("> " + two + " 1\\b.*> " + two + " 1\\b"))
                        .doesNotContain("asks for");
                assertThat(terminal.status()).isZero();
            }
        }
    }

    @Test
    void aServicesSocketIsAskedAboutByItsName() throws Exception {
        Files.writeString(directory.resolve("talk.py"), """
                import socket
                for _ in range(2):
                    try:
                        socket.socket(socket.AF_UNIX).connect("service")
                        print("> connected", flush=True)
                    except OSError as error:
                        print(">", error.errno, flush=True)
                """);
        Path service = directory.resolve("service");
        try (ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.bind(UnixDomainSocketAddress.of(service));
            try (PseudoTerminal terminal = terminal(User.ROOT, "python3", "talk.py")) {
                assertThat(terminal.until(PROMPT)).contains("--net 'connect unix " + service + "'");
                terminal.type("once\n");
                terminal.until("> connected");
                terminal.answer(PROMPT, "never\n");
                terminal.until("> 1\\b");
            }
        }
    }

    /** A run that asks is its helper's child, so that no shell takes it for a stopped job. */
    @ParameterizedTest
    @MethodSource("nurse.cli.Jar$User#all")
    void theNativeClientAsksAsWellWhetherAHelperIsResidentOrNot(User user) throws Exception {
        try (Native nurse = new Native(user)) {
            for (String which : List.of("first", "second")) {
                List<String> run = nurse.runCommand("--ask", "python3", "open.py", "w:" + which, "w:no");
                try (PseudoTerminal terminal = new PseudoTerminal(directory, run)) {
                    terminal.answer("/" + which + "' to write.*" + PROMPT, "once\n");
                    terminal.answer("> " + which + " opened.*/no' to write.*" + PROMPT, "never\n");
                    terminal.until("> no EPERM");
                    assertThat(terminal.status()).isZero();
                }
                nurse.run(directory, "true").succeeded();
            }
        }
    }

    @Test
    void withoutATerminalNothingIsRun() {
        List<String> all = List.of("run", "--root", Jar.TREE.toString(), "--ask", "touch", "made");
        List<String> command = new ArrayList<>(List.of("setsid", "-w"));
        command.addAll(Jar.command(User.ROOT, all));
        Result result = Jar.execute(directory, new byte[0], command);
        assertThat(result.status()).as(result.err()).isEqualTo(2);
        assertThat(result.err()).containsPattern("nurse: --ask has no terminal.*\n {2}why: .+\n {2}do: {2}.+\n");
        Result both = Jar.run(directory, "--ask", "--dry-run", "touch", "made");
        assertThat(both.status()).isEqualTo(2);
        assertThat(directory).isDirectoryNotContaining("glob:**/made");
    }

    @Test
    void theLogHasTheDecisionsThatHeldInTheEnd() throws Exception {
        try (PseudoTerminal terminal = terminal(User.ROOT, "--log", "run.log", "python3", "open.py", "w:yes", "w:no")) {
            terminal.answer("/yes' to write.*" + PROMPT, "once\n");
            terminal.answer("/no' to write.*" + PROMPT, "never\n");
            assertThat(terminal.status()).isZero();
        }
        assertThat(lines("run.log", "/yes\""))
                .isNotEmpty()
                .allMatch(line -> line.contains("\"allowed\":true"))
                .anyMatch(line -> line.contains("(asked: once)"));
        assertThat(lines("run.log", "/no\"")).anyMatch(line -> line.contains("\"allowed\":false"));
    }

    private List<String> lines(String file, String word) throws IOException {
        return Files.readAllLines(directory.resolve(file), StandardCharsets.UTF_8).stream()
                .filter(line -> line.contains(word))
                .toList();
    }
}
