package nurse.cli;

import java.util.Arrays;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * nurse(1), written from the command tree in man(7)'s macros. picocli's own generator writes AsciiDoc, which only a Ruby
 * program turns into a man page.
 */
final class ManPage {
    private final StringBuilder page = new StringBuilder();

    private ManPage() {}

    static String of(CommandLine tree) {
        return new ManPage().write(tree);
    }

    private String write(CommandLine tree) {
        line(".TH NURSE 1 \"\" \"seccomp-nurse " + Main.version() + "\" \"User Commands\"");
        section("NAME", "nurse \\- run an untrusted program under SECCOMP with a readable policy");
        line(".SH SYNOPSIS");
        tree.getSubcommands().values().forEach(command -> {
            line(".B nurse " + command.getCommandName());
            line(text(operands(command)));
            line(".br");
        });
        line(".SH DESCRIPTION");
        for (String paragraph : tree.getCommandSpec().usageMessage().description()) {
            line(text(paragraph));
        }
        line(".SH COMMANDS");
        tree.getSubcommands().values().forEach(this::command);
        line(".SH EXIT STATUS");
        for (String status : CommandTree.STATUSES) {
            tagged(status.substring(0, status.indexOf(':')), status.substring(status.indexOf(':') + 1));
        }
        line(".SH ENVIRONMENT");
        tagged("NO_COLOR", "If it is set and not empty, nothing is coloured.");
        tagged("NURSE_JAVA_HOME", "The JDK to run on, where the java on the PATH is too old.");
        return page.toString();
    }

    private void command(CommandLine command) {
        CommandSpec spec = command.getCommandSpec();
        line(".SS nurse " + command.getCommandName() + " " + text(operands(command)));
        paragraphs(spec.usageMessage().header());
        paragraphs(spec.usageMessage().description());
        for (OptionSpec option : spec.options()) {
            String label = option.arity().max() == 0 ? "" : " " + option.paramLabel();
            tagged(String.join(", ", option.names()) + label, String.join(" ", option.description()));
        }
        List<String> examples = Arrays.stream(spec.usageMessage().footer())
                .filter(example -> !example.isBlank())
                .toList();
        if (!examples.isEmpty()) {
            line(".PP");
            line("Examples:");
            line(".EX");
            examples.forEach(example -> line(text(example)));
            line(".EE");
        }
    }

    private static String operands(CommandLine command) {
        CommandSpec spec = command.getCommandSpec();
        StringBuilder operands = new StringBuilder(spec.options().size() > 1 ? "[OPTIONS]" : "");
        spec.positionalParameters().forEach(parameter -> {
            boolean optional = parameter.arity().min() == 0;
            operands.append(operands.isEmpty() ? "" : " ")
                    .append(optional ? "[" : "")
                    .append(parameter.paramLabel())
                    .append(
                            parameter.arity().max() > 1
                                            && !parameter.paramLabel().endsWith("]")
                                    ? "..."
                                    : "")
                    .append(optional ? "]" : "");
        });
        return operands.toString();
    }

    private void section(String title, String roff) {
        line(".SH " + title);
        line(roff);
    }

    private void paragraphs(String... texts) {
        for (String paragraph : texts) {
            line(".PP");
            line(text(paragraph));
        }
    }

    private void tagged(String tag, String what) {
        line(".TP");
        line(".B " + text(tag));
        line(text(what));
    }

    /** roff(7): a backslash is an escape's, a hyphen may become another dash, and a dot at the beginning is a request. */
    private static String text(String plain) {
        String escaped = plain.replace("%%", "%").replace("\\", "\\e").replace("-", "\\-");
        return escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" + escaped : escaped;
    }

    private void line(String line) {
        page.append(line).append('\n');
    }
}
