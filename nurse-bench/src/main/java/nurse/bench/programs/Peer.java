package nurse.bench.programs;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import nurse.bench.Commands;
import nurse.bench.peers.Cpus;
import org.jspecify.annotations.Nullable;

/** What people run programs under: how it is started, on what, and where it is best off. */
public enum Peer {
    NATIVE("native", "nothing", true),
    NURSE_STRICT("nurse, strict", "all calls but read and write, by path", false),
    NURSE_TRAP("nurse, trap", "all calls but read and write, by path", false),
    CLIENT_STRICT("nurse, strict, resident helper", "all calls but read and write, by path", false),
    CLIENT_TRAP("nurse, trap, resident helper", "all calls but read and write, by path", false),
    BWRAP("bwrap", "nothing: namespaces only", true),
    PROOT("proot -r /", "all calls, translates paths; passes statx over", true),
    STRACE_ALL("strace -f", "all calls, and writes them down", true),
    STRACE_NONE("strace -f -e trace=none", "no call, but stops at each", true),
    STRACE_SECCOMP("strace -f --seccomp-bpf -e trace=execve", "execve only", true),
    NATIVE_64("native, amd64", "nothing", true),
    RUNSC_64("runsc, ptrace, amd64", "all calls: a kernel of its own", true);

    private static final String LIBRARIES = "/mnt/i386/usr/lib/i386-linux-gnu:/mnt/i386/lib/i386-linux-gnu"
            + ":/usr/lib/i386-linux-gnu:/lib/i386-linux-gnu";

    private final String title;
    private final String looksAt;
    private final boolean pinned;

    Peer(String title, String looksAt, boolean pinned) {
        this.title = title;
        this.looksAt = looksAt;
        this.pinned = pinned;
    }

    public String title() {
        return title;
    }

    /** What it looks at, in words. */
    public String looksAt() {
        return looksAt;
    }

    /** Whether it and the program are kept on one CPU, where all that stops a program is best off; nurse wants two. */
    public boolean pinned() {
        return pinned;
    }

    /** Programs of the host, which is the amd64 twin of the tree where it is the same release of Debian. */
    public boolean amd64() {
        return this == NATIVE_64 || this == RUNSC_64;
    }

    /** Whether a helper that is there already does the work. */
    public boolean resident() {
        return this == CLIENT_STRICT || this == CLIENT_TRAP;
    }

    public boolean isNurse() {
        return this == NURSE_STRICT || this == NURSE_TRAP || resident();
    }

    /** Null when it can be used; else what is missing. */
    @Nullable
    String missing(Place place) {
        return switch (this) {
            case NATIVE, NATIVE_64 -> null;
            case NURSE_STRICT, NURSE_TRAP -> Files.exists(Commands.jar()) ? null : "no nurse-cli/target/nurse-cli.jar";
            case CLIENT_STRICT, CLIENT_TRAP ->
                Commands.client().isPresent() ? null : "this build has no nurse-cli/target/nurse";
            case BWRAP -> onHost("/usr/bin/bwrap", "bubblewrap");
            case RUNSC_64 -> onHost("/usr/bin/runsc", "runsc");
            case PROOT -> inPlace(place, "proot");
            case STRACE_ALL, STRACE_NONE, STRACE_SECCOMP -> inPlace(place, "strace");
        };
    }

    private static @Nullable String onHost(String path, String name) {
        return Files.isExecutable(Path.of(path)) ? null : "not installed; apt-get install " + name;
    }

    private static @Nullable String inPlace(Place place, String name) {
        Path path = place.directory().resolve("i386/usr/bin").resolve(name);
        return Files.exists(path) ? null : "no " + path + ", which bin/bench gets";
    }

    /** Arguments of measure.c: where, on which CPU, and the command. */
    List<String> command(Place place, WholeProgram program) {
        boolean inTree = !amd64() && this != BWRAP && !isNurse();
        List<String> all = new ArrayList<>();
        all.add(inTree ? place.tree().toString() : "/");
        all.add(inTree ? place.workInside() : place.work().toString());
        all.add(pinned ? Integer.toString(Cpus.second()) : "-");
        all.addAll(under(place));
        all.addAll(program.command());
        return all;
    }

    private List<String> under(Place place) {
        String tree = place.tree().toString();
        return switch (this) {
            case NATIVE, NATIVE_64 -> List.of();
            case NURSE_STRICT -> nurse(Commands.nurse(), "strict", place);
            case NURSE_TRAP -> nurse(Commands.nurse(), "trap", place);
            case CLIENT_STRICT -> nurse(client(), "strict", place);
            case CLIENT_TRAP -> nurse(client(), "trap", place);
            case BWRAP ->
                words("/usr/bin/bwrap --bind %s / --dev /dev --proc /proc --unshare-all --chdir %s"
                        .formatted(tree, place.workInside()));
            case PROOT -> ofTree("proot", "-r / -w " + place.workInside());
            case STRACE_ALL -> ofTree("strace", "-f -o /dev/null");
            case STRACE_NONE -> ofTree("strace", "-f -o /dev/null -e trace=none");
            case STRACE_SECCOMP -> ofTree("strace", "-f --seccomp-bpf -o /dev/null -e trace=execve");
            case RUNSC_64 ->
                words("/usr/bin/runsc --root %s/runsc --network=none --platform=ptrace do"
                        .formatted(place.directory()));
        };
    }

    private static List<String> client() {
        return List.of(Commands.client().orElseThrow().toString());
    }

    private static List<String> nurse(List<String> start, String lock, Place place) {
        List<String> all = new ArrayList<>(start);
        all.addAll(words("run --quiet --lock %s --root %s --write %s --env MAGICK_THREAD_LIMIT"
                .formatted(lock, place.tree(), place.work())));
        if (lock.equals("strict")) {
            all.addAll(List.of("--trust-loader", place.tree() + "/lib/ld-linux.so.2"));
        }
        return all;
    }

    /** A peer of the tree's architecture, which is not installed there: by the tree's ld.so. */
    static List<String> ofTree(String name, String arguments) {
        return words("/lib/ld-linux.so.2 --library-path %s %s/i386/usr/bin/%s %s"
                .formatted(LIBRARIES, Place.INSIDE, name, arguments));
    }

    private static List<String> words(String text) {
        return List.of(text.split(" "));
    }
}
