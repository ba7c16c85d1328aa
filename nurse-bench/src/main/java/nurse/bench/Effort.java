package nurse.bench;

/**
 * How much is measured.
 *
 * @param forks JVMs that each round trip is measured in
 * @param iterations of each, measured; half as many before, to warm up
 * @param iterationMillis how long each is
 * @param rounds how often each program is run under each peer, one round after the other
 * @param idleSeconds how long is looked at who waits
 */
public record Effort(int forks, int iterations, int iterationMillis, int rounds, int idleSeconds) {
    /** To see that it works. */
    static final Effort QUICK = new Effort(1, 2, 200, 2, 3);

    /** For figures. */
    static final Effort FULL = new Effort(2, 5, 300, 11, 10);
}
