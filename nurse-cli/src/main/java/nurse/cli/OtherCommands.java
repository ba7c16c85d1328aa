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
        commands.put("serve", new Serve());
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
