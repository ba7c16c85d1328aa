package nurse.cli;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import nurse.cli.watch.DryRun;
import nurse.cli.watch.RefusalSummary;
import nurse.cli.watch.Refusals;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.helper.files.View;
import nurse.helper.layers.ActiveLayers;
import nurse.helper.layers.Layer;
import nurse.helper.messages.Quoted;
import nurse.helper.policy.CallRules;
import nurse.helper.policy.PolicyBuilder;
import nurse.helper.policy.PolicyException;
import nurse.helper.policy.PolicyFile;
import nurse.helper.policy.PolicyProblem;
import nurse.helper.program.ProgramException;
import nurse.helper.sandbox.Ending;
import nurse.helper.sandbox.Lock;
import nurse.helper.sandbox.ProcessMaker;
import nurse.helper.sandbox.ProgramRun;
import nurse.helper.sandbox.SandboxFailed;
import org.jspecify.annotations.Nullable;

/** {@code run}: options to policy, program to descriptor, then the sandbox, then its ending to a status. */
final class RunCommand {
    private final Kernel kernel;
    private final Caller caller;
    private final RunOptions options;
    private TemporaryDirectory temporary;
    private ActiveLayers layers = new ActiveLayers();

    RunCommand(Caller caller, RunOptions options) {
        this.kernel = caller.kernel();
        this.caller = caller;
        this.options = options;
    }

    /**
     * @return the status to end with
     * @throws NeedsParent when the caller cannot run it, and nothing has been done
     */
    int run() {
        if (options.has(RunOption.STATS)) {
            caller.phases().timeCalls();
        }
        Map<String, String> outer = caller.environment();
        String cwd = caller.directoryName();
        if (cwd == null) {
            throw new CannotRun(
                    CannotRun.FAILED, "the current directory has no name", "it was removed", "cd to another one");
        }
        String root = PolicyNames.root(kernel, caller.directory(), caller.host(options.root()));
        try (View view = PolicyNames.view(kernel, root, cwd)) {
            List<String> inside = view.inside(cwd);
            temporary = new TemporaryDirectory(kernel, root);
            try {
                return run(view, root, inside.isEmpty() ? "/" : inside.getFirst(), outer);
            } finally {
                temporary.remove();
            }
        }
    }

