package nurse.helper.sandbox;

import nurse.ffm.Errno;
import nurse.helper.calls.Call;
import nurse.helper.calls.Syscall;
import nurse.helper.policy.Limits;
import org.jspecify.annotations.Nullable;

/**
 * Recognizes the call that a limit of the policy stopped. The kernel keeps these limits for the helper (setrlimit(2)) and tells
 * the program alone, by an error that has other causes as well.
 */
final class LimitTold {
    private final Limits limits;

    LimitTold(Limits limits) {
        this.limits = limits;
    }

    /** The limit that a call's result is owed to, or null. */
    Limits.@Nullable Limit of(Syscall syscall, Call call, int result) {
        if (limits.has(Limits.Limit.MEMORY) && isWithoutMemory(syscall, call, result)) {
            return Limits.Limit.MEMORY;
        }
        return limits.has(Limits.Limit.OPEN_FILES) && result == -Errno.EMFILE ? Limits.Limit.OPEN_FILES : null;
    }

    /** brk(2) as the kernel has it returns the old break when it cannot have the new one. */
    private static boolean isWithoutMemory(Syscall syscall, Call call, int result) {
        return switch (syscall) {
            case BRK -> Integer.compareUnsigned(result, call.argument(0)) < 0;
            case MMAP, MMAP2, MREMAP, MPROTECT -> result == -Errno.ENOMEM;
            default -> false;
        };
    }

    /** For people. */
    String why(Limits.Limit limit) {
        return "the limit " + limit.word() + " = " + limit.show(limits.of(limit)) + " is reached; --limit "
                + limit.word() + "=VALUE gives it more";
    }
}
