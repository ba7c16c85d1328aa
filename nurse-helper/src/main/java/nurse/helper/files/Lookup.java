package nurse.helper.files;

import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.ffm.Statx;
import nurse.helper.calls.CallError;
import nurse.helper.policy.Access;
import nurse.helper.policy.Decision;

/**
 * One look-up, from a name that the program wrote to an open file, past the policy. An instance looks up once.
 *
 * <p>A name is first tried as it stands: if no link is on its way, it is canonical, is judged, and the kernel confirms in the
 * same call that opens it that there was no link. Else its links are followed here, one component after the other and only
 * where the policy lets the program look, and what comes out is tried in the same way. A link that is put in between makes the
 * kernel refuse the name, and the walk begins anew.
 */
final class Lookup {
    private static final int MAX_LINKS = 40; // path_resolution(7)
    private static final int MAX_WALKS = 8;
    private static final int CREATES = Kernel.O_CREAT | Kernel.O_EXCL;
    /** The last two imply the first: openat2(2). */
    private static final long NO_MAGIC = Kernel.RESOLVE_NO_MAGICLINKS | Kernel.RESOLVE_BENEATH | Kernel.RESOLVE_IN_ROOT;

    private static final int STATX_MNT_ID = 0x1000; // linux/stat.h
    private static final int STATX_MNT_ID_OFFSET = 144;

    private final Kernel kernel;
    private final View view;
    private final NameJudge judge;
    private final ProcessNames process;
    private final String base;
    private final String path;
    private final int access;
    private final boolean follow;
    private final long flags;
    private final long mode;
    private final long resolve;
    private final boolean creates;

    private String canonical = "";
    private boolean created;
    /** Whether the policy refused, and the log was told so. */
    private boolean refused;
    /** Whether what the walk came to can only be a directory: what stands at the end of the name, or of a link there. */
    private boolean slash;
    /** Whether it came there by {@code .} or {@code ..}. */
    private boolean dots;

    /** The arguments are those of {@link Paths#open}. */
    Lookup(
            Kernel kernel,
            View view,
            NameJudge judge,
            ProcessNames process,
            String base,
            String written,
            int access,
            boolean follow,
            long flags,
            long mode,
            long resolve) {
        this.kernel = kernel;
        this.view = view;
        this.judge = judge;
        this.process = process;
        this.base = base;
        this.path = process.resolveOrigin(written);
        this.access = access;
        this.follow = follow;
        this.flags = flags;
        this.mode = mode;
        this.resolve = resolve;
        this.creates = (flags & Kernel.O_CREAT) != 0;
    }

    Found open() {
        int fd = path.isEmpty() ? -Errno.ENOENT : openPath();
        return new Found(kernel, fd, canonical, created);
    }

    private int openPath() {
        slash = endsInSlash(path);
        String name = resolve != 0 || (slash && creates) ? null : asItStands();
        if (name != null && judge.mayBeOpened(name, access)) { // with O_CREAT access has CREATE
            canonical = name;
            int fd = view.open(name, slash, flags, mode);
            if (fd != -Errno.ELOOP) {
                created = fd >= 0 && (flags & CREATES) == CREATES;
                return judgeKind(fd);
            }
        }
        for (int walk = 0; walk < MAX_WALKS; walk++) {
            canonical = walk();
            int error = creates ? 0 : refusal();
            if (error < 0) {
                return error;
            }
            if (creates && slash) { // fs/namei.c, open_last_lookups and do_open: what is named so cannot be made
                requireDirectory(dots ? canonical : canonical.substring(0, canonical.lastIndexOf('/')));
                return dots && (flags & Kernel.O_EXCL) != 0 ? -Errno.EEXIST : -Errno.EISDIR;
            }
            if ((resolve & Kernel.RESOLVE_NO_XDEV) != 0) {
                requireSameMount();
            }
            refused = false;
            int fd = creates ? create() : view.open(canonical, slash, flags, mode);
            if (refused) {
                return fd;
            }
            if (fd != -Errno.ELOOP || !follow) {
                return judgeKind(fd);
            }
        }
        return -Errno.ELOOP;
    }

