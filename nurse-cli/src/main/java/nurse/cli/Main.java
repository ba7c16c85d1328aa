package nurse.cli;

import java.util.List;
import nurse.ffm.Kernel;
import nurse.helper.messages.Quoted;

/**
 * {@code java -jar nurse-cli.jar COMMAND ...}
 *
 * <p>Exit statuses: the program's own; 128 + n when signal n killed it; 125 when the sandbox failed, 126 when the program
 * cannot be run, 127 when it was not found (as env(1) and timeout(1) do); 2 for a command line that cannot be understood.
 */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        try (Kernel kernel = new Kernel()) {
            System.exit(run(kernel, CommandLine.asBytes(kernel, arguments)));
        }
    }

    private static int run(Kernel kernel, List<String> arguments) {
        String command = arguments.isEmpty() ? "" : arguments.get(0);
        try {
            return switch (command) {
                case "run" -> new RunCommand(kernel, RunOptions.parse(arguments.subList(1, arguments.size()))).run();
                case "version", "--version" -> {
                    System.out.println("seccomp-nurse " + version());
                    yield 0;
                }
                case "help", "--help", "-h" -> throw new HelpAsked();
                case "" -> {
                    System.err.print(Help.TEXT);
                    yield CannotRun.USAGE;
                }
                default ->
                    throw new CannotRun(
                            CannotRun.USAGE,
                            "there is no command " + Quoted.of(command),
                            "the commands are run, version and help",
                            "to run a program: nurse run " + Quoted.of(command) + " ...");
            };
        } catch (HelpAsked asked) {
            System.out.print(Help.TEXT);
            return 0;
        } catch (CannotRun cannot) {
            cannot.print();
            return cannot.status();
        }
    }

    private static String version() {
        String version = Main.class.getPackage().getImplementationVersion();
        return version == null ? "(not from a jar)" : version;
    }
}
