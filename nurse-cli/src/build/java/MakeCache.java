import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;

/**
 * Makes the AOT cache (JEP 483, JEP 514) beside the jar: the client has a helper of its own run a program, and that
 * helper's JVM writes down what it had to load and link.
 *
 * <p>Never an error: without a cache the JVM starts slower, that is all. Then this says why there is none.
 */
final class MakeCache {
    /** Java 24 was the first with such a cache, Java 25 the first that makes it in one step. */
    private static final int NEEDED = 25;

    private static final long MOST_SECONDS = 120;

    /** What a run meets: modules, a refusal, a directory. */
    private static final String PROGRAM = """
            import os, json
            os.listdir('/usr/lib')
            try: open('/etc/shadow')
            except OSError: pass
            """;

    private MakeCache() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path directory = Path.of(arguments[0]).toRealPath();
        String tree = arguments[1];
        Path cache = directory.resolve("nurse-cli.aot");
        Path jdk = directory.resolve("nurse-cli.jdk");
        Files.deleteIfExists(cache);
        Files.deleteIfExists(jdk);
        String why = make(directory, tree, cache);
        if (why == null) {
            Files.setPosixFilePermissions(
                    cache, PosixFilePermissions.fromString("rw-r--r--")); // the helper's umask is 0
            Files.writeString(jdk, System.getProperty("java.home") + "\n");
        } else {
            Files.deleteIfExists(cache);
            System.out.println("No AOT cache, so runs start slower: " + why);
        }
    }

    /** Why there is none, or null. */
    private static String make(Path directory, String tree, Path cache) throws IOException, InterruptedException {
        if (Runtime.version().feature() < NEEDED) {
            return "it needs Java " + NEEDED + ", and this is Java "
                    + Runtime.version().feature();
        }
        if (!Files.isDirectory(Path.of(tree))) {
            return "there is no " + tree + " to run a program from (bin/make-i386-tree)";
        }
        // cat ends when the last writer has closed the pipe. Java would not wait for that: when a process ends, its
        // output
        // is what was there by then (ProcessImpl, ProcessPipeInputStream.processExited).
        ProcessBuilder builder = new ProcessBuilder(
                        "bash",
                        "-o",
                        "pipefail",
                        "-c",
                        "\"$0\" \"$@\" 2>&1 | cat",
                        directory.resolve("nurse").toString(),
                        "run",
                        "--quiet",
                        "--root",
                        tree,
                        "python3",
                        "-c",
                        PROGRAM)
                .directory(directory.toFile())
                .redirectErrorStream(true);
        builder.environment().put("NURSE_JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("NURSE_TRAIN", cache.toString());
        Process client = builder.start();
        // The helper holds this pipe as its standard error until it has written the cache.
        String said = new String(client.getInputStream().readAllBytes());
        if (!client.waitFor(MOST_SECONDS, TimeUnit.SECONDS) || client.exitValue() != 0) {
            client.destroyForcibly();
            return "the training run failed: " + said;
        }
        return Files.exists(cache) ? null : "the JVM wrote none: " + said;
    }
}
