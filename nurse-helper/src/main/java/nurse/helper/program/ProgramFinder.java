package nurse.helper.program;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import nurse.helper.messages.Quoted;
import nurse.helper.policy.EnvironmentRules;
import nurse.helper.policy.EnvironmentRules.Objection;
import nurse.helper.program.EnvCommand.Unsupported;
import nurse.helper.program.ProgramException.NotFound;
import nurse.helper.program.ProgramException.NotRunnable;
import nurse.helper.program.ProgramException.Reason;
import nurse.helper.program.ProgramFiles.Failure;
import nurse.helper.program.ProgramFiles.Opening;
import nurse.helper.program.ProgramFiles.Opening.Failed;
import nurse.helper.program.ProgramFiles.Opening.Opened;

/**
 * From what the user typed to what will be executed: looks the name up in PATH, follows {@code #!} lines, and judges the
 * program and its loader.
 *
 * <p>It does what execvp(3) and the kernel would do inside the sandbox, with one exception: {@code env} as a script's
 * interpreter is not executed but understood, see {@link EnvCommand}.
 *
 * <p>Has no state of its own; as thread-safe as its {@link ProgramFiles}.
 */
public final class ProgramFinder {
    /** Where programs are looked for when the inner environment has no PATH. */
    public static final String DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin";

    /** exec_binprm() in fs/exec.c: ELOOP for the sixth script in a row. */
    private static final int MAX_SCRIPTS = 5;

    private static final int PATH_MAX = 4096; // limits.h

    private final ProgramFiles files;
    private final Mapper mapper;

    /** @param mapper who maps what is found, and so how it is judged */
    public ProgramFinder(ProgramFiles files, Mapper mapper) {
        this.files = files;
        this.mapper = mapper;
    }

    /**
     * Finds and judges a program.
     *
     * @param command the program's name as typed, and its arguments; bytes as ISO-8859-1
     * @param workingDirectory absolute name, inside the sandbox, of the directory that the program starts in
     * @param environment the program's environment inside the sandbox
     * @param rules judge what a script's {@code env} adds to it
     * @return the program and its loader, both open; the caller closes them
     * @throws IllegalArgumentException if the command is empty
     */
    public ResolvedProgram find(
            List<String> command, String workingDirectory, Map<String, String> environment, EnvironmentRules rules)
            throws ProgramException {
        if (command.isEmpty()) {
            throw new IllegalArgumentException("command=[]");
        }
        return new Search(workingDirectory, environment, rules).find(command);
    }

    /**
     * A file as somebody named it.
     *
     * @param name the name that execve(2) would be given, and that a script finds in its arguments
     */
    private record Found(String name, OpenProgram file) {}

    /** One look-up. */
    private final class Search {
        private final String workingDirectory;
        private final Map<String, String> environment;
        private final EnvironmentRules rules;
        private final Map<String, String> added = new HashMap<>();

        Search(String workingDirectory, Map<String, String> environment, EnvironmentRules rules) {
            this.workingDirectory = workingDirectory;
            this.environment = new HashMap<>(environment);
            this.rules = rules;
        }

        ResolvedProgram find(List<String> command) throws ProgramException {
            List<String> argv = command;
            Found found = lookUp(argv.get(0));
            String executed = found.name;
            try {
                for (int scripts = 0; ; scripts++) {
                    byte[] head = Reading.upTo(found.file, found.name, 0, Script.HEAD);
                    if (!Script.is(head)) {
                        return program(found, executed, argv);
                    }
                    if (scripts == MAX_SCRIPTS) {
                        throw new NotRunnable(
                                Reason.TOO_MANY_INTERPRETERS,
                                cannotRun(command.get(0)),
                                "its interpreter is a script, whose interpreter is a script, and so on",
                                "name a program that is no script in the first line of " + Quoted.of(found.name));
                    }
                    Script script = parse(found.name, head);
                    argv = interpreterArgv(script, found.name, argv);
                    Found interpreter = interpreter(script, found.name, argv.get(0));
                    found.file.close();
                    found = interpreter;
                    executed = EnvCommand.is(script.interpreter()) ? interpreter.name : executed;
                }
            } catch (ProgramException | RuntimeException failed) {
                found.file.close();
                throw failed;
            }
        }

