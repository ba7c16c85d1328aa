package nurse.cli.fidelity;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import nurse.cli.Jar.User;

/**
 * Runs other people's tests outside and inside the sandbox and says what differs: bin/fidelity. Needs root, for the chroot
 * outside. Suites that are named are run anew; else all that have no results yet. Ends with 1 if a difference is not explained.
 */
public final class Fidelity {
    private static final String CPYTHON =
            "os posix io fileio file tempfile shutil glob pathlib stat time signal select poll epoll"
                    + " socket mmap zlib json sqlite3 ctypes ssl unicode re struct decimal";
    private static final List<Suite> SUITES = suites();

    private Fidelity() {}

    private static List<Suite> suites() {
        List<Suite> suites = new ArrayList<>(List.of(new Tour(), new StressNg()));
        for (String name : CPYTHON.split(" ")) {
            suites.add(new CPython("test.test_" + name));
        }
        return suites;
    }

    /** @param arguments the file to write the report to when all suites have results; suites to run, else all */
    public static void main(String... arguments) throws IOException {
        if (User.all().size() < 2) {
            System.err.println("fidelity: must be run as root\n  why: what is outside runs in a chroot, as two users");
            System.exit(2);
        }
        List<String> chosen = List.of(arguments).subList(1, arguments.length);
        List<String> names = SUITES.stream().map(Suite::name).toList();
        if (!names.containsAll(chosen)) {
            System.err.println("fidelity: unknown suite in " + chosen + "\n  do:  name some of " + names);
            System.exit(2);
        }
        Explanations explanations = new Explanations();
        Report report = new Report();
        int compared = 0;
        for (Suite suite : SUITES) {
            boolean anew = chosen.contains(suite.name());
            if (anew || chosen.isEmpty() || hasResults(suite)) {
                compare(suite, anew, report, explanations);
                compared++;
            }
        }
        if (compared == SUITES.size()) {
            report.write(Path.of(arguments[0]));
        }
        System.err.println("fidelity: " + report.unexplained().size() + " differences that are not explained");
        System.exit(report.unexplained().isEmpty() ? 0 : 1);
    }

    private static boolean hasResults(Suite suite) throws IOException {
        for (Place place : Place.all()) {
            if (Results.of(suite, place) == null) {
                return false;
            }
        }
        return true;
    }

    private static void compare(Suite suite, boolean anew, Report report, Explanations explanations)
            throws IOException {
        Map<Place, Map<String, Outcome>> all = new LinkedHashMap<>();
        for (Place place : Place.all()) {
            Map<String, Outcome> outcomes = anew ? null : Results.of(suite, place);
            if (outcomes == null) {
                outcomes = suite.run(place);
                Results.keep(suite, place, outcomes);
            }
            all.put(place, outcomes);
            for (Difference difference : differences(suite, place, all.get(place.outside()), outcomes)) {
                String why = explanations.of(difference);
                report.add(difference, why);
                if (why == null) {
                    System.err.println("  " + difference.test() + "\n    outside: " + shorten(difference.outside())
                            + "\n    inside:  " + shorten(difference.inside()));
                }
            }
            System.err.println(suite.name() + " (" + place + "): " + Report.passed(outcomes) + " passed");
        }
        report.add(suite, all);
    }

    private static List<Difference> differences(
            Suite suite, Place place, Map<String, Outcome> outside, Map<String, Outcome> inside) {
        List<Difference> differences = new ArrayList<>();
        Outcome none = new Outcome(false, "it was not run");
        outside.forEach((test, expected) -> {
            Outcome actual = inside.getOrDefault(test, none);
            if (!actual.isAsGoodAs(expected)) {
                differences.add(new Difference(place, suite.name() + ":" + test, expected.detail(), actual.detail()));
            }
        });
        inside.forEach((test, actual) -> {
            // not a skipped one: outside they are left out
            if (!outside.containsKey(test)
                    && !actual.passed()
                    && !actual.detail().startsWith("skipped: ")) {
                differences.add(new Difference(place, suite.name() + ":" + test, "it was not run", actual.detail()));
            }
        });
        return differences;
    }

    private static String shorten(String detail) {
        return detail.length() > 600 ? detail.substring(0, 600) + " ..." : detail;
    }
}
