package nurse.helper.layers;

import java.util.Set;

/**
 * What an argument of a call has to be: one of these values. Only its low 32 bits count, as i386 has no others.
 *
 * @param argument which, from 0
 * @param mask the bits of it that are looked at
 */
record Condition(int argument, int mask, Set<Integer> values) {
    private static final int ALL = -1;

    Condition(int argument, Set<Integer> values) {
        this(argument, ALL, values);
    }

    /** Whether it looks at a part of the argument only. */
    boolean isMasked() {
        return mask != ALL;
    }

    /** Whether it holds of these arguments. */
    boolean holds(int[] arguments) {
        return values.contains(arguments[argument] & mask);
    }
}
