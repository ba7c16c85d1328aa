package nurse.cli.watch;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import nurse.ffm.Errno;
import nurse.helper.calls.Syscall;
import nurse.helper.policy.Access;
import nurse.helper.policy.Decision;
import nurse.helper.sandbox.Ending;
import org.jspecify.annotations.Nullable;

/**
 * The page of a run: HTML and SVG without a script and without anything from elsewhere, so that a hostile name has nothing to
 * be run by. A content security policy in its head says so to the browser, too.
 */
final class ReportPage {
    private static final int BUCKETS = 96;
    private static final int WIDTH = 960;
    private static final int HEIGHT = 150;
    private static final int MOST_CALLS = 14;
    private static final int OPEN_DEPTH = 2;
    private static final int MOST_OF_COMMAND = 240;

    private final Report report;
    private final @Nullable Ending ending;
    private final StringBuilder page = new StringBuilder(1 << 16);

    ReportPage(Report report, @Nullable Ending ending) {
        this.report = report;
        this.ending = ending;
    }

    String text() {
        Spectator.Run run = report.run();
        List<String> command = run == null ? List.of() : run.command();
        String name = Html.bytes(command.isEmpty() ? "" : command.get(0));
        page.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
                .append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src")
                .append(" 'unsafe-inline'\">\n")
                .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>")
                .append(name)
                .append(" – nurse</title>\n<style>\n")
                .append(style())
                .append("</style>\n</head>\n<body>\n<main>\n");
        header(run, command);
        numbers();
        refusals();
        timeline();
        page.append("<div class=\"pair\">\n");
        categories();
        calls();
        page.append("</div>\n");
        files();
        page.append("<footer>Written by seccomp-nurse. read, write and what the gate answers in the process itself"
                        + " never")
                .append(" reach the helper, and are not counted here.</footer>\n</main>\n</body>\n</html>\n");
        return page.toString();
    }