    private int run(View view, String root, String cwd, Map<String, String> outer) {
        boolean atHome = new Homes(kernel).include(caller.directory(), caller.directoryName(), outer);
        PolicyNames names = new PolicyNames(kernel, caller.directory(), caller::host, view, root, cwd, atHome);
        List<Bind> binds = options.values(RunOption.BIND).stream().map(Bind::of).toList();
        List<String> bound = binds.stream().map(bind -> names.bind(bind)).toList();
        PolicyFile.Place place = names.place(
                outer, options.values(RunOption.INPUT), options.values(RunOption.PROGRAM_OUTPUT), temporary.name());
        PolicyBuilder.RunPolicy policy = policy(names, place, binds, bound);
        if (!caller.isParent() && needsParent(policy)) {
            throw new NeedsParent();
        }
        for (String note : policy.notes()) {
            caller.err("nurse: " + note + "\n");
        }
        caller.holdSignals(options.has(RunOption.ASK));
        Map<String, String> inner = policy.environment().inner(outer);
        if (policy.files().rules().stream().anyMatch(rule -> rule.path().equals(temporary.name()))) {
            temporary.make();
            names.requireTemporary(temporary.name());
            inner.put("TMPDIR", temporary.name());
        }
        Refusals refusals = new Refusals(names::isThere);
        DryRun dry = options.has(RunOption.DRY_RUN) ? new DryRun(policy, refusals) : null;
        Watch watch = Watch.of(caller, options, names, place, dry, refusals);
        SavedAnswers saved = options.has(RunOption.POLICY) && options.has(RunOption.ASK)
                ? new SavedAnswers(caller, names, place, options.value(RunOption.POLICY))
                : null;
        Questions questions = options.has(RunOption.ASK) ? Questions.of(caller, options, names::mayHold, saved) : null;
        ProgramRun run = new ProgramRun(
                options.command(),
                inner,
                view,
                cwd,
                caller.umask(),
                caller.signals(),
                dry == null ? policy : everything(names, policy),
                options.lock(),
                options.values(RunOption.TRUST_LOADER).stream()
                        .map(names::onHost)
                        .toList());
        caller.phases().end("policy");
        ProcessMaker maker = caller.maker();
        Callable<Ending> running = () -> run.run(
                kernel,
                maker,
                refusals,
                ending -> report(ending, refusals, watch, names),
                caller.phases(),
                watch == null ? null : watch.observer(),
                options.required(),
                active -> layers = active,
                questions);
        try {
            if (watch != null) {
                watch.begins(options, cwd, run.environment(), names::isThere);
            }
            boolean writesAfterwards = watch != null && watch.learns();
            Ending ending = maker.parent() == 0 && !writesAfterwards ? running.call() : inThreadOfItsOwn(running);
            if (writesAfterwards) {
                watch.writeLearned();
            }
            return ending.status();
        } catch (ProgramException refused) {
            if (watch != null) {
                watch.fails(refused.exitStatus());
            }
            throw new CannotRun(refused.exitStatus(), refused.what(), refused.why(), refused.next());
        } catch (SandboxFailed failed) {
            throw new CannotRun(CannotRun.FAILED, failed.getMessage(), failed.why(), failed.whatToDo());
        } catch (RuntimeException failed) {
            throw failed;
        } catch (Exception never) {
            throw new IllegalStateException(never);
        } finally {
            if (watch != null) {
                watch.fails(CannotRun.FAILED); // if nothing else was told of its end
            }
            if (questions != null) {
                questions.close();
            }
        }
    }

    /**
     * It would have to be stopped and asked about, the helper's thread be confined with it, or its status say that it was ended
     * at a limit, and its output pass through the helper.
     */
    private boolean needsParent(PolicyBuilder.RunPolicy policy) {
        return options.has(RunOption.ASK)
                || policy.limits().mayEndTheProgram()
                || options.required().contains(Layer.HELPER_LANDLOCK);
    }

    /** It confines the thread that it is served by: this one may still have to open what the program may not. */
    private static Ending inThreadOfItsOwn(Callable<Ending> running) throws Exception {
        FutureTask<Ending> task = new FutureTask<>(running);
        Thread thread = new Thread(task, "sandbox");
        thread.start();
        thread.join();
        try {
            return task.get();
        } catch (ExecutionException failed) {
            switch (failed.getCause()) {
                case Exception exception -> throw exception;
                case Error error -> throw error;
                default -> throw failed;
            }
        }
    }

    private void report(Ending ending, Refusals refusals, @Nullable Watch watch, PolicyNames names) {
        if (watch != null) {
            watch.ends(ending);
        }
        if (options.has(RunOption.STATS)) {
            caller.err("nurse: the run's phases (docs/start.md)\n"
                    + caller.phases().table()
                    + "nurse: the layers below the lock (docs/layers.md): " + layers + "\n");
        }
        if (ending instanceof Ending.KilledBySeccomp killed) {
            caller.err(killedBySeccomp(killed));
        } else if (ending instanceof Ending.KilledForForgery) {
            caller.err("""
                nurse: the sandbox killed the program
                  why: it wrote into the memory or the socket that it shares with the helper what only an attack writes there
                  do:  do not trust it
                """);
        } else if (ending instanceof Ending.LimitReached reached) {
            caller.err(limitReached(reached));
        } else if (ending instanceof Ending.OutputLost lost) {
            caller.err(outputLost(lost));
        }
        if (!options.has(RunOption.QUIET)) {
            RefusalSummary summary =
                    new RefusalSummary(refusals, options.command().get(0), names::bindFor);
            caller.err(options.has(RunOption.DRY_RUN) ? summary.dryText() : summary.text(ending.status() == 0));
        }
    }

