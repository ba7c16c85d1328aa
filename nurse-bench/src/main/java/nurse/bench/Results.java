package nurse.bench;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/** What was measured so far: one JSON file each, in a directory. */
public final class Results {
    private static final Gson GSON = new GsonBuilder().setPrettyPrinting().create();

    private final Path directory;

    public Results(Path directory) throws IOException {
        this.directory = Files.createDirectories(directory);
    }

    public Path file(String name) {
        return directory.resolve(name + ".json");
    }

    /** Empty when it was not measured, or only half of it was written. */
    public <T> Optional<T> read(String name, Class<T> type) throws IOException {
        Path file = file(name);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.ofNullable(GSON.fromJson(Files.readString(file), type));
        } catch (JsonParseException half) {
            return Optional.empty();
        }
    }

    /** Is there wholly or not at all. */
    public void write(String name, Object value) throws IOException {
        Path half = directory.resolve(name + ".half");
        Files.writeString(half, GSON.toJson(value));
        Files.move(half, file(name), StandardCopyOption.REPLACE_EXISTING);
    }
}
