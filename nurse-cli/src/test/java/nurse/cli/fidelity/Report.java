package nurse.cli.fidelity;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** docs/fidelity.md: how much of each suite passes where, and each difference with its reason. */
final class Report {
    private static final String HEAD = """
            # Fidelity

            <!-- Written by bin/fidelity; what it says of differences is in nurse-cli/src/test/fidelity/explained.tsv. -->

            Programs and tests that nobody here wrote, run outside of the sandbox (in a chroot of the same tree) and inside, as \
            root and as an ordinary user. `bin/fidelity` makes this page anew; `bin/fidelity test.test_os` runs one suite and \
            prints what differs. A difference that is not explained below is a fault, and makes it fail.

            The policy lets the program read the tree, write its own directory and speak over loopback, and nothing else. \
            `test.*` are CPython 3.11's own regression tests (Debian's `libpython3.11-testsuite`; test_sqlite3 from the source; \
            resources that reach for the world are off), `stress-ng` the stressors that need one process \
            ([stressors.txt](../nurse-cli/src/test/fidelity/stressors.txt)) with `--verify`, and `tour` \
            [commands](../nurse-cli/src/test/fidelity/tour.txt) of coreutils and busybox over one directory, of which output, \
            status and the files left behind must be the same.

            """;

    private final Map<String, Map<Place, Map<String, Outcome>>> suites = new LinkedHashMap<>();
    /** By reason: the tests, each with the places. */
    private final Map<String, Map<String, Set<String>>> explained = new TreeMap<>();

    private final List<Difference> unexplained = new ArrayList<>();

    void add(Suite suite, Map<Place, Map<String, Outcome>> outcomes) {
        suites.put(suite.name(), outcomes);
    }

    /** @param why null if it is a fault */
    void add(Difference difference, String why) {
        if (why == null) {
            unexplained.add(difference);
        } else {
            explained
                    .computeIfAbsent(why, _ -> new TreeMap<>())
                    .computeIfAbsent(difference.test(), _ -> new TreeSet<>())
                    .add(difference.place().toString());
        }
    }

    List<Difference> unexplained() {
        return unexplained;
    }

    static long passed(Map<String, Outcome> outcomes) {
        return outcomes.values().stream().filter(Outcome::passed).count();
    }

    void write(Path file) throws IOException {
        StringBuilder text = new StringBuilder(HEAD);
        List<Place> places = Place.all();
        text.append("## Tests passed\n\n| suite |");
        places.forEach(place -> text.append(' ').append(place).append(" |"));
        text.append("\n|---|").append("--:|".repeat(places.size())).append('\n');
        suites.forEach((name, outcomes) -> {
            text.append("| ").append(name).append(" |");
            places.forEach(
                    place -> text.append(' ').append(same(outcomes, place)).append(" |"));
            text.append('\n');
        });
        text.append("\nInside, a test counts if it passed outside, too, and gave the same.\n\n## Differences\n");
        explained.forEach((why, tests) -> {
            text.append("\n### ").append(why).append("\n\n");
            tests.forEach((test, where) -> {
                text.append("- `").append(test).append('`');
                long inside =
                        places.stream().filter(place -> !place.isOutside()).count();
                text.append(where.size() == inside ? "" : " (" + String.join("; ", where) + ")")
                        .append('\n');
            });
        });
        if (!unexplained.isEmpty()) {
            text.append("\n### Not explained: faults\n\n");
            unexplained.forEach(difference -> text.append("- `")
                    .append(difference.test())
                    .append("` (")
                    .append(difference.place())
                    .append(")\n"));
        }
        Files.writeString(file, text);
    }

    private static long same(Map<Place, Map<String, Outcome>> outcomes, Place place) {
        Map<String, Outcome> outside = outcomes.get(place.outside());
        if (place.isOutside()) {
            return passed(outside);
        }
        Map<String, Outcome> inside = outcomes.get(place);
        return outside.entrySet().stream()
                .filter(expected -> expected.getValue().passed()
                        && inside.containsKey(expected.getKey())
                        && inside.get(expected.getKey()).isAsGoodAs(expected.getValue()))
                .count();
    }
}