    /**
     * Opens with O_CREAT. What makes a file needs CREATE, what opens one that is there needs the other rights: with one of both
     * the kernel is asked so that it does that one only.
     */
    private int create() {
        if (!process.mayOpen(canonical)) {
            refused = true;
            return judge.refuseOfProc(canonical);
        }
        int there = access & ~Access.CREATE;
        boolean exclusive = (flags & Kernel.O_EXCL) != 0;
        boolean mayCreate = judge.allows(canonical, Access.CREATE);
        boolean mayOpen = judge.mayBeOpened(canonical, there);
        if (mayCreate && (mayOpen || exclusive)) {
            int fd = view.open(canonical, slash, flags, mode);
            created = fd >= 0 && exclusive;
            return fd;
        }
        if (mayCreate) {
            int fd = view.open(canonical, slash, flags | Kernel.O_EXCL, mode);
            created = fd >= 0;
            return fd == -Errno.EEXIST ? judged(there) : fd;
        }
        if (mayOpen && !exclusive) {
            int fd = view.open(canonical, slash, flags & ~Kernel.O_CREAT, mode);
            return fd == -Errno.ENOENT ? judged(Access.CREATE) : fd;
        }
        int error = entryError(exclusive ? Presence.ABSENT : Presence.THERE);
        return error < 0 && exclusive ? error : judged(mayOpen || exclusive ? Access.CREATE : there);
    }

    private int entryError(Presence needed) {
        return Paths.entryError(kernel, view, judge, canonical, needed);
    }

    private int judged(int right) {
        int result = judge.judge(canonical, right);
        refused |= result < 0;
        return result;
    }

    /** What was opened on the strength of READ or LIST is closed again if it is of the other kind. */
    private int judgeKind(int fd) {
        boolean isEither = fd >= 0 && (access & Access.READ) != 0 && !created;
        if (!isEither || !judge.isObserved() && judge.allows(canonical, Access.READ | Access.LIST)) {
            judge.tell(canonical, access);
            return fd;
        }
        int right = kernel.isDirectory(fd) ? Access.LIST : Access.READ;
        int judged = judge.judge(canonical, access & ~Access.READ | right);
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

    /** 0, or why the canonical name may not be opened. */
    private int refusal() {
        if (!judge.mayBeOpened(canonical, access)) {
            int missing = entryError(Presence.THERE);
            return missing < 0 ? missing : judge.judge(canonical, access);
        }
        return process.mayOpen(canonical) ? 0 : judge.refuseOfProc(canonical);
    }

    /**
     * EXDEV unless the file, or the directory that it would be made in, is in the mount that the name starts from: asked before
     * the file is opened, since that may make or cut it. A way out of the mount and back is not seen.
     */
    private void requireSameMount() {
        long there = mount(canonical);
        if (there == -Errno.ENOENT) {
            there = mount(canonical.substring(0, Math.max(canonical.lastIndexOf('/'), 1)));
        }
        if (there != mount(base)) {
            throw CallError.of(
                    there < 0 && there != -Errno.ELOOP
                            ? (int) -there
                            : Errno.EXDEV); // ELOOP: a pipe or its like in /proc
        }
    }

    private long mount(String name) {
        int fd = view.open(name, false, Kernel.O_PATH | Kernel.O_NOFOLLOW | Kernel.O_CLOEXEC, 0);
        if (fd < 0) {
            return fd;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment statx = arena.allocate(Statx.SIZE, 8);
            int result = kernel.statx(fd, "", Kernel.AT_EMPTY_PATH, STATX_MNT_ID, statx);
            return result < 0 ? result : statx.get(JAVA_LONG_UNALIGNED, STATX_MNT_ID_OFFSET);
        } finally {
            kernel.close(fd);
        }
    }

    /** The name without dots and double slashes, or null if it needs a walk: {@code ..} behind a link is elsewhere. */
    private String asItStands() {
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
    private String walk() {
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
            String target = atEnd && !follows() ? null : linkTarget(next, rest);
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
    private boolean follows() {
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
        Decision decision = judge.decide(name, Access.LOOKUP);
        if (!decision.allowed()) {
            if (last) {
                return null; // judged by the caller, for the access that is really wanted
            }
            // The longest rule about the whole name decides, as of a name without links: one that hides it, say, below
            // a
            // directory that no rule lets be looked up. A name with dots may lead elsewhere.
            String whole = name + rest(rest);
            Decision asked = judge.decide(whole, access);
            if (asked.allowed() || rest.contains("..")) {
                judge.tell(whole, decision);
                throw CallError.of(-judge.refuse(whole, decision));
            }
            judge.tell(whole, Access.LOOKUP);
            throw CallError.of(-judge.refuse(whole, asked));
        }
        if (!process.mayOpen(name)) { // the links of other processes tell where these are
            throw CallError.of(-judge.refuseOfProc(name));
        }
        int fd = view.open(name, false, Kernel.O_PATH | Kernel.O_NOFOLLOW | Kernel.O_CLOEXEC, 0);
        if (fd == -Errno.ENOENT && last) {
            return null;
        }
        CallError.check(fd);
        try {
            String text = kernel.readlink(fd);
            if (text != null) {
                judge.tell(name, Access.LOOKUP);
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
