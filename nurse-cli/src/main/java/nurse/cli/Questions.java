package nurse.cli;

import java.util.Locale;
import java.util.function.Predicate;
import nurse.helper.ask.Answer;
import nurse.helper.ask.Asker;
import nurse.helper.ask.Pause;
import nurse.helper.ask.Question;
import nurse.helper.calls.Trustee;
import nurse.helper.messages.Quoted;
import nurse.helper.messages.ShellWord;
import nurse.helper.policy.Access;
import nurse.helper.policy.Remedy;
import org.jspecify.annotations.Nullable;

/** {@code --ask}: puts what the policy refuses to the user, and understands the answers. */
final class Questions implements Asker, AutoCloseable {
    private final Terminal terminal;
    private final String program;
    private final Predicate<String> mayHold;
    private final @Nullable SavedAnswers saved;

    private Questions(Terminal terminal, String program, Predicate<String> mayHold, @Nullable SavedAnswers saved) {
        this.terminal = terminal;
        this.program = program;
        this.mayHold = mayHold;
        this.saved = saved;
    }

    /**
     * Finds the terminal.
     *
     * @param mayHold whether a name is a directory's, as the program sees it, or may become one's
     * @param saved where answers can be written to; null without a policy file
     * @throws CannotRun when there is none: a program is not started which then could not be asked about; or with --dry-run
     */
    static Questions of(Caller caller, RunOptions options, Predicate<String> mayHold, @Nullable SavedAnswers saved) {
        if (options.has(RunOption.DRY_RUN)) {
            throw new CannotRun(
                    CannotRun.USAGE,
                    "--ask and --dry-run do not go together",
                    "--dry-run refuses nothing that could be asked about",
                    "leave one of them out");
        }
        String kind = caller.environment().getOrDefault("TERM", "dumb");
        Terminal terminal = new Terminal(caller.kernel(), caller.terminal(), kind.equals("dumb") || kind.isEmpty());
        if (!terminal.isUsable()) {
            terminal.close();
            throw new CannotRun(
                    CannotRun.USAGE,
                    "--ask has no terminal to ask on",
                    "nurse was started without one: /dev/tty cannot be opened",
                    "start it in a terminal; elsewhere `nurse learn` writes a policy, and run --dry-run tells what one"
                            + " would refuse");
        }
        return new Questions(terminal, options.command().get(0), mayHold, saved);
    }

    @Override
    public Answer ask(Question question, Trustee trustee, Pause pause) {
        boolean mayBeLasting = !question.value().equals("/"); // else it would allow all there is
        String text = text(question, mayBeLasting);
        while (true) {
            String line = terminal.ask(text, trustee, pause);
            if (line == null) {
                terminal.say("\nnurse: nobody answers; what the policy refuses stays refused from now on\n");
                return Answer.REST;
            }
            if (line.endsWith(Terminal.INTERRUPT)) {
                terminal.say("\n");
                return Answer.INTERRUPT;
            }
            switch (line.strip().toLowerCase(Locale.ROOT)) {
                case "o", "once" -> {
                    return Answer.ONCE;
                }
                case "n", "never" -> {
                    return Answer.NEVER;
                }
                case "r", "rest" -> {
                    return Answer.REST;
                }
                case "a", "always" -> {
                    if (mayBeLasting) {
                        return Answer.ALWAYS;
                    }
                }
                case "s", "save" -> {
                    if (mayBeLasting && saved != null) {
                        terminal.say(saved.save(question));
                        return Answer.ALWAYS;
                    }
                }
                default -> {}
            }
        }
    }

    private String text(Question question, boolean mayBeLasting) {
        String what =
                switch (question) {
                    case Question.OfFile file ->
                        "for " + file.call() + " " + Quoted.of(file.name()) + " to "
                                + Access.describe(file.decision().access()) + "\n  refused: "
                                + (file.decision().rule().origin().startsWith("default")
                                        ? "no rule allows it"
                                        : "no more than " + file.decision().rule());
                    case Question.OfAddress address ->
                        "to " + Quoted.of(address.rule()) + "\n  refused: no rule allows it";
                };
        boolean isWhole = question instanceof Question.OfFile file
                && (file.remedy().option() == Remedy.Option.READ
                        || file.remedy().option() == Remedy.Option.WRITE)
                && mayHold.test(file.name());
        String always =
                question.option() + " " + ShellWord.of(question.value()) + (isWhole ? ", all below it too" : "");
        return "nurse: " + Quoted.of(program) + " asks " + what + "\n"
                + "  once:    this call is allowed\n"
                + (mayBeLasting ? "  always:  allowed until the program ends (" + always + ")\n" : "")
                + (mayBeLasting && saved != null ? "  save:    always, and written into " + saved.file() + "\n" : "")
                + "  never:   refused until the program ends\n"
                + "  rest:    never, and the same for all that it will ask for\n"
                + "nurse: once, " + (mayBeLasting ? "always, " : "")
                + (mayBeLasting && saved != null ? "save, " : "") + "never or rest? ";
    }

    @Override
    public void close() {
        terminal.close();
    }
}
