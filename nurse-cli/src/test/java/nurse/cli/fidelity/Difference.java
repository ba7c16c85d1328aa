package nurse.cli.fidelity;

/**
 * A test that passed outside, and did not inside or not in the same way.
 *
 * @param test the suite's name, a colon, the test's name
 * @param inside how it ended in the sandbox
 */
record Difference(Place place, String test, String outside, String inside) {}
