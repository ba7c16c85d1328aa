package nurse.helper.sandbox;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.ffm.KernelRefused;
import nurse.ffm.SharedMemory;
import nurse.ffm.lane.Lane;
import nurse.ffm.lane.LaneLayout;
import nurse.helper.ask.Asker;
import nurse.helper.ask.Asking;
import nurse.helper.ask.StoppedProcess;
import nurse.helper.calls.Syscall;
import nurse.helper.descriptors.Descriptors;
import nurse.helper.descriptors.OpenFile;
import nurse.helper.files.Paths;
import nurse.helper.files.View;
import nurse.helper.layers.ActiveLayers;
import nurse.helper.layers.Confinement;
import nurse.helper.layers.Filter;
import nurse.helper.layers.Layer;
import nurse.helper.memory.ProtectedRanges;
import nurse.helper.observe.Observer;
import nurse.helper.policy.CallRules;
import nurse.helper.policy.Limits;
import nurse.helper.policy.PolicyBuilder;
import nurse.helper.policy.Repeat;
import nurse.helper.processes.LoaderOrigin;
import nurse.helper.processes.ProcessState;
import nurse.helper.random.FixedRandom;
import nurse.helper.time.Clocks;
import nurse.helper.time.FixedClocks;
import org.jspecify.annotations.Nullable;

/**
 * One run of one program: starts the process, sees to it that it is locked, serves it, and tells how it ended.
 *
 * <p>Confined to the thread that makes it, and, when the process is its child, confines this thread for good: what it opens
 * from then on is what this policy names ({@link Confinement}). So a thread can run one program. When the helper ends, however it does, so does the process: the launcher asks
 * the kernel to kill it when the other end of a pipe is closed, the write end of which only this object holds.
 */
public final class Sandbox implements AutoCloseable {
    private static final int LANES = 1;
    private static final long ORDERS_SIZE = LaneLayout.ORDERS_LANES + (long) LANES * LaneLayout.ORDERS_LANE_SIZE;
    private static final long REQUESTS_SIZE = (long) LANES * LaneLayout.REQUESTS_LANE_SIZE;
    private static final long START_NANOS = 20_000_000_000L;
    private static final int GETPID = 20;
    private static final int PR_SET_SECCOMP = 22; // linux/prctl.h
    private static final int SECCOMP_MODE_FILTER = 2; // linux/seccomp.h
    private static final int RANDOM_SIZE = 16; // getauxval(3), AT_RANDOM
    private static final int PROGRAM_SIZE = 8;
    private static final int SEALED_ALL = 7; // layout.h, HELLO_SEALED
    /** SIGHUP, SIGINT, SIGQUIT, SIGKILL, SIGTERM: signals by which somebody wants a program to end. */
    private static final Set<Integer> ASKED_TO_END = Set.of(1, 2, 3, 9, 15);

    private static final long END_NANOS = 2_000_000_000L;
    /** A process that is killed closes its descriptors first, and is seen to have ended a little later (kernel/exit.c, do_exit). */
    private static final long DYING_NANOS = 500_000_000L;

    private final Kernel kernel;
    private final Arena arena = Arena.ofConfined();
    private final Launch launch;
    private final ProcessMaker maker;
    private final RefusalLog log;
    private final Farewell farewell;
    private final Phases phases;
    private final @Nullable Observer observer;
    private final Clocks clocks;
    private final @Nullable FixedRandom random;
    private final List<Integer> open = new ArrayList<>();
    private final Confinement confinement;
    private Set<Layer> required = Set.of();
    private Consumer<ActiveLayers> onLayers = layers -> {};
    private final @Nullable Asker asker;
    private SharedMemory orders;
    private SharedMemory requests;
    private boolean told;
    /** SECCOMP filters that are not ours: nurse itself may run in a container. */
    private int foreignFilters;

    private boolean tellsEarly = true;