        private ResolvedProgram program(Found found, String executed, List<String> argv) throws ProgramException {
            ElfImage image = ElfReader.read(found.file, found.name);
            ElfRules.program(found.file, image, mapper);
            if (image.interpreter().isEmpty()) {
                return new ResolvedProgram(found.file, image, null, executed, argv, added);
            }
            String loaderPath = image.interpreter().get();
            OpenProgram loader = loader(found.name, loaderPath);
            try {
                ElfImage loaderImage = ElfReader.read(loader, loaderPath);
                ElfRules.loader(loader, loaderImage, mapper, found.name);
                requireTrust(loader, loaderPath, found.name);
                ResolvedProgram.Loader opened = new ResolvedProgram.Loader(loader, loaderImage, loaderPath);
                return new ResolvedProgram(found.file, image, opened, executed, argv, added);
            } catch (NotRunnable failed) {
                loader.close();
                throw failed.reason() == Reason.BAD_LOADER || failed.reason() == Reason.FOREIGN_LOADER
                        ? failed
                        : ElfRules.badLoader(found.name, loaderPath, failed.why());
            } catch (ProgramException | RuntimeException failed) {
                loader.close();
                throw failed;
            }
        }

        private void requireTrust(OpenProgram loader, String path, String program) throws NotRunnable {
            if (mapper == Mapper.LOADER && !loader.trustedLoader()) {
                throw new NotRunnable(
                        Reason.FOREIGN_LOADER,
                        "will not run " + Quoted.of(program),
                        "its loader " + Quoted.of(path) + " would run before the lock, and is not the host's own",
                        "--lock trap locks first and trusts no loader; if you trust this one: --trust-loader FILE");
            }
        }

        private OpenProgram loader(String program, String path) throws NotRunnable {
            return switch (open(path)) {
                case Opened(OpenProgram file) -> {
                    Optional<NotRunnable> refusal = unlessExecutable(path, file);
                    if (refusal.isPresent()) {
                        file.close();
                        throw ElfRules.badLoader(program, path, refusal.get().why());
                    }
                    yield file;
                }
                case Failed(Failure failure, String detail) -> {
                    if (isAbsence(failure)) {
                        throw new NotRunnable(
                                Reason.NO_LOADER,
                                cannotRun(program),
                                "its loader " + Quoted.of(path) + ", the one for i386 programs, is not there",
                                "install it (apt install libc6-i386), or use --root with an i386 tree:"
                                        + " bin/make-i386-tree makes one");
                    }
                    throw new NotRunnable(
                            Reason.CANNOT_OPEN,
                            cannotRun(program),
                            "its loader " + Quoted.of(path) + " cannot be opened: " + why(failure, detail),
                            next(failure, path));
                }
            };
        }

        /** argv as the kernel's load_script() makes it; for env, as env would make it out of that. */
        private List<String> interpreterArgv(Script script, String name, List<String> argv) throws NotRunnable {
            List<String> rewritten = new ArrayList<>();
            rewritten.add(script.interpreter());
            script.argument().ifPresent(rewritten::add);
            rewritten.add(name);
            rewritten.addAll(argv.subList(1, argv.size()));
            if (!EnvCommand.is(script.interpreter())) {
                return rewritten;
            }
            try {
                EnvCommand env = EnvCommand.parse(rewritten.subList(1, rewritten.size()), environment);
                judge(env.environment(), name);
                added.putAll(env.environment());
                environment.putAll(env.environment());
                return env.command();
            } catch (Unsupported unsupported) {
                throw new NotRunnable(
                        Reason.ENV_OPTION,
                        cannotRun(name),
                        "its first line calls env, and " + unsupported.getMessage(),
                        "name the interpreter itself: nurse run INTERPRETER " + Quoted.of(name));
            }
        }

        private void judge(Map<String, String> variables, String script) throws NotRunnable {
            for (Map.Entry<String, String> variable : new TreeMap<>(variables).entrySet()) {
                Optional<Objection> objection = rules.objectionToAdding(variable.getKey(), variable.getValue());
                if (objection.isPresent()) {
                    throw new NotRunnable(
                            Reason.VARIABLE,
                            cannotRun(script),
                            "its first line has env set the variable " + Quoted.of(variable.getKey()) + ": "
                                    + objection.get().why(),
                            objection.get().next());
                }
            }
        }

        /** Opens a script's interpreter; {@code wanted} is its name, which for env is looked up in PATH. */
        private Found interpreter(Script script, String name, String wanted) throws ProgramException {
            try {
                // The kernel takes a name without a slash as one in the working directory; env(1) looks it up.
                return EnvCommand.is(script.interpreter()) ? lookUp(wanted) : openExactly(wanted);
            } catch (NotFound missing) {
                String why = "its interpreter " + Quoted.of(wanted) + " is not there";
                String next = "install it, or name another one in the script's first line";
                if (script.endsInCarriageReturn()) {
                    why += ": the script's first line ends in a carriage return, as on Windows";
                    next = "remove it (dos2unix, or sed -i 's/\\r$//')";
                } else if (EnvCommand.is(script.interpreter()) && wanted.indexOf(' ') >= 0) {
                    why += ": the kernel passes all that follows env as one argument";
                    next = "write #!/usr/bin/env -S and then the interpreter and its options";
                }
                throw new NotRunnable(Reason.NO_INTERPRETER, cannotRun(name), why, next);
            }
        }

