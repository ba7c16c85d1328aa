package nurse.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import nurse.bench.roundtrip.RoundTripBenchmark.By;
import nurse.bench.roundtrip.RoundTripBenchmark.What;

/** What was set out to be reached, as ratios of one run, and whether it was. */
final class Targets {
    private static final List<By> LOCKS = List.of(By.NURSE_STRICT, By.NURSE_TRAP);

    /** @param measured for strict and trap, in this order */
    record Target(String what, String wanted, List<Double> measured, boolean met) {}

    private final RoundTripFigures figures;
    private final List<Target> targets = new ArrayList<>();

    Targets(RoundTripFigures figures) {
        this.figures = figures;
        atMost(
                "a call answered by the helper, beside the bare round trip of two C programs",
                2,
                What.HELPER,
                figures.ring("betweenPrograms"));
        atLeast("answered by the helper, against ptrace with two stops", 50, By.PTRACE_SYSCALL, What.HELPER);
        atLeast("answered by the helper, against ptrace with SYSEMU", 25, By.PTRACE_SYSEMU, What.HELPER);
        atLeast("answered by the helper, against user notification", 25, By.NOTIFY, What.HELPER);
        atLeast("answered by the helper, against user notification with SYNC_WAKE_UP", 25, By.NOTIFY_SYNC, What.HELPER);
        atLeast("carried out by the trustee, against ptrace with two stops", 3, By.PTRACE_SYSCALL, What.TRUSTEE);
        for (What what : List.of(What.READ_1, What.WRITE_1, What.READ_64K, What.WRITE_64K)) {
            atMost(title(what) + ", beside native", 1.05, what, figures.of(By.NATIVE, what));
        }
    }

    static String title(What what) {
        return switch (what) {
            case GATE -> "gate";
            case HELPER -> "helper";
            case TRUSTEE -> "trustee";
            case READ_1 -> "read 1 byte";
            case WRITE_1 -> "write 1 byte";
            case READ_64K -> "read 64 KiB";
            case WRITE_64K -> "write 64 KiB";
        };
    }

    List<Target> all() {
        return targets;
    }

    private void atMost(String what, double most, What call, Spread beside) {
        List<Double> measured = new ArrayList<>();
        for (By lock : LOCKS) {
            measured.add(figures.of(lock, call).median() / beside.median());
        }
        boolean met = measured.stream().allMatch(ratio -> ratio <= most);
        targets.add(new Target(what, "at most " + plain(most) + " times", measured, met));
    }

    private void atLeast(String what, double least, By against, What call) {
        List<Double> measured = new ArrayList<>();
        for (By lock : LOCKS) {
            measured.add(
                    figures.of(against, call).median() / figures.of(lock, call).median());
        }
        boolean met = measured.stream().allMatch(ratio -> ratio >= least);
        targets.add(new Target(what, "at least " + plain(least) + " times faster", measured, met));
    }

    private static String plain(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : String.format(Locale.ROOT, "%.2f", value);
    }
}
