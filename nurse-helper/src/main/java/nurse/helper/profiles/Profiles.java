package nurse.helper.profiles;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The built-in policies, for the programs that people sandbox most: policy files as any other, in the jar. */
public final class Profiles {
    /** Their names, sorted; each is a file {@code NAME.toml} beside this class. */
    public static final List<String> NAMES = List.of(
            "exiftool",
            "ffmpeg",
            "fonts",
            "ghostscript",
            "imagemagick",
            "jq",
            "minimal",
            "poppler",
            "python",
            "sqlite",
            "tar",
            "tesseract",
            "unzip");

    private Profiles() {}

    /** The text of a profile, or null if there is none of this name. */
    public static @Nullable String text(String name) {
        if (!NAMES.contains(name)) {
            return null;
        }
        try (InputStream in = Profiles.class.getResourceAsStream(name + ".toml")) {
            if (in == null) {
                throw new IllegalStateException("a profile is missing from the jar: name=" + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a profile is for: the first line of its text, which is a comment. */
    public static String description(String name) {
        String text = text(name);
        return text == null ? "" : text.substring(0, text.indexOf('\n')).replaceFirst("^#\\s*", "");
    }
}
