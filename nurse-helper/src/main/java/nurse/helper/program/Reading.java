package nurse.helper.program;

import java.io.IOException;
import java.util.Arrays;
import nurse.helper.messages.Quoted;
import nurse.helper.program.ProgramException.ReadFailed;

/** Bounded reads of a file that may be shorter than it says. */
final class Reading {
    private Reading() {}

    /** The bytes from {@code offset} on, {@code length} or as many as there are. */
    @SuppressWarnings("ReferenceEquality") // the question is whether it is the same array
    static byte[] upTo(OpenProgram file, String name, long offset, int length) throws ReadFailed {
        byte[] all = new byte[length];
        byte[] part = all;
        int have = 0;
        try {
            while (have < length) {
                int read = file.read(offset + have, part, length - have);
                if (read <= 0) {
                    return Arrays.copyOf(all, have);
                }
                if (part != all) {
                    System.arraycopy(part, 0, all, have, read);
                }
                have += read;
                if (have < length) {
                    part = new byte[length - have]; // a short read: files seldom do that
                }
            }
        } catch (IOException failed) {
            throw new ReadFailed(
                    "cannot read " + Quoted.of(name),
                    String.valueOf(failed.getMessage()),
                    "look at the file system that it lies on",
                    failed);
        }
        return all;
    }
}
