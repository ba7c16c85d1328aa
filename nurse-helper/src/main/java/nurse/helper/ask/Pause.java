package nurse.helper.ask;

/** Holds the program while its user is asked. */
public interface Pause {
    /** @return whether it does nothing at all now */
    boolean begins();

    /** It may go on; also if it was not held. */
    void ends();
}