    /**
     * What to run.
     *
     * @param umask its file mode creation mask; the helper's own must be 0, so that the program's is the only one
     * @param program what is run
     * @param loader its dynamic linker, null for a program that has none
     * @param programName its canonical name as the program sees it
     * @param executed the name that execve(2) would have been given
     * @param comm the name of its thread, 15 characters at most
     * @param arguments argv, one char a byte; the first is the program's name for itself
     * @param environment NAME=value, one char a byte
     * @param view what files it sees; closed by who made it
     * @param workingDirectory canonical name of the directory it starts in, as it sees it
     * @param policy what it may do
     * @param signals what it inherits
     */
    public record Launch(
            int umask,
            LoadedFile program,
            @Nullable LoadedFile loader,
            String programName,
            String executed,
            String comm,
            List<String> arguments,
            List<String> environment,
            View view,
            String workingDirectory,
            PolicyBuilder.RunPolicy policy,
            Lock lock,
            StartSignals signals) {
        /** What the launcher executes: ld.so, which opens the program by its name; under trap nothing. */
        private int[] executedFiles() {
            return lock == Lock.STRICT && loader != null ? new int[] {loader.fd(), program.fd()} : new int[0];
        }
    }

    public Sandbox(
            Kernel kernel,
            Launch launch,
            ProcessMaker maker,
            RefusalLog log,
            Farewell farewell,
            Phases phases,
            @Nullable Observer observer,
            @Nullable Asker asker) {
        this.observer = observer;
        this.asker = asker;
        this.kernel = kernel;
        this.launch = launch;
        this.maker = maker;
        this.log = log;
        this.farewell = farewell;
        this.phases = phases;
        Repeat repeat = launch.policy().repeat();
        this.clocks = repeat.time() == null ? Clocks.ofKernel(kernel) : new FixedClocks(kernel, repeat.time());
        this.random = repeat.random() == null ? null : new FixedRandom(repeat.random());
        this.confinement = new Confinement(kernel, launch.view(), launch.policy(), asker != null);
    }

    /**
     * What the program may not start without, and who is told what it starts with.
     *
     * @param layers without these it is not started
     * @param listener is told which layers there are, before the program's first instruction
     */
    void require(Set<Layer> layers, Consumer<ActiveLayers> listener) {
        required = layers;
        onLayers = listener;
    }

    /**
     * Runs the program to its end.
     *
     * @throws SandboxFailed when it could not be started and locked
     */
    public Ending run() {
        try {
            return serve();
        } catch (KernelRefused refused) {
            throw new SandboxFailed(
                    "the sandbox could not be set up",
                    refused.getMessage(),
                    "docs/architecture.md says what is needed of the kernel");
        }
    }

    private Ending serve() {
        if (maker.parent() == 0) {
            String why = "a resident helper looks at processes that are not its children";
            confinement.layers().missing(Layer.HELPER_LANDLOCK, why);
        } else {
            confinement.ofThread(launch.executedFiles());
        }
        phases.end("confine");
        makeMemory();
        OptionalInt rules = confinement.ofProcess(orders.memory(), launch.executedFiles());
        long control = keepBoth(KernelRefused.check("socketpair", kernel.socketpair()));
        long bellHelper = keepBoth(KernelRefused.check("pipe2", kernel.pipe2(Kernel.O_CLOEXEC)));
        long bellUntrustee = keepBoth(KernelRefused.check("pipe2", kernel.pipe2(Kernel.O_CLOEXEC)));
        KernelRefused.check("fcntl", kernel.fcntl(low(bellHelper), Kernel.F_SETFL, Kernel.O_NONBLOCK));
        KernelRefused.check("fcntl", kernel.fcntl(high(bellUntrustee), Kernel.F_SETFL, Kernel.O_NONBLOCK));
        long life = keepBoth(KernelRefused.check("pipe2", kernel.pipe2(Kernel.O_CLOEXEC)));
        int channel = keep(readOnlyChannel());
        boolean byLoader = launch.lock() == Lock.STRICT;
        int libnurse = byLoader
                ? keep(SharedMemory.file(kernel, "libnurse.so", NativePart.read("libnurse.so")))
                : launch.program().fd(); // the launcher closes it
        int loader = launch.loader() == null
                ? launch.program().fd()
                : launch.loader().fd();
        int launcher = keep(SharedMemory.file(kernel, "nurse-launcher", NativePart.read("launcher")));

        int[] given = { // in the order of NURSE_FD_* (layout.h)
            high(control),
            orders.fd(),
            requests.fd(),
            high(bellHelper),
            low(bellUntrustee),
            channel,
            libnurse,
            launch.program().fd(),
            loader,
            low(life),
            rules.orElse(loader) // the launcher closes it
        };
        Limits limits = launch.policy().limits();
        AtomicReference<LimitWatch> watched = new AtomicReference<>();
        OutputPump pump = null;
        if (limits.has(Limits.Limit.OUTPUT)) {
            pump = new OutputPump(
                    limits.of(Limits.Limit.OUTPUT), own -> watched.get().exceed(own, Limits.Limit.OUTPUT));
            maker.pumpOutput(kernel, pump);
        }
        foreignFilters = maker.filters(kernel);
        ProcessMaker.Made made = maker.make(kernel, launcher, arguments(), launch.environment(), given);
        int pid = made.pid();
        int pidfd = keep(made.pidfd());
        closeChildEnds(
                high(control), high(bellHelper), low(bellUntrustee), low(life), libnurse, launcher); // those kept
        phases.end("process");
        try (LimitWatch watch = new LimitWatch(limits, pid, pidfd)) {
            watched.set(watch);
            tellsEarly = pump == null; // else the output is the last to arrive
            if (pump != null) {
                pump.closeEnds(kernel);
                pump.begin();
            }
            Ending ending = serve(watch, pid, pidfd, low(control), low(bellHelper), high(bellUntrustee), channel);
            if (pump != null) {
                boolean limited = watch.explain(ending) instanceof Ending.LimitReached reached
                        && reached.limit() != Limits.Limit.OUTPUT;
                int lost = pump.await(kernel, limited);
                ending = watch.explain(ending);
                if (lost != 0 && !(ending instanceof Ending.LimitReached)) {
                    ending = new Ending.OutputLost(lost);
                }
                tell(ending);
            }
            return ending;
        } catch (Throwable failure) {
            end(pidfd);
            throw failure;
        }
    }

