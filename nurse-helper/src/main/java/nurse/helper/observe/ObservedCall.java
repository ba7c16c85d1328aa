package nurse.helper.observe;

import java.util.List;
import java.util.Locale;
import nurse.ffm.lane.LaneLayout;
import nurse.helper.calls.CallHandler;
import nurse.helper.calls.Syscall;
import org.jspecify.annotations.Nullable;

/**
 * One call of a program, when it has ended.
 *
 * @param number the call's number, also when it is no call's
 * @param arguments the six registers
 * @param strings for each argument that is a name or another string its text, one char a byte (hostile), else null; null too
 *     where the program passed a pointer to nothing
 * @param begin nanoseconds from the run's first call
 * @param nanos how long the helper had it, the trustee's part included
 * @param answered whether the program got an answer; a program that exits gets none
 * @param result the call's, or a negative errno
 * @param judgements what was decided, in order
 */
public record ObservedCall(
        int number,
        List<Integer> arguments,
        List<@Nullable String> strings,
        long begin,
        long nanos,
        boolean answered,
        int result,
        List<Judgement> judgements) {
    /** The {@link #number} of no call: what was decided before the first one, when the program itself was looked for. */
    public static final int START = -1;

    /** The call, or null: a number that is no call's, or a signal's default action. */
    public @Nullable Syscall syscall() {
        return Syscall.byNumber(number);
    }

    /** Whether the program did not call at all: a signal came whose default action is to end it. */
    public boolean isSignal() {
        return number == LaneLayout.CALL_RAISE;
    }

    /** The call's name as the manual has it. */
    public String name() {
        Syscall syscall = syscall();
        return syscall != null
                ? syscall.name().toLowerCase(Locale.ROOT)
                : isSignal() ? "signal" : number == START ? "start" : "syscall_" + Integer.toUnsignedString(number);
    }

    /** Whether it ended with an error. A call that a signal interrupts and that is made again did not. */
    public boolean failed() {
        return answered && result < 0 && result >= -4095 && !isRestarted();
    }

    /** Whether a signal ended it before it did anything, and it is made again where the signal's handler lets it. */
    public boolean isRestarted() {
        return answered && result == CallHandler.RESTART;
    }

    /** Whether something was asked for that was refused. */
    public boolean refused() {
        return judgements.stream().anyMatch(judgement -> !judgement.allowed());
    }

    /** The same call with other judgements. */
    public ObservedCall with(List<Judgement> others) {
        return new ObservedCall(number, arguments, strings, begin, nanos, answered, result, List.copyOf(others));
    }
}
