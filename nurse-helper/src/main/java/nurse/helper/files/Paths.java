package nurse.helper.files;

import java.util.ArrayDeque;
import java.util.List;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.helper.calls.CallError;
import nurse.helper.descriptors.HiddenNames;
import nurse.helper.memory.MappedFiles;
import nurse.helper.observe.Observer;
import nurse.helper.policy.Access;
import nurse.helper.policy.Decision;
import nurse.helper.policy.Policy;
import nurse.helper.policy.Rule;
import nurse.helper.sandbox.RefusalLog;
import org.jspecify.annotations.Nullable;

/**
 * From a name that the program wrote to an open file, past the policy.
 *
 * <p>A name is first tried as it stands: if no link is on its way, it is canonical, is judged, and the kernel confirms in
 * the same call that opens it that there was no link. Else its links are followed here, one component after the other and
 * only where the policy lets the program look, and what comes out is tried in the same way. A link that is put in between
 * makes the kernel refuse the name, and the walk begins anew.
 *
 * <p>Not thread-safe: one for each lane.
 */
public final class Paths implements MappedFiles, HiddenNames {
    private static final int MAX_LINKS = 40; // path_resolution(7)
    private static final int MAX_WALKS = 8;
    private static final int CREATES = Kernel.O_CREAT | Kernel.O_EXCL;
    /** The last two imply the first: openat2(2). */
    private static final long NO_MAGIC = Kernel.RESOLVE_NO_MAGICLINKS | Kernel.RESOLVE_BENEATH | Kernel.RESOLVE_IN_ROOT;

    private final Kernel kernel;
    private final View view;
    private Policy policy;
    private final ProcessNames process;
    private final RefusalLog log;
    private final @Nullable Observer observer;
    /** Whether the last thing that was judged was refused, and told to the log and the observer. */
    private boolean refused;

    private String canonical = "/";
    private boolean created;
    /** What is asked of what is to be opened: a directory on the way that may not be looked into is told as that. */
    private int wanted = Access.LOOKUP;
    /** Whether what the walk came to can only be a directory: what stands at the end of the name, or of a link there. */
    private boolean slash;
    /** Whether it came there by {@code .} or {@code ..}. */
    private boolean dots;

    public Paths(Kernel kernel, View view, Policy policy, ProcessNames process, RefusalLog log) {
        this(kernel, view, policy, process, log, null);
    }

    /** @param observer is told of each decision about a name that was found; null for nobody */
    public Paths(
            Kernel kernel,
            View view,
            Policy policy,
            ProcessNames process,
            RefusalLog log,
            @Nullable Observer observer) {
        this.observer = observer;
        this.kernel = kernel;
        this.view = view;
        this.policy = policy;
        this.process = process;
        this.log = log;
    }

    /** Judges by another policy from now on. */
    public void follow(Policy other) {
        policy = other;
    }

    /** The canonical name of what {@link #open} opened, or tried to, last. */
    public String canonical() {
        return canonical;
    }

    /**
     * Opens what the program means by {@code path}.
     *
     * @param base canonical name of the directory that a relative path starts from
     * @param access what the policy is asked for: see {@link Access}
     * @param follow whether a link in the last place is followed
     * @param flags open(2) flags; the caller adds O_CLOEXEC
     * @return a descriptor of the helper's, or a negative errno
     */
    public int open(String base, String path, int access, boolean follow, long flags, long mode) {
        return open(base, path, access, follow, flags, mode, 0);
    }

