package nurse.cli.attack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** In what a run is started: a command put in front of its own, and whether it can be had here. */
enum Surroundings {
    PLAIN,
    /** Core files without limit, in the working directory. */
    CORE("sh", "-c", "ulimit -c unlimited && exec \"$@\"", "sh"),
    /** The helper may have few descriptors more than the sandbox's own numbers ask for. */
    FEW_DESCRIPTORS("sh", "-c", "ulimit -n 1500 && exec \"$@\"", "sh"),
    /** Descriptor 9 is open to what the program may not read. */
    INHERITED("sh", "-c", "exec 9<../secret && exec \"$@\"", "sh"),
    /** The parent takes no notice of SIGUSR1. */
    DEAF("sh", "-c", "trap '' USR1; \"$@\"; exit $?", "sh"),
    /** Standard input is a terminal, and the session's own. */
    TERMINAL("script", "-qec"),
    /** SIGQUIT is sent to the process whose number the program says first. */
    QUIT,
    /** A device node, ./planted. */
    DEVICE,
    /** A second /proc at ./proc, in a mount namespace of its own. */
    SECOND_PROC("unshare", "-m", "sh", "-c", "mount -t proc proc proc && exec \"$@\"", "sh"),
    /**
     * A file system that takes no notice of case at ./folding, in a mount namespace of its own; its server, a program of {@code
     * attacks}, ends when the last process has closed descriptor 9.
     */
    FOLDING(
            "unshare",
            "-m",
            "sh",
            "-c",
            "rm -f tie && mkfifo tie && { {attacks} racer-folding folding tie & } && exec 9>tie && exec \"$@\"",
            "sh");

    private final String front; // its words, one a line

    Surroundings(String... front) {
        this.front = String.join("\n", front);
    }

    /**
     * @param command what is run
     * @param attacks the command that runs the hostile programs without a sandbox
     */
    List<String> around(List<String> command, List<String> attacks) {
        String programs =
                String.join(" ", attacks.stream().map(Surroundings::quoted).toList());
        List<String> whole =
                new ArrayList<>(front.replace("{attacks}", programs).lines().toList());
        if (this == TERMINAL) {
            whole.add(
                    String.join(" ", command.stream().map(Surroundings::quoted).toList()));
            whole.add("/dev/null");
        } else {
            whole.addAll(command);
        }
        return whole;
    }

    private static String quoted(String word) {
        return "'" + word.replace("'", "'\\''") + "'";
    }

    /** Why a run cannot have them here, or nothing. */
    Optional<String> missing() throws IOException {
        return switch (this) {
            case PLAIN, INHERITED, FEW_DESCRIPTORS, DEAF, QUIT -> Optional.empty();
            case CORE -> {
                String pattern = Files.readString(Path.of("/proc/sys/kernel/core_pattern"));
                yield pattern.startsWith("/") || pattern.startsWith("|")
                        ? Optional.of("kernel.core_pattern is " + pattern.trim() + ", so no core file shows")
                        : Optional.empty();
            }
            case TERMINAL -> onPath("script") ? Optional.empty() : Optional.of("script(1) is not installed");
            case DEVICE -> onlyRoot("make a device node", "mknod $d/n c 1 5 && : <$d/n");
            case FOLDING ->
                onlyRoot(
                        "mount a FUSE file system",
                        "unshare -m sh -c 'exec 9<>/dev/fuse && mount -i -t fuse -o fd=9,rootmode=40755,user_id=0,group_id=0"
                                + " trial $0' $d");
            case SECOND_PROC -> onlyRoot("mount a second /proc", "unshare -m mount -t proc proc $d");
        };
    }

    /** Nor does root in every container. The command has a directory of its own, $d. */
    private static Optional<String> onlyRoot(String what, String command) throws IOException {
        if (!Place.isRoot()) {
            return Optional.of("only root can " + what);
        }
        try {
            Process trial = new ProcessBuilder(
                            "sh", "-c", "d=$(mktemp -d) && { " + command + "; s=$?; rm -rf $d; exit $s; }")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return trial.waitFor() == 0 ? Optional.empty() : Optional.of("nobody can " + what + " here");
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IOException(stop);
        }
    }

    private static boolean onPath(String command) {
        return List.of("/usr/bin", "/bin").stream()
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, command)));
    }
}
