package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A command on a terminal of its own (script(1)), with somebody who reads and types. */
public final class PseudoTerminal implements AutoCloseable {
    private static final long SECONDS = 40;

    private final Process script;
    private final StringBuilder seen = new StringBuilder();
    private int read;

    public PseudoTerminal(Path directory, List<String> command) {
        String line = command.stream()
                .map(word -> "'" + word.replace("'", "'\\''") + "'")
                .collect(Collectors.joining(" "));
        try {
            script = new ProcessBuilder("script", "-qec", line, "/dev/null")
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** What is shown, from where the last call ended, until it matches. */
    public String until(String pattern) throws Exception {
        Pattern wanted = Pattern.compile(pattern, Pattern.DOTALL);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (true) {
            Matcher matcher = wanted.matcher(seen).region(read, seen.length());
            if (matcher.find()) {
                String all = seen.substring(read, matcher.end());
                read = matcher.end();
                return all;
            }
            boolean isAlive = script.isAlive();
            if (script.getInputStream().available() > 0) {
                take(script.getInputStream().readNBytes(script.getInputStream().available()));
                continue;
            }
            assertThat(isAlive && System.nanoTime() < deadline)
                    .as("waiting for %s in %s", pattern, seen.substring(read))
                    .isTrue();
            Thread.sleep(10);
        }
    }

    /** Waits for the pattern, and types. */
    void answer(String pattern, String keys) throws Exception {
        until(pattern);
        type(keys);
    }

    void type(String keys) throws IOException {
        script.getOutputStream().write(keys.getBytes(StandardCharsets.UTF_8));
        script.getOutputStream().flush();
    }

    /** Sends a signal to what runs on it under this name (proc(5), comm). */
    void signal(String name, String signal) throws Exception {
        for (ProcessHandle process : script.descendants().toList()) {
            String pid = Long.toString(process.pid());
            if (Files.readString(Path.of("/proc", pid, "comm")).strip().equals(name)) {
                Jar.execute(Path.of("/"), new byte[0], List.of("kill", "-" + signal, pid))
                        .succeeded();
            }
        }
    }

    /** How the command ended. */
    public int status() throws Exception {
        take(script.getInputStream().readAllBytes());
        assertThat(script.waitFor(SECONDS, TimeUnit.SECONDS)).as("%s", seen).isTrue();
        return script.exitValue();
    }

    /** All that was shown so far. */
    String seen() {
        return seen.toString();
    }

    private void take(byte[] bytes) {
        seen.append(new String(bytes, StandardCharsets.ISO_8859_1));
    }

    @Override
    public void close() {
        script.descendants().forEach(ProcessHandle::destroyForcibly);
        script.destroyForcibly();
    }
}
