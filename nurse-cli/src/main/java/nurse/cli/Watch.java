package nurse.cli;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import nurse.cli.watch.AuditLog;
import nurse.cli.watch.CallFilter;
import nurse.cli.watch.Colours;
import nurse.cli.watch.DryRun;
import nurse.cli.watch.Refusals;
import nurse.cli.watch.Report;
import nurse.cli.watch.Spectator;
import nurse.cli.watch.Trace;
import nurse.cli.watch.TraceTable;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.ffm.KernelRefused;
import nurse.helper.messages.Quoted;
import nurse.helper.observe.Observations;
import nurse.helper.observe.ObservedCall;
import nurse.helper.observe.Observer;
import nurse.helper.policy.PolicyFile;
import nurse.helper.sandbox.Ending;
import org.jspecify.annotations.Nullable;

/** Who watches a run, by its options. Made only where somebody does. */
final class Watch {
    private static final int APPEND = Kernel.O_WRONLY | Kernel.O_CREAT | Kernel.O_APPEND | Kernel.O_CLOEXEC;
    private static final int ANEW = Kernel.O_WRONLY | Kernel.O_CREAT | Kernel.O_TRUNC | Kernel.O_CLOEXEC;

    private final Caller caller;
    private final @Nullable DryRun dry;
    private final List<Spectator> spectators = new ArrayList<>();
    private final List<Integer> open = new ArrayList<>();
    private final Map<String, Integer> incomplete = new LinkedHashMap<>();
    private @Nullable AuditLog audit;
    private @Nullable LearnedFile learned;
    private @Nullable Observations observations;
    private boolean isOver;

    private Watch(Caller caller, @Nullable DryRun dry) {
        this.caller = caller;
        this.dry = dry;
    }

    /** The run's spectators, or null if it has none. */
    static @Nullable Watch of(
            Caller caller,
            RunOptions options,
            PolicyNames names,
            PolicyFile.Place place,
            @Nullable DryRun dry,
            Refusals refusals) {
        boolean traces = options.runs() == RunsProgram.TRACE;
        boolean learns = options.runs() == RunsProgram.LEARN;
        if (dry == null && !traces && !learns && !options.has(RunOption.LOG) && !options.has(RunOption.REPORT)) {
            return null;
        }
        Watch watch = new Watch(caller, dry);
        watch.log(options.value(RunOption.LOG), refusals);
        watch.report(options.value(RunOption.REPORT));
        if (traces) {
            watch.trace(options);
        }
        if (learns) {
            watch.learn(options, names, place);
        }
        return watch;
    }

    private void log(@Nullable String file, Refusals refusals) {
        if (file != null) {
            int fd = file.equals("-") ? caller.error() : open("the log", file, APPEND);
            audit = new AuditLog(text -> Messages.append(caller.kernel(), fd, text), refusals);
            spectators.add(audit);
        }
    }

    private void report(@Nullable String file) {
        if (file != null) {
            int fd = open("the report", file, ANEW);
            spectators.add(new Report(writing("the report " + Quoted.of(file), fd)));
        }
    }

    private void trace(RunOptions options) {
        String file = options.value(RunOption.TO);
        int fd = file == null ? caller.error() : open("the output", file, ANEW);
        Consumer<String> out = writing("the trace", fd);
        CallFilter filter = filter(options.value(RunOption.ONLY));
        spectators.add(
                options.has(RunOption.COUNT)
                        ? new TraceTable(filter, out)
                        : new Trace(filter, colours(caller.kernel(), fd, caller.environment()), out));
    }

    /** What cannot be written is told at the end: a disk is full, or nobody reads it any more. */
    private Consumer<String> writing(String what, int fd) {
        return text -> {
            int result = Messages.write(caller.kernel(), fd, text);
            if (result < 0) {
                incomplete.putIfAbsent(what, -result);
            }
        };
    }

    static CannotRun incomplete(String what, int errno) {
        String next = "make room for it, and run the program again";
        return new CannotRun(CannotRun.FAILED, what + " is not complete", Errno.name(errno), next);
    }

