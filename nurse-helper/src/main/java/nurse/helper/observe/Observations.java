package nurse.helper.observe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import nurse.helper.calls.Call;
import nurse.helper.calls.CallError;
import nurse.helper.calls.Syscall;
import nurse.helper.policy.Decision;
import org.jspecify.annotations.Nullable;

/** Puts together what an observer is shown of a call, and hands it on when the call has ended. */
public final class Observations implements Observer {
    private static final List<Integer> NOTHING = List.of(0, 0, 0, 0, 0, 0);

    private final List<Consumer<ObservedCall>> to;
    private final List<Judgement> judgements = new ArrayList<>();
    private @Nullable Call call;
    private List<@Nullable String> strings = List.of();
    private long first;
    private long begin;

    /** @param to who gets each call, in this order, while the program waits */
    public Observations(List<Consumer<ObservedCall>> to) {
        this.to = List.copyOf(to);
    }

    @Override
    public void begins(Call next) {
        begin = System.nanoTime();
        first = first == 0 ? begin : first;
        endSearch();
        call = next;
        strings = strings(next);
    }

    /** Hands on what was decided before the first call, when the program itself was looked for; if it is the end, too. */
    public void endSearch() {
        if (call == null && !judgements.isEmpty()) {
            handOn(ObservedCall.START, NOTHING, Arrays.asList(new String[6]), true, 0);
        }
    }

    /** By the table's kinds: what is a name or a string there. A pointer to nothing is the call's to answer, not ours. */
    private static List<@Nullable String> strings(Call call) {
        Syscall syscall = Syscall.byNumber(call.number());
        @Nullable String[] strings = new String[6];
        if (syscall != null) {
            List<Syscall.Arg> args = syscall.args();
            for (int i = 0; i < args.size(); i++) {
                Syscall.Kind kind = args.get(i).kind();
                if (kind == Syscall.Kind.PATH || kind == Syscall.Kind.STR) {
                    strings[i] = string(call, i);
                }
            }
        }
        return Arrays.asList(strings);
    }

    private static @Nullable String string(Call call, int i) {
        try {
            return call.stringOrNull(i);
        } catch (CallError wrong) {
            return null;
        }
    }

    @Override
    public void decided(String name, Decision decision) {
        add(new Judgement.OfFile(name, decision));
    }

    @Override
    public void decided(String what, int errno, String why) {
        add(new Judgement.Other(what, errno, why));
    }

    private void add(Judgement judgement) {
        if (judgements.isEmpty() || !judgements.get(judgements.size() - 1).equals(judgement)) {
            judgements.add(judgement);
        }
    }

    @Override
    public void decidesAnew() {
        judgements.clear();
    }

    @Override
    public void ends(int result) {
        handOn(true, result);
    }

    @Override
    public void endsUnanswered() {
        handOn(false, 0);
    }

    private void handOn(boolean answered, int result) {
        Call ended = call;
        if (ended != null) {
            call = null;
            List<Integer> arguments =
                    IntStream.range(0, 6).mapToObj(ended::argument).toList();
            handOn(ended.number(), arguments, strings, answered, result);
        }
    }

    private void handOn(
            int number, List<Integer> arguments, List<@Nullable String> texts, boolean answered, int result) {
        long nanos = System.nanoTime() - begin;
        ObservedCall observed = new ObservedCall(
                number, arguments, texts, Math.max(begin - first, 0), nanos, answered, result, List.copyOf(judgements));
        judgements.clear();
        to.forEach(consumer -> consumer.accept(observed));
    }
}
