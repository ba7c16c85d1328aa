package nurse.helper.policy;

/**
 * The answer to one question, with its reason. Immutable, made when the policy is compiled and handed out again and again.
 *
 * @param errno what the program gets when it is not allowed; 0 when it is
 * @param reason the rule that decided, as a person reads it
 */
public record Decision(boolean allowed, int errno, String reason) {
    private static final int EPERM = 1; // errno-base.h; this package depends on nothing

    static Decision allow(String reason) {
        return new Decision(true, 0, reason);
    }

    static Decision refuse(String reason) {
        return new Decision(false, EPERM, reason);
    }
}
