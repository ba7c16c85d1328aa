package nurse.cli;

import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.ffm.ProcFs;
import nurse.helper.calls.CallError;
import nurse.helper.files.Found;
import nurse.helper.files.Paths;
import nurse.helper.files.View;
import nurse.helper.messages.Quoted;
import nurse.helper.policy.Access;
import nurse.helper.policy.Policy;
import nurse.helper.policy.PolicyBuilder;
import nurse.helper.policy.PolicyEncoding;
import nurse.helper.policy.PolicyException;
import nurse.helper.policy.PolicyFile;
import nurse.helper.policy.Rule;
import nurse.helper.sandbox.NoProcess;
import nurse.helper.sandbox.RefusalCount;
import org.jspecify.annotations.Nullable;

/**
 * What the names in options and policies mean: those that the program will see, looked up with the user's own rights, whatever
 * the policy says.
 *
 * <p>All strings one char a byte.
 */
final class PolicyNames {
    private final Kernel kernel;
    private final int directory;
    private final UnaryOperator<String> host;
    private final View view;
    private final String root;
    private final String cwd;
    private final boolean atHome;
    private final Paths anywhere;

    /**
     * @param directory where the host's relative names start from: a descriptor, or AT_FDCWD
     * @param host a name of the host as this process has to say it ({@link Caller#host})
     * @param root the canonical name of what the program sees as {@code /}
     * @param cwd the directory that the program starts in, as it sees it
     * @param atHome whether that is a home, or homes are in it
     */
    PolicyNames(
            Kernel kernel,
            int directory,
            UnaryOperator<String> host,
            View view,
            String root,
            String cwd,
            boolean atHome) {
        this.kernel = kernel;
        this.directory = directory;
        this.host = host;
        this.view = view;
        this.root = root;
        this.cwd = cwd;
        this.atHome = atHome;
        this.anywhere = new Paths(
                kernel,
                view,
                Policy.of(List.of(new Rule("/", Rule.Kind.WRITE, "the user's own view"))),
                new NoProcess(),
                new RefusalCount());
    }

    /** The names under which the program sees a file of the host that is the helper's own. */
    List<String> ofTheHelper(String host) {
        return view.inside(host);
    }

    /** The canonical name of a directory that is to be the root. */
    static String root(Kernel kernel, int directory, String name) {
        if (name.equals("/")) {
            return "/";
        }
        int fd = kernel.openat(directory, name, Kernel.O_PATH | Kernel.O_DIRECTORY | Kernel.O_CLOEXEC, 0);
        if (fd < 0) {
            throw new CannotRun(
                    CannotRun.FAILED,
                    "the root directory " + Quoted.of(name) + " cannot be opened",
                    Errno.name(-fd),
                    "bin/make-i386-tree makes one in /var/cache/seccomp-nurse/i386-bookworm");
        }
        String canonical = kernel.readlinkat(Kernel.AT_FDCWD, "/proc/self/fd/" + fd);
        kernel.close(fd);
        return canonical;
    }

    /** The canonical name on the host of a file that an option names. */
    String onHost(String name) {
        int fd = kernel.openat(directory, name, Kernel.O_PATH | Kernel.O_CLOEXEC, 0);
        if (fd < 0) {
            throw new CannotRun(
                    CannotRun.FAILED,
                    Quoted.of(name) + " cannot be opened",
                    Errno.name(-fd),
                    "a relative name starts from the current directory");
        }
        String canonical = kernel.readlinkat(Kernel.AT_FDCWD, "/proc/self/fd/" + fd);
        kernel.close(fd);
        return canonical;
    }

    /** What the program sees. */
    static View view(Kernel kernel, String root, String cwd) {
        try {
            return View.of(kernel, root, cwd);
        } catch (View.CannotView cannot) {
            throw new CannotRun(
                    CannotRun.FAILED,
                    "the directory " + Quoted.of(cannot.getMessage()) + " cannot be opened",
                    Errno.name(cannot.errno()),
                    "start nurse as a user who may enter it");
        }
    }

    /**
     * Places what is bound into the view.
     *
     * @return under which canonical name the program sees it
     */
    String bind(Bind bind) {
        int fd = kernel.openat(directory, host.apply(bind.host()), Kernel.O_PATH | Kernel.O_CLOEXEC, 0);
        if (fd < 0) {
            throw bind.failed(
                    Quoted.of(bind.host()) + " cannot be opened: " + Errno.name(-fd),
                    "name a file or directory of yours that is there; a relative name starts from the current"
                            + " directory");
        }
        String host = kernel.readlinkat(Kernel.AT_FDCWD, "/proc/self/fd/" + fd);
        kernel.close(fd);
        String inside = leadsTo(bind.inside());
        if (inside.equals("/") || View.isBelow(inside, "/proc") || View.isBelow(inside, "/dev")) {
            throw bind.failed(
                    "nothing can be shown as " + Quoted.of(inside),
                    inside.equals("/")
                            ? "--root DIR shows a directory as /"
                            : "name another place: what is there, the sandbox answers itself");
        }
        String parent = inside.substring(0, Math.max(inside.lastIndexOf('/'), 1));
        if (!isDirectory(parent)) {
            throw bind.failed(
                    "the program sees no directory " + Quoted.of(parent),
                    "name a place in one that is there, such as /mnt/NAME");
        }
        if (host == null) {
            throw bind.failed(Quoted.of(bind.host()) + " has no name", "name something else");
        }
        view.place(inside, host);
        return inside;
    }

