package nurse.bench.report;

import java.util.Collection;
import java.util.Locale;
import org.apache.commons.math3.stat.descriptive.DescriptiveStatistics;

/** What several measurements of one thing say: the middle one, and between which the others lie. */
public record Spread(double median, double least, double most, int count) {
    public static Spread of(Collection<Double> values) {
        DescriptiveStatistics all = new DescriptiveStatistics();
        values.forEach(all::addValue);
        return new Spread(all.getPercentile(50), all.getMin(), all.getMax(), values.size());
    }

    boolean isEmpty() {
        return count == 0;
    }

    /** Median and, in brackets, least and most. */
    String text() {
        return isEmpty() ? "–" : number(median) + " (" + number(least) + "–" + number(most) + ")";
    }

    /** Three figures that mean something. */
    public static String number(double value) {
        if (value == 0) {
            return "0";
        }
        int decimals = Math.max(0, 2 - (int) Math.floor(Math.log10(Math.abs(value))));
        return String.format(Locale.ROOT, "%,." + Math.min(decimals, 3) + "f", value);
    }
}
