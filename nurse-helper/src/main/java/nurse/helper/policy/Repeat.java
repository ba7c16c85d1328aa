package nurse.helper.policy;

/**
 * What is the same in every run: for runs that are to be repeated. Immutable and thread-safe.
 *
 * @param clock the time of day that the program starts at, nanoseconds since 1970; null for the true time
 * @param seed of all random numbers; null for true ones
 */
public record Repeat(Long clock, Long seed) {
    /** Time and chance are left as they are. */
    public static final Repeat NONE = new Repeat(null, null);

    /** This, where it says something, else what {@code other} says. */
    Repeat or(Repeat other) {
        return new Repeat(clock != null ? clock : other.clock, seed != null ? seed : other.seed);
    }
}
