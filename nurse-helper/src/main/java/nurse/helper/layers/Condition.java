package nurse.helper.layers;

import java.util.Set;

/** What an argument of a call has to be. Only its low 32 bits count: i386 has no others. */
sealed interface Condition {
    int argument();

    /** Whether it holds of these arguments. */
    boolean holds(int[] arguments);

    /** It is one of these values. */
    record OneOf(int argument, Set<Integer> values) implements Condition {
        @Override
        public boolean holds(int[] arguments) {
            return values.contains(arguments[argument]);
        }
    }

    /** It has at least one of these bits. */
    record With(int argument, int bits) implements Condition {
        @Override
        public boolean holds(int[] arguments) {
            return (arguments[argument] & bits) != 0;
        }
    }

    /** It has none of these bits. */
    record Without(int argument, int bits) implements Condition {
        @Override
        public boolean holds(int[] arguments) {
            return (arguments[argument] & bits) == 0;
        }
    }
}