    private Ending serve(
            LimitWatch watch, int pid, int pidfd, int control, int bellHelper, int bellUntrustee, int channel) {
        MemorySegment hello = arena.allocate(LaneLayout.HELLO_SIZE, 8);
        if (!receiveHello(control, pidfd, hello)) {
            return notLocked(pid, pidfd);
        }
        phases.end("loader");
        int trusteeTid = hello.get(JAVA_INT, LaneLayout.HELLO_TRUSTEE);
        long ordersAddress = hello.get(JAVA_INT, LaneLayout.HELLO_ORDERS) & 0xffffffffL;
        long requestsAddress = hello.get(JAVA_INT, LaneLayout.HELLO_REQUESTS) & 0xffffffffL;
        long vdso = hello.get(JAVA_INT, LaneLayout.HELLO_VDSO) & 0xffffffffL;
        long vdsoSize = hello.get(JAVA_INT, LaneLayout.HELLO_VDSO_SIZE) & 0xffffffffL;

        Lane lane = new Lane(orders.memory(), requests.memory(), 0, ordersAddress, requestsAddress);
        LaneServer server = new LaneServer(
                kernel,
                clocks,
                lane,
                new LaneServer.Doors(control, bellHelper, bellUntrustee, channel, pidfd),
                pid,
                trusteeTid,
                arena);
        MemorySegment go = arena.allocate(4, 4);
        go.set(JAVA_INT, 0, 1);
        kernel.write(control, go, 4);

        ProtectedRanges ranges =
                new ProtectedRanges(ordersAddress, ORDERS_SIZE, requestsAddress, REQUESTS_SIZE, vdso, vdsoSize);
        List<Integer> inherited;
        int entry = 0;
        try {
            if (!server.awaitLocked(START_NANOS)) {
                throw notLocked("it did not reach the lock in time");
            }
            phases.end("lock");
            watch.apply(kernel, arena); // before anything of the program is mapped: RLIMIT_AS counts new mappings only
            LockCheck check = new LockCheck(kernel, launch.lock(), pid, trusteeTid, confinement.layers());
            check.verify(
                    orders.fd(),
                    ordersAddress,
                    ORDERS_SIZE,
                    requests.fd(),
                    requestsAddress,
                    REQUESTS_SIZE,
                    vdso,
                    vdsoSize);
            long vsyscall = hello.get(JAVA_INT, LaneLayout.HELLO_VSYSCALL) & 0xffffffffL;
            int kernelEntry = KernelEntry.of(kernel, pid, vsyscall, vdso, vdsoSize);
            if (kernelEntry != 0) {
                lane.trusteeEntry(kernelEntry);
            }
            server.execute(GETPID, 0, 0, 0, 0, 0, 0); // the trustee is where it should be: it takes orders
            if (launch.lock() == Lock.TRAP) {
                entry = load(server, pid, hello, ranges);
                phases.end("load");
            }
            check.verifyLaunched();
            verifyLayers(check, server, pid, hello.get(JAVA_INT, LaneLayout.HELLO_SEALED));
            inherited = inherited(server);
        } catch (SandboxEnded end) {
            return notLocked(pid, pidfd);
        } catch (SandboxFailed failed) {
            // Who is killed has lost its memory map and its descriptors, which are what the check looks at, before its
            // pidfd says
            // so (do_exit in kernel/exit.c: exit_mm and exit_files come first, exit_notify last).
            if (isReadable(pidfd, DYING_NANOS)) {
                return notLocked(pid, pidfd);
            }
            throw failed;
        }
        boolean inOrder;
        try (Descriptors descriptors = new Descriptors(kernel, server::lend, maker.sharedFiles(kernel))) {
            ProcessState process = new ProcessState(
                    pid,
                    launch.programName(),
                    launch.workingDirectory(),
                    launch.umask(),
                    descriptors,
                    ranges,
                    launch.lock() == Lock.STRICT);
            process.name(launch.comm());
            if (tellsEarly) {
                process.onExit(status -> tell(new Ending.Exited(status)));
            }
            inherited.forEach(fd -> descriptors.put(fd, OpenFile.inherited(), false));
            StoppedProcess pause = new StoppedProcess(kernel, pid, pidfd);
            Asking asking =
                    asker == null ? null : new Asking(launch.policy(), log, asker, process, pid, pause, this::isThere);
            RefusalLog refusals = asking == null ? log : asking;
            Paths paths = new Paths(kernel, launch.view(), launch.policy().files(), process, refusals, observer);
            Dispatcher dispatcher = new Dispatcher(
                    kernel, paths, process, launch.policy(), clocks, random, refusals, observer, asking, arena);
            descriptors.shares().limit(launch.policy().limits());
            if (launch.policy().limits().has(Limits.Limit.OPEN_FILES)) {
                descriptors.limit((int) launch.policy().limits().of(Limits.Limit.OPEN_FILES));
            }
            phases.end("check");
            server.begin(entry);
            inOrder = server.serve(dispatcher, phases, watch.helperTime());
        }
        if (!inOrder) {
            tell(new Ending.KilledForForgery());
            end(pidfd);
            return new Ending.KilledForForgery();
        }
        Ending ending = watch.explain(ending(pid, pidfd, trusteeTid));
        if (tellsEarly) {
            tell(ending);
        }
        end(pidfd, server, ending.status());
        return ending;
    }

