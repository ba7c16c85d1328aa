package nurse.helper.policy;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is the same in every run: the program's time, its random numbers. Immutable.
 *
 * @param time what the clocks say at the start; null for the kernel's clocks
 * @param random what all random numbers are made of; null for the kernel's
 */
public record Repeat(@Nullable Instant time, @Nullable String random) {
    /** Nothing is fixed. */
    public static final Repeat NOTHING = new Repeat(null, null);

    /** A time that 32 bits hold: most i386 programs keep no other (time(2), the year 2038). */
    static final Instant FIRST = Instant.EPOCH;

    static final Instant END = Instant.parse("2038-01-01T00:00:00Z");

    /** Both together: what {@code other} says counts. */
    Repeat extendedBy(Repeat other) {
        return new Repeat(other.time == null ? time : other.time, other.random == null ? random : other.random);
    }
}