    private static String limitReached(Ending.LimitReached reached) {
        String word = reached.limit().word();
        return "nurse: the program was ended at a limit, " + word + " = "
                + reached.limit().show(reached.most()) + "\n"
                + "  why: it used more than the policy gives it\n"
                + "  do:  if that is too little for what it has to do, --limit " + word + "=VALUE gives it more\n";
    }

    private static String outputLost(Ending.OutputLost lost) {
        return "nurse: not all that the program wrote has arrived\n"
                + "  why: its standard output or error took no more: " + Errno.name(lost.errno()) + "\n"
                + "  do:  make room for it, and run the program again\n";
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

    /** All that the user may do, in the environment and within the limits of the policy that is asked for. */
    private PolicyBuilder.RunPolicy everything(PolicyNames names, PolicyBuilder.RunPolicy asked) {
        try {
            PolicyBuilder.RunPolicy all =
                    ours(names, names.builder().write("/").network("all")).build();
            return new PolicyBuilder.RunPolicy(
                    all.files(),
                    all.network(),
                    asked.environment(),
                    CallRules.NONE,
                    asked.limits(),
                    asked.repeat(),
                    asked.notes());
        } catch (PolicyException never) {
            throw new IllegalStateException(never);
        }
    }

    /**
     * The JVM's counters, which it has mapped: made shorter, a look at them would be a SIGBUS. And under another name than its
     * own /proc would be the helper's, whose {@code self} is not the program.
     */
    private static PolicyBuilder ours(PolicyNames names, PolicyBuilder builder) {
        names.ofTheHelper("/tmp/hsperfdata_" + System.getProperty("user.name")).forEach(builder::helperFile);
        names.ofTheHelper("/proc").stream()
                .filter(name -> !name.equals("/proc"))
                .forEach(builder::helperFile);
        return builder;
    }

    /** @param bound under which names the program sees {@code binds} */
    private PolicyBuilder.RunPolicy policy(
            PolicyNames names, PolicyFile.Place place, List<Bind> binds, List<String> bound) {
        PolicyBuilder builder = names.builder();
        try {
            if (options.runs() == RunsProgram.LEARN) {
                builder.write("/").write(temporary.name()).network("all");
            }
            for (String profile : options.values(RunOption.PROFILE)) {
                builder.file(PolicyFile.profile(profile, place, names.sources()));
            }
            if (options.has(RunOption.POLICY)) {
                if (!caller.isParent() && names.mayWait(options.value(RunOption.POLICY))) {
                    throw new NeedsParent(); // whose end ends the reading as well
                }
                builder.file(names.file(options.value(RunOption.POLICY), place));
            }
            for (int i = 0; i < binds.size(); i++) {
                builder.bind(binds.get(i).text(), bound.get(i), binds.get(i).mayWrite());
            }
            options.values(RunOption.READ).forEach(path -> {
                names.requireThere(path);
                builder.read(path);
            });
            options.values(RunOption.WRITE).forEach(builder::write);
            options.values(RunOption.ENV).forEach(builder::environment);
            options.values(RunOption.NET).forEach(builder::network);
            options.values(RunOption.LIMIT).forEach(builder::limit);
            return ours(names, builder).build();
        } catch (PolicyException wrong) {
            List<PolicyProblem> problems = wrong.problems();
            problems.forEach(problem -> caller.err("nurse: " + problem + "\n"));
            throw new CannotRun(
                    wrong.exitStatus(),
                    problems.size() == 1
                            ? "the policy is wrong"
                            : "the policy is wrong in " + problems.size() + " places",
                    "what is wrong stands above, and nothing was run",
                    "mend it; docs/policy.md explains what belongs into a policy");
        }
    }
}