        /** As execvp(3) does: a name with a slash is a path, any other one is looked for in PATH. */
        private Found lookUp(String name) throws ProgramException {
            if (name.isEmpty()) {
                throw new NotFound("cannot find ''", "a program's name cannot be empty", "name a program");
            }
            if (name.indexOf('/') >= 0) {
                return openExactly(name);
            }
            String path = environment.getOrDefault("PATH", DEFAULT_PATH);
            Optional<NotRunnable> refused = Optional.empty();
            for (String directory : path.split(":", -1)) {
                String candidate = directory.isEmpty() ? name : directory + "/" + name; // empty: working directory
                try {
                    return openExactly(candidate);
                } catch (NotFound absent) {
                    // The next directory may have it.
                } catch (NotRunnable found) {
                    if (found.reason() == Reason.REFUSED_BY_POLICY) {
                        continue; // what the policy hides is not there: much of a user's PATH lies outside the default
                    }
                    // EACCES: the next directory may have one that can be executed; else this is what is reported.
                    refused = refused.or(() -> Optional.of(found));
                }
            }
            if (refused.isPresent()) {
                throw refused.get();
            }
            throw new NotFound(
                    "cannot find " + Quoted.of(name),
                    "there is no such program in the sandbox's PATH, " + Quoted.of(path),
                    "give its path, install it, or set PATH with --env PATH=...");
        }

        private Found openExactly(String name) throws NotFound, NotRunnable {
            return switch (open(name)) {
                case Opened(OpenProgram file) -> {
                    Optional<NotRunnable> refusal = unlessExecutable(name, file);
                    if (refusal.isPresent()) {
                        file.close();
                        throw refusal.get();
                    }
                    yield new Found(name, file);
                }
                case Failed(Failure failure, String detail) -> {
                    if (isAbsence(failure)) {
                        throw new NotFound(
                                "cannot find " + Quoted.of(name),
                                why(failure, detail),
                                "check the name; with --root DIR all names are those inside DIR");
                    }
                    throw new NotRunnable(
                            failure == Failure.REFUSED_BY_POLICY ? Reason.REFUSED_BY_POLICY : Reason.CANNOT_OPEN,
                            cannotRun(name),
                            why(failure, detail),
                            next(failure, name));
                }
            };
        }

        private Opening open(String name) {
            if (name.isEmpty()) {
                return new Failed(Failure.NOT_FOUND); // open_exec("") in the kernel: ENOENT
            }
            if (name.length() >= PATH_MAX) {
                return new Failed(Failure.NAME_TOO_LONG); // getname() in the kernel, with the NUL
            }
            return files.open(name.startsWith("/") ? name : workingDirectory + "/" + name);
        }
    }

    private static Script parse(String name, byte[] head) throws NotRunnable {
        return Script.parse(head)
                .orElseThrow(() -> new NotRunnable(
                        Reason.BAD_SCRIPT,
                        cannotRun(name),
                        "its first line names no interpreter, or one whose name is longer than the kernel reads",
                        "write #! and the interpreter's path into its first line, 254 bytes at most"));
    }

    private static Optional<NotRunnable> unlessExecutable(String name, OpenProgram file) {
        return switch (file.kind()) {
            case DIRECTORY -> Optional.of(notRegular(name, "it is a directory"));
            case OTHER -> Optional.of(notRegular(name, "it is a device, a pipe or a socket"));
            case REGULAR ->
                file.executable()
                        ? Optional.empty()
                        : Optional.of(new NotRunnable(
                                Reason.NOT_EXECUTABLE,
                                cannotRun(name),
                                "this user may not execute it",
                                "make it executable (chmod +x), or if it is a script, name its interpreter before it"));
        };
    }

    private static NotRunnable notRegular(String name, String why) {
        return new NotRunnable(Reason.NOT_A_REGULAR_FILE, cannotRun(name), why, "name a program");
    }

    private static boolean isAbsence(Failure failure) {
        return failure == Failure.NOT_FOUND || failure == Failure.NOT_A_DIRECTORY;
    }

    private static String cannotRun(String name) {
        return "cannot run " + Quoted.of(name);
    }

    private static String why(Failure failure, String detail) {
        return detail.isEmpty() ? failure.text() : failure.text() + " (" + detail + ")";
    }

    private static String next(Failure failure, String name) {
        return switch (failure) {
            case REFUSED_BY_POLICY -> "allow it with --read " + Quoted.of(name) + ", if you mean to";
            case ACCESS_DENIED -> "change its permissions, or run as a user who may read it";
            case NOT_FOUND, NOT_A_DIRECTORY, TOO_MANY_LINKS, NAME_TOO_LONG, OTHER -> "check the name and the file";
        };
    }
}
