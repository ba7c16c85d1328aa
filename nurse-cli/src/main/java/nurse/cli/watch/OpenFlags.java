package nurse.cli.watch;

import java.util.Map;

/** The flags of open(2) by name. */
public final class OpenFlags {
    private OpenFlags() {}

    /**
     * The number that names with {@code |} between them stand for.
     *
     * @throws IllegalArgumentException if one is no flag's
     */
    public static int of(String text) {
        int flags = 0;
        for (String word : text.split("[|]", -1)) {
            flags |= one(word.strip());
        }
        return flags;
    }

    private static int one(String word) {
        for (int mode = 0; mode < Bits.ACCESS_MODES.length; mode++) {
            if (Bits.ACCESS_MODES[mode].equals(word)) {
                return mode;
            }
        }
        for (Map.Entry<String, Integer> bit : Bits.OPEN.entrySet()) {
            if (bit.getKey().equals(word)) {
                return bit.getValue();
            }
        }
        throw new IllegalArgumentException("the flags of open are O_RDONLY, O_WRONLY, O_RDWR, "
                + String.join(", ", Bits.OPEN.keySet().stream().sorted().toList()));
    }
}