    /** As above, with RESOLVE_* flags of openat2(2). */
    public int open(String base, String written, int access, boolean follow, long flags, long mode, long resolve) {
        String path = process.resolveOrigin(written);
        canonical = "";
        created = false;
        wanted = access;
        if (path.isEmpty()) {
            return -Errno.ENOENT;
        }
        slash = endsInSlash(path);
        boolean creates = (flags & Kernel.O_CREAT) != 0;
        String name = resolve != 0 || (slash && creates) ? null : asItStands(base, path);
        if (name != null && mayBeOpened(process.judged(name), access)) { // with O_CREAT access has CREATE
            canonical = name;
            int fd = view.open(name, slash, flags, mode);
            if (fd != -Errno.ELOOP) {
                created = fd >= 0 && (flags & CREATES) == CREATES;
                return judgeKind(fd, access);
            }
        }
        for (int walk = 0; walk < MAX_WALKS; walk++) {
            canonical = walk(base, path, follow, creates, resolve);
            int error = creates ? 0 : refused(access);
            if (error < 0) {
                return error;
            }
            if (creates && slash) { // fs/namei.c, open_last_lookups and do_open: what is named so cannot be made
                requireDirectory(dots ? canonical : canonical.substring(0, canonical.lastIndexOf('/')));
                return dots && (flags & Kernel.O_EXCL) != 0 ? -Errno.EEXIST : -Errno.EISDIR;
            }
            refused = false;
            int fd = creates ? create(access, flags, mode) : view.open(canonical, slash, flags, mode);
            if (refused) {
                return fd; // and told
            }
            if (fd != -Errno.ELOOP || !follow) {
                return judgeKind(fd, access);
            }
        }
        return -Errno.ELOOP;
    }

    /**
     * Opens with O_CREAT. What makes a file needs CREATE, what opens one that is there needs the other rights: with one of both
     * the kernel is asked so that it does that one only.
     */
    private int create(int access, long flags, long mode) {
        if (!process.mayOpen(canonical)) {
            return refuseOfProc(canonical);
        }
        int there = access & ~Access.CREATE;
        boolean exclusive = (flags & Kernel.O_EXCL) != 0;
        boolean mayCreate = isAllowed(canonical, Access.CREATE);
        boolean mayOpen = mayBeOpened(process.judged(canonical), there);
        if (mayCreate && (mayOpen || exclusive)) {
            int fd = view.open(canonical, slash, flags, mode);
            created = fd >= 0 && exclusive;
            return fd;
        }
        if (mayCreate) {
            int fd = view.open(canonical, slash, flags | Kernel.O_EXCL, mode);
            created = fd >= 0;
            return fd == -Errno.EEXIST ? judge(canonical, there) : fd;
        }
        if (mayOpen && !exclusive) {
            int fd = view.open(canonical, slash, flags & ~Kernel.O_CREAT, mode);
            return fd == -Errno.ENOENT ? judge(canonical, Access.CREATE) : fd;
        }
        int error = entryError(canonical, exclusive ? Presence.ABSENT : Presence.THERE);
        return error < 0 && exclusive ? error : judge(canonical, mayOpen || exclusive ? Access.CREATE : there);
    }

    /** Whether what was opened last was made by it, for certain. */
    boolean isCreated() {
        return created;
    }

    /** READ is asked where nobody knows yet whether a file is meant, or the names in a directory: LIST. */
    private boolean mayBeOpened(String judged, int access) {
        return policy.decide(judged, access).allowed()
                || (access & Access.READ) != 0
                        && policy.decide(judged, access & ~Access.READ | Access.LIST)
                                .allowed();
    }

    /** What was opened on the strength of one of both is closed again if it is the other. */
    private int judgeKind(int fd, int access) {
        boolean isEither = fd >= 0 && (access & Access.READ) != 0 && !created;
        if (!isEither || observer == null && isAllowed(canonical, Access.READ | Access.LIST)) {
            tell(canonical, access);
            return fd;
        }
        int right = kernel.isDirectory(fd) ? Access.LIST : Access.READ;
        int judged = judge(canonical, access & ~Access.READ | right);
        if (judged < 0) {
            kernel.close(fd);
        }
        return judged < 0 ? judged : fd;
    }

    /** Whether a name can only be a directory's: by a slash behind it, or by its last component. */
    private static boolean endsInSlash(String path) {
        return path.endsWith("/") || endsInDots(path);
    }

