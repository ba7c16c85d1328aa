package nurse.bench.report;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import nurse.bench.roundtrip.RoundTripBenchmark.By;
import nurse.bench.roundtrip.RoundTripBenchmark.What;

/** The JMH results, by what was measured. */
public final class RoundTripFigures {
    /** As JMH writes them (its JSONResultFormat): of what it has, what is used here. */
    public record Measured(
            String benchmark, Map<String, String> params, Metric primaryMetric, Map<String, Metric> secondaryMetrics) {}

    /** @param rawData by fork and iteration */
    public record Metric(double score, List<List<Double>> rawData) {}

    private final Map<By, Map<What, Spread>> calls = new EnumMap<>(By.class);
    private final Map<String, Spread> rings = new LinkedHashMap<>();
    private final Map<String, Double> allocated = new LinkedHashMap<>();

    public void add(Measured measured) {
        String name = measured.benchmark();
        Spread spread = Spread.of(iterations(measured.primaryMetric()));
        if (name.contains(".RoundTripBenchmark.")) {
            calls.computeIfAbsent(By.valueOf(measured.params().get("by")), by -> new EnumMap<>(What.class))
                    .put(What.valueOf(measured.params().get("what")), spread);
        } else if (name.contains(".RingBenchmark.")) {
            rings.put(name.substring(name.lastIndexOf('.') + 1), spread);
        } else if (name.contains(".AllocationBenchmark.")) {
            measured.secondaryMetrics().forEach((metric, value) -> {
                if (metric.endsWith("gc.alloc.rate.norm")) {
                    allocated.put(
                            measured.params().get("call"),
                            Spread.of(iterations(value)).median());
                }
            });
        }
    }

    private static List<Double> iterations(Metric metric) {
        List<Double> all = new ArrayList<>();
        metric.rawData().forEach(all::addAll);
        return all;
    }

    Spread of(By by, What what) {
        return calls.getOrDefault(by, Map.of()).getOrDefault(what, Spread.of(List.of()));
    }

    /** "betweenPrograms" or "fromJava". */
    Spread ring(String name) {
        return rings.getOrDefault(name, Spread.of(List.of()));
    }

    /** Bytes a call, by call. */
    Map<String, Double> allocated() {
        return allocated;
    }

    boolean isEmpty() {
        return calls.isEmpty();
    }
}
