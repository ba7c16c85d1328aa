package nurse.cli.watch;

import java.util.List;
import java.util.Locale;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.helper.calls.Syscall;
import nurse.helper.messages.Quoted;
import nurse.helper.observe.ObservedCall;

/** A call as people read it: {@code openat(AT_FDCWD, '/etc/passwd', O_RDONLY|O_CLOEXEC) = 3}. */
final class CallText {
    private CallText() {}

    /** The name of a call that there is; all numbers that are no call's are one. */
    static String kind(ObservedCall call) {
        boolean hasName = call.syscall() != null || call.isSignal() || call.number() == ObservedCall.START;
        return hasName ? call.name() : "unknown";
    }

    /** Name and arguments, by the syscall table's kinds. */
    static String call(ObservedCall call) {
        StringBuilder text = new StringBuilder(call.name()).append('(');
        Syscall syscall = call.syscall();
        if (syscall == null) {
            text.append(call.isSignal() ? call.arguments().get(0).toString() : "");
        } else {
            List<Syscall.Arg> args = syscall.args();
            for (int i = 0; i < args.size(); i++) {
                if (args.get(i).kind() == Syscall.Kind.MODE
                        && Bits.opensOnly(syscall, call.arguments().get(i - 1))) {
                    break; // open(2): of no meaning, and whatever was in the register
                }
                text.append(i == 0 ? "" : ", ").append(argument(syscall, args.get(i), call, i));
            }
        }
        return text.append(')').toString();
    }

    private static String argument(Syscall syscall, Syscall.Arg arg, ObservedCall call, int i) {
        int value = call.arguments().get(i);
        String string = call.strings().get(i);
        return switch (arg.kind()) {
            case PATH, STR -> string == null ? pointer(value) : Quoted.of(string);
            case DIRFD -> value == Kernel.AT_FDCWD ? "AT_FDCWD" : Integer.toString(value);
            case FLAGS -> Bits.of(syscall, arg.name(), value);
            case MODE ->
                syscall == Syscall.ACCESS || syscall == Syscall.FACCESSAT
                        ? Bits.of(syscall, arg.name(), value)
                        : value == 0 ? "0" : "0" + Integer.toOctalString(value);
            case ADDR, PTR, IN, OUT, INOUT -> pointer(value);
            case SIZE -> Integer.toUnsignedString(value);
            case INT, FD, PID, SIG ->
                syscall == Syscall.FACCESSAT2
                                || syscall == Syscall.ACCESS && arg.name().equals("mode")
                        ? Bits.of(syscall, arg.name(), value)
                        : Integer.toString(value);
        };
    }

    private static String pointer(int value) {
        return value == 0 ? "NULL" : "0x" + Integer.toHexString(value);
    }

    /** What the program got: {@code 3}, {@code -1 ENOENT}, {@code ?} for no answer. */
    static String result(ObservedCall call) {
        if (!call.answered()) {
            return "?";
        }
        if (call.isRestarted()) {
            return "? (a signal came)";
        }
        if (call.failed()) {
            return "-1 " + Errno.name(-call.result());
        }
        Syscall syscall = call.syscall();
        boolean isAddress = syscall == Syscall.MMAP2
                || syscall == Syscall.BRK
                || syscall == Syscall.MREMAP
                || syscall == Syscall.MMAP
                || call.result() < 0;
        return isAddress ? pointer(call.result()) : Integer.toString(call.result());
    }

    /** A duration: three digits and a unit. */
    static String duration(long nanos) {
        if (nanos < 10_000_000) {
            return String.format(Locale.ROOT, nanos < 100_000 ? "%.1f us" : "%.0f us", nanos / 1e3);
        }
        return String.format(
                Locale.ROOT,
                nanos < 10_000_000_000L ? "%.0f ms" : "%.1f s",
                nanos < 10_000_000_000L ? nanos / 1e6 : nanos / 1e9);
    }
}
