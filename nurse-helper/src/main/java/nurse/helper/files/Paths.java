package nurse.helper.files;

import java.util.List;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.helper.descriptors.HiddenNames;
import nurse.helper.memory.MappedFiles;
import nurse.helper.observe.Observer;
import nurse.helper.policy.Access;
import nurse.helper.policy.Decision;
import nurse.helper.policy.Policy;
import nurse.helper.policy.Rule;
import nurse.helper.sandbox.RefusalLog;
import org.jspecify.annotations.Nullable;

/** The program's names: what file each leads to ({@link Lookup}), and what the policy says of it ({@link NameJudge}). */
public final class Paths implements MappedFiles, HiddenNames {
    private final Kernel kernel;
    private final View view;
    private final ProcessNames process;
    private final NameJudge judge;

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
        this.kernel = kernel;
        this.view = view;
        this.process = process;
        this.judge = new NameJudge(policy, new Spellings(kernel, view), process, log, observer);
    }

    /** Judges by another policy from now on. */
    public void follow(Policy other) {
        judge.follow(other);
    }

    /**
     * Opens what the program means by {@code path}.
     *
     * @param base canonical name of the directory that a relative path starts from
     * @param access what the policy is asked for: see {@link Access}
     * @param follow whether a link in the last place is followed
     * @param flags open(2) flags; the caller adds O_CLOEXEC
     * @throws nurse.helper.calls.CallError if the way to the file fails
     */
    public Found open(String base, String path, int access, boolean follow, long flags, long mode) {
        return open(base, path, access, follow, flags, mode, 0);
    }

    /** As above, with RESOLVE_* flags of openat2(2). */
    public Found open(String base, String path, int access, boolean follow, long flags, long mode, long resolve) {
        return new Lookup(kernel, view, judge, process, base, path, access, follow, flags, mode, resolve).open();
    }

    @Override
    public boolean any() {
        return judge.hides();
    }

    @Override
    public boolean isHidden(String name) {
        return judge.isHidden(name);
    }

    @Override
    public boolean restricted() {
        return judge.restrictsExecution();
    }

    @Override
    public int judge(String name) {
        return judge(name, Access.EXECUTE);
    }

    @Override
    public String inside(String hostPath) {
        List<String> names = view.inside(hostPath);
        return names.stream()
                .filter(name -> may(name, Access.EXECUTE))
                .findFirst()
                .orElse(names.isEmpty() ? null : names.getFirst());
    }

    /** 0, or why the policy refuses; a refusal is logged. */
    int judge(String name, int access) {
        return judge.judge(name, access);
    }

    /**
     * What the kernel says of a name before it asks who may change it: EEXIST of one that is to be made and is there, ENOENT
     * of one that is to be there and is not. 0 for neither, and for what the program may not even look for.
     */
    int entryError(String name, Presence needed) {
        return entryError(kernel, view, judge, name, needed);
    }

    static int entryError(Kernel kernel, View view, NameJudge judge, String name, Presence needed) {
        if (!judge.allows(name, Access.LOOKUP)) {
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
        Decision decision = judge.told(name, access);
        if (decision.allowed()) {
            return 0;
        }
        int error = entryError(name, needed);
        return error < 0 ? error : judge.refuse(name, decision);
    }

    /** Whether a canonical name is a FIFO's. */
    boolean isFifo(String name) {
        int fd = view.open(name, false, Kernel.O_PATH | Kernel.O_CLOEXEC, 0);
        boolean fifo = fd >= 0 && kernel.isFifo(fd);
        kernel.close(fd);
        return fifo;
    }

    /** What the kernel says to a program that would make, remove or rename a mount point, or what leads to one; 0 of other names. */
    int placedError(String name, Presence needed) {
        if (needed == Presence.ABSENT) {
            return view.isPlaced(name) ? -Errno.EEXIST : 0;
        }
        return view.isPlaced(name) || !view.placedBelow(name).isEmpty() ? -Errno.EBUSY : 0;
    }

    /** Whether the policy lets the program do this with a canonical name; nothing is logged. */
    public boolean may(String name, int access) {
        return judge.allows(name, access);
    }

    /** See {@link NameJudge#isNamed}. */
    public boolean isNamed(String name, int access) {
        return judge.isNamed(name, access);
    }

    /** See {@link NameJudge#mayMove}. */
    boolean mayMove(String name) {
        return judge.mayMove(name);
    }

    /** See {@link NameJudge#opens}. */
    boolean opens(String from, String to) {
        return judge.opens(from, to);
    }

    /** See {@link NameJudge#hiding}. */
    @Nullable
    Rule hiding(String directory) {
        return judge.hiding(directory);
    }

    /** See {@link NameJudge#refuse}. */
    public int refuse(String name, int errno, String why) {
        return judge.refuse(name, errno, why);
    }

    /** See {@link NameJudge#judgeOpen}. */
    public int judgeOpen(String name, int access) {
        return judge.judgeOpen(name, access);
    }
}
