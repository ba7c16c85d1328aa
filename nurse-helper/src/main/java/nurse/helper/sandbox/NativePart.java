package nurse.helper.sandbox;

import java.io.IOException;
import java.io.InputStream;

/** What runs in the sandboxed process, as nurse-native built it: a resource beside the classes. */
public final class NativePart {
    private NativePart() {}

    /**
     * One of its files.
     *
     * @throws SandboxFailed when it is not there, or cannot be read
     */
    public static byte[] read(String name) {
        try (InputStream in = NativePart.class.getResourceAsStream("/native/linux-i686/" + name)) {
            if (in == null) {
                throw new SandboxFailed(
                        "a part of the sandbox is missing", "no resource " + name, "build it again: ./setup");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new SandboxFailed("a part of the sandbox cannot be read", e.toString(), "build it again: ./setup");
        }
    }
}
