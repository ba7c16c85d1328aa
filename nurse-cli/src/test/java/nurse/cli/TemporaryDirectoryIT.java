package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import nurse.cli.Jar.Result;
import nurse.cli.Jar.User;
import org.junit.jupiter.api.Test;

/** <code>${tmp}</code> goes with the run, whatever its program made of it, and whatever became of the helper. */
class TemporaryDirectoryIT {
    private static final String LEAVES = """
            import os
            print(os.environ["TMPDIR"], flush=True)
            os.chdir(os.environ["TMPDIR"])
            for mode in (0, 0o555, 0o300):
                os.makedirs(f"closed{mode}/below/empty")
                open(f"closed{mode}/below/file", "w")
                os.chmod(f"closed{mode}/below", mode)
                os.chmod(f"closed{mode}", mode)
            for i in range(4500):
                os.mkdir("ddd")
                os.chdir("ddd")
            os.chmod(os.environ["TMPDIR"], 0)
            """;

    private final Path directory = Jar.directory();

    private static Path onTheHost(String name) {
        return Path.of(Jar.TREE + name.strip());
    }

    private static long descriptors(Native nurse) throws Exception {
        long helper = nurse.residents().findFirst().orElseThrow().pid();
        try (Stream<Path> open = Files.list(Path.of("/proc", Long.toString(helper), "fd"))) {
            return open.count();
        }
    }

    @Test
    void deepTreesAndClosedDirectoriesGoAndCostTheHelperNothing() throws Exception {
        for (User user : User.all()) {
            try (Native nurse = new Native(user)) {
                nurse.run(directory, "true").succeeded();
                Native.await(() -> descriptors(nurse) < 10); // it has let go of the run
                long before = descriptors(nurse);
                Result left = nurse.run(directory, "--profile", "python", "python3", "-c", LEAVES)
                        .succeeded();
                Native.await(() -> !Files.exists(onTheHost(left.out())));
                Native.await(() -> descriptors(nurse) <= before);
                assertThat(nurse.run(directory, "echo", "on").succeeded().out()).isEqualTo("on\n");
            }
        }
    }

    /** Twin: that of a run whose helper lives is left alone. */
    @Test
    void thoseOfHelpersThatWereKilledGoWithTheNextRun() throws Exception {
        String[] waits = {"--profile", "python", "python3", "-c", LEAVES + "input()\n"};
        String[] ends = {"--profile", "python", "python3", "-c", "pass"};
        for (User user : User.all()) {
            try (Native killed = new Native(user);
                    Native alive = new Native(user)) {
                Process first = start(killed, waits);
                Path forsaken = onTheHost(first.inputReader().readLine());
                Process second = start(alive, waits);
                Path held = onTheHost(second.inputReader().readLine());
                killed.residents().forEach(ProcessHandle::destroyForcibly);
                assertThat(first.waitFor()).isEqualTo(137);
                alive.run(directory, ends).succeeded();
                assertThat(forsaken).doesNotExist();
                assertThat(held).exists();
                second.getOutputStream().close();
                second.waitFor();
                Native.await(() -> !Files.exists(held));
            }
        }
    }

    private Process start(Native nurse, String... arguments) throws Exception {
        return new ProcessBuilder(nurse.runCommand(arguments))
                .directory(directory.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }
}
