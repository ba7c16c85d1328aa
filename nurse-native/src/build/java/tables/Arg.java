/**
 * One argument of a call.
 *
 * @param text as the table has it
 * @param size bytes, or bytes of one record when sizeArg says how many; 0 when the kind has no extent
 * @param sizeArg the argument that says how many, or -1
 */
record Arg(String text, String name, Kind kind, int size, int sizeArg) {}
