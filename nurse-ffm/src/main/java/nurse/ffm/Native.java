package nurse.ffm;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/**
 * The way into C: functions of libc, all called through one shape.
 *
 * <p>Each further shape of a downcall costs 5 to 12 ms when the JVM is cold, and seven longs suit every function used
 * here (the x86-64 calling convention passes integers and pointers alike; a callee that takes fewer ignores the rest).
 */
final class Native {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup LIBC = LINKER.defaultLookup();
    private static final FunctionDescriptor SHAPE = FunctionDescriptor.of(
            JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final StructLayout STATE =
            Linker.Option.captureStateLayout(); // on Linux: int errno, and nothing else
    private static final MethodHandle MH$syscall = function("syscall");

    private Native() {}

    @SuppressWarnings("restricted") // the one place that binds C functions
    static MethodHandle function(String name) {
        MemorySegment address = LIBC.find(name)
                .orElseThrow(() -> new IllegalStateException("libc has no function name=" + name
                        + "; the helper needs glibc on x86-64 Linux, found os.arch=" + System.getProperty("os.arch")));
        return LINKER.downcallHandle(address, SHAPE, Linker.Option.captureCallState("errno"));
    }

    static MemorySegment allocateState(Arena arena) {
        return arena.allocate(STATE);
    }

    /** syscall(2): the result, or a negative errno. */
    static long syscall(MemorySegment state, long number, long a, long b, long c, long d, long e, long f) {
        try {
            long result = (long) MH$syscall.invokeExact(state, number, a, b, c, d, e, f);
            return result == -1 ? -state.get(JAVA_INT, 0) : result;
        } catch (RuntimeException | Error misuse) { // the state is closed, or belongs to another thread
            throw misuse;
        } catch (Throwable impossible) {
            throw new AssertionError(impossible); // C throws nothing
        }
    }

    /** A function that returns its error instead of setting errno, as posix_spawn(3) and its kin do. */
    static int call(MethodHandle function, MemorySegment state, long a, long b, long c, long d, long e, long f) {
        try {
            return (int) (long) function.invokeExact(state, a, b, c, d, e, f, 0L);
        } catch (RuntimeException | Error misuse) {
            throw misuse;
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }
}
