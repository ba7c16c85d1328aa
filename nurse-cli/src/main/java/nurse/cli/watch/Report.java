package nurse.cli.watch;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import nurse.helper.calls.Syscall;
import nurse.helper.observe.Judgement;
import nurse.helper.observe.ObservedCall;
import nurse.helper.sandbox.Ending;
import org.jspecify.annotations.Nullable;

/** {@code --report FILE}: gathers what the page of a run shows, and writes it at the run's end. */
public final class Report implements Spectator {
    /** More calls than these are counted, and left out of the picture over time. */
    private static final int MOST_CALLS = 1 << 20;

    static final String REFUSED = "refused";

    /** How calls are told apart in the picture: by what they are about, or that they were refused something. */
    static final List<String> KINDS = Stream.concat(
                    Stream.of(Syscall.Category.values()).map(Report::word), Stream.of(REFUSED))
            .toList();

    private final Consumer<String> out;
    private FileTree files = new FileTree(file -> true);
    private Refusals refusals = new Refusals(file -> true);
    private final Map<String, Total> byCall = new TreeMap<>();
    private final Map<Syscall.Category, Total> byCategory = new TreeMap<>();
    private final Total all = new Total();
    private final Instant began = Instant.now();
    private long[] begins = new long[1024];
    private byte[] kinds = new byte[1024];
    private int kept;
    private @Nullable Run run;

    /** How often, how long, and how often in vain. */
    static final class Total {
        long calls;
        long nanos;
        long failed;
        long refused;

        private void add(ObservedCall call) {
            calls++;
            nanos += call.nanos();
            failed += call.failed() ? 1 : 0;
            refused += call.refused() ? 1 : 0;
        }
    }

    static String word(Syscall.Category category) {
        return category.name().toLowerCase(Locale.ROOT);
    }

    /** @param out gets the page */
    public Report(Consumer<String> out) {
        this.out = out;
    }

    @Override
    public void begins(Run begun) {
        run = begun;
        files = new FileTree(begun.isThere());
        refusals = new Refusals(begun.isThere());
    }

    @Override
    public void accept(ObservedCall call) {
        Syscall syscall = call.syscall();
        Syscall.Category category = syscall == null ? Syscall.Category.SYSTEM : syscall.category();
        all.add(call);
        byCall.computeIfAbsent(CallText.kind(call), name -> new Total()).add(call);
        byCategory.computeIfAbsent(category, key -> new Total()).add(call);
        keep(call.begin(), KINDS.indexOf(call.refused() ? REFUSED : word(category)));
        for (Judgement judgement : call.judgements()) {
            if (judgement instanceof Judgement.OfFile file) {
                files.add(file.name(), file.decision());
            }
            if (!judgement.allowed()) {
                refused(call.name(), judgement);
            }
        }
    }

    private void keep(long begin, int kind) {
        if (kept == MOST_CALLS) {
            return;
        }
        if (kept == begins.length) {
            begins = Arrays.copyOf(begins, 2 * kept);
            kinds = Arrays.copyOf(kinds, 2 * kept);
        }
        begins[kept] = begin;
        kinds[kept++] = (byte) kind;
    }

    private void refused(String call, Judgement judgement) {
        switch (judgement) {
            case Judgement.OfFile file -> refusals.refused(call, file.name(), file.decision());
            case Judgement.Other other -> {
                if (other.what().startsWith("/")) {
                    refusals.refused(call, other.what(), other.errno(), other.reason());
                } else if (other.what().isEmpty()) {
                    refusals.refused(call, other.errno(), other.reason());
                } else {
                    refusals.refusedAddress(call, other.what(), other.reason());
                }
            }
        }
    }

    @Override
    public void ends(@Nullable Ending ending, int status) {
        out.accept(new ReportPage(this, ending).text());
    }

    @Nullable
    Run run() {
        return run;
    }

    Instant began() {
        return began;
    }

    FileTree files() {
        return files;
    }

    Refusals refusals() {
        return refusals;
    }

    Map<String, Total> byCall() {
        return byCall;
    }

    Map<Syscall.Category, Total> byCategory() {
        return byCategory;
    }

    Total all() {
        return all;
    }

    /** How many calls the picture over time is made of. */
    int kept() {
        return kept;
    }

    /** When call {@code i} began, in nanoseconds from the first. */
    long begin(int i) {
        return begins[i];
    }

    /** Where in {@link #KINDS} call {@code i} is. */
    int kind(int i) {
        return kinds[i];
    }
}