    /** The standard descriptors that the program starts with. One that the helper cannot borrow is not closed for that. */
    private List<Integer> inherited(LaneServer server) {
        List<Integer> inherited = new ArrayList<>();
        for (int fd = 0; fd < 3; fd++) {
            int borrowed = server.lend(fd);
            if (borrowed >= 0) {
                kernel.close(borrowed);
                inherited.add(fd);
            } else if (borrowed != -Errno.EBADF) {
                throw new SandboxFailed(
                        "the program was not started, because its descriptor " + fd + " cannot be looked at",
                        Errno.name(-borrowed),
                        "`nurse doctor` tells by which way the helper takes descriptors of its programs");
            }
        }
        return inherited;
    }

    private int load(LaneServer server, int pid, MemorySegment hello, ProtectedRanges ranges) {
        Loading.Places places = new Loading.Places(
                hello.get(JAVA_INT, LaneLayout.HELLO_STACK) & 0xffffffffL,
                hello.get(JAVA_INT, LaneLayout.HELLO_GATE) & 0xffffffffL,
                hello.get(JAVA_INT, LaneLayout.HELLO_NAME) & 0xffffffffL);
        return new Loading(kernel, pid, server, arena, ranges, random != null)
                .load(
                        launch.program(),
                        launch.loader(),
                        places,
                        launch.arguments().size(),
                        launch.environment().size(),
                        launch.executed(),
                        random == null ? null : orders.memory().asSlice(LaneLayout.HEADER_RANDOM, RANDOM_SIZE));
    }

