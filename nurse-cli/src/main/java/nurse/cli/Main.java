package nurse.cli;

import java.util.List;
import nurse.ffm.Kernel;
import nurse.helper.sandbox.Phases;
import org.apache.logging.log4j.LogManager;

/**
 * {@code java -jar nurse-cli.jar COMMAND ...}
 *
 * <p>Exit statuses: the program's own; 128 + n when signal n killed it; 125 when the sandbox failed, 126 when the program
 * cannot be run, 127 when it was not found (as env(1) and timeout(1) do); 2 for a command line that cannot be understood.
 */
public final class Main {
    private static final int PR_SET_PDEATHSIG = 1;
    private static final int POLLERR = 8; // poll(2): of a pipe, nobody reads it any more
    private static final int SIGPIPE = 13;

    /** There may be no room to make it when it is needed. */
    private static final String OUT_OF_MEMORY = """
            nurse: the helper has run out of memory, and the program was ended
              why: the JVM's heap is full
              do:  give it more: java -Xmx1g -jar nurse-cli.jar ...
            """;

    private Main() {}

    public static void main(String[] arguments) {
        long begin = System.nanoTime();
        if (arguments.length > 0 && RunsProgram.of(arguments[0]) != null) {
            Preload.begin();
        }
        try (Kernel kernel = new Kernel()) { // handed on to the thread that serves the sandbox
            dieWithBoot(kernel);
            int status = run(kernel, CommandLine.asBytes(kernel, arguments), begin);
            if (System.out.checkError()) { // flushes it
                status = notAllWritten(kernel);
            }
            System.exit(status);
        } catch (RuntimeException | Error failure) {
            // The sandboxed process has been ended by then, or ends with this one.
            try {
                tell(failure);
            } catch (OutOfMemoryError noRoom) {
                // then the status alone has to say it
            }
            System.exit(CannotRun.FAILED);
        }
    }

    /** The JVM ignores SIGPIPE, which ends other programs without a word when their reader has gone. */
    private static int notAllWritten(Kernel kernel) {
        if ((kernel.poll(1, 0, 0) & POLLERR) != 0) {
            return 128 + SIGPIPE;
        }
        System.err.print(new CannotRun(
                        CannotRun.FAILED,
                        "the output is not complete",
                        "standard output takes no more: its disk is full, perhaps",
                        "make room for it, and run it again")
                .text());
        return CannotRun.FAILED;
    }

    /** Log4j is loaded for this and no sooner. */
    private static void tell(Throwable failure) {
        try {
            if (failure instanceof OutOfMemoryError) {
                System.err.print(OUT_OF_MEMORY);
            } else {
                LogManager.getLogger(Main.class).fatal("the helper failed; please report this", failure);
            }
        } catch (LinkageError noLog) {
            System.err.println("nurse: the helper failed; please report this: " + failure);
        }
    }

    /** When Boot started this JVM from an older one, the two are one for the user: the end of that one is the end of this. */
    private static void dieWithBoot(Kernel kernel) {
        String boot = System.getProperty("nurse.parent");
        if (boot != null) {
            kernel.prctl(PR_SET_PDEATHSIG, Kernel.SIGKILL, 0, 0, 0);
            if (!boot.equals(Integer.toString(kernel.getppid()))) {
                System.exit(CannotRun.FAILED);
            }
        }
    }

    private static int run(Kernel kernel, List<String> arguments, long begin) {
        String command = arguments.isEmpty() ? "" : arguments.get(0);
        RunsProgram runs = RunsProgram.of(command);
        if (runs != null) {
            int status =
                    run(new ThisProcess(kernel, phases(kernel, begin)), runs, arguments.subList(1, arguments.size()));
            System.out.flush();
            ServeCommand.endAtOnce(kernel, status);
            return status;
        }
        try {
            return switch (command) {
                case "serve" ->
                    arguments.contains("--help") || arguments.contains("-h")
                            ? CommandTree.run(arguments)
                            : ServeCommand.run(kernel, arguments.subList(1, arguments.size()), begin);
                case "" -> {
                    System.err.print(CommandTree.help(""));
                    yield CannotRun.USAGE;
                }
                case "--version" -> CommandTree.run(List.of("version"));
                default -> {
                    if (!command.startsWith("-")
                            && !CommandTree.make().getSubcommands().containsKey(command)) {
                        throw CommandTree.unknown(command);
                    }
                    yield CommandTree.run(arguments);
                }
            };
        } catch (HelpAsked asked) {
            System.out.print(CommandTree.help(asked.command()));
            return 0;
        } catch (CannotRun cannot) {
            System.err.print(cannot.text());
            return cannot.status();
        }
    }

    /** A command that runs a program, for whoever wants it: says what there is to say, and returns the status. */
    static int run(Caller caller, List<String> arguments) {
        RunsProgram runs = arguments.isEmpty() ? null : RunsProgram.of(arguments.get(0));
        if (runs == null) {
            caller.err(CommandTree.unknown(arguments.isEmpty() ? "" : arguments.get(0))
                    .text());
            return CannotRun.USAGE;
        }
        return run(caller, runs, arguments.subList(1, arguments.size()));
    }

    private static int run(Caller caller, RunsProgram runs, List<String> arguments) {
        try {
            return new RunCommand(caller, RunOptions.parse(runs, arguments)).run();
        } catch (HelpAsked asked) {
            caller.out(CommandTree.help(asked.command()));
            return 0;
        } catch (CannotRun cannot) {
            caller.err(cannot.text());
            return cannot.status();
        }
    }

    /** @param begin when Java began to run */
    private static Phases phases(Kernel kernel, long begin) {
        Phases phases = new Phases(CommandLine.started(kernel, kernel.getpid()));
        phases.end("java", begin);
        phases.end("ffm");
        return phases;
    }

    /** This jar's version. */
    static String version() {
        String version = Main.class.getPackage().getImplementationVersion();
        return version == null ? "(not from a jar)" : version;
    }
}
