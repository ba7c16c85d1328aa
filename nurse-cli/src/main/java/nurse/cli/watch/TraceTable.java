package nurse.cli.watch;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import nurse.helper.observe.ObservedCall;
import nurse.helper.sandbox.Ending;
import org.jspecify.annotations.Nullable;

/**
 * {@code trace -c}: how often which call was made, how long the helper had it, and how often it failed or was refused. What was
 * refused of files that are not there is counted apart.
 */
public final class TraceTable implements Spectator {
    private static final String ROW = "%6s %9s %8s %7s %7s %8s %7s  %s\n";

    private final Predicate<ObservedCall> filter;
    private final Consumer<String> out;
    private final Map<String, Row> rows = new TreeMap<>();
    private Predicate<String> isThere = file -> true;

    private static final class Row {
        private long nanos;
        private long calls;
        private long failed;
        private long refused;
        private long absent;

        void add(ObservedCall call, Predicate<String> isThere) {
            nanos += call.nanos();
            calls++;
            failed += call.failed() ? 1 : 0;
            if (call.refused()) {
                boolean isAbsent = call.judgements().stream()
                        .filter(judgement -> !judgement.allowed())
                        .allMatch(judgement -> Refused.isAbsent(judgement, isThere));
                refused += isAbsent ? 0 : 1;
                absent += isAbsent ? 1 : 0;
            }
        }

        void add(Row other) {
            nanos += other.nanos;
            calls += other.calls;
            failed += other.failed;
            refused += other.refused;
            absent += other.absent;
        }

        String text(String name, long all) {
            return String.format(
                    Locale.ROOT,
                    ROW,
                    String.format(Locale.ROOT, "%.1f", all == 0 ? 0 : 100.0 * nanos / all),
                    String.format(Locale.ROOT, "%.3f", nanos / 1e6),
                    String.format(Locale.ROOT, "%.1f", calls == 0 ? 0 : nanos / 1e3 / calls),
                    calls,
                    failed == 0 ? "" : failed,
                    refused == 0 ? "" : refused,
                    absent == 0 ? "" : absent,
                    name);
        }
    }

    public TraceTable(Predicate<ObservedCall> filter, Consumer<String> out) {
        this.filter = filter;
        this.out = out;
    }

    @Override
    public void begins(Run run) {
        isThere = run.isThere();
    }

    @Override
    public void accept(ObservedCall call) {
        if (filter.test(call)) {
            rows.computeIfAbsent(CallText.kind(call), name -> new Row()).add(call, isThere);
        }
    }

    @Override
    public void ends(@Nullable Ending ending, int status) {
        Row total = new Row();
        rows.values().forEach(total::add);
        StringBuilder table = new StringBuilder(String.format(
                Locale.ROOT, ROW, "% time", "ms", "us/call", "calls", "errors", "refused", "absent", "call"));
        List<Map.Entry<String, Row>> sorted = rows.entrySet().stream()
                .sorted(Comparator.comparingLong(row -> -row.getValue().nanos))
                .toList();
        sorted.forEach(row -> table.append(row.getValue().text(row.getKey(), total.nanos)));
        out.accept(table.append(total.text("total", total.nanos)).toString());
    }
}