    /** Whether there is a file of this name as the program sees it; of one with a link in it, that is not known yet. */
    private boolean isThere(String name) {
        int fd = launch.view().open(name, false, Kernel.O_PATH | Kernel.O_NOFOLLOW | Kernel.O_CLOEXEC, 0);
        kernel.close(fd);
        return fd != -Errno.ENOENT && fd != -Errno.ENOTDIR && fd != -Errno.ENAMETOOLONG;
    }

    /** The layers that only the process itself can show or put on, by its trustee, before any code of the program runs. */
    private void verifyLayers(LockCheck check, LaneServer server, int pid, int sealed) {
        check.lookAtRoot();
        check.lookAtNamespaces(confinement.namespaces());
        if (confinement.hasRules()) {
            // What the helper's own rules, which hold for the process too, would let it open.
            MemorySegment here = server.data(2);
            here.setString(0, "."); // the launcher left it there
            int opened = server.execute(
                    Syscall.OPENAT.number(),
                    Kernel.AT_FDCWD,
                    server.addressOf(here),
                    Kernel.O_DIRECTORY | Kernel.O_CLOEXEC,
                    0,
                    0,
                    0);
            LockCheck.require("opening /proc under Landlock", "-" + Errno.EACCES, "" + opened);
            confinement.restricted();
        }
        long[] filter = Filter.ofTheTrustee(pid);
        MemorySegment program = server.data(PROGRAM_SIZE + 8 * filter.length); // struct sock_fprog, what it points to
        MemorySegment.copy(filter, 0, program, JAVA_LONG, PROGRAM_SIZE, filter.length);
        int address = server.addressOf(program);
        program.set(JAVA_INT, 0, filter.length);
        program.set(JAVA_INT, 4, address + PROGRAM_SIZE);
        int result = server.execute(Syscall.PRCTL.number(), PR_SET_SECCOMP, SECCOMP_MODE_FILTER, address, 0, 0, 0);
        check.verifyFilter(result == 0, foreignFilters);
        ActiveLayers layers = confinement.layers();
        layers.set(Layer.SEALS, sealed == SEALED_ALL, "the kernel has no mseal(2) (Linux 6.10 has)");
        confinement.dropCapabilities();
        layers.firstMissing(required).ifPresent(layer -> {
            throw new SandboxFailed(
                    "the program was not started: the layer " + layer.word() + " is required and not there",
                    layers.why(layer).orElseThrow(),
                    "`nurse doctor` shows what this kernel has; without --require " + layer.word()
                            + " the program runs under the other layers");
        });
        onLayers.accept(layers);
    }

    private void tell(Ending ending) {
        if (!told) {
            told = true;
            phases.end("calls");
            farewell.ends(ending);
        }
    }

    /**
     * The untrustee or the whole process is gone. When only the untrustee is, SECCOMP killed it or it left by exit(1): then
     * its own exit code is what counts, and not that of the process, which since Linux 5.17 is its last thread's
     * (synchronize_group_exit in kernel/exit.c).
     */
    private Ending ending(int pid, int pidfd, int trusteeTid) {
        if (isReadable(pidfd, 0)) {
            return seen(pid, pidfd);
        }
        int code = LaneServer.exitCode(kernel, pid);
        boolean isOnItsWay = code < 0 && isReadable(pidfd, END_NANOS);
        if (isOnItsWay || isReadable(pidfd, 0)) {
            return seen(pid, pidfd);
        }
        if (code < 0) {
            code = Kernel.SIGKILL; // neither a zombie nor on its way to the end
        }
        if ((code & 0x7f) == launch.lock().killedBy()) {
            return new Ending.KilledBySeccomp(launch.lock(), DirectCalls.suspects(kernel, trusteeTid));
        }
        return ofCode(code);
    }

    /** The whole process is gone. Of another's child /proc tells how until its parent has reaped it, and then its pidfd. */
    private Ending seen(int pid, int pidfd) {
        int exit = maker.awaitEnd(kernel, pidfd);
        if (exit >= 0) {
            return exit < 256 ? new Ending.Exited(exit) : new Ending.Killed(exit - 256);
        }
        int code = LaneServer.exitCode(kernel, pid);
        if (kernel.pidfd_send_signal(pidfd, 0) < 0) { // its number may have been another's already
            code = kernel.pidfdExitCode(pidfd);
        }
        return code < 0 ? new Ending.Unseen() : ofCode(code);
    }

