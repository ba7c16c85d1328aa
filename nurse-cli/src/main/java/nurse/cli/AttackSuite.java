package nurse.cli;

import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import nurse.cli.attack.AttackCommand;
import nurse.ffm.Kernel;
import nurse.helper.messages.Quoted;
import nurse.helper.sandbox.Lock;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code attack}. */
@Command(
        header = "Attack the sandbox on this machine, and show that it holds.",
        descriptionHeading = "%n",
        description = {
            "Hostile programs, each run by itself under both locks as the user who asks, with a declared end. Each has a"
                    + " twin: the same action where it must succeed, so that an attack cannot hold by accident. Status 0:"
                    + " all held.",
            "It makes directories in /tmp and removes them, sends nothing to other machines, and takes a few minutes; on a"
                    + " terminal it says how far it is."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  nurse attack",
            "  nurse attack --list",
            "  nurse attack --lock strict 5 'race-*' int80",
            "  nurse attack --root /var/cache/seccomp-nurse/i386-bookworm"
        })
final class AttackSuite extends OtherCommands.Described {
    private static final int STDERR = 2;

    @Option(names = "--lock", paramLabel = "LOCK", description = "Under this lock only: trap or strict.")
    private String lock;

    @Option(
            names = "--root",
            paramLabel = "DIR",
            defaultValue = "/",
            description =
                    "Programs see DIR as /: for a machine without an i386 loader of its own. They are put in its /tmp.")
    private String root;

    @Option(names = "--list", description = "Say which attacks there are, and run none.")
    private boolean list;

    @Parameters(
            paramLabel = "ATTACK",
            arity = "0..*",
            description =
                    "A name, the beginning of names with a * behind it, or the number of a class; all without any.")
    private List<String> filters = new ArrayList<>();

    @Override
    public Integer call() {
        AttackCommand command;
        try {
            String directory = Path.of(root).toAbsolutePath().normalize().toString();
            command = new AttackCommand(AttackSuite::nurse, locks(), directory, filters, System.out, terminal());
        } catch (IllegalArgumentException unknown) {
            throw new CannotRun(
                    CannotRun.USAGE,
                    "there is no attack " + Quoted.of(unknown.getMessage()),
                    "",
                    "nurse attack --list says which there are");
        }
        if (list) {
            command.list();
            return 0;
        }
        if (!Files.isWritable(command.place())) {
            throw new CannotRun(
                    CannotRun.USAGE,
                    "there is no " + Quoted.of(command.place().toString()) + ", or you may not write it",
                    "the hostile programs are put there",
                    "name a tree with a /tmp that you may write, such as one of bin/make-i386-tree");
        }
        try (Kernel kernel = Kernel.confined()) {
            // AttachDoor stays open: into this process gets the twin of jvm-attach; the attack has a helper of its own.
            kernel.umask(0); // of each run by itself the helper applies it, file by file
        }
        return command.run() ? 0 : 1;
    }

    /** Standard error, if somebody looks at it. */
    private static @Nullable PrintStream terminal() {
        try (Kernel kernel = Kernel.confined();
                Arena arena = Arena.ofConfined()) {
            return kernel.tcgets(STDERR, arena.allocate(Kernel.TERMIOS_SIZE, 8)) < 0 ? null : System.err;
        }
    }

    private List<Lock> locks() {
        if (lock == null) {
            return List.of(Lock.values());
        }
        try {
            return List.of(Lock.valueOf(lock.toUpperCase(Locale.ROOT)));
        } catch (IllegalArgumentException unknown) {
            throw new CannotRun(
                    CannotRun.USAGE,
                    "there is no lock " + Quoted.of(lock),
                    "",
                    "--lock strict or --lock trap; docs/lock.md compares them");
        }
    }

    private static int nurse(Path directory, Path out, Path err, List<String> arguments) {
        try (Kernel kernel = new Kernel(); // handed on to the thread that serves the sandbox
                AttackCaller caller = new AttackCaller(kernel, directory, out, err)) {
            List<String> command = new ArrayList<>(arguments);
            command.add(0, "run");
            return Main.run(caller, command);
        }
    }
}