    private void learn(RunOptions options, PolicyNames names, PolicyFile.Place place) {
        learned = new LearnedFile(caller, options, names, place);
        spectators.add(learned.learning());
    }

    private static CallFilter filter(@Nullable String text) {
        try {
            return text == null ? CallFilter.ALL : CallFilter.of(text);
        } catch (IllegalArgumentException wrong) {
            throw new CannotRun(
                    CannotRun.USAGE,
                    "the filter " + Quoted.of(text == null ? "" : text) + " cannot be understood",
                    wrong.getMessage(),
                    "such as -e openat,network or -e '!memory'");
        }
    }

    /** Whether text for a descriptor may be coloured: it is a terminal's, and nobody asked for none. */
    static Colours colours(Kernel kernel, int fd, Map<String, String> environment) {
        String name = kernel.readlinkat(Kernel.AT_FDCWD, "/proc/self/fd/" + fd);
        boolean terminal = name != null
                && (name.startsWith("/dev/pts/") || name.startsWith("/dev/tty") || name.equals("/dev/console"));
        boolean wanted = environment.getOrDefault("NO_COLOR", "").isEmpty()
                && !environment.getOrDefault("TERM", "").equals("dumb");
        return terminal && wanted ? Colours.ON : Colours.OFF;
    }

    private int open(String what, String file, int how) {
        try {
            int fd = KernelRefused.check(
                    "open", caller.kernel().openat(caller.directory(), caller.host(file), how, 0600));
            open.add(fd);
            return fd;
        } catch (KernelRefused refused) {
            throw new CannotRun(
                    CannotRun.FAILED,
                    what + " " + Quoted.of(file) + " cannot be written",
                    refused.getMessage(),
                    "name a file in a directory of yours");
        }
    }

    Observer observer() {
        DryRun judge = dry;
        observations = judge == null
                ? new Observations(List.copyOf(spectators))
                : new Observations(List.of(call -> {
                    ObservedCall judged = judge.apply(call);
                    spectators.forEach(spectator -> spectator.accept(judged));
                }));
        return observations;
    }

    /** @param variables what the program gets of the user's environment */
    void begins(RunOptions options, String directory, Map<String, String> variables, Predicate<String> isThere) {
        Set<String> set = options.values(RunOption.ENV).stream()
                .filter(variable -> variable.contains("="))
                .map(variable -> variable.substring(0, variable.indexOf('=')))
                .collect(Collectors.toSet());
        Spectator.Run run = new Spectator.Run(
                runId(), options.command(), directory, options.lock(), variables, set, dry != null, isThere);
        spectators.forEach(spectator -> spectator.begins(run));
    }

    /** One of a kind: a helper runs many programs in one millisecond, and helpers of several containers have one number. */
    private String runId() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment random = arena.allocate(16);
            KernelRefused.check("getrandom", caller.kernel().getrandom(random, 16, 0));
            return HexFormat.of().formatHex(random.toArray(JAVA_BYTE));
        }
    }

    /** The program was not started, or nurse failed. */
    void fails(int status) {
        ends(null, status);
    }

    void ends(Ending ending) {
        ends(ending, ending.status());
    }

    private void ends(@Nullable Ending ending, int status) {
        if (isOver) {
            return;
        }
        isOver = true;
        if (observations != null) {
            observations.endSearch();
        }
        spectators.forEach(spectator -> spectator.ends(ending, status));
        if (audit != null && audit.lost() > 0) {
            caller.err("nurse: " + audit.lost() + " lines of the log are lost\n"
                    + "  why: its disk is full, or it grew over 256 MiB\n"
                    + "  do:  make room, and do not rely on this log\n");
        }
        incomplete.forEach((what, errno) -> caller.err(incomplete(what, errno).text()));
        open.forEach(caller.kernel()::close);
    }

    /** Whether there is something to be written when the run has ended, by a thread that may. */
    boolean learns() {
        return learned != null;
    }

    void writeLearned() {
        if (learned != null) {
            learned.write();
        }
    }
}
