package nurse.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A tree whose ld.so is a program of the test's: what a program of the tree would have done to it before the lock. */
final class HostileLoader {
    static final String NAME = "lib/ld-linux.so.2";

    private static final Path SOURCES = Path.of("src/test/native/layers").toAbsolutePath();

    private HostileLoader() {}

    /** Options by which strict runs it. Under trap nobody has to trust it. */
    static List<String> trust(Path root) {
        return Jar.LOCK.equals("strict")
                ? List.of("--trust-loader", root.resolve(NAME).toString())
                : List.of();
    }

    /** The tree's root, with {@code true} in it. */
    static Path root(Path directory, String source) throws IOException {
        Path root = directory.resolve("root");
        Path loader = root.resolve(NAME);
        Files.createDirectories(loader.getParent());
        Files.createDirectories(root.resolve("bin"));
        Jar.compile(
                directory,
                SOURCES.resolve(source),
                "-fPIC",
                "-fno-stack-protector",
                "-nostdlib",
                "-shared",
                "-Wl,-e,start",
                "-Wl,-z,noexecstack",
                "-o",
                loader.toString());
        Files.copy(Jar.TREE.resolve("bin/true"), root.resolve("bin/true"));
        return root;
    }
}
