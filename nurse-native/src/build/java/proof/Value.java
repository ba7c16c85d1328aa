/**
 * What is known of a register's content. A number is an order's, as it stood in the lane at one look; each look has an id,
 * and 0 is the last order's number, the one in %xmm7.
 */
sealed interface Value {
    int LAST = 0;

    record Unknown() implements Value {}

    record Constant(int value) implements Value {}

    /** The lane's address and an offset. */
    record LaneAddress(int offset) implements Value {}

    /**
     * What stood in the lane, read after a number that was new and complete had been looked at ({@code from}, or -1), and
     * before the next look ({@code until}, or -1). If both looks saw the same, it is that order's: confirmed.
     */
    record Read(int displacement, int from, int until, boolean confirmed) implements Value {
        static Read of(int displacement) {
            return new Read(displacement, -1, -1, false);
        }
    }

    record Number(int id) implements Value {}

    record LowHalf(int id) implements Value {}

    /** The low half shifted right by one; masked, it is what the channel is told. */
    record Shifted(int id) implements Value {}

    record Channel(int id) implements Value {}

    /** Two numbers compared: in a vector register, then as a mask of bytes in a general one. */
    record Compared(int one, int other) implements Value {}

    record Mask(int one, int other) implements Value {}

    /** What the kernel returned for an order. */
    record Result() implements Value {}

    /** Whether the look of this id is part of it. */
    default boolean mentions(int id) {
        if (this instanceof Read read) {
            return read.from == id || read.until == id;
        }
        if (this instanceof Compared compared) {
            return compared.one == id || compared.other == id;
        }
        if (this instanceof Mask mask) {
            return mask.one == id || mask.other == id;
        }
        return this instanceof Number number && number.id == id
                || this instanceof LowHalf half && half.id == id
                || this instanceof Shifted shifted && shifted.id == id
                || this instanceof Channel channel && channel.id == id;
    }
}
