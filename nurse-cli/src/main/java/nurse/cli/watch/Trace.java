package nurse.cli.watch;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import nurse.helper.messages.Quoted;
import nurse.helper.observe.Judgement;
import nurse.helper.observe.ObservedCall;

/** {@code trace}: a line for each call, as it ends. */
public final class Trace implements Spectator {
    private final Predicate<ObservedCall> filter;
    private final Colours colours;
    private final Consumer<String> out;

    public Trace(Predicate<ObservedCall> filter, Colours colours, Consumer<String> out) {
        this.filter = filter;
        this.colours = colours;
        this.out = out;
    }

    @Override
    public void accept(ObservedCall call) {
        if (!filter.test(call)) {
            return;
        }
        String result = CallText.result(call);
        StringBuilder line = new StringBuilder(CallText.call(call))
                .append(" = ")
                .append(call.failed() ? colours.odd(result) : result)
                .append(colours.faint(" <" + CallText.duration(call.nanos()) + ">"));
        decisive(call.judgements()).forEach(judgement -> line.append(decision(judgement)));
        out.accept(line.append('\n').toString());
    }

    /** The refusals, if there are any; else the last, which is about what the call was for, and not what led there. */
    private static List<Judgement> decisive(List<Judgement> judgements) {
        List<Judgement> refusals = judgements.stream().filter(j -> !j.allowed()).toList();
        return !refusals.isEmpty() || judgements.isEmpty() ? refusals : List.of(judgements.get(judgements.size() - 1));
    }

    private String decision(Judgement judgement) {
        String about =
                switch (judgement) {
                    case Judgement.OfFile file -> Quoted.of(file.name()) + " ";
                    case Judgement.Other other -> other.what().isEmpty() ? "" : other.what() + " ";
                };
        return judgement.allowed()
                ? colours.faint(" allowed: " + judgement.reason())
                : " " + colours.bad("refused:") + " " + about + judgement.reason();
    }
}