    /** That nothing which is bound stands in the way of <code>${tmp}</code>, which was made in the root. */
    void requireTemporary(String name) {
        if (!isThere(name)) {
            throw new CannotRun(
                    CannotRun.FAILED,
                    "the policy's temporary directory cannot be seen by the program",
                    "a --bind stands in the way of " + Quoted.of(name),
                    "bind to another place than /tmp");
        }
    }

    private boolean isDirectory(String path) {
        try (Found found = open("/", path, true)) {
            return found.fd() >= 0 && kernel.isDirectory(found.fd());
        }
    }

    /**
     * What the variables of policy files stand for.
     *
     * @param outer the user's environment
     */
    PolicyFile.Place place(Map<String, String> outer, List<String> inputs, List<String> outputs, String temporary) {
        return new PolicyFile.Place(
                cwd,
                cwd,
                outer.getOrDefault("HOME", "/"),
                inputs.stream().map(this::absolute).toList(),
                outputs.stream().map(this::absolute).toList(),
                temporary);
    }

    /** A name as the program may use it: from its current directory. */
    String absolute(String path) {
        return path.startsWith("/") ? path : (cwd.equals("/") ? "" : cwd) + "/" + path;
    }

    /** A policy to be built for a run from this directory: its rules hold for where names lead. */
    PolicyBuilder builder() {
        return builderWithoutLinks().links(path -> List.of(leadsTo(path)));
    }

    /** The same, whatever links there are. */
    PolicyBuilder builderWithoutLinks() {
        return new PolicyBuilder(cwd).atHome(atHome);
    }

    PolicySources sources() {
        return new PolicySources(kernel, root);
    }

    /** Whether who reads this file of the user's may have to wait for what somebody else writes: a pipe, a terminal. */
    boolean mayWait(String path) {
        int fd = kernel.openat(directory, host.apply(path), Kernel.O_PATH | Kernel.O_CLOEXEC, 0);
        boolean waits = fd >= 0 && (kernel.isFifo(fd) || kernel.isSocket(fd) || kernel.isDevice(fd));
        kernel.close(fd);
        return waits;
    }

    /** Reads a policy file of the user's. */
    PolicyFile file(String path, PolicyFile.Place place) throws PolicyException {
        String text = ProcFs.read(kernel, directory, host.apply(path));
        if (text == null) {
            throw new CannotRun(
                    CannotRun.FAILED,
                    "the policy file " + Quoted.of(path) + " cannot be read",
                    "there is no such file, or you may not read it",
                    "check the spelling; docs/policy.md shows what belongs into it");
        }
        return parse(PolicyEncoding.decoded(text, path), path, place);
    }

    /** What a policy file of this name says if this is its text. */
    PolicyFile parse(String text, String path, PolicyFile.Place place) throws PolicyException {
        String absolute = absolute(path);
        String own = absolute.substring(0, Math.max(absolute.lastIndexOf('/'), 1));
        return PolicyFile.parse(text, path, place.in(own), sources());
    }

    /** Whether there is a file of this name, be it a link that leads nowhere. */
    boolean isThere(String path) {
        try (Found found = open("/", path, false)) {
            return found.fd() >= 0;
        }
    }

    /**
     * The value of {@code --bind} that would show the program a file of the host that its root has not.
     *
     * @return null if the host has none of this name, or it is seen already
     */
    @Nullable
    String bindFor(String path) {
        int fd = root.equals("/") || isThere(path)
                ? -1
                : kernel.openat(directory, path, Kernel.O_PATH | Kernel.O_CLOEXEC, 0);
        if (fd < 0) {
            return null;
        }
        kernel.close(fd);
        int slash = path.lastIndexOf('/');
        return path + ":"
                + (isDirectory(path.substring(0, Math.max(slash, 1))) ? path : "/mnt" + path.substring(slash));
    }

    /** Whether there can be something below a name: it is a directory's, or nobody's yet. */
    boolean mayHold(String path) {
        try (Found found = open("/", path, true)) {
            return found.fd() == -Errno.ENOENT || found.fd() >= 0 && kernel.isDirectory(found.fd());
        }
    }

    /** Where a path leads when its links are followed: rules hold for canonical names. */
    String leadsTo(String path) {
        return leadsTo(path, true);
    }

    /** @param follow whether a link in the last place is followed */
    String leadsTo(String path, boolean follow) {
        try (Found found = open("/", path, follow)) {
            return found.name().isEmpty() ? path : found.name(); // what leads nowhere yet has a rule for when it does
        }
    }

    void requireThere(String path) {
        try (Found found = open(cwd, path, true)) {
            if (found.fd() < 0) {
                throw new CannotRun(
                        CannotRun.FAILED,
                        "--read names " + Quoted.of(path) + ", which cannot be opened",
                        Errno.name(-found.fd()),
                        "check the spelling; with --root all names are those inside it");
            }
        }
    }

    private Found open(String base, String path, boolean follow) {
        try {
            int flags = Kernel.O_PATH | Kernel.O_CLOEXEC | (follow ? 0 : Kernel.O_NOFOLLOW);
            return anywhere.open(base, path, Access.LOOKUP, follow, flags, 0);
        } catch (CallError error) {
            return new Found(kernel, -error.errno(), "", false);
        }
    }
}