    /** Whether the last component is {@code .} or {@code ..}, or there is none: LAST_NORM is what the kernel calls others. */
    private static boolean endsInDots(String path) {
        int end = path.length();
        while (end > 0 && path.charAt(end - 1) == '/') {
            end--;
        }
        int start = path.lastIndexOf('/', end - 1) + 1;
        String last = path.substring(Math.min(start, end), end);
        return last.isEmpty() || last.equals(".") || last.equals("..");
    }

    @Override
    public boolean any() {
        return policy.hides();
    }

    @Override
    public boolean isHidden(String name) {
        Decision decision = decide(name, Access.LOOKUP);
        return !decision.allowed() && decision.errno() == Errno.ENOENT;
    }

    @Override
    public boolean restricted() {
        return policy.restrictsExecution();
    }

    @Override
    public int judge(String name) {
        return judge(name, Access.EXECUTE);
    }

    @Override
    public String inside(String hostPath) {
        List<String> names = view.inside(hostPath);
        return names.stream()
                .filter(name -> isAllowed(name, Access.EXECUTE))
                .findFirst()
                .orElse(names.isEmpty() ? null : names.getFirst());
    }

    private Decision decide(String name, int access) {
        return policy.decide(process.judged(name), access);
    }

    private boolean isAllowed(String name, int access) {
        return decide(name, access).allowed();
    }

    /** 0, or why the policy refuses, which is logged. */
    int judge(String name, int access) {
        Decision decision = told(name, access);
        return decision.allowed() ? 0 : refuse(name, decision);
    }

    /** 0, or why the canonical name may not be opened. */
    private int refused(int access) {
        if (!mayBeOpened(process.judged(canonical), access)) {
            int missing = entryError(canonical, Presence.THERE);
            return missing < 0 ? missing : judge(canonical, access);
        }
        if (!process.mayOpen(canonical)) {
            return refuseOfProc(canonical);
        }
        return 0;
    }

    /** Tells of each right, as one decision says something of one only. */
    private void tell(String name, int access) {
        for (int rest = access; observer != null && rest != 0; rest &= rest - 1) {
            observer.decided(name, decide(name, Integer.lowestOneBit(rest)));
        }
    }

    private Decision told(String name, int access) {
        Decision decision = decide(name, access);
        tell(name, decision.allowed() ? access : decision.access());
        return decision;
    }

    /**
     * What the kernel says of a name before it asks who may change it: EEXIST of one that is to be made and is there, ENOENT
     * of one that is to be there and is not. 0 for neither, and for what the program may not even look for.
     */
    int entryError(String name, Presence needed) {
        if (!isAllowed(name, Access.LOOKUP)) {
            return 0;
        }
        int fd = view.open(name, false, Kernel.O_PATH | Kernel.O_NOFOLLOW | Kernel.O_CLOEXEC, 0);
        if (fd >= 0) {
            kernel.close(fd);
            return needed == Presence.ABSENT ? -Errno.EEXIST : 0;
        }
        return needed == Presence.THERE && fd == -Errno.ENOENT ? fd : 0;
    }

    /**
     * What stands against changing the entry of a directory: 0 or a negative errno; a refusal is logged.
     *
     * @param access what is to be done with it: CREATE, DELETE, BIND
     */
    int judgeEntry(String name, int access, Presence needed) {
        Decision decision = told(name, access);
        if (decision.allowed()) {
            return 0;
        }
        int error = entryError(name, needed);
        return error < 0 ? error : refuse(name, decision);
    }

    /** Whether what was to be opened last is a FIFO. */
    boolean isFifo() {
        int fd = view.open(canonical, false, Kernel.O_PATH | Kernel.O_CLOEXEC, 0);
        boolean fifo = fd >= 0 && kernel.isFifo(fd);
        kernel.close(fd);
        return fifo;
    }

