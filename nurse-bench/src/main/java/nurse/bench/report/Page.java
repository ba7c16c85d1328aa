package nurse.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import nurse.bench.peers.Cpus;
import nurse.bench.programs.Peer;
import nurse.bench.programs.Runs;
import nurse.bench.programs.Start;
import nurse.bench.programs.WholeProgram;
import nurse.bench.roundtrip.RoundTripBenchmark.By;
import nurse.bench.roundtrip.RoundTripBenchmark.What;
import nurse.helper.policy.Policy;
import nurse.helper.sandbox.RefusalLog;
import org.jspecify.annotations.Nullable;

/** Writes docs/benchmarks.md and its charts, of what was measured. */
public final class Page {
    /** CPUs that a machine keeps busy which does nothing else, at most. */
    private static final double QUIET = 0.2;

    private final Path directory;
    private final StringBuilder text = new StringBuilder();

    /** @param directory of the page; charts go into {@code charts} beside it */
    public Page(Path directory) {
        this.directory = directory;
    }

    /**
     * Writes the page.
     *
     * @param loads by part, how many CPUs others kept busy before it began
     * @param idle lines of a table: lock, call, ticks of helper and program, milliseconds of the helper
     */
    public Path write(
            RoundTripFigures roundTrips,
            @Nullable Runs runs,
            List<List<String>> idle,
            String idleSeconds,
            Map<String, Double> loads)
            throws IOException {
        Files.createDirectories(directory.resolve("charts"));
        line("# Benchmarks");
        line("");
        line(
                "Written by `bin/bench`, not by hand. Times are medians, with least and most in brackets; of all figures only"
                        + " ratios carry over to another machine. What was tried on the way is in [performance.md](performance.md).");
        line("");
        Machine.lines().forEach(line -> line("- " + line));
        load(loads);
        line("");
        line(
                "To repeat it: `bin/bench` on a machine that does nothing else (about 20 minutes; as root, for `chroot` and"
                        + " the peers), `bin/bench --only roundtrips` for a part, `bin/bench --quick` to see that it works.");
        if (!roundTrips.isEmpty()) {
            if (loads.getOrDefault("roundtrips", 0.0) <= QUIET) {
                targets(new Targets(roundTrips));
            }
            roundTrips(roundTrips);
        }
        if (!idle.isEmpty()) {
            line("");
            line("## Who waits");
            line("");
            line("CPU time in " + idleSeconds + " seconds in which the program waits: the kernel's ticks (1/100 s,"
                    + " `/proc/PID/stat`) of the helper's whole JVM and of the program with its trustee, and what the"
                    + " scheduler counts for the JVM.");
            line("");
            table(List.of("lock", "the program is in", "helper, ticks", "program, ticks", "helper, ms"), idle);
        }
        if (runs != null) {
            programs(runs);
        }
        Path page = directory.resolve("benchmarks.md");
        Files.writeString(page, text);
        return page;
    }

    /** Figures of a busy machine are of no use, and a reader could not tell. */
    private void load(Map<String, Double> loads) {
        List<String> parts = new ArrayList<>();
        loads.forEach((part, load) -> parts.add(part + " " + Spread.number(load)));
        line("- CPUs that others kept busy before each part: " + String.join(", ", parts));
        if (loads.values().stream().anyMatch(load -> load > QUIET)) {
            line("");
            line("**The machine was busy: these figures say nothing of who is faster, and no target was checked.**");
        }
    }

    // ---- round trips ----------------------------------------------------------------------------------------------

    private void targets(Targets targets) {
        line("");
        line("## Targets");
        line("");
        List<List<String>> rows = new ArrayList<>();
        for (Targets.Target target : targets.all()) {
            rows.add(List.of(
                    target.what(),
                    target.wanted(),
                    ratio(target.measured().get(0)),
                    ratio(target.measured().get(1)),
                    target.met() ? "yes" : "**no**"));
        }
        table(List.of("what", "wanted", "strict", "trap", "met"), rows);
    }

