package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import nurse.cli.Jar.Result;
import nurse.cli.Jar.User;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The native client and its resident helper: the program is the user's own process, and nobody else is served. */
class ServeIT {
    private static final List<String> UNSERVED = List.of("kind 3\n", "no answer: -1\n");
    private static final Path SOURCES = Path.of("src/test/native/serve").toAbsolutePath();
    private static final Path PROTOCOL =
            Path.of("../nurse-native/src/main/native/client").toAbsolutePath();

    private Path directory;
    private Native nurse;

    @BeforeEach
    void makeDirectory() {
        directory = Jar.directory();
        nurse = new Native(User.ROOT);
    }

    @AfterEach
    void endHelper() {
        nurse.close();
    }

    @Test
    void aProgramRunsAsWithTheJarAndTheSecondTimeInTheSameHelper() throws Exception {
        for (User user : User.all()) {
            try (Native mine = new Native(user)) {
                Result jar = Jar.run(user, directory, Native.TELLS);
                Native.assertTellsTheSame(jar, mine.run(directory, Native.TELLS));
                assertThat(mine.residents()).hasSize(1);
                long helper = mine.residents().findFirst().orElseThrow().pid();
                Native.assertTellsTheSame(jar, mine.run(directory, Native.TELLS));
                assertThat(mine.residents().map(ProcessHandle::pid)).containsExactly(helper);
            }
        }
    }

    @Test
    void withoutAResidentHelperARunHasOneOfItsOwn() {
        List<String> command = nurse.runCommand("sh", "-c", "echo own; exit 3");
        command.add(command.indexOf(Native.CLIENT.toString()), "NURSE_RESIDENT=no");
        Result own = Jar.execute(directory, new byte[0], command);
        assertThat(own.status()).as(own.err()).isEqualTo(3);
        assertThat(own.out()).isEqualTo("own\n");
        assertThat(nurse.residents()).isEmpty();
    }

    @Test
    void whatCannotBeRunHasItsStatusAndThreeParts() {
        Result absent = nurse.run(directory, "no-such-program");
        assertThat(absent.status()).isEqualTo(127);
        assertThat(absent.err()).containsPattern("nurse: .+\n {2}why: .+\n {2}do: {2}.+\n");
        assertThat(nurse.run(directory, "--no-such-option", "true").status()).isEqualTo(2);
        assertThat(nurse.run(directory, "true").succeeded().err()).isEmpty();
    }

    @Test
    void aSignalToTheUsersProcessIsTheProgramsOwn() throws Exception {
        Process program = new ProcessBuilder(nurse.runCommand("sleep", "70"))
                .directory(directory.toFile())
                .start();
        Path comm = Path.of("/proc", Long.toString(program.pid()), "comm");
        Native.await(() -> Files.readString(comm).equals("sleep\n"));
        program.destroy();
        assertThat(program.waitFor()).isEqualTo(143);
        assertThat(nurse.run(directory, "sh", "-c", "kill -SEGV $$").status()).isEqualTo(139);
    }

    /** python3 is a link to python3.11; outside is the twin. */
    @Test
    void theProgramIsCalledAsOutside() throws Exception {
        String tells = "import ctypes, sys; n = ctypes.create_string_buffer(16); ctypes.CDLL(None).prctl(16, n);"
                + " print(open('/proc/self/comm').read(), n.value, sys.argv)";
        Files.writeString(directory.resolve("script"), "#!/usr/bin/python3 -I\n" + tells);
        Files.setPosixFilePermissions(directory.resolve("script"), PosixFilePermissions.fromString("rwxr-xr-x"));
        for (String[] command : new String[][] {{"python3", "-c", tells}, {"./script", "word"}}) {
            Result inside = nurse.run(directory, command).succeeded();
            assertThat(inside.out())
                    .isEqualTo(Jar.outside(User.ROOT, directory, command)
                            .succeeded()
                            .out());
        }
    }

