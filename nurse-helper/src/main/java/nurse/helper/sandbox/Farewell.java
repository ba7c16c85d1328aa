package nurse.helper.sandbox;

/** Is told how a program ends. */
@FunctionalInterface
public interface Farewell {
    /**
     * Called once. While the process still is there, if it ends by a call or by us: so that what is said about its end is
     * said before whoever waits for it goes on.
     */
    void ends(Ending ending);
}
