package nurse.cli.fidelity;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import nurse.cli.Jar;
import nurse.cli.Jar.User;

/**
 * Where and as whom a suite runs.
 *
 * @param lock the lock of the sandbox, or null for a chroot outside of it
 */
record Place(User user, String lock) {
    /** What {@link #run} returns for a program that had to be stopped. */
    static final int STOPPED = -1;

    static List<Place> all() {
        List<Place> all = new ArrayList<>();
        for (User user : User.all()) {
            for (String lock : new String[] {null, "trap", "strict"}) {
                all.add(new Place(user, lock));
            }
        }
        return all;
    }

    boolean isOutside() {
        return lock == null;
    }

    Place outside() {
        return new Place(user, null);
    }

    @Override
    public String toString() {
        return (isOutside() ? "outside" : lock) + ", " + (user == User.ROOT ? "root" : "user");
    }

    /** What {@code directory} is called in this place. */
    String nameOf(Path directory) {
        return isOutside() ? "/mnt" : directory.toString();
    }

    /**
     * Runs a program of the tree in {@code directory}, which it may change.
     *
     * @param output where its standard output and error go
     * @param environment {@code NAME=VALUE} each
     * @return its exit status, or {@link #STOPPED} when it was silent for so long, on {@code output} and in {@code watched}
     */
    int run(
            Path directory,
            Path output,
            Path watched,
            Duration patience,
            List<String> environment,
            List<String> program) {
        List<String> command = isOutside() ? outside(directory, environment, program) : inside(environment, program);
        try {
            Process process = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectInput(Path.of("/dev/null").toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            long last = -1;
            while (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                long now = output.toFile().length() + watched.toFile().length();
                if (now == last) {
                    process.descendants().forEach(ProcessHandle::destroyForcibly);
                    process.destroyForcibly().waitFor();
                    return STOPPED;
                }
                last = now;
            }
            return process.exitValue();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private List<String> outside(Path directory, List<String> environment, List<String> program) {
        List<String> all = new ArrayList<>(List.of("env"));
        all.addAll(environment);
        all.addAll(program);
        return Jar.outsideCommand(user, directory, all);
    }

    private List<String> inside(List<String> environment, List<String> program) {
        List<String> all = new ArrayList<>(List.of("run", "--quiet", "--net", "loopback", "--write", "."));
        all.addAll(List.of("--root", Jar.TREE.toString()));
        for (String variable : environment) {
            all.addAll(List.of("--env", variable));
        }
        all.addAll(program);
        return Jar.command(user, lock, all);
    }
}