    @Test
    void ctrlCOfTheTerminalEndsTheProgramAndItsSizeIsSeen() throws Exception {
        Path script = Files.writeString(directory.resolve("wait.py"), """
                import os, signal, time
                signal.signal(signal.SIGINT, signal.SIG_DFL)
                print(tuple(os.get_terminal_size()), "ready", flush=True)
                time.sleep(70)
                """);
        String run = String.join(" ", nurse.runCommand("python3", script.toString()));
        Process terminal = new ProcessBuilder("script", "-qec", "stty rows 33 cols 77; " + run, "/dev/null")
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        StringBuilder seen = new StringBuilder();
        while (seen.indexOf("ready") < 0) {
            int c = terminal.getInputStream().read();
            assertThat(c).as("%s", seen).isGreaterThanOrEqualTo(0);
            seen.append((char) c);
        }
        assertThat(seen.toString()).contains("(77, 33)");
        Thread.sleep(200);
        OutputStream keys = terminal.getOutputStream();
        keys.write(3);
        keys.flush();
        assertThat(terminal.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(terminal.exitValue()).isEqualTo(130);
    }

    @Test
    void whenTheHelperIsKilledItsProgramsEndAndTheNextRunFindsAnother() throws Exception {
        nurse.serve();
        Process program = new ProcessBuilder(nurse.runCommand("sleep", "70"))
                .directory(directory.toFile())
                .start();
        Path comm = Path.of("/proc", Long.toString(program.pid()), "comm");
        Native.await(() -> Files.readString(comm).equals("sleep\n"));
        nurse.helper().destroyForcibly();
        assertThat(program.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(program.exitValue()).isEqualTo(137);
        assertThat(nurse.run(directory, "echo", "again").succeeded().out()).isEqualTo("again\n");
    }

    @Test
    void aSecondHelperIsRefusedWhereOneServes() throws Exception {
        nurse.serve();
        Result second = Jar.execute(directory, new byte[0], nurse.command(List.of("serve")));
        assertThat(second.status()).isEqualTo(125);
        assertThat(second.err()).contains("one serves this user already");
    }

    /** Twin: everything else here, where the client is answered. */
    @Test
    void onlyTheClientIsServedAndNotAProgramThatMayWriteWhereTheSocketLies() throws Exception {
        nurse.serve();
        Path stranger = directory.resolve("stranger");
        Jar.compile(directory, SOURCES.resolve("stranger.c"), "-I" + PROTOCOL, "-o", "stranger");
        String socket = nurse.socket();
        Result outside = Jar.execute(directory, new byte[0], List.of(stranger.toString(), socket));
        // ANSWER_UNLIKE, or a reset: a socket that is closed with something unread resets its peer (unix_release_sock)
        assertThat(outside.out()).isIn(UNSERVED);
        String run = Path.of(socket).getParent().toString();
        Result inside = nurse.run(directory, "--quiet", "--write", run, "./stranger", socket);
        assertThat(inside.out())
                .as(inside.err())
                .isIn("kind 3\n", "no answer: -1\n", "connect: No such file or directory\n");
        List<String> named = List.of("--net", "connect unix " + socket, stranger.toString(), socket);
        assertThat(stranger(run, named)).isIn(UNSERVED);
        assertThat(stranger(run, named.subList(2, 4))).isEqualTo("connect: Operation not permitted\n");
    }

    /** What it says inside of a view that is the host's. */
    private String stranger(String run, List<String> rest) throws Exception {
        List<String> command = new ArrayList<>(List.of("run", "--quiet", "--lock", Jar.LOCK, "--write", run));
        command.addAll(rest);
        Result result = Jar.execute(directory, new byte[0], nurse.command(command));
        return result.out();
    }

    @Test
    void whoHasOtherGroupsGetsAHelperOfTheirOwn() throws Exception {
        if (!User.isRoot()) {
            return; // nobody else can change groups; root does in CI
        }
        nurse.serve();
        Result other = nurse.run(directory, List.of("setpriv", "--groups", "4321"), "id", "-G");
        assertThat(other.out()).as(other.err()).contains("4321");
        assertThat(nurse.run(directory, "id", "-G").out()).doesNotContain("4321");
    }

    @Test
    void aStaleOrMissingCacheIsNoError() throws Exception {
        Path place = directory.resolve("place");
        Files.createDirectory(place);
        for (String name : List.of("nurse", "nurse-cli.jar")) {
            Files.copy(Native.CLIENT.resolveSibling(name), place.resolve(name), StandardCopyOption.COPY_ATTRIBUTES);
        }
        for (String cache : List.of("", "no cache at all")) {
            if (!cache.isEmpty()) {
                Files.writeString(place.resolve("nurse-cli.aot"), cache);
            }
            List<String> command = nurse.runCommand("echo", "runs");
            int client = command.indexOf(Native.CLIENT.toString());
            command.set(client, place.resolve("nurse").toString());
            command.add(client, "NURSE_RESIDENT=no");
            Result result = Jar.execute(directory, new byte[0], command);
            assertThat(result.out()).as(result.err()).isEqualTo("runs\n");
            assertThat(result.err()).isEmpty();
        }
    }

    /** The limit follows the helper's limit of open files: 384 leave room for four. */
    @Test
    void whoComesWhenThereIsNoRoomIsToldSoAndServedWhenThereIs() throws Exception {
        nurse.serve("sh", "-c", "ulimit -n 384; exec \"$@\"", "sh");
        List<Process> programs = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Process program = new ProcessBuilder(nurse.runCommand("sh", "-c", "echo ready; read line"))
                    .directory(directory.toFile())
                    .start();
            assertThat(program.getInputStream().read()).isEqualTo('r');
            programs.add(program);
        }
        Result refused = nurse.run(directory, "echo", "fifth");
        assertThat(refused.status()).isEqualTo(125);
        assertThat(refused.out()).isEmpty();
        assertThat(refused.err()).contains("no room", "why: 4 run already", "do:  ", "NURSE_RESIDENT=no");
        assertThat(programs).allMatch(Process::isAlive);
        programs.get(0).destroy();
        programs.get(0).waitFor();
        Native.await(() -> nurse.run(directory, "echo", "fifth").status() == 0);
        programs.forEach(Process::destroy);
    }

    /** One that opens all it can is told EMFILE where others would have to go without; with more numbers it is not. */
    @ParameterizedTest
    @ValueSource(ints = {1200, 4096})
    void whoOpensAllFilesLeavesOthersTheirs(int numbers) throws Exception {
        nurse.serve("sh", "-c", "ulimit -n " + numbers + "; exec \"$@\"", "sh");
        Path script = Files.writeString(directory.resolve("greedy.py"), """
                import os
                files = 0
                try:
                    while True:
                        os.open("greedy.py", os.O_RDONLY)
                        files += 1
                except OSError as error:
                    print(files, error.errno, flush=True)
                input()
                print(os.stat("greedy.py").st_size, flush=True)
                """);
        Process greedy = new ProcessBuilder(nurse.runCommand("python3", script.toString()))
                .directory(directory.toFile())
                .start();
        try (BufferedReader out = greedy.inputReader()) {
            String[] said = out.readLine().split(" ");
            assertThat(said[1]).isEqualTo("24"); // EMFILE
            int most = 1024 - 3; // the program's own limit, less its standard descriptors
            int files = Integer.parseInt(said[0]);
            if (numbers == 4096) {
                assertThat(files).isEqualTo(most);
            } else {
                assertThat(files).isBetween(numbers / 4, numbers / 2);
            }
            Result other = nurse.run(
                    directory, "python3", "-c", "import json; print(len([open('greedy.py') for _ in range(8)]))");
            assertThat(other.out()).as(other.err()).isEqualTo("8\n");
            greedy.getOutputStream().write('\n');
            greedy.getOutputStream().close();
            assertThat(out.readLine()).isEqualTo(Long.toString(Files.size(script)));
            assertThat(greedy.waitFor()).isZero();
        } finally {
            greedy.destroyForcibly();
        }
    }

    /**
     * The same of the random devices of [repeat], behind each of which the helper has a descriptor: of four programs one takes
     * all that may be taken, and two more have no more devices than are theirs, but with more numbers as many as there are.
     */
    @ParameterizedTest
    @ValueSource(ints = {384, 4096})
    void whoOpensAllRandomDevicesLeavesOthersTheirs(int numbers) throws Exception {
        nurse.serve("sh", "-c", "ulimit -n " + numbers + "; exec \"$@\"", "sh");
        Files.writeString(directory.resolve("seed.toml"), "version = 1\n[repeat]\nrandom = 7\n");
        Files.writeString(directory.resolve("greedy.py"), """
                import os, sys
                files = 0
                try:
                    while True:
                        os.open(sys.argv[1], os.O_RDONLY)
                        files += 1
                except OSError as error:
                    print(files, error.errno, flush=True)
                input()
                """);
        List<Process> greedy = new ArrayList<>();
        try {
            for (String file : List.of("greedy.py", "/dev/urandom", "/dev/random")) {
                greedy.add(new ProcessBuilder(nurse.runCommand("--policy", "seed.toml", "python3", "greedy.py", file))
                        .directory(directory.toFile())
                        .start());
                String said = greedy.getLast().inputReader().readLine();
                if (file.equals("greedy.py")) {
                    assertThat(said).as(file).endsWith(" 24"); // EMFILE
                } else {
                    assertThat(said).as(file).matches(numbers == 4096 ? "64 23" : "[7-9] 24"); // ENFILE, EMFILE
                }
            }
            String[] opens = {"--policy", "seed.toml", "python3", "-c", """
                    files = ['greedy.py', '/dev/urandom'] * 4
                    print(len([open(file, 'rb') for file in files]))
                    """};
            Result other = nurse.run(directory, opens);
            assertThat(other.out()).as(other.err()).isEqualTo("8\n");
            assertThat(greedy).allMatch(Process::isAlive);
        } finally {
            greedy.forEach(Process::destroyForcibly);
        }
    }

    /** The user's own shell does it: the program is its child, and a job like any other. */
    @Test
    void ctrlZStopsTheProgramAndFgContinuesIt() throws Exception {
        Path script = Files.writeString(directory.resolve("job.py"), """
                import os, signal, time
                def say(*words): # print(), hit by a signal whose handler prints, is a RuntimeError (io.BufferedWriter)
                    os.write(1, (" ".join(map(str, words)) + "\\n").encode())
                signal.signal(signal.SIGINT, signal.default_int_handler) # a build in the background has it ignored
                signal.signal(signal.SIGCONT, lambda *_: say("con" + "tinued"))
                signal.signal(signal.SIGWINCH, lambda *_: say("resized", os.get_terminal_size()))
                say("rea" + "dy", os.getpid())
                for i in range(700):
                    time.sleep(0.1)
                """);
        try (PseudoTerminal terminal =
                new PseudoTerminal(directory, List.of("env", "LC_ALL=C", "bash", "--norc", "-i"))) {
            terminal.type(String.join(" ", nurse.runCommand("python3", script.toString())) + "\n");
            String pid = terminal.until("ready \\d+\\s").replaceAll("(?s).*ready (\\d+)\\s.*", "$1");
            terminal.type("\u001a");
            terminal.until("Stopped");
            assertThat(Files.readString(Path.of("/proc", pid, "stat"))).contains(") T ");
            terminal.type("fg\n");
            terminal.until("continued");
            Path device = Files.readSymbolicLink(Path.of("/proc", pid, "fd/0"));
            Jar.execute(directory, new byte[0], List.of("stty", "-F", device.toString(), "rows", "44", "cols", "99"))
                    .succeeded();
            terminal.until("resized [^\n]*columns=99, lines=44"); // stty sets one after the other
            terminal.type("\u0003");
            terminal.until("KeyboardInterrupt");
            terminal.type("exit 0\n");
            assertThat(terminal.status()).isEqualTo(0);
        }
    }

    @Test
    void aHundredProgramsRunAtOnceInOneHelper() throws Exception {
        nurse.serve();
        int most = 100;
        List<Process> programs = new ArrayList<>();
        for (int i = 0; i < most; i++) {
            List<String> command = nurse.runCommand(
                    "sh", "-c", "read line; echo \"$0 $line\"; read line; exit $line", Integer.toString(i));
            programs.add(
                    new ProcessBuilder(command).directory(directory.toFile()).start());
        }
        for (int i = 0; i < most; i++) { // none has ended before all of them run
            Process program = programs.get(i);
            program.getOutputStream().write(("word " + 7 * i + "\n").getBytes(StandardCharsets.UTF_8));
            program.getOutputStream().flush();
            byte[] answer = program.getInputStream().readNBytes((i + " word " + 7 * i + "\n").length());
            assertThat(new String(answer, StandardCharsets.UTF_8)).isEqualTo(i + " word " + 7 * i + "\n");
        }
        assertThat(programs).allMatch(Process::isAlive);
        assertThat(nurse.residents()).hasSize(1);
        for (int i = 0; i < most; i++) {
            programs.get(i).getOutputStream().write((i + "\n").getBytes(StandardCharsets.UTF_8));
            programs.get(i).getOutputStream().close();
        }
        for (int i = 0; i < most; i++) {
            assertThat(programs.get(i).waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(programs.get(i).exitValue()).isEqualTo(i);
        }
        try (Stream<ProcessHandle> residents = nurse.residents()) {
            assertThat(residents).hasSize(1);
        }
    }
}