    /** What the kernel says to who would make, remove or rename a mount point, or what leads to one; 0 of any other name. */
    int placedError(String name, Presence needed) {
        if (needed == Presence.ABSENT) {
            return view.isPlaced(name) ? -Errno.EEXIST : 0;
        }
        return view.isPlaced(name) || !view.placedBelow(name).isEmpty() ? -Errno.EBUSY : 0;
    }

    /** Whether the policy lets the program do this with a canonical name; nothing is logged. */
    public boolean may(String name, int access) {
        return isAllowed(name, access);
    }

    /**
     * Whether a rule grants the access to this very path, and not only to what it lies in; or is about this one kind of access,
     * as [net] connect is.
     */
    public boolean isNamed(String name, int access) {
        return policy.rules().stream()
                .anyMatch(rule -> rule.kind().does() != Rule.Kind.Does.TAKES
                        && (rule.kind().rights() & access) == access
                        && (rule.path().equals(name) || (rule.kind() == Rule.Kind.CONNECT && rule.covers(name))));
    }

    /**
     * Whether all below a name may be made and removed too: else renaming it would take a file away from under its own rule.
     */
    public boolean mayMove(String name) {
        return policy.rules().stream()
                .noneMatch(rule -> !rule.path().equals(name)
                        && View.isBelow(rule.path(), name)
                        && !policy.decide(rule.path(), Access.CHANGES).allowed());
    }

    /** Whether a file would be open to more under a new name than under the one it has. */
    public boolean opens(String from, String to) {
        return (policy.granted(process.judged(to)) & ~policy.granted(process.judged(from)) & Access.CONTENTS) != 0;
    }

    /** Refuses what a rule allows, for what it turned out to be. */
    public int refuse(String name, int errno, String why) {
        refused = true;
        log.refusedFile(name, errno, why);
        if (observer != null) {
            observer.decided(name, errno, why);
        }
        return -errno;
    }

    /** As {@link #judge(String, int)}, of what the program has open: a rule that is made now does not help it. */
    public int judgeOpen(String name, int access) {
        Decision decision = told(name, access);
        if (decision.allowed()) {
            return 0;
        }
        log.refusedOpen(name, decision);
        return -decision.errno();
    }

    /** Whatever a rule for /proc says: so its decision may be one that allows, and has no errno. */
    private int refuseOfProc(String name) {
        return refuse(name, Errno.EPERM, "a file of /proc that would be a way round the policy");
    }

    private int refuse(String name, Decision decision) {
        refused = true;
        log.refused(name, decision);
        return -decision.errno();
    }

    /** The name without dots and double slashes, or null if it needs a walk: {@code ..} behind a link is elsewhere. */
    private static String asItStands(String base, String path) {
        String whole = path.charAt(0) == '/' ? path : base + "/" + path;
        StringBuilder name = new StringBuilder(whole.length());
        int end;
        for (int start = 0; start < whole.length(); start = end + 1) {
            end = whole.indexOf('/', start);
            if (end < 0) {
                end = whole.length();
            }
            int length = end - start;
            if (length == 0 || (length == 1 && whole.charAt(start) == '.')) {
                continue;
            }
            if (length == 2 && whole.startsWith("..", start)) {
                return null;
            }
            name.append('/').append(whole, start, end);
        }
        String result = name.isEmpty() ? "/" : name.toString();
        return View.isBelow(result, "/proc") ? null : result;
    }

