package nurse.helper.sandbox;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import nurse.ffm.Kernel;
import nurse.helper.ask.Asker;
import nurse.helper.files.Paths;
import nurse.helper.files.View;
import nurse.helper.layers.ActiveLayers;
import nurse.helper.layers.Layer;
import nurse.helper.observe.Observer;
import nurse.helper.policy.PolicyBuilder;
import nurse.helper.program.ProgramException;
import nurse.helper.program.ProgramFinder;
import nurse.helper.program.ResolvedProgram;
import nurse.helper.program.StartEnvironment;
import org.jspecify.annotations.Nullable;

/**
 * One program, to be run once: found as a shell would find it, locked, served to its end.
 *
 * <p>All strings one char a byte. The helper's own umask must be 0, so that the program's is the only one.
 *
 * @param command the program's name, looked up in PATH if it has no slash, and its arguments
 * @param environment its variables; a script's {@code env} may add some
 * @param view what files it sees; closed by who made it
 * @param workingDirectory canonical name of the directory it starts in, as it sees it
 * @param umask its file mode creation mask
 * @param signals what it inherits
 * @param policy what it may do
 * @param trustedLoaders names on the host of dynamic linkers that strict may run before the lock, besides the host's own
 */
public record ProgramRun(
        List<String> command,
        Map<String, String> environment,
        View view,
        String workingDirectory,
        int umask,
        StartSignals signals,
        PolicyBuilder.RunPolicy policy,
        Lock lock,
        List<String> trustedLoaders) {
    /**
     * Runs it, in the calling thread, which afterwards may open nothing more than this program might: {@link Sandbox}.
     *
     * @param kernel of this thread alone
     * @param maker makes its process
     * @param log is told of each refusal
     * @param farewell is told how it ends
     * @param phases is told what took how long
     * @param observer is shown all that the program does; null for nobody
     * @throws ProgramException when there is no such program, or it is none that can be run
     * @throws SandboxFailed when it could not be started and locked
     */
    public Ending run(
            Kernel kernel,
            ProcessMaker maker,
            RefusalLog log,
            Farewell farewell,
            Phases phases,
            @Nullable Observer observer)
            throws ProgramException {
        return run(kernel, maker, log, farewell, phases, observer, Set.of(), layers -> {}, null);
    }

    /**
     * The same under layers that must be there, and with somebody to ask.
     *
     * @param required without these the program is not started
     * @param onLayers is told which layers there are, before the program's first instruction
     * @param asker is asked about calls that are refused; null for nobody. What may be allowed then is not known before, so that
     *     layers which are made of the policy are not put on
     */
    public Ending run(
            Kernel kernel,
            ProcessMaker maker,
            RefusalLog log,
            Farewell farewell,
            Phases phases,
            @Nullable Observer observer,
            Set<Layer> required,
            Consumer<ActiveLayers> onLayers,
            @Nullable Asker asker)
            throws ProgramException {
        Paths paths = new Paths(kernel, view, policy.files(), new NoProcess(), new RefusalCount(), observer);
        try (ViewPrograms programs =
                        new ViewPrograms(kernel, paths, lock.mapper(), new TrustedLoaders(kernel, trustedLoaders));
                ResolvedProgram program = new ProgramFinder(programs, lock.mapper())
                        .find(command, workingDirectory, environment, policy.environment())) {
            phases.end("program");
            try (Sandbox sandbox =
                    new Sandbox(kernel, launch(program), maker, log, farewell, phases, observer, asker)) {
                sandbox.require(required, onLayers);
                return sandbox.run();
            }
        }
    }

    private Sandbox.Launch launch(ResolvedProgram program) throws ProgramException {
        Map<String, String> variables = new LinkedHashMap<>(environment);
        variables.putAll(program.environment());
        List<String> entries = StartEnvironment.entries(command.get(0), variables, policy.environment());
        ResolvedProgram.Loader loader = program.loader();
        return new Sandbox.Launch(
                umask,
                new LoadedFile(ViewPrograms.fd(program.program()), program.image()),
                loader == null ? null : new LoadedFile(ViewPrograms.fd(loader.file()), loader.image()),
                program.programPath(),
                program.executed(),
                program.comm(),
                program.argv(),
                entries,
                view,
                workingDirectory,
                policy,
                lock,
                signals);
    }
}
