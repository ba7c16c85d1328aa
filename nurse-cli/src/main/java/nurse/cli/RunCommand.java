package nurse.cli;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.ffm.KernelRefused;
import nurse.ffm.ProcFs;
import nurse.helper.calls.CallError;
import nurse.helper.files.Paths;
import nurse.helper.files.View;
import nurse.helper.messages.Quoted;
import nurse.helper.policy.Access;
import nurse.helper.policy.Policy;
import nurse.helper.policy.PolicyBuilder;
import nurse.helper.policy.PolicyException;
import nurse.helper.policy.PolicyFile;
import nurse.helper.policy.PolicyProblem;
import nurse.helper.policy.Rule;
import nurse.helper.program.ProgramException;
import nurse.helper.program.ProgramFinder;
import nurse.helper.program.ResolvedProgram;
import nurse.helper.sandbox.Ending;
import nurse.helper.sandbox.Lock;
import nurse.helper.sandbox.NoProcess;
import nurse.helper.sandbox.RefusalFile;
import nurse.helper.sandbox.Sandbox;
import nurse.helper.sandbox.SandboxFailed;
import nurse.helper.sandbox.ViewPrograms;

/** {@code run}: options to policy, program to descriptor, then the sandbox, then its ending to a status. */
final class RunCommand {
    private static final int APPEND = Kernel.O_WRONLY | Kernel.O_CREAT | Kernel.O_APPEND | Kernel.O_CLOEXEC;

    private final Kernel kernel;
    private final RunOptions options;
    private long ignoredSignals;

    RunCommand(Kernel kernel, RunOptions options) {
        this.kernel = kernel;
        this.options = options;
    }

    int run() {
        String ignored = ProcFs.status(kernel, kernel.getpid(), kernel.getpid(), "SigIgn");
        ignoredSignals = ignored == null ? 0 : Long.parseUnsignedLong(ignored, 16);
        // Ctrl-C and Ctrl-\ are the program's: it is in the same group of the terminal, and we end when it does.
        kernel.ignore(Kernel.SIGINT);
        int umask = kernel.umask(0); // the program's umask is applied by the helper, file by file
        Map<String, String> outer = CommandLine.environment(kernel);
        String cwd = kernel.readlinkat(Kernel.AT_FDCWD, "/proc/self/cwd");
        if (cwd == null || !cwd.startsWith("/")) {
            throw new CannotRun(
                    CannotRun.FAILED, "the current directory cannot be named", "it was removed, or moved away", "cd");
        }
        String root = root();
        try (View view = view(root, cwd)) {
            String inside = view.inside(cwd);
            return run(view, inside == null ? "/" : inside, outer, umask);
        }
    }

    private int run(View view, String cwd, Map<String, String> outer, int umask) {
        PolicyBuilder.RunPolicy policy = policy(view, cwd, outer);
        policy.notes().forEach(note -> System.err.println("nurse: " + note));
        int logFd = openLog();
        RefusalFile log = new RefusalFile(kernel, logFd);
        Map<String, String> inner = new LinkedHashMap<>(policy.environment().inner(outer));
        Paths paths = new Paths(kernel, view, policy.files(), new NoProcess(), new RefusalFile(kernel, -1));
        try (ViewPrograms programs = new ViewPrograms(kernel, paths);
                ResolvedProgram program = new ProgramFinder(programs).find(options.command(), cwd, inner)) {
            inner.putAll(program.environment());
            List<String> entries = new ArrayList<>();
            inner.forEach((name, value) -> entries.add(name + "=" + value));
            Ending ending = sandbox(view, cwd, umask, policy, log, program, entries);
            return report(ending, log);
        } catch (ProgramException refused) {
            throw new CannotRun(refused.exitStatus(), refused.what(), refused.why(), refused.next());
        } catch (SandboxFailed failed) {
            throw new CannotRun(CannotRun.FAILED, failed.getMessage(), failed.why(), failed.whatToDo());
        }
    }

    private Ending sandbox(
            View view,
            String cwd,
            int umask,
            PolicyBuilder.RunPolicy policy,
            RefusalFile log,
            ResolvedProgram program,
            List<String> environment) {
        Sandbox.Launch launch = new Sandbox.Launch(
                standard(),
                umask,
                ViewPrograms.fd(program.loader()),
                ViewPrograms.fd(program.program()),
                program.programPath(),
                program.argv(),
                environment,
                view,
                cwd,
                policy.files(),
                policy.network(),
                options.lock(),
                ignoredSignals);
        try (Sandbox sandbox = new Sandbox(kernel, launch, log)) {
            return sandbox.run();
        }
    }

    /**
     * The user's standard input and output, moved away from 0 and 1: the helper must not keep a pipe open that the program
     * closes. Standard error stays, for our own messages.
     */
    private List<Integer> standard() {
        int input = kernel.dup(0);
        int output = kernel.dup(1);
        int nothing = kernel.openat(Kernel.AT_FDCWD, "/dev/null", Kernel.O_RDWR | Kernel.O_CLOEXEC, 0);
        kernel.dup3(nothing, 0, 0);
        kernel.dup3(nothing, 1, 0);
        return List.of(input, output, 2);
    }

    private int report(Ending ending, RefusalFile log) {
        if (ending instanceof Ending.KilledBySeccomp killed) {
            System.err.print(killedBySeccomp(killed));
        } else if (ending instanceof Ending.KilledForForgery) {
            System.err.print("""
                    nurse: the sandbox killed the program
                      why: it wrote into the memory it shares with the helper what only an attack writes there
                      do:  do not trust it
                    """);
        } else if (ending.status() != 0 && log.count() > 0 && !options.quiet()) {
            System.err.println("nurse: " + log.count() + " calls were refused, the first: " + log.first()
                    + (options.log() == null ? " (--log FILE lists them all)" : ""));
        }
        return ending.status();
    }

