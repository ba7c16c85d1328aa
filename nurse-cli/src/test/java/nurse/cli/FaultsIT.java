package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import nurse.cli.Jar.Result;
import nurse.cli.Jar.User;
import nurse.ffm.Kernel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Whoever is killed, stopped or starved while a program runs, and whenever: nothing hangs, no process is left, and what the
 * program had written is there. faults.EveryStepIT does the same call by call within one JVM.
 */
class FaultsIT {
    private static final Path SOURCES = Path.of("src/test/native/faults").toAbsolutePath();
    private static final int SIGKILL = 9;
    private static final int SIGCONT = 18;
    private static final int SIGSTOP = 19;
    private static final int STATUS = 7;
    private static final int KILLED = 128 + SIGKILL;
    private static final int LINES = 40;
    private static final String EVERYTHING =
            IntStream.range(0, LINES).mapToObj(i -> i + "\n").reduce("", String::concat);
    /** Runs that kill -9 has really ended, here and below; one that came too late does not count. */
    private static final int KILLS_OF_PROGRAMS = 500;

    private static final int KILLS_BY_HELPERS = 60;
    private static final int KILLS_OF_JVMS = 12;
    private static final int PROGRAMS_OF_A_HELPER = 12;
    /** If not one kill in four comes in time, its moment is chosen badly. */
    private static final int RUNS_A_KILL = 4;

