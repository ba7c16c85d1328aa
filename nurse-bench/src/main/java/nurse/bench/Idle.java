package nurse.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import nurse.bench.peers.Programs;

/**
 * What a program costs that waits: the CPU time of the program's process and of the helper's JVM, from /proc/PID/stat. All
 * at the same time, or it would take a minute.
 */
final class Idle implements Section {
    private static final List<String> LOCKS = List.of("strict", "trap");
    // arch/x86/entry/syscalls/syscall_32.tbl; read: the next command is not there
    private static final int POLL = 168;
    private static final int NANOSLEEP = 162;
    private static final int READ = 0;
    /** What starting all of them takes at most; more than 65 s in all is no command for roundtrip.c. */
    private static final int START_SECONDS = 50;

    /** @param helperMillis as the scheduler counts (schedstat), of all threads; ticks are hundredths of a second */
    record Waiting(String lock, String call, long helperTicks, long programTicks, double helperMillis) {}

    record All(int seconds, List<Waiting> waiting) {}

    private record Run(String lock, String call, Process helper, long program) {}

    @Override
    public String name() {
        return "idle";
    }

    @Override
    public void measure(Effort effort, Results results, Progress progress) throws IOException, InterruptedException {
        if (results.read("idle", All.class).isPresent()) {
            return;
        }
        List<Run> runs = new ArrayList<>();
        try {
            for (String lock : LOCKS) {
                runs.add(start(lock, "read", READ, effort));
                runs.add(start(lock, "nanosleep", NANOSLEEP, effort));
                runs.add(start(lock, "poll", POLL, effort));
            }
            Thread.sleep(10_000); // what a JVM does behind a start: its compilers end after five seconds without work
            progress.step(1, 1, "waiting for " + effort.idleSeconds() + " seconds");
            List<long[]> before = new ArrayList<>();
            for (Run run : runs) {
                before.add(used(run));
            }
            Thread.sleep(effort.idleSeconds() * 1_000L);
            List<Waiting> waiting = new ArrayList<>();
            for (int i = 0; i < runs.size(); i++) {
                Run run = runs.get(i);
                long[] after = used(run);
                long[] begin = before.get(i);
                waiting.add(new Waiting(
                        run.lock(), run.call(), after[0] - begin[0], after[1] - begin[1], (after[2] - begin[2]) / 1e6));
            }
            results.write("idle", new All(effort.idleSeconds(), waiting));
        } finally {
            for (Run run : runs) {
                run.helper().destroy();
            }
            for (Run run : runs) {
                run.helper().waitFor();
            }
            progress.end();
        }
    }

    private static Run start(String lock, String call, int number, Effort effort) throws IOException {
        List<String> command = new ArrayList<>(Commands.nurse());
        command.addAll(List.of("run", "--quiet", "--lock", lock, "--read", "/dev/zero", "--write", "/dev/null"));
        command.addAll(List.of(
                "--read", Path.of(Programs.path("roundtrip")).getParent().toString()));
        command.add(Programs.path("roundtrip"));
        Process helper = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Pipes.command(helper.getOutputStream(), 20, 0, 1); // getpid: it is there
        if (helper.getInputStream().read() < 0) {
            throw new IOException("the program that is to wait did not start: " + command);
        }
        if (number != READ) {
            Pipes.command(helper.getOutputStream(), number, (effort.idleSeconds() + START_SECONDS) * 1_000, 1);
        }
        long program = helper.children().findFirst().orElseThrow().pid();
        return new Run(lock, call, helper, program);
    }

    /** Ticks of the helper, ticks of the program, nanoseconds of the helper. */
    private static long[] used(Run run) throws IOException {
        return new long[] {
            ticks(run.helper().pid()), ticks(run.program()), nanos(run.helper().pid())
        };
    }

    /** proc(5), stat: fields 14 and 15. */
    private static long ticks(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }

    private static long nanos(long pid) throws IOException {
        long nanos = 0;
        try (var tasks = Files.newDirectoryStream(Path.of("/proc/" + pid + "/task"))) {
            for (Path task : tasks) {
                nanos += Long.parseLong(
                        Files.readString(task.resolve("schedstat")).split(" ")[0]);
            }
        }
        return nanos;
    }
}
