package nurse.cli.watch;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import nurse.helper.observe.ObservedCall;
import nurse.helper.sandbox.Ending;
import nurse.helper.sandbox.Lock;
import org.jspecify.annotations.Nullable;

/** Watches one run: what {@code trace}, {@code learn}, {@code --log} and {@code --report} have in common. */
public interface Spectator extends Consumer<ObservedCall> {
    /**
     * What is run. All strings one char a byte.
     *
     * @param id tells the run from others that write to the same file
     * @param command the program and its arguments
     * @param directory where it starts, as it sees it
     * @param variables what it gets of the user's environment
     * @param set those of them that an option set, and not the environment
     * @param dry whether it may do all, and is judged by what it would have to keep
     * @param isThere whether there is a file of this name, as it sees it
     */
    record Run(
            String id,
            List<String> command,
            String directory,
            Lock lock,
            Map<String, String> variables,
            Set<String> set,
            boolean dry,
            Predicate<String> isThere) {}

    /** Called before the program is started. */
    default void begins(Run run) {}

    /** A call has ended. The program waits until this returns. */
    @Override
    void accept(ObservedCall call);

    /**
     * Called once, when the program has ended.
     *
     * @param ending null if it was not started
     * @param status what nurse ends with
     */
    default void ends(@Nullable Ending ending, int status) {}
}
