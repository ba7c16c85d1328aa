package nurse.helper.doctor;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.ffm.KernelRefused;
import nurse.ffm.ProcFs;
import nurse.ffm.SharedMemory;
import nurse.ffm.Spawn;
import nurse.ffm.Statx;
import nurse.helper.files.View;
import nurse.helper.layers.ActiveLayers;
import nurse.helper.layers.Layer;
import nurse.helper.policy.Policy;
import nurse.helper.policy.PolicyBuilder;
import nurse.helper.policy.Rule;
import nurse.helper.program.ProgramException;
import nurse.helper.sandbox.ChildMaker;
import nurse.helper.sandbox.Ending;
import nurse.helper.sandbox.Lock;
import nurse.helper.sandbox.NativePart;
import nurse.helper.sandbox.Phases;
import nurse.helper.sandbox.ProgramRun;
import nurse.helper.sandbox.RefusalCount;
import nurse.helper.sandbox.SandboxFailed;
import nurse.helper.sandbox.StartSignals;

/**
 * Looks at what this machine gives a sandbox, from the kernel up, and last runs a program under each lock: what is missing
 * then is what a user's run would miss. Changes nothing. Not thread-safe.
 */
public final class Doctor {
    private static final int LOOK = Kernel.O_PATH | Kernel.O_CLOEXEC;
    private static final int PR_SET_SECCOMP = 22; // linux/prctl.h
    private static final int SECCOMP_MODE_FILTER = 2; // linux/seccomp.h
    private static final int UTSNAME_FIELD = 65; // linux/utsname.h
    private static final int RELEASE = 2;
    private static final int MACHINE = 4;
    private static final int PRIVATE = 077;
    /** What is run: every tree has it, and it needs nothing. */
    private static final String PROGRAM = "true";

    private final Kernel kernel;
    private final String root;
    private final Map<String, String> environment;
    private final String jar;
    private final List<Finding> findings = new ArrayList<>();

    /**
     * @param root what programs are to see as {@code /}
     * @param environment the user's
     * @param jar where nurse's jar is
     */
    public Doctor(Kernel kernel, String root, Map<String, String> environment, String jar) {
        this.kernel = kernel;
        this.root = root;
        this.environment = environment;
        this.jar = jar;
    }

    /** Looks at everything, and what depends on something that is broken is left out. */
    public List<Finding> examine() {
        try (Arena arena = Arena.ofConfined()) {
            findings.add(kernel(arena));
            findings.add(seccomp());
            findings.add(limit(arena, Kernel.RLIMIT_NOFILE, true));
            findings.add(limit(arena, Kernel.RLIMIT_FSIZE, false));
        }
        memoryFilesAnd32Bit();
        findings.add(loader());
        findings.add(java());
        findings.add(inspection());
        findings.add(descriptors());
        findings.add(Judgements.runDirectory(runDirectory()));
        if (findings.stream().noneMatch(finding -> finding.state() == Finding.State.BROKEN)) {
            runUnder(Lock.TRAP);
            if (findings.contains(Judgements.seccomp("0", -Errno.EFAULT))) {
                runUnder(Lock.STRICT); // mode 1 can be entered
            }
        }
        return List.copyOf(findings);
    }

    private Finding kernel(Arena arena) {
        MemorySegment name = arena.allocate(6 * UTSNAME_FIELD);
        KernelRefused.check("uname", kernel.uname(name));
        return Judgements.kernel(
                name.getString((long) RELEASE * UTSNAME_FIELD), name.getString((long) MACHINE * UTSNAME_FIELD));
    }

