package nurse.cli;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Names by which a process means itself, said for another process: {@code /proc/self/fd/1} of process 7 is
 * {@code /proc/7/fd/1} for everybody. A name that says nothing of that kind stays as it is, and so does what is no name of the
 * host.
 */
final class SelfNames {
    /** As many links as the kernel follows (path_resolution(7)). */
    private static final int MOST_LINKS = 40;

    private static final List<String> STREAMS = List.of("/dev/stdin", "/dev/stdout", "/dev/stderr");

    private final int pid;
    private final String directory;
    private final UnaryOperator<@Nullable String> link;

    /**
     * @param pid whose names they are
     * @param directory where its relative names begin
     * @param link what a symbolic link of this absolute name says, or null if it is none
     */
    SelfNames(int pid, String directory, UnaryOperator<@Nullable String> link) {
        this.pid = pid;
        this.directory = directory;
        this.link = link;
    }

    /** The same file's name for every process. */
    String forAll(String name) {
        String found = absolute(directory, name);
        for (int i = 0; i < MOST_LINKS; i++) {
            String own = ofProcess(found);
            if (own != null) {
                return own;
            }
            String target = link.apply(found);
            if (target == null) {
                return name;
            }
            found = absolute(found.substring(0, found.lastIndexOf('/')), target);
        }
        return name;
    }

    private @Nullable String ofProcess(String name) {
        int stream = STREAMS.indexOf(name);
        if (stream >= 0) { // links to /proc/self/fd/N, where there is a /dev of the usual kind
            return "/proc/" + pid + "/fd/" + stream;
        }
        String below = behind(name, "/dev/fd");
        if (below != null) {
            return "/proc/" + pid + "/fd" + below;
        }
        below = behind(name, "/proc/self");
        if (below != null) {
            return "/proc/" + pid + below;
        }
        below = behind(name, "/proc/thread-self"); // a client has one thread
        return below == null ? null : "/proc/" + pid + "/task/" + pid + below;
    }

    /** What of a name stands behind a directory's; null if it is not below it. */
    private static @Nullable String behind(String name, String directory) {
        return name.equals(directory) || name.startsWith(directory + "/") ? name.substring(directory.length()) : null;
    }

    /** Without empty and dot components; {@code ..} takes away what stands before it, which is right where that is no link. */
    private static String absolute(String directory, String name) {
        Deque<String> parts = new ArrayDeque<>();
        List<String> all = new ArrayList<>();
        if (!name.startsWith("/")) {
            all.addAll(List.of(directory.split("/")));
        }
        all.addAll(List.of(name.split("/")));
        for (String part : all) {
            if (part.equals("..")) {
                parts.pollLast();
            } else if (!part.isEmpty() && !part.equals(".")) {
                parts.addLast(part);
            }
        }
        return "/" + String.join("/", parts);
    }
}
