package nurse.helper.sandbox;

/**
 * What a program inherits of signals: execve(2) keeps which are ignored and which are blocked.
 *
 * @param ignored bit {@code signal - 1}
 * @param blocked the same
 */
public record StartSignals(long ignored, long blocked) {
    /** None is ignored or blocked. */
    public static final StartSignals NONE = new StartSignals(0, 0);
}