    private static String killedBySeccomp(Ending.KilledBySeccomp killed) {
        String what = "nurse: the kernel killed the program (SECCOMP)\n";
        if (killed.lock() == Lock.TRAP) {
            return what + "  why: it entered the kernel by 64-bit code, which no honest 32-bit program does\n"
                    + "  do:  do not trust it\n";
        }
        String where = killed.suspects().isEmpty()
                ? ""
                : "; such calls are in "
                        + String.join(
                                ", ", killed.suspects().stream().map(Quoted::of).toList());
        return what + "  why: it made a direct system call, around the C library, which this lock does not allow"
                + where + "\n  do:  run it with --lock trap, which passes such calls to the policy\n";
    }

    private String root() {
        if (options.root().equals("/")) {
            return "/";
        }
        int fd = kernel.openat(
                Kernel.AT_FDCWD, options.root(), Kernel.O_PATH | Kernel.O_DIRECTORY | Kernel.O_CLOEXEC, 0);
        if (fd < 0) {
            throw new CannotRun(
                    CannotRun.FAILED,
                    "the root directory " + Quoted.of(options.root()) + " cannot be opened",
                    Errno.name(-fd),
                    "bin/make-i386-tree makes one in /var/cache/seccomp-nurse/i386-bookworm");
        }
        String canonical = kernel.readlinkat(Kernel.AT_FDCWD, "/proc/self/fd/" + fd);
        kernel.close(fd);
        return canonical;
    }

    private View view(String root, String cwd) {
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

    private PolicyBuilder.RunPolicy policy(View view, String cwd, Map<String, String> outer) {
        Paths anywhere = new Paths(
                kernel,
                view,
                Policy.of(List.of(new Rule("/", Rule.Kind.WRITE, "the user's own view"))),
                new NoProcess(),
                new RefusalFile(kernel, -1));
        PolicyBuilder builder = new PolicyBuilder(cwd).links(path -> leadsTo(anywhere, path));
        try {
            if (options.policy() != null) {
                builder.file(policyFile(cwd, outer));
            }
            options.read().forEach(path -> {
                requireThere(anywhere, cwd, path);
                builder.read(path);
            });
            options.write().forEach(builder::write);
            options.environment().forEach(builder::environment);
            options.network().forEach(builder::network);
            return builder.build();
        } catch (PolicyException wrong) {
            List<PolicyProblem> problems = wrong.problems();
            problems.forEach(problem -> System.err.println("nurse: " + problem));
            throw new CannotRun(
                    wrong.exitStatus(),
                    problems.size() == 1
                            ? "the policy is wrong"
                            : "the policy is wrong in " + problems.size() + " places",
                    "what is wrong stands above, and nothing was run",
                    "mend it; docs/policy.md explains what belongs into a policy");
        }
    }

    /** Where a path leads when its links are followed: rules hold for canonical names. */
    private List<String> leadsTo(Paths anywhere, String path) {
        try {
            int fd = anywhere.open("/", path, Access.LOOKUP, true, Kernel.O_PATH | Kernel.O_CLOEXEC, 0);
            if (fd >= 0) {
                kernel.close(fd);
            }
            return List.of(anywhere.canonical());
        } catch (CallError error) {
            return List.of(path); // it leads nowhere yet; the rule holds for when it does
        }
    }

    private void requireThere(Paths anywhere, String cwd, String path) {
        int fd;
        try {
            fd = anywhere.open(cwd, path, Access.LOOKUP, true, Kernel.O_PATH | Kernel.O_CLOEXEC, 0);
        } catch (CallError error) {
            fd = -error.errno();
        }
        if (fd < 0) {
            throw new CannotRun(
                    CannotRun.FAILED,
                    "--read names " + Quoted.of(path) + ", which cannot be opened",
                    Errno.name(-fd),
                    "check the spelling; with --root all names are those inside it");
        }
        kernel.close(fd);
    }

    private PolicyFile policyFile(String cwd, Map<String, String> outer) throws PolicyException {
        String path = options.policy();
        String text = ProcFs.read(kernel, path);
        if (text == null) {
            throw new CannotRun(
                    CannotRun.FAILED,
                    "the policy file " + Quoted.of(path) + " cannot be read",
                    "there is no such file, or you may not read it",
                    "check the spelling; docs/policy.md shows what belongs into it");
        }
        String absolute = path.startsWith("/") ? path : (cwd.equals("/") ? "" : cwd) + "/" + path;
        String directory = absolute.substring(0, Math.max(absolute.lastIndexOf('/'), 1));
        return PolicyFile.parse(
                new String(text.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8),
                path,
                new PolicyFile.Place(directory, cwd, outer.getOrDefault("HOME", "/")));
    }

    private int openLog() {
        if (options.log() == null) {
            return -1;
        }
        if (options.log().equals("-")) {
            return 2;
        }
        int fd = kernel.openat(Kernel.AT_FDCWD, options.log(), APPEND, 0600);
        try {
            return KernelRefused.check("open", fd);
        } catch (KernelRefused refused) {
            throw new CannotRun(
                    CannotRun.FAILED,
                    "the log " + Quoted.of(options.log()) + " cannot be written",
                    refused.getMessage(),
                    "name a file in a directory of yours");
        }
    }
}