    private static String style() {
        try (InputStream in = ReportPage.class.getResourceAsStream("report.css")) {
            if (in == null) {
                throw new IllegalStateException("report.css is not in the jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void header(Spectator.@Nullable Run run, List<String> command) {
        page.append("<header>\n<h1><code>");
        String line = String.join(" ", command);
        page.append(Html.bytes(line.length() <= MOST_OF_COMMAND ? line : line.substring(0, MOST_OF_COMMAND)))
                .append(line.length() <= MOST_OF_COMMAND ? "" : " …");
        page.append("</code></h1>\n<p class=\"sub\">")
                .append(end())
                .append(" <span>")
                .append(DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT)
                        .format(report.began().atZone(ZoneId.systemDefault())))
                .append("</span>");
        if (run != null) {
            page.append(" <span>in <code>")
                    .append(Html.bytes(run.directory()))
                    .append("</code></span> <span>lock <code>")
                    .append(run.lock().word())
                    .append("</code></span>");
        }
        page.append("</p>\n</header>\n");
    }

    private String end() {
        if (ending == null) {
            return badge("bad", "did not start");
        }
        return switch (ending) {
            case Ending.KilledForForgery forgery -> badge("bad", "killed: it forged its lane");
            case Ending.OutputLost output -> badge("bad", "its output did not all arrive");
            case Ending.KilledBySeccomp seccomp -> badge("bad", "killed by SECCOMP");
            case Ending.Killed killed -> badge("bad", "killed by signal " + killed.signal());
            case Ending.Unseen unseen -> badge("bad", "killed by a signal");
            case Ending other -> badge(other.status() == 0 ? "good" : "odd", "status " + other.status());
        };
    }

    private static String badge(String kind, String text) {
        return "<b class=\"badge " + kind + "\">" + text + "</b>";
    }

    private void numbers() {
        Report.Total all = report.all();
        page.append("<section class=\"numbers\">\n");
        number(Long.toString(all.calls), "calls to the helper", "");
        number(CallText.duration(all.nanos), "in the helper", "");
        number(Long.toString(report.files().root().files()), "files asked for", "");
        number(Long.toString(all.failed), "ended with an error", "");
        number(Long.toString(all.refused), "calls refused", all.refused == 0 ? "good" : "bad");
        page.append("</section>\n");
    }

    private void number(String value, String label, String kind) {
        page.append("<div class=\"")
                .append(kind)
                .append("\"><b>")
                .append(value)
                .append("</b><span>")
                .append(label);
        page.append("</span></div>\n");
    }

    private void refusals() {
        page.append("<section id=\"refusals\">\n<h2>Refused</h2>\n");
        Refusals refusals = report.refusals();
        if (refusals.count() == 0) {
            page.append("<p class=\"none\">Nothing was refused.</p>\n</section>\n");
            return;
        }
        page.append("<table><thead><tr><th>call<th>what<th class=\"n\">times<th>answer<th>why</tr></thead><tbody>\n");
        Map<Boolean, List<Refused>> byAbsence =
                refusals.kinds().stream().collect(Collectors.partitioningBy(refusals::isAbsent));
        rows(byAbsence.get(false));
        rows(byAbsence.get(true));
        page.append("</tbody></table>\n");
        if (refusals.timesLeftOut() > 0) {
            page.append("<p class=\"none\">")
                    .append(refusals.timesLeftOut())
                    .append(" more were about files that are not there.</p>\n");
        }
        page.append("</section>\n");
    }

    private void rows(List<Refused> refusals) {
        refusals.stream()
                .sorted(Comparator.comparingLong(refusal -> -refusal.times))
                .forEach(this::refusal);
    }

    private void refusal(Refused refusal) {
        Decision decision = refusal.decision;
        String access = decision == null ? "" : Access.describe(decision.access()) + " ";
        String files = refusal.folded > 1 ? refusal.folded + " files in " : "";
        String about = refusal.file.isEmpty() ? refusal.address : refusal.file;
        page.append("<tr><td><code>")
                .append(Html.text(refusal.call))
                .append("</code><td>")
                .append(access)
                .append(files)
                .append("<code>")
                .append(Html.bytes(about))
                .append("</code>")
                .append("<td class=\"n\">")
                .append(refusal.times)
                .append("<td><code>")
                .append(Errno.name(refusal.errno))
                .append("</code><td>")
                .append(Html.text(
                        decision == null ? refusal.why : decision.rule().toString()))
                .append("</tr>\n");
    }

    /** Calls for each slice of time, the categories on top of one another, refusals on top of all. */
    private void timeline() {
        int calls = report.kept();
        page.append("<section id=\"timeline\">\n<h2>Calls over time</h2>\n");
        if (calls == 0) {
            page.append("<p class=\"none\">No call came to the helper.</p>\n</section>\n");
            return;
        }
        long span = Math.max(report.begin(calls - 1), 1) + 1;
        int kinds = Report.KINDS.size();
        int[][] counts = new int[BUCKETS][kinds];
        int[] sums = new int[BUCKETS];
        int most = 1;
        for (int i = 0; i < calls; i++) {
            int bucket = (int) (report.begin(i) * BUCKETS / span);
            counts[bucket][report.kind(i)]++;
            most = Math.max(most, ++sums[bucket]);
        }
        page.append("<svg viewBox=\"0 0 ")
                .append(WIDTH)
                .append(' ')
                .append(HEIGHT + 22)
                .append("\" role=\"img\"")
                .append(" aria-label=\"calls over time\">\n");
        for (int line = 0; line <= 2; line++) {
            int y = HEIGHT - HEIGHT * line / 2 + 1;
            page.append(String.format(
                    Locale.ROOT, "<line class=\"grid\" x1=\"0\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>\n", WIDTH, y, y));
        }
        double width = (double) WIDTH / BUCKETS;
        for (int bucket = 0; bucket < BUCKETS; bucket++) {
            double y = HEIGHT + 1;
            for (int kind = 0; kind < kinds; kind++) {
                double height = (double) counts[bucket][kind] * (HEIGHT - 6) / most;
                if (height > 0) {
                    y -= height;
                    page.append(String.format(
                            Locale.ROOT,
                            "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"><title>%d"
                                    + " %s</title></rect>\n",
                            Report.KINDS.get(kind),
                            bucket * width,
                            y,
                            width - 1.5,
                            height,
                            counts[bucket][kind],
                            Report.KINDS.get(kind)));
                }
            }
        }
        label(0, "start", "0");
        label(WIDTH, "end", CallText.duration(span));
        page.append(String.format(
                Locale.ROOT,
                "<text x=\"2\" y=\"12\">%d calls in %s</text>\n",
                most,
                CallText.duration(span / BUCKETS)));
        page.append("</svg>\n<p class=\"legend\">");
        report.byCategory().keySet().forEach(category -> legend(Report.word(category)));
        if (report.all().refused > 0) {
            legend(Report.REFUSED);
        }
        page.append("</p>\n</section>\n");
    }

    private void label(int x, String anchor, String text) {
        page.append(String.format(
                Locale.ROOT, "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\">%s</text>\n", x, HEIGHT + 18, anchor, text));
    }

    private void legend(String word) {
        page.append("<span><i class=\"")
                .append(word)
                .append("\"></i>")
                .append(word)
                .append("</span>");
    }

    private void categories() {
        page.append("<section id=\"classes\">\n<h2>Time by kind of call</h2>\n<table class=\"bars\"><tbody>\n");
        Map<Syscall.Category, Report.Total> totals = new EnumMap<>(Syscall.Category.class);
        totals.putAll(report.byCategory());
        totals.entrySet().stream()
                .sorted(Comparator.comparingLong(total -> -total.getValue().nanos))
                .forEach(total -> bar(Report.word(total.getKey()), Report.word(total.getKey()), total.getValue()));
        page.append("</tbody></table>\n</section>\n");
    }

    private void calls() {
        page.append("<section id=\"calls\">\n<h2>Calls that took longest</h2>\n<table class=\"bars\"><tbody>\n");
        report.byCall().entrySet().stream()
                .sorted(Comparator.comparingLong(total -> -total.getValue().nanos))
                .limit(MOST_CALLS)
                .forEach(total -> bar("all", Html.text(total.getKey()), total.getValue()));
        page.append("</tbody></table>\n</section>\n");
    }

    private void bar(String kind, String name, Report.Total total) {
        double share = report.all().nanos == 0 ? 0 : 100.0 * total.nanos / report.all().nanos;
        page.append(String.format(
                Locale.ROOT,
                "<tr><th>%s<td class=\"bar\"><i class=\"%s\" style=\"width:%.1f%%\"></i><td class=\"n\">%s<td"
                        + " class=\"n\">%d×%s</tr>\n",
                name,
                kind,
                Math.max(share, 0.4),
                CallText.duration(total.nanos),
                total.calls,
                total.refused == 0 ? "" : " <em>" + total.refused + " refused</em>"));
    }

    private void files() {
        FileTree tree = report.files();
        page.append("<section id=\"files\">\n<h2>Files</h2>\n");
        if (tree.root().files() == 0) {
            page.append("<p class=\"none\">No file was asked for.</p>\n</section>\n");
            return;
        }
        page.append("<div class=\"tree\">\n");
        node("", tree.root(), 0);
        page.append("</div>\n");
        if (tree.left() > 0) {
            page.append("<p class=\"none\">").append(tree.left()).append(" more names are not shown.</p>\n");
        }
        page.append("</section>\n");
    }

    /** A directory with a single child and nothing of its own is told in one line with it. */
    private void node(String name, FileTree.Node node, int depth) {
        if (node.children().size() == 1 && node.asked() == 0) {
            Map.Entry<String, FileTree.Node> only =
                    node.children().entrySet().iterator().next();
            node(name + "/" + only.getKey(), only.getValue(), depth);
            return;
        }
        String shown = "<code>" + Html.bytes(name.isEmpty() ? "/" : name) + "</code>";
        if (node.children().isEmpty()) {
            page.append("<div class=\"file")
                    .append(node.refused() == 0 ? "" : " denied")
                    .append("\" title=\"")
                    .append(Html.text(node.reason()))
                    .append("\">")
                    .append(shown)
                    .append(rights(node))
                    .append("</div>\n");
            return;
        }
        long refused = node.refusedFiles();
        page.append("<details")
                .append(depth < OPEN_DEPTH || refused > 0 ? " open" : "")
                .append("><summary>")
                .append(shown)
                .append(node.asked() == 0 ? "" : rights(node))
                .append("<span class=\"count\">")
                .append(node.files())
                .append(refused == 0 ? "" : ", <em>" + refused + " refused</em>")
                .append("</span></summary>\n");
        node.children().forEach((child, below) -> node(child, below, depth + 1));
        page.append("</details>\n");
    }

    private static String rights(FileTree.Node node) {
        StringBuilder rights = new StringBuilder();
        for (int rest = node.granted() & ~node.refused(); rest != 0; rest &= rest - 1) {
            right(rights, "granted", Integer.lowestOneBit(rest));
        }
        for (int rest = node.refused(); rest != 0; rest &= rest - 1) {
            right(rights, "refused", Integer.lowestOneBit(rest));
        }
        return rights.append(node.asked() > 1 ? " <span class=\"count\">" + node.asked() + "×</span>" : "")
                .toString();
    }

    private static void right(StringBuilder rights, String kind, int bit) {
        rights.append(" <span class=\"right ")
                .append(kind)
                .append("\">")
                .append(Access.describe(bit))
                .append("</span>");
    }
}
