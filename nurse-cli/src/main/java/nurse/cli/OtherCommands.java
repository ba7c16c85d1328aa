package nurse.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The commands that run no program. */
final class OtherCommands {
    private OtherCommands() {}

    static Map<String, Object> all() {
        Map<String, Object> commands = new LinkedHashMap<>();
        commands.put("check", new CheckCommand());
        commands.put("explain", new ExplainCommand());
        commands.put("profiles", new ProfilesCommand());
        commands.put("serve", new Serve());
        commands.put("doctor", new Examine());
        commands.put("attack", new AttackSuite());
        commands.put("completion", new Completion());
        commands.put("man", new Man());
        commands.put("version", new Version());
        commands.put("help", new Help());
        return commands;
    }

    /** What every command has. */
    abstract static class Described implements Callable<Integer> {
        @Option(
                names = {"--help", "-h"},
                usageHelp = true,
                description = "Show this help and end.")
        private boolean unusedHelp; // picocli acts on it
    }

    @Command(
            header = "Keep a helper ready, so that runs start at once.",
            descriptionHeading = "%n",
            description = {
                "The native client, `nurse` beside the jar, starts one by itself at the first run, which ends after a minute"
                        + " without a run. This one stays in the foreground until Ctrl-C. With NURSE_RESIDENT=no in the"
                        + " environment a run has a helper for itself alone."
            },
            footerHeading = "%nExamples:%n",
            footer = "  nurse serve &")
    static final class Serve extends Described {
        /** Only reached with --help: ServeCommand reads the rest. */
        @Override
        public Integer call() {
            throw ServeCommand.withoutClient();
        }
    }

    @Command(
            header = "Say whether programs can be run here, and what is missing.",
            descriptionHeading = "%n",
            description = {
                "Looks at the kernel, SECCOMP, limits, 32-bit support, the loader, Java and permissions, then runs `true` under"
                        + " both locks and says which layers of protection it had (docs/layers.md). For each thing that is not"
                        + " well it says why, and how to mend it. Changes nothing."
            },
            optionListHeading = "%nOptions:%n",
            exitCodeListHeading = "%nExit status:%n",
            exitCodeList = {
                "0:programs can be run; some protection may be missing",
                "1:programs cannot be run",
                "2:the command line cannot be understood"
            },
            footerHeading = "%nExamples:%n",
            footer = {"  nurse doctor", "  nurse doctor --root /var/cache/seccomp-nurse/i386-bookworm"})
    static final class Examine extends Described {
        @Option(
                names = "--root",
                paramLabel = "DIR",
                description = "What programs are to see as /; / if it is not given.")
        private String root = "/";

        @Override
        public Integer call() {
            return DoctorCommand.run(root);
        }
    }

    @Command(
            header = "Write the shell's completion of nurse's commands and options.",
            descriptionHeading = "%n",
            description = "For bash, and for zsh with bashcompinit, which the script itself turns on.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  nurse completion bash > ~/.local/share/bash-completion/completions/nurse",
                "  source <(nurse completion zsh)"
            })
    static final class Completion extends Described {
        enum Shell {
            bash,
            zsh
        }

        @Parameters(paramLabel = "SHELL", description = "bash or zsh")
        private Shell unusedShell; // one script serves both

        @Override
        public Integer call() {
            System.out.print(AutoComplete.bash("nurse", CommandTree.make()));
            return 0;
        }
    }

    @Command(
            header = "Write the man page, in roff.",
            footerHeading = "%nExamples:%n",
            footer = {"  nurse man > ~/.local/share/man/man1/nurse.1", "  nurse man | man -l -"})
    static final class Man extends Described {
        @Override
        public Integer call() {
            System.out.print(ManPage.of(CommandTree.make()));
            return 0;
        }
    }

    @Command(header = "Say which version this is.")
    static final class Version extends Described {
        @Override
        public Integer call() {
            System.out.println("seccomp-nurse " + Main.version());
            return 0;
        }
    }

    @Command(header = "Explain a command, or nurse as a whole.")
    static final class Help extends Described {
        @Parameters(paramLabel = "COMMAND", arity = "0..1", defaultValue = "", description = "the command to explain")
        private String command;

        @Override
        public Integer call() {
            System.out.print(CommandTree.help(command));
            return 0;
        }
    }
}
