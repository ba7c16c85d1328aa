/** What the zero flag says, and so what is known on each side of a conditional jump. */
sealed interface Condition {
    record Unknown() implements Condition {}

    /** Set if both looks saw the same number. */
    record SameNumber(int one, int other) implements Condition {}

    /** Set if the number is even: complete. */
    record Complete(int id) implements Condition {}

    /** Set if the lane has no order yet. */
    record NoOrderYet() implements Condition {}

    /** Set if the helper is awake. */
    record HelperAwake() implements Condition {}

    /** All flags of a comparison of two constants, the left one less the right one. */
    record Constants(int left, int right) implements Condition {}

    default boolean mentions(int id) {
        return this instanceof SameNumber same && (same.one == id || same.other == id)
                || this instanceof Complete complete && complete.id == id;
    }
}