    private static Ending ofCode(int code) {
        int signal = code & 0x7f;
        return signal == 0 ? new Ending.Exited(code >> 8 & 0xff) : new Ending.Killed(signal);
    }

    private void end(int pidfd) {
        kernel.pidfd_send_signal(pidfd, Kernel.SIGKILL);
        isReadable(pidfd, END_NANOS);
        kernel.waitExit(pidfd, Kernel.WNOHANG); // reaped already, if somebody asked how it ended; or not our child
    }

    /** Ends a process whose first thread ended alone, by the trustee: so that its parent sees what became of that thread. */
    private void end(int pidfd, LaneServer server, int status) {
        if (!isReadable(pidfd, 0)) {
            server.start(Syscall.EXIT_GROUP.number(), status, 0, 0, 0, 0, 0);
            isReadable(pidfd, END_NANOS);
        }
        end(pidfd);
    }

    private boolean isReadable(int fd, long timeoutNanos) {
        MemorySegment entry = arena.allocate(8, 4);
        entry.set(JAVA_INT, 0, fd);
        entry.set(JAVA_INT, 4, Kernel.POLLIN);
        return kernel.ppoll(entry, 1, timeoutNanos) > 0;
    }

    // ---- start ----------------------------------------------------------------------------------------------------

    private void makeMemory() {
        orders = SharedMemory.create(kernel, arena, "nurse-orders", ORDERS_SIZE, true, true);
        keep(orders.fd());
        requests = SharedMemory.create(kernel, arena, "nurse-requests", REQUESTS_SIZE, false, false);
        keep(requests.fd());
        MemorySegment header = orders.memory();
        header.set(JAVA_INT, LaneLayout.HEADER_MAGIC, LaneLayout.MAGIC);
        header.set(JAVA_INT, LaneLayout.HEADER_VERSION, LaneLayout.LAYOUT_VERSION);
        header.set(JAVA_INT, LaneLayout.HEADER_LANES, LANES);
        header.set(JAVA_INT, LaneLayout.HEADER_LOCK, launch.lock().header());
        header.set(JAVA_LONG, LaneLayout.HEADER_IGNORED, launch.signals().ignored());
        header.set(JAVA_LONG, LaneLayout.HEADER_BLOCKED, launch.signals().blocked());
        int repeat = (clocks.areFixed() ? LaneLayout.REPEAT_TIME : 0) | (random == null ? 0 : LaneLayout.REPEAT_RANDOM);
        header.set(JAVA_INT, LaneLayout.HEADER_REPEAT, repeat);
        header.set(JAVA_INT, LaneLayout.HEADER_PARENT, maker.parent());
        if (launch.lock() == Lock.STRICT) {
            header.set(JAVA_INT, LaneLayout.HEADER_ORIGIN, LoaderOrigin.dots(launch.programName()));
        } else {
            header.set(JAVA_INT, LaneLayout.HEADER_NATIVE, isFutexNative() ? LaneLayout.NATIVE_FUTEX : 0);
            long[] filter = Filter.ofTheUntrustee(isFutexNative());
            header.set(JAVA_INT, LaneLayout.HEADER_FILTER, filter.length);
            MemorySegment.copy(filter, 0, header, JAVA_LONG, LaneLayout.HEADER_FILTER_CODE, filter.length);
        }
        if (random != null) {
            random.ofProcess(header.asSlice(LaneLayout.HEADER_RANDOM, RANDOM_SIZE));
        }
        for (int i = 0; i < launch.comm().length(); i++) {
            header.set(
                    JAVA_BYTE, LaneLayout.HEADER_NAME + i, (byte) launch.comm().charAt(i));
        }
        byte[] trustee = NativePart.read("trustee.bin");
        MemorySegment.copy(trustee, 0, header, JAVA_BYTE, LaneLayout.CODE, trustee.length);
    }

