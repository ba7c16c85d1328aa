package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A short soak; {@code bin/soak} is the long one, and docs/faults.md has its result. */
class SoakIT {
    private static final long SECONDS = 10;
    private static final long RUNS = 100_000;

    @Test
    void aResidentHelperThatServesManyProgramsHoldsNoMoreThanAtFirst() throws Exception {
        assertThat(Soak.run(SECONDS, RUNS, System.out)).isEmpty();
    }
}
