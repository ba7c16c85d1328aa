package nurse.bench.programs;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What was measured of whole programs; written as it is to a file. Not thread-safe. */
public final class Runs {
    /**
     * One run.
     *
     * @param cpuMillis of all processes that the measured one waited for
     * @param peakKib the largest resident set of any of them
     */
    public record Sample(double wallMillis, double cpuMillis, long peakKib, int status) {}

    private final Map<String, List<Sample>> samples = new TreeMap<>();
    private final Map<String, Integer> calls = new TreeMap<>();
    private final Map<String, String> missing = new TreeMap<>();

    public List<Sample> of(Peer peer, WholeProgram program) {
        return samples.computeIfAbsent(peer + " " + program, key -> new ArrayList<>());
    }

    /** The start of a JVM that does nothing. */
    public List<Sample> ofBareJvm() {
        return samples.computeIfAbsent("JVM", key -> new ArrayList<>());
    }

    /** {@code /bin/true}, started in a way. */
    public List<Sample> of(Start start) {
        return samples.computeIfAbsent("start " + start, key -> new ArrayList<>());
    }

    /** By program, how many calls it makes that nurse looks at: all but read, write and those that return from signals. */
    public Map<String, Integer> calls() {
        return calls;
    }

    /** Peers that could not be had, and why. */
    public Map<String, String> missing() {
        return missing;
    }
}
