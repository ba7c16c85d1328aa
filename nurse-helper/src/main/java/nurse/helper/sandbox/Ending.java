package nurse.helper.sandbox;

import java.util.List;
import nurse.helper.policy.Limits;

/** How a sandboxed program came to its end. */
public sealed interface Ending {
    /** The status that a shell would show: 128 + n for a signal n. */
    int status();

    /** It called exit. */
    record Exited(int status) implements Ending {}

    /** A signal killed it. */
    record Killed(int signal) implements Ending {
        @Override
        public int status() {
            return 128 + signal;
        }
    }

    /**
     * Only its parent, which is not the helper, saw how (Linux before 6.15). A signal killed it: of an exit the helper is asked
     * before it happens.
     */
    record Unseen() implements Ending {
        /** As if by SIGKILL: which signal it was is not known. */
        @Override
        public int status() {
            return 128 + 9;
        }
    }

    /**
     * It reached a limit, and was killed for it.
     *
     * @param most what the limit was, in its unit
     */
    record LimitReached(Limits.Limit limit, long most) implements Ending {
        /** As timeout(1) has it. */
        @Override
        public int status() {
            return 124;
        }
    }

    /**
     * It ended, and not all that it wrote has arrived at the user's standard output and error.
     *
     * @param errno what the user's file took no more for
     */
    record OutputLost(int errno) implements Ending {
        /** As env(1) has it: a failure that is not the program's. */
        @Override
        public int status() {
            return 125;
        }
    }

    /** The helper killed it: it wrote into the shared memory, or the control socket, what the gate never writes. */
    record KilledForForgery() implements Ending {
        @Override
        public int status() {
            return 128 + 9;
        }
    }

    /**
     * SECCOMP killed it: it made a system call around the gate.
     *
     * @param suspects files of the program with direct system calls in them, as far as could be seen
     */
    record KilledBySeccomp(Lock lock, List<String> suspects) implements Ending {
        @Override
        public int status() {
            return 128 + lock.killedBy();
        }
    }
}
