package nurse.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import nurse.helper.messages.Quoted;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * All commands and options as picocli knows them: what help, completion and the man page come from.
 *
 * <p>The commands that run a program are described here and read by {@link RunOptions}, both by {@link RunOption}; the others
 * are picocli's. Not loaded by a plain run: picocli takes longer to load than such a run to start.
 */
final class CommandTree {
    private static final List<String> ABOUT = List.of(
            "seccomp-nurse runs a program that you do not trust, locked into SECCOMP: every call but read and write goes"
                    + " through a policy.",
            "");
    static final List<String> STATUSES = List.of(
            "0:of a command that ran no program: it did what it is for",
            "2:the command line cannot be understood",
            "125:the sandbox failed, or a file that nurse needs cannot be used",
            "126:the program cannot be run",
            "127:the program was not found",
            "128+n:signal n killed the program",
            "other:the program's own exit status");

    private CommandTree() {}

    /** A new tree: picocli keeps in it what it has parsed. */
    static CommandLine make() {
        CommandSpec root = CommandSpec.create().name("nurse");
        root.mixinStandardHelpOptions(false);
        root.usageMessage()
                .description(ABOUT.toArray(String[]::new))
                .synopsisSubcommandLabel("COMMAND")
                .footer("", "`nurse help COMMAND` explains one command, with examples.");
        root.addOption(OptionSpec.builder("--help", "-h")
                .usageHelp(true)
                .description("Show this help and end.")
                .build());
        root.addOption(OptionSpec.builder("--version")
                .versionHelp(true)
                .description("Say which version this is, and end.")
                .build());
        for (RunsProgram command : RunsProgram.values()) {
            root.addSubcommand(command.word(), ofRun(command));
        }
        CommandLine tree = new CommandLine(root);
        OtherCommands.all().forEach(tree::addSubcommand);
        return style(tree);
    }

    private static CommandLine style(CommandLine tree) {
        tree.setPosixClusteredShortOptionsAllowed(false);
        statuses(tree.getCommandSpec(), STATUSES);
        statuses(tree.getSubcommands().get("run").getCommandSpec(), STATUSES.subList(1, STATUSES.size()));
        return tree;
    }

    private static void statuses(CommandSpec spec, List<String> statuses) {
        Map<String, String> list = new LinkedHashMap<>();
        statuses.forEach(status ->
                list.put(status.substring(0, status.indexOf(':')), status.substring(status.indexOf(':') + 1)));
        spec.usageMessage().exitCodeListHeading("%nExit status:%n").exitCodeList(list);
    }

    /** {@code run} and its like, from the table that their parser reads. */
    private static CommandSpec ofRun(RunsProgram command) {
        CommandSpec spec = CommandSpec.create().name(command.word());
        spec.parser().stopAtPositional(true).overwrittenOptionsAllowed(true).posixClusteredShortOptionsAllowed(false);
        spec.usageMessage()
                .header(command.header())
                .description(command.description())
                .descriptionHeading("%n")
                .parameterListHeading("%n")
                .optionListHeading("%nOptions:%n")
                .customSynopsis("nurse " + command.word() + " [OPTIONS] PROGRAM [ARGUMENTS...]")
                .sortOptions(false)
                .footerHeading("%nExamples:%n")
                .footer(command.examples().stream().map(e -> "  " + e).toArray(String[]::new));
        for (RunOption option : RunOption.values()) {
            if (option.isOf(command.word())) {
                spec.addOption(option(option));
            }
        }
        spec.addPositional(PositionalParamSpec.builder()
                .paramLabel("PROGRAM [ARGUMENTS...]")
                .hideParamSyntax(true)
                .arity("1..*")
                .type(List.class)
                .auxiliaryTypes(String.class)
                .description("What to run; its own options stand behind it.")
                .build());
        return spec;
    }

    private static OptionSpec option(RunOption option) {
        OptionSpec.Builder builder = OptionSpec.builder(option.names().toArray(String[]::new))
                .description(option.text().replace("%", "%%"))
                .usageHelp(option == RunOption.HELP);
        if (option.value() == null) {
            return builder.arity("0").type(boolean.class).build();
        }
        return builder.arity("1")
                .paramLabel(option.value())
                .hideParamSyntax(true)
                .type(option.use() == RunOption.Use.REPEATED ? List.class : String.class)
                .auxiliaryTypes(String.class)
                .build();
    }

    /** The help of a command, or of nurse itself for an empty name. */
    static String help(String command) {
        CommandLine tree = make();
        CommandLine asked = command.isEmpty() ? tree : tree.getSubcommands().get(command);
        if (asked == null) {
            throw unknown(command);
        }
        asked.setUsageHelpAutoWidth(true);
        return asked.getUsageMessage(Ansi.AUTO);
    }

    static CannotRun unknown(String command) {
        return new CannotRun(
                CannotRun.USAGE,
                "there is no command " + Quoted.of(command),
                "the commands are " + String.join(", ", make().getSubcommands().keySet()),
                "to run a program: nurse run " + Quoted.of(command) + " ...");
    }

    /** Runs a command that is picocli's to read. */
    static int run(List<String> arguments) {
        CommandLine tree = make();
        tree.setParameterExceptionHandler((wrong, given) -> {
            CannotRun usage = new CannotRun(
                    CannotRun.USAGE,
                    Quoted.plain(wrong.getMessage()),
                    "",
                    wrong.getCommandLine().getCommandSpec().qualifiedName() + " --help explains it");
            System.err.print(usage.text());
            return CannotRun.USAGE;
        });
        tree.setExecutionExceptionHandler((failure, command, parsed) -> {
            if (failure instanceof CannotRun cannot) {
                System.err.print(cannot.text());
                return cannot.status();
            }
            throw failure;
        });
        return tree.execute(arguments.toArray(String[]::new));
    }
}
