package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import nurse.cli.Jar.User;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Signals to a nurse that is the program's parent, a JVM, do to the program what they would do outside. */
class SignalRelayIT {
    private static final String HANDLES = """
            import os, signal, sys, time
            def end(number, frame):
                print('got', number, flush=True)
                open(os.environ['TMPDIR'] + '/kept', 'w').close()
                sys.exit(7)
            for number in range(1, 65):
                if number not in (9, 11, 17, 18, 19, 20, 23, 28, 32, 33): signal.signal(number, end)
            print(os.environ['TMPDIR'], flush=True)
            while True: signal.pause()
            """;
    private static final String HANDLES_NOTHING =
            "import os, signal\nprint(os.environ['TMPDIR'], flush=True)\nwhile True: signal.pause()";
    private static final String POLICY = """
            version = 1
            extends = "python"
            [files]
            read = ["${cwd}"]
            """;

    private final Path directory = Jar.directory();

    /** Each way on which a JVM is the program's parent. */
    private static final Map<String, List<String>> WAYS = new TreeMap<>(Map.of(
            "a flag of the JVM's", List.of("run"),
            "a limit of time", List.of("run", "--limit", "wall=1h"),
            "a limit of output", List.of("run", "--limit", "output=1M"),
            "the helper under Landlock", List.of("run", "--require", "helper-landlock"),
            "learn", List.of("learn", "-o", "learned.toml")));

    static Stream<Arguments> signals() {
        return Stream.concat(
                WAYS.keySet().stream().map(way -> Arguments.of(way, "TERM", 15)),
                Stream.of("HUP 1", "INT 2", "QUIT 3", "USR1 10", "USR2 12", "ALRM 14", "RTMIN+3 37")
                        .map(signal -> signal.split(" "))
                        .map(signal -> Arguments.of("a limit of time", signal[0], Integer.valueOf(signal[1]))));
    }

    private Process start(String way, String script) throws IOException {
        Files.writeString(directory.resolve("script.py"), script);
        Files.writeString(directory.resolve("policy.toml"), POLICY);
        List<String> arguments = new ArrayList<>(WAYS.get(way));
        arguments.addAll(List.of("--root", Jar.TREE.toString(), "--log", "log"));
        if (!way.equals("learn")) { // it makes a temporary directory in any case, and has no policy
            arguments.addAll(List.of("--policy", "policy.toml"));
        }
        arguments.addAll(List.of("python3", "script.py"));
        return new ProcessBuilder(Jar.command(User.ROOT, arguments))
                .directory(directory.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static void send(String signal, long pid) {
        Jar.execute(Path.of("/"), new byte[0], List.of("bash", "-c", "kill -" + signal + " " + pid))
                .succeeded();
    }

    /** What must not be left behind, however the program ended. */
    private void assertAllIsInOrder(String temporary) throws IOException {
        assertThat(temporary).startsWith("/tmp/nurse-");
        assertThat(Jar.TREE.resolve(temporary.substring(1))).doesNotExist();
        assertThat(Files.readAllLines(directory.resolve("log")).getLast()).contains("\"event\":\"end\"");
    }

    @ParameterizedTest
    @MethodSource("signals")
    void aHandlerOfTheProgramsHasItsTurn(String way, String signal, int number) throws Exception {
        Process process = start(way, HANDLES);
        try (BufferedReader out = process.inputReader()) {
            String temporary = out.readLine();
            send(signal, process.pid());
            assertThat(out.readLine()).isEqualTo("got " + number);
            assertThat(process.waitFor()).isEqualTo(7);
            assertAllIsInOrder(temporary);
        }
    }

    @ParameterizedTest
    @MethodSource("signals")
    void aProgramWithoutAHandlerDiesOfIt(String way, String signal, int number) throws Exception {
        Process process = start(way, HANDLES_NOTHING);
        try (BufferedReader out = process.inputReader()) {
            String temporary = out.readLine();
            send(signal, process.pid());
            // Python turns SIGINT into an exception, and then dies of it.
            assertThat(process.waitFor()).isEqualTo(128 + number);
            assertAllIsInOrder(temporary);
        }
    }

    @Test
    void theTwoStopTogetherAndGoOnTogether() throws Exception {
        Process process = start("a limit of time", HANDLES);
        try (BufferedReader out = process.inputReader()) {
            out.readLine();
            long program = process.children().findFirst().orElseThrow().pid();
            send("TSTP", process.pid());
            Native.await(() -> state(process.pid()) == 'T' && state(program) == 'T');
            send("CONT", process.pid());
            Native.await(() -> state(process.pid()) != 'T' && state(program) != 'T');
            send("TERM", process.pid());
            assertThat(out.readLine()).isEqualTo("got 15");
            assertThat(process.waitFor()).isEqualTo(7);
        }
    }

    private static char state(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        return Arrays.stream(stat.substring(stat.lastIndexOf(')') + 2).split(" "))
                .findFirst()
                .orElseThrow()
                .charAt(0);
    }
}
