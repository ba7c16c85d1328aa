import java.util.List;
import java.util.Map;

/**
 * The two tables.
 *
 * @param calls by number
 * @param errnos by name, in the order of their numbers
 */
record Table(List<Call> calls, Map<String, Errno> errnos) {
    /** One more than the highest number. */
    int count() {
        return calls.get(calls.size() - 1).number() + 1;
    }

    /** The number that the call is refused with, or 0. */
    int refuseErrno(Call call) {
        return call.refusal() == null ? 0 : errnos.get(call.refusal()).number();
    }
}