    private static final int STOPS = 30;
    private static final long END_SECONDS = 120;
    /** The JVM opens a file of its own now and then. */
    private static final int SLACK = 4;

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);
    /** Stands in every command line of this test's programs, and in no other. */
    private final String mark = "steps" + Long.toHexString(seed);

    private final Kernel kernel = new Kernel();
    private Path directory;
    private Native nurse;
    private int runs;

    @BeforeEach
    void makeDirectory() {
        System.out.println("FaultsIT: seed " + seed);
        directory = Jar.directory();
        nurse = new Native(User.ROOT);
        Jar.compile(directory, SOURCES.resolve("steps.c"), "-o", mark);
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        nurse.close();
        kernel.close();
        Native.await(() -> survivors().isEmpty());
    }

    /** All processes, but for zombies that wait for their parent, that have the mark among their arguments. */
    private List<String> survivors() {
        List<String> found = new ArrayList<>();
        ProcessHandle.allProcesses().forEach(process -> {
            try {
                String line = Files.readString(
                        Path.of("/proc", Long.toString(process.pid()), "cmdline"), StandardCharsets.ISO_8859_1);
                if (line.contains(mark)) {
                    found.add(process.pid() + " " + line.replace('\0', ' '));
                }
            } catch (IOException gone) {
                // it ended meanwhile
            }
        });
        return found;
    }

    // ---- one run ----------------------------------------------------------------------------------------------------

    /** A run of the program, its output in files. */
    private final class Steps {
        final Path out;
        final Path err;
        final Process process;

        Steps(List<String> command) throws IOException {
            runs++;
            out = directory.resolve("out" + runs);
            err = directory.resolve("err" + runs);
            process = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .start();
        }

        void signal(int signal) {
            kernel.kill((int) process.pid(), signal); // not waited for yet, so it is this process
        }

        int end() throws Exception {
            assertThat(process.waitFor(END_SECONDS, TimeUnit.SECONDS))
                    .as("run %d of seed %d ends: %s", runs, seed, Files.readString(err))
                    .isTrue();
            return process.exitValue();
        }

        /** What it said that it had written was written, in order, and nothing else was. */
        void assertNothingIsLost(int status) throws IOException {
            String written = Files.readString(out);
            long told = Files.readString(err)
                    .lines()
                    .filter(line -> line.matches("\\d+"))
                    .count();
            String as = "seed " + seed + " run " + runs + " status " + status;
            assertThat(EVERYTHING).as(as).startsWith(written);
            assertThat(written.lines().count()).as(as).isBetween(told, told + 1);
            if (status == STATUS) {
                assertThat(written).as(as).isEqualTo(EVERYTHING);
            }
        }
    }

    private String[] program(int microseconds) {
        return new String[] {"--quiet", "./" + mark, mark, Integer.toString(LINES), Integer.toString(microseconds)};
    }

    private Steps byClient(Native helper, int microseconds) throws IOException {
        return new Steps(helper.runCommand(program(microseconds)));
    }

    private Steps byJar() throws IOException {
        List<String> arguments = new ArrayList<>(List.of("run", "--root", Jar.TREE.toString()));
        arguments.addAll(List.of(program(0)));
        return new Steps(Jar.command(User.ROOT, arguments));
    }

    private long nanosOf(Steps steps, long begin) throws Exception {
        assertThat(steps.end()).as(Files.readString(steps.err)).isEqualTo(STATUS);
        return System.nanoTime() - begin;
    }

    private void pause(double of, long nanos) {
        LockSupport.parkNanos((long) (random.nextDouble() * of * nanos));
    }

    /**
     * Moments from a run's first to its last. How long a run takes changes with what else the machine does: moments come later
     * after a kill that hit and sooner after one that missed, so that about one in ten is behind the end.
     */
    private final class Moments {
        private long last;
        private int hit;
        private int missed;

        Moments(long nanos) {
            this.last = nanos;
        }

        void await() {
            pause(1.0, last);
        }

        void count(int status, int wanted) {
            if (status == KILLED) {
                hit++;
                last += last / 64;
            } else {
                missed++;
                last -= last / 8;
            }
            assertThat(hit + missed)
                    .as("runs, of which %d were killed, seed %d", hit, seed)
                    .isLessThan(RUNS_A_KILL * wanted);
        }
    }

    // ---- killed -----------------------------------------------------------------------------------------------------

    /** The client, the launcher, ld.so, the program: one process, whatever it is by then. */
    @Test
    void theProgramIsKilledAtAnyMomentAndItsResidentHelperGoesOn() throws Exception {
        nurse.serve();
        nanosOf(byClient(nurse, 0), System.nanoTime());
        Moments moments = new Moments(nanosOf(byClient(nurse, 0), System.nanoTime()));
        Path helper = Path.of("/proc", Long.toString(nurse.helper().pid()));
        long descriptors = count(helper.resolve("fd"));
        int amidOutput = 0;
        while (moments.hit < KILLS_OF_PROGRAMS) {
            Steps steps = byClient(nurse, 0);
            moments.await();
            steps.signal(SIGKILL);
            int status = steps.end();
            assertThat(status).as("seed %d run %d", seed, runs).isIn(KILLED, STATUS);
            steps.assertNothingIsLost(status);
            moments.count(status, KILLS_OF_PROGRAMS);
            amidOutput += status == KILLED && Files.size(steps.out) > 0 ? 1 : 0;
        }
        System.out.println("FaultsIT: of " + runs + " runs " + moments.hit + " were killed, " + amidOutput
                + " of them after their first line");
        assertThat(amidOutput).as("killed after their first line").isBetween(1, KILLS_OF_PROGRAMS - 1);
        Native.await(() -> count(helper.resolve("fd")) <= descriptors + SLACK);
        nanosOf(byClient(nurse, 0), System.nanoTime());
    }

    private static long count(Path directory) {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.count();
        } catch (IOException gone) {
            return 0;
        }
    }

    @Test
    void aResidentHelperIsKilledAtAnyMomentAndItsProgramsEndWithIt() throws Exception {
        int ended = 0;
        while (ended < KILLS_BY_HELPERS) {
            try (Native helper = new Native(User.ROOT)) {
                helper.serve();
                long begin = System.nanoTime();
                long whole = nanosOf(byClient(helper, 500), begin);
                List<Steps> programs = new ArrayList<>();
                for (int j = 0; j < PROGRAMS_OF_A_HELPER; j++) {
                    programs.add(byClient(helper, 500));
                }
                pause(1.5, whole);
                helper.helper().destroyForcibly().waitFor();
                for (Steps steps : programs) {
                    int status = steps.end();
                    // A client that had no answer yet starts another helper, and its program runs to its end.
                    assertThat(status)
                            .as("seed %d: %s", seed, Files.readString(steps.err))
                            .isIn(KILLED, STATUS, 125);
                    steps.assertNothingIsLost(status);
                    ended += status == STATUS ? 0 : 1;
                }
            }
            assertThat(runs)
                    .as("runs, of which %d ended with their helper, seed %d", ended, seed)
                    .isLessThan(RUNS_A_KILL * KILLS_BY_HELPERS);
        }
        System.out.println("FaultsIT: of " + runs + " runs " + ended + " ended with their helper");
        assertThat(survivors()).isEmpty();
    }

    @Test
    void oneOfTheTwoProcessesOfARunIsKilledAtAnyMomentAndTheOtherEnds() throws Exception {
        long begin = System.nanoTime();
        Moments moments = new Moments(nanosOf(byJar(), begin));
        while (moments.hit < KILLS_OF_JVMS) {
            Steps steps = byJar();
            moments.await();
            List<ProcessHandle> program = steps.process.children().toList();
            if (moments.hit % 2 == 0 && !program.isEmpty()) {
                program.get(0).destroyForcibly();
            } else {
                steps.signal(SIGKILL);
            }
            int status = steps.end();
            assertThat(status)
                    .as("seed %d: %s", seed, Files.readString(steps.err))
                    .isIn(KILLED, STATUS);
            Native.await(() -> survivors().isEmpty());
            steps.assertNothingIsLost(status);
            moments.count(status, KILLS_OF_JVMS);
        }
    }

    // ---- stopped ----------------------------------------------------------------------------------------------------

    @Test
    void eitherSideIsStoppedForAWhileAndTheProgramEndsAsEver() throws Exception {
        nurse.serve();
        long whole = nanosOf(byClient(nurse, 0), System.nanoTime());
        int helper = (int) nurse.helper().pid();
        for (int i = 0; i < STOPS; i++) {
            Steps steps = byClient(nurse, 0);
            int stopped = i % 3 == 0 ? helper : (int) steps.process.pid();
            pause(1.0, whole);
            kernel.kill(stopped, SIGSTOP);
            Thread.sleep(5);
            kernel.kill(stopped, SIGCONT);
            int status = steps.end();
            assertThat(status)
                    .as("seed %d: %s", seed, Files.readString(steps.err))
                    .isEqualTo(STATUS);
            steps.assertNothingIsLost(status);
        }
    }

    @Test
    void whoIsStoppedEndsAllTheSameWhenTheOtherSideIsKilled() throws Exception {
        nurse.serve();
        Steps program = byClient(nurse, 1_000_000);
        Native.await(() -> Files.size(program.out) > 0);
        program.signal(SIGSTOP);
        nurse.helper().destroyForcibly().waitFor();
        assertThat(program.end()).isEqualTo(KILLED);
        nurse.close();
        nurse = new Native(User.ROOT).serve();
        Steps other = byClient(nurse, 1_000_000);
        Native.await(() -> Files.size(other.out) > 0);
        int helper = (int) nurse.helper().pid();
        kernel.kill(helper, SIGSTOP);
        other.signal(SIGKILL);
        assertThat(other.end()).isEqualTo(KILLED);
        kernel.kill(helper, SIGCONT);
        assertThat(nanosOf(byClient(nurse, 0), System.nanoTime())).isPositive();
    }

    // ---- starved ----------------------------------------------------------------------------------------------------

    @Test
    void aHelperWithoutMemoryEndsTheRunAndSaysSo() throws Exception {
        List<Integer> statuses = new ArrayList<>();
        String said = "";
        for (int megabytes : new int[] {3, 5, 8, 300}) {
            List<String> arguments = new ArrayList<>(List.of("run", "--report", directory + "/report"));
            arguments.addAll(List.of("--quiet", "--root", Jar.TREE.toString(), "sh", "-c"));
            arguments.add(
                    "i=0; while [ $i -lt 3000 ]; do read x < /etc/hostname$i; i=$((i+1)); done 2>/dev/null; exit 7");
            arguments.add(mark);
            List<String> command = Jar.command(User.ROOT, arguments);
            command.add(command.indexOf("-jar"), "-Xmx" + megabytes + "m");
            Result result = Jar.execute(directory, new byte[0], command);
            statuses.add(result.status());
            if (result.status() != STATUS) {
                assertThat(result.status()).as(result.err()).isEqualTo(125);
                said += result.err();
            }
            Native.await(() -> survivors().isEmpty());
        }
        assertThat(statuses).startsWith(125).endsWith(STATUS);
        assertThat(said).contains("nurse: the helper has run out of memory", "  why: ", "  do:  ");
    }

    @Test
    void aFullDiskIsTheProgramsErrorAsOutside() throws Exception {
        Files.createDirectory(directory.resolve("full"));
        List<String> dd = List.of("dd", "if=/dev/zero", "of=full/file", "bs=1024", "count=100", "status=none");
        List<String> inside = new ArrayList<>(List.of("run", "--write", "full", "--root", Jar.TREE.toString()));
        inside.addAll(dd);
        Result outside = onSmallDisk("", dd);
        Result result = onSmallDisk("", Jar.command(User.ROOT, inside));
        assertThat(outside.status()).isNotZero();
        assertThat(outside.err()).contains("No space left on device");
        assertThat(result.status()).isEqualTo(outside.status());
        assertThat(result.err()).isEqualTo(outside.err());
        assertThat(result.out()).as("bytes that were written").isEqualTo(outside.out());
    }

    @Test
    void whatNurseCouldNotWriteOnAFullDiskIsTold() throws Exception {
        Files.createDirectory(directory.resolve("full"));
        List<String> inside = new ArrayList<>(List.of("run", "--log", "full/log", "--report", "full/report"));
        inside.addAll(List.of("--root", Jar.TREE.toString(), "sh", "-c", "echo it ran; exit 7"));
        Result full = onSmallDisk("head -c 100000 /dev/zero > full/file 2>/dev/null; ", Jar.command(User.ROOT, inside));
        assertThat(full.status()).isEqualTo(STATUS);
        assertThat(full.out()).startsWith("it ran\n");
        assertThat(full.err())
                .contains("the report 'full/report' is not complete", "ENOSPC", "lines of the log are lost");
        Result twin = onSmallDisk("", Jar.command(User.ROOT, inside));
        assertThat(twin.status()).isEqualTo(STATUS);
        assertThat(twin.err()).doesNotContain("is not complete", "lost");
    }

    /** With 64 KiB of room in the directory "full"; afterwards the size of "full/file", if there is one. */
    private Result onSmallDisk(String first, List<String> command) {
        List<String> mounted = new ArrayList<>(List.of("unshare", User.isRoot() ? "-m" : "-rm", "sh", "-c"));
        mounted.add("mount -t tmpfs -o size=64k none full && " + first
                + "\"$@\"; status=$?; stat -c %s full/file 2>/dev/null; exit $status");
        mounted.add("sh");
        mounted.addAll(command);
        return Jar.execute(directory, new byte[0], mounted);
    }

    // ---- clocks -----------------------------------------------------------------------------------------------------

    @Test
    void theTimeOfDayMayJumpAsItLikes() throws Exception {
        Jar.execute(
                        directory,
                        new byte[0],
                        List.of(
                                "gcc",
                                "-O1",
                                "-shared",
                                "-fPIC",
                                SOURCES.resolve("clock.c").toString(),
                                "-o",
                                "clock.so"))
                .succeeded();
        Path jumps = directory.resolve("jumps");
        List<String> arguments = new ArrayList<>(List.of("run", "--root", Jar.TREE.toString()));
        arguments.addAll(List.of("--log", directory + "/log"));
        arguments.addAll(List.of(program(2_000)));
        List<String> command = Jar.command(User.ROOT, arguments);
        command.addAll(
                command.indexOf("env") + 2, List.of("LD_PRELOAD=" + directory + "/clock.so", "NURSE_JUMPS=" + jumps));
        Result result = Jar.execute(directory, new byte[0], command);
        assertThat(result.status()).as(result.err()).isEqualTo(STATUS);
        assertThat(result.out()).isEqualTo(EVERYTHING);
        assertThat(jumps).hasContent("2");
    }
}
