package nurse.cli.watch;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import nurse.helper.calls.Syscall;
import nurse.helper.messages.Quoted;
import nurse.helper.observe.ObservedCall;

/**
 * Which calls {@code trace} shows: words with commas between them, {@code openat,network,refused}. A word is a call's name, a
 * category of the syscall table, {@code refused}, {@code failed}, or {@code /PATH} for what names a file at or below it; with
 * {@code !} before all of them, what they do not name.
 */
public final class CallFilter implements Predicate<ObservedCall> {
    /** Everything. */
    public static final CallFilter ALL = new CallFilter(List.of(), true);

    private final List<Predicate<ObservedCall>> words;
    private final boolean inverted;

    private CallFilter(List<Predicate<ObservedCall>> words, boolean inverted) {
        this.words = words;
        this.inverted = inverted;
    }

    /** @throws IllegalArgumentException with what is wrong, for the user */
    public static CallFilter of(String text) {
        boolean inverted = text.startsWith("!");
        List<Predicate<ObservedCall>> words = new ArrayList<>();
        for (String word : (inverted ? text.substring(1) : text).split(",", -1)) {
            words.add(word(word));
        }
        return new CallFilter(words, inverted);
    }

    private static Predicate<ObservedCall> word(String word) {
        if (word.equals("refused")) {
            return ObservedCall::refused;
        }
        if (word.equals("failed")) {
            return ObservedCall::failed;
        }
        if (word.startsWith("/")) {
            String path = word.length() > 1 && word.endsWith("/") ? word.substring(0, word.length() - 1) : word;
            return call -> Files.of(call).stream().anyMatch(file -> Files.isAtOrBelow(file, path));
        }
        for (Syscall.Category category : Syscall.Category.values()) {
            if (category.name().toLowerCase(Locale.ROOT).equals(word)) {
                return call -> call.syscall() != null && call.syscall().category() == category;
            }
        }
        for (Syscall syscall : Syscall.values()) {
            if (syscall.callName().equals(word)) {
                return call -> call.syscall() == syscall;
            }
        }
        throw new IllegalArgumentException(
                Quoted.of(word) + " is no call of i386, nor file, descriptor, memory, time, signal,"
                        + " network, process, identity, system, ipc, sync, refused, failed or a path");
    }

    @Override
    public boolean test(ObservedCall call) {
        return words.stream().anyMatch(word -> word.test(call)) != inverted;
    }
}