    private void roundTrips(RoundTripFigures figures) throws IOException {
        line("");
        line("## One call");
        line("");
        line(
                "An i386 program makes the call some thousand times; the program, the policy engine and the handlers are the"
                        + " same for all that judge, only the interception differs. Nanoseconds a call. *Gate*: answered in the"
                        + " process (`rt_sigprocmask`); *helper*: `getppid`; *trustee*: has to be made in the process"
                        + " (`membarrier`); reads are of `/dev/zero`, writes to `/dev/null`.");
        line("");
        List<String> header = new ArrayList<>(List.of("intercepted by"));
        for (What what : What.values()) {
            header.add(Targets.title(what));
        }
        List<List<String>> rows = new ArrayList<>();
        Map<String, Map<String, Double>> bars = new LinkedHashMap<>();
        for (By by : By.values()) {
            List<String> row = new ArrayList<>(List.of(by.title()));
            for (What what : What.values()) {
                Spread spread = figures.of(by, what);
                row.add(spread.text());
                if (!spread.isEmpty() && (what == What.HELPER || what == What.TRUSTEE)) {
                    bars.computeIfAbsent("the " + Targets.title(what) + "'s", key -> new LinkedHashMap<>())
                            .put(by.title(), spread.median());
                }
            }
            rows.add(row);
        }
        table(header, rows);
        line("");
        line("The bare round trip through shared memory, both sides looking, each on its CPU: two C programs "
                + figures.ring("betweenPrograms").text() + " ns, this JVM and a C program "
                + figures.ring("fromJava").text() + " ns.");
        line("");
        line("Where they are: " + placements() + ".");
        line("");
        line("The trap in the process judges nothing: it is what a signal costs. User notification lets a call that has"
                + " to be made go on with the program's own pointers, which another thread could change meanwhile; nurse"
                + " and ptrace make it with what was judged.");
        chart("roundtrips", "One call, by what intercepts it", "nanoseconds, logarithmic", 5, bars);
        List<List<String>> allocated = new ArrayList<>();
        figures.allocated()
                .forEach((call, bytes) -> allocated.add(
                        List.of(call.toLowerCase(Locale.ROOT), bytes < 0.5 ? "0" : Spread.number(bytes))));
        if (!allocated.isEmpty()) {
            line("");
            line(
                    "Bytes that the helper's JVM allocates for a call (JMH's gc profiler, all threads; the smallest object has"
                            + " 16):");
            line("");
            table(List.of("call", "bytes"), allocated);
        }
    }

    private static String placements() {
        Map<String, List<String>> by = new LinkedHashMap<>();
        Policy none = Policy.of(List.of());
        RefusalLog log = null; // nothing runs
        for (By each : By.values()) {
            by.computeIfAbsent(each.interceptor(none, log).placement(), key -> new ArrayList<>())
                    .add(each.title());
        }
        List<String> all = new ArrayList<>();
        by.forEach((placement, titles) -> all.add(String.join("; ", titles) + ": " + placement));
        return String.join(". ", all) + ". The machine lets this use " + Cpus.count() + " CPUs";
    }

    // ---- programs -------------------------------------------------------------------------------------------------

    private void programs(Runs runs) throws IOException {
        line("");
        line("## Whole programs");
        line("");
        line("Debian's own programs, output to memory, inputs made by `bin/bench`. All but nurse are pinned to"
                + " one CPU with the program, where what stops a program is best off; nurse has two. proot 5.1 does not"
                + " translate statx, by which i386 programs look at files: it runs inside the tree with `-r /`, so it"
                + " translates nothing. runsc cannot run i386 programs: it runs the host's amd64 ones, to be held against"
                + " *native, amd64*.");
        line("");
        runs.missing()
                .forEach((peer, why) ->
                        line("- not measured: " + Peer.valueOf(peer).title() + ": " + why));
        line("");
        line("Elapsed milliseconds, and how many of its calls nurse looks at:");
        line("");
        programTable(runs, sample -> sample.wallMillis(), true);
        line("");
        line("CPU milliseconds, of all processes that were waited for: neither the resident helper nor what"
                + " bwrap and runsc have inside is among them.");
        line("");
        programTable(runs, sample -> sample.cpuMillis(), false);
        line("");
        line("Peak memory in MiB, the largest process's (with nurse and no resident helper, its JVM's):");
        line("");
        programTable(runs, sample -> sample.peakKib() / 1024.0, false);
        Map<String, Map<String, Double>> bars = new LinkedHashMap<>();
        Map<String, Map<String, Double>> start = new LinkedHashMap<>();
        for (Peer peer : Peer.values()) {
            for (WholeProgram program : WholeProgram.values()) {
                Spread spread = spread(runs, peer, program, sample -> sample.wallMillis());
                Spread base = spread(
                        runs, peer.amd64() ? Peer.NATIVE_64 : Peer.NATIVE, program, sample -> sample.wallMillis());
                if (spread.isEmpty() || base.isEmpty()) {
                    continue;
                }
                if (program == WholeProgram.TRUE) {
                    start.computeIfAbsent("true", key -> new LinkedHashMap<>()).put(peer.title(), spread.median());
                } else if (peer != Peer.NATIVE && peer != Peer.NATIVE_64) {
                    bars.computeIfAbsent(peer.title(), key -> new LinkedHashMap<>())
                            .put(program.title(), spread.median() / base.median());
                }
            }
        }
        Spread jvm =
                Spread.of(runs.ofBareJvm().stream().map(Runs.Sample::wallMillis).toList());
        chart("programs", "Whole programs, elapsed time", "times native, logarithmic", 0.5, bars);
        line("");
        line("## Start");
        line("");
        line("`/bin/true` is nothing but start. A JVM that prints one line takes " + jvm.text() + " ms here.");
        if (!jvm.isEmpty()) {
            start.computeIfAbsent("true", key -> new LinkedHashMap<>()).put("a JVM that does nothing", jvm.median());
        }
        starts(runs, jvm);
        chart("start", "/bin/true", "milliseconds, logarithmic", 1, start);
        faster(runs);
    }