    /** Follows the links of a name. */
    private String walk(String base, String path, boolean follow, boolean creates, long resolve) {
        ArrayDeque<String> rest = new ArrayDeque<>();
        push(rest, path);
        String top = base.equals("/") ? "" : base;
        String root = (resolve & Kernel.RESOLVE_IN_ROOT) != 0 ? top : "";
        boolean beneath = (resolve & Kernel.RESOLVE_BENEATH) != 0;
        String name = path.charAt(0) == '/' ? absolute(root, beneath) : top;
        int links = 0;
        slash = endsInSlash(path);
        dots = endsInDots(path);
        while (!rest.isEmpty()) {
            String component = rest.pop();
            if (component.equals("..")) {
                requireDirectory(name);
                if (beneath && name.equals(top)) {
                    throw CallError.of(Errno.EXDEV);
                }
                name = name.equals(root) ? root : name.substring(0, Math.max(name.lastIndexOf('/'), 0));
                continue;
            }
            String next = name + "/" + component;
            boolean atEnd = rest.isEmpty();
            String target = atEnd && !follows(follow, creates) ? null : linkTarget(next, rest);
            if (target == null) {
                name = next;
                continue;
            }
            boolean magic = process.isMagic(next);
            if (++links > MAX_LINKS
                    || (resolve & Kernel.RESOLVE_NO_SYMLINKS) != 0
                    || (magic && (resolve & NO_MAGIC) != 0)) {
                throw CallError.of(Errno.ELOOP);
            }
            if (target.isEmpty()) {
                throw CallError.of(Errno.ENOENT);
            }
            if (atEnd) {
                slash |= endsInSlash(target);
                dots |= endsInDots(target);
            }
            if (target.charAt(0) == '/') {
                name = absolute(root, beneath);
            }
            push(rest, target);
        }
        return name.isEmpty() ? "/" : name;
    }

    /** Whether a link in the last place is followed; not if it is to be made under a name that cannot be (open_last_lookups). */
    private boolean follows(boolean follow, boolean creates) {
        return creates && slash ? dots : follow || slash;
    }

    private static String absolute(String root, boolean beneath) {
        if (beneath) {
            throw CallError.of(Errno.EXDEV);
        }
        return root;
    }

    private static void push(ArrayDeque<String> rest, String path) {
        int end = path.length();
        while (end > 0) {
            int start = path.lastIndexOf('/', end - 1) + 1;
            if (start < end && !(end - start == 1 && path.charAt(start) == '.')) {
                rest.push(path.substring(start, end));
            }
            end = start - 1;
        }
    }

    private static String rest(ArrayDeque<String> components) {
        return components.isEmpty() ? "" : "/" + String.join("/", components);
    }

    /** Where the link {@code name} leads, or null if it is no link. With no {@code rest} behind it, it may not exist. */
    private String linkTarget(String name, ArrayDeque<String> rest) {
        boolean last = rest.isEmpty();
        String target = process.link(name);
        if (target != null || process.isDescriptor(name)) {
            return target;
        }
        Decision decision = decide(name, Access.LOOKUP);
        if (!decision.allowed()) {
            if (last) {
                return null; // judged by the caller, for the access that is really wanted
            }
            // The longest rule about the whole name decides, as of a name without links: one that hides it, say, below
            // a
            // directory that no rule lets be looked up. A name with dots may lead elsewhere.
            String whole = name + rest(rest);
            Decision asked = decide(whole, wanted);
            if (asked.allowed() || rest.contains("..")) {
                if (observer != null) {
                    observer.decided(whole, decision);
                }
                throw CallError.of(-refuse(whole, decision));
            }
            tell(whole, Access.LOOKUP);
            throw CallError.of(-refuse(whole, asked));
        }
        if (!process.mayOpen(name)) { // the links of other processes tell where these are
            throw CallError.of(-refuseOfProc(name));
        }
        int fd = view.open(name, false, Kernel.O_PATH | Kernel.O_NOFOLLOW | Kernel.O_CLOEXEC, 0);
        if (fd == -Errno.ENOENT && last) {
            return null;
        }
        CallError.check(fd);
        try {
            String text = kernel.readlink(fd);
            if (text != null) {
                tell(name, Access.LOOKUP);
            }
            return text;
        } finally {
            kernel.close(fd);
        }
    }

    private void requireDirectory(String name) {
        if (name.isEmpty()) {
            return;
        }
        int fd = view.open(name, false, Kernel.O_PATH | Kernel.O_DIRECTORY | Kernel.O_CLOEXEC, 0);
        CallError.check(fd);
        kernel.close(fd);
    }
}
