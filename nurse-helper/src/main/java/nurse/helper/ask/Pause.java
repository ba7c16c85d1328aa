package nurse.helper.ask;

/** Holds the program while its user is asked: else it could write over the question, or read the answer away. */
public interface Pause {
    /** @return whether it does nothing at all now */
    boolean begins();

    /** Whether it still does nothing: a shell that puts a job into the foreground continues all of it. */
    boolean holds();

    /** It may go on; also if it was not held. */
    void ends();
}