    /** Not where futex(2) is to be told of or refused, or where time is fixed. */
    private boolean isFutexNative() {
        CallRules calls = launch.policy().calls();
        return launch.lock() == Lock.TRAP
                && observer == null
                && !clocks.areFixed()
                && calls.refusing(Syscall.FUTEX) == null
                && calls.refusing(Syscall.FUTEX_TIME64) == null;
    }

    /** The empty memfd whose offset the trustee moves: opened read-only, so that read and write cannot move it. */
    private int readOnlyChannel() {
        int writable = KernelRefused.check("memfd_create", kernel.memfd_create("nurse-channel", Kernel.MFD_CLOEXEC));
        int channel =
                kernel.openat(Kernel.AT_FDCWD, "/proc/self/fd/" + writable, Kernel.O_RDONLY | Kernel.O_CLOEXEC, 0);
        kernel.close(writable);
        return KernelRefused.check("open of the channel", channel);
    }

    /** The launcher's: under trap the program's own, under strict those of ld.so, in which files are descriptors (leave_files). */
    private List<String> arguments() {
        if (launch.lock() == Lock.TRAP) {
            return launch.arguments();
        }
        List<String> arguments = new ArrayList<>();
        arguments.add("ld-linux.so.2");
        arguments.add("--audit");
        arguments.add("./" + LaneLayout.FD_AUDIT);
        arguments.add("--argv0");
        arguments.add(launch.arguments().get(0));
        arguments.add(LoaderOrigin.nameOf(launch.programName(), LaneLayout.FD_PROGRAM));
        arguments.addAll(launch.arguments().subList(1, launch.arguments().size()));
        return arguments;
    }

    private boolean receiveHello(int control, int pidfd, MemorySegment hello) {
        MemorySegment entries = arena.allocate(16, 8);
        entries.set(JAVA_INT, 0, control);
        entries.set(JAVA_INT, 4, Kernel.POLLIN);
        entries.set(JAVA_INT, 8, pidfd);
        entries.set(JAVA_INT, 12, Kernel.POLLIN);
        int ready = kernel.ppoll(entries, 2, START_NANOS);
        if (ready <= 0 || entries.get(JAVA_INT, 4) >>> 16 == 0) {
            return false;
        }
        return kernel.read(control, hello, LaneLayout.HELLO_SIZE) == LaneLayout.HELLO_SIZE
                && hello.get(JAVA_INT, LaneLayout.HELLO_MAGIC) == LaneLayout.MAGIC
                && hello.get(JAVA_INT, LaneLayout.HELLO_VERSION) == LaneLayout.LAYOUT_VERSION;
    }

    /** The process ended before it was locked: ld.so could not load it, or our library said why on standard error. */
    private Ending notLocked(int pid, int pidfd) {
        if (!isReadable(pidfd, DYING_NANOS)) {
            end(pidfd);
            throw notLocked("it did not shake hands");
        }
        Ending ending = seen(pid, pidfd);
        if (ending instanceof Ending.Killed killed && ASKED_TO_END.contains(killed.signal())) {
            return killed; // Ctrl-C can be quick
        }
        throw notLocked(
                switch (ending) {
                    case Ending.Exited exited -> "it ended with status " + exited.status() + " before the lock";
                    case Ending.Killed killed -> "signal " + killed.signal() + " killed it";
                    default -> "it ended before the lock";
                });
    }

    private static SandboxFailed notLocked(String why) {
        return new SandboxFailed(
                "the program was not started, because its process could not be locked",
                why,
                "a message above, if any, says more; under --lock strict it is the dynamic linker's own, and the file may be damaged");
    }

    // ---- descriptors of ours --------------------------------------------------------------------------------------

    private static int low(long pair) {
        return (int) pair;
    }

    private static int high(long pair) {
        return (int) (pair >> 32);
    }

    private int keep(int fd) {
        open.add(fd);
        return fd;
    }

    private long keepBoth(long pair) {
        keep(low(pair));
        keep(high(pair));
        return pair;
    }

    private void closeChildEnds(int... fds) {
        for (int fd : fds) {
            if (open.remove(Integer.valueOf(fd))) {
                kernel.close(fd);
            }
        }
    }

    @Override
    public void close() {
        confinement.close();
        if (random != null) {
            random.close();
        }
        open.forEach(kernel::close);
        open.clear();
        arena.close();
    }
}