    private Finding seccomp() {
        return Judgements.seccomp(
                ProcFs.status(kernel, kernel.getpid(), kernel.gettid(), "Seccomp"),
                kernel.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, 0, 0, 0));
    }

    private Finding limit(Arena arena, int resource, boolean hard) {
        MemorySegment limit = arena.allocate(16, 8);
        KernelRefused.check("prlimit64", kernel.prlimit64(0, resource, MemorySegment.NULL, limit));
        long most = limit.get(JAVA_LONG, hard ? 8 : 0);
        return resource == Kernel.RLIMIT_NOFILE ? Judgements.openFiles(most) : Judgements.fileSize(most);
    }

    /** Without descriptors the launcher only ends. */
    private void memoryFilesAnd32Bit() {
        int launcher;
        try {
            launcher = SharedMemory.file(kernel, "nurse-launcher", NativePart.read("launcher"));
        } catch (KernelRefused refused) {
            findings.add(Judgements.memoryFiles(-refused.errno()));
            return;
        }
        findings.add(Judgements.memoryFiles(launcher));
        int pid = Spawn.spawn(launcher, List.of("nurse-launcher"), List.of(), 0, new int[0]);
        kernel.close(launcher);
        int exit = 0;
        if (pid > 0) {
            int pidfd = KernelRefused.check("pidfd_open", kernel.pidfd_open(pid, 0));
            exit = kernel.waitExit(pidfd);
            kernel.close(pidfd);
        }
        findings.add(Judgements.bits32(pid, exit));
    }

    private Finding loader() {
        int fd = kernel.openat(Kernel.AT_FDCWD, root + "/lib/ld-linux.so.2", LOOK, 0);
        if (fd >= 0) {
            kernel.close(fd);
        }
        return Judgements.loader(root, fd >= 0);
    }

    private Finding java() {
        String beside = jar.substring(0, jar.lastIndexOf('/') + 1);
        String recorded = ProcFs.read(kernel, beside + "nurse-cli.jdk");
        int cache = kernel.openat(Kernel.AT_FDCWD, beside + "nurse-cli.aot", LOOK, 0);
        if (cache >= 0) {
            kernel.close(cache);
        }
        return Judgements.java(
                Runtime.version().feature(),
                System.getProperty("java.home"),
                cache < 0 || recorded == null ? null : recorded.trim());
    }

    private Finding inspection() {
        String scope = ProcFs.read(kernel, "/proc/sys/kernel/yama/ptrace_scope");
        return Judgements.inspection(
                scope == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(scope.trim())),
                kernel.geteuid() == 0);
    }

    private Finding descriptors() {
        int pidfd = KernelRefused.check("pidfd_open", kernel.pidfd_open(kernel.getpid(), 0));
        int borrowed =
                kernel.pidfd_getfd(pidfd, pidfd); // of itself: no ptrace(2) check stands in the way, only a filter
        kernel.close(borrowed);
        kernel.close(pidfd);
        return Judgements.descriptors(borrowed);
    }

    /** As the client looks for it (client/resident.c), but that this makes none. */
    private String runDirectory() {
        String given = environment.getOrDefault("XDG_RUNTIME_DIR", "");
        List<String> parents = new ArrayList<>();
        if (given.startsWith("/")) {
            parents.add(given + "/nurse");
        }
        parents.add("/run/user/" + kernel.geteuid() + "/nurse");
        parents.add("/tmp/nurse-" + kernel.geteuid());
        return parents.stream().filter(this::isOrCanBeMadePrivate).findFirst().orElse(null);
    }

    private boolean isOrCanBeMadePrivate(String directory) {
        int flags = LOOK | Kernel.O_DIRECTORY | Kernel.O_NOFOLLOW;
        int fd = kernel.openat(Kernel.AT_FDCWD, directory, flags, 0);
        if (fd == -Errno.ENOENT) {
            String parent = directory.substring(0, directory.lastIndexOf('/'));
            int writeAndSearch = 3; // unistd.h, W_OK | X_OK
            return kernel.faccessat2(Kernel.AT_FDCWD, parent, writeAndSearch, Kernel.AT_EACCESS) == 0;
        }
        if (fd < 0) {
            return false;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment statx = arena.allocate(256, 8);
            int result = kernel.statx(fd, "", Kernel.AT_EMPTY_PATH, Kernel.STATX_BASIC_STATS, statx);
            return result == 0 && Statx.uid(statx) == kernel.geteuid() && (Statx.mode(statx) & PRIVATE) == 0;
        } finally {
            kernel.close(fd);
        }
    }

    // ---- a run ------------------------------------------------------------------------------------------------------

    private void runUnder(Lock lock) {
        String what = "a run, --lock " + lock.word();
        List<ActiveLayers> seen = new ArrayList<>();
        try {
            // A thread can run one program: it is confined for good.
            Ending ending = CompletableFuture.supplyAsync(() -> run(lock, seen), task -> new Thread(task).start())
                    .join();
            if (ending.status() != 0) {
                findings.add(Finding.broken(
                        what, PROGRAM + " did not end well: " + ending, "this should not happen", "report it"));
                return;
            }
            seen.forEach(layers -> layers(what, layers));
        } catch (CompletionException failed) {
            switch (failed.getCause()) {
                case SandboxFailed reason ->
                    findings.add(Finding.broken(what, reason.getMessage(), reason.why(), reason.whatToDo()));
                case NoProgram none -> findings.add(none.finding(what));
                default -> throw failed;
            }
        }
    }

    /** There is no such program where programs are looked for. */
    private static final class NoProgram extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final transient ProgramException reason;

        NoProgram(ProgramException reason) {
            super(reason);
            this.reason = reason;
        }

        Finding finding(String what) {
            return Finding.missing(
                    what,
                    reason.what(),
                    reason.why(),
                    "use --root with a tree of i386 programs: bin/make-i386-tree makes one");
        }
    }

    private Ending run(Lock lock, List<ActiveLayers> seen) {
        try (Kernel own = Kernel.confined();
                View view = View.of(own, root, "/")) {
            int nothing = own.openat(Kernel.AT_FDCWD, "/dev/null", Kernel.O_RDWR | Kernel.O_CLOEXEC, 0);
            PolicyBuilder.RunPolicy policy =
                    PolicyBuilder.RunPolicy.of(Policy.of(List.of(new Rule("/", Rule.Kind.READ, "nurse doctor"))));
            try {
                return new ProgramRun(
                                List.of(PROGRAM),
                                Map.of(),
                                view,
                                "/",
                                077,
                                StartSignals.NONE,
                                policy,
                                lock,
                                List.of(root + "/lib/ld-linux.so.2"))
                        .run(
                                own,
                                new ChildMaker(own, List.of(nothing, nothing, nothing)),
                                new RefusalCount(),
                                ending -> {},
                                new Phases(0),
                                null,
                                Set.of(),
                                seen::add,
                                null);
            } finally {
                own.close(nothing);
            }
        } catch (View.CannotView cannot) {
            throw new SandboxFailed(
                    "the root directory cannot be opened", Errno.name(cannot.errno()), "name another by --root");
        } catch (ProgramException none) {
            throw new NoProgram(none);
        }
    }

    private void layers(String what, ActiveLayers layers) {
        String there = Arrays.stream(Layer.values())
                .filter(layers::has)
                .map(Layer::word)
                .collect(Collectors.joining(", "));
        findings.add(Finding.ok(what, PROGRAM + " ran, under " + there));
        for (Layer layer : Layer.values()) {
            layers.why(layer)
                    .ifPresent(why -> findings.add(Finding.missing(
                            "  " + layer.word(), "nothing against " + layer.stops(), why, layer.mend())));
        }
    }
}
