package nurse.cli.fidelity;

import java.util.Map;

/** Tests that somebody else wrote, or programs that somebody else wrote and what they do. */
sealed interface Suite permits CPython, Tour, StressNg {
    String name();

    /** Runs all of it. @return the outcome of each test by its name, without those that were skipped */
    Map<String, Outcome> run(Place place);
}