    /** Ratios to the JVM that does nothing, which was measured in turn with them. */
    private void starts(Runs runs, Spread jvm) {
        List<List<String>> rows = new ArrayList<>();
        for (Start start : Start.values()) {
            Spread spread = Spread.of(runs.of(start).stream()
                    .filter(sample -> sample.status() == 0)
                    .map(sample -> sample.wallMillis() / jvm.median())
                    .toList());
            if (!spread.isEmpty() && !jvm.isEmpty()) {
                rows.add(List.of("`" + start.title() + "`", spread.text()));
            }
        }
        if (!rows.isEmpty()) {
            line("");
            table(List.of("`/bin/true` by", "times that"), rows);
            line("");
        }
    }

    private void programTable(Runs runs, ToDoubleFunction<Runs.Sample> value, boolean calls) {
        List<String> header = new ArrayList<>(List.of("program"));
        if (calls) {
            header.add("calls");
        }
        List<Peer> peers = new ArrayList<>();
        for (Peer peer : Peer.values()) {
            if (!runs.missing().containsKey(peer.name())) {
                peers.add(peer);
                header.add(peer.title());
            }
        }
        List<List<String>> rows = new ArrayList<>();
        for (WholeProgram program : WholeProgram.values()) {
            List<String> row = new ArrayList<>(List.of(program.title()));
            if (calls) {
                row.add(String.valueOf(runs.calls().getOrDefault(program.name(), 0)));
            }
            for (Peer peer : peers) {
                List<Runs.Sample> samples = runs.of(peer, program);
                boolean failed = !samples.isEmpty() && samples.get(0).status() != 0;
                row.add(
                        failed
                                ? "fails: " + samples.get(0).status()
                                : spread(runs, peer, program, value).text());
            }
            rows.add(row);
        }
        table(header, rows);
    }

    private static Spread spread(Runs runs, Peer peer, WholeProgram program, ToDoubleFunction<Runs.Sample> value) {
        return Spread.of(runs.of(peer, program).stream()
                .filter(sample -> sample.status() == 0)
                .map(value::applyAsDouble)
                .toList());
    }

    /** Who should not take nurse, for speed alone. */
    private void faster(Runs runs) {
        line("");
        line("## Where a peer is faster");
        line("");
        for (Peer nurse : List.of(Peer.NURSE_TRAP, Peer.CLIENT_TRAP)) {
            if (runs.missing().containsKey(nurse.name())) {
                continue;
            }
            for (Peer peer : List.of(Peer.BWRAP, Peer.PROOT, Peer.STRACE_NONE, Peer.STRACE_ALL)) {
                List<String> programs = new ArrayList<>();
                for (WholeProgram program : WholeProgram.values()) {
                    Spread ours = spread(runs, nurse, program, sample -> sample.wallMillis());
                    Spread theirs = spread(runs, peer, program, sample -> sample.wallMillis());
                    if (!ours.isEmpty() && !theirs.isEmpty() && theirs.median() < ours.median()) {
                        programs.add(program.title() + " (" + ratio(ours.median() / theirs.median()) + ")");
                    }
                }
                if (!runs.missing().containsKey(peer.name())) {
                    line("- " + peer.title() + " (looks at " + peer.looksAt() + ") is faster than " + nurse.title()
                            + (programs.isEmpty() ? " in none of them" : " in " + String.join(", ", programs)));
                }
            }
        }
    }

    // ---- Markdown -------------------------------------------------------------------------------------------------

    private void chart(String name, String title, String axis, double least, Map<String, Map<String, Double>> bars)
            throws IOException {
        if (!bars.isEmpty()) {
            Charts.write(directory.resolve("charts/" + name + ".svg"), title, axis, least, bars);
            line("");
            line("![" + title + "](charts/" + name + ".svg)");
        }
    }

    private void table(List<String> header, List<List<String>> rows) {
        line("| " + String.join(" | ", header) + " |");
        line("|" + "---|".repeat(header.size()));
        for (List<String> row : rows) {
            line("| " + String.join(" | ", row) + " |");
        }
    }

    private static String ratio(double ratio) {
        return Double.isFinite(ratio) ? Spread.number(ratio) : "–";
    }

    private void line(String line) {
        text.append(line).append('\n');
    }
}
