package nurse.ffm;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/**
 * The way into C: functions of libc, and system calls, all called through one shape.
 *
 * <p>Each further shape of a downcall costs 5 to 12 ms when the JVM is cold, and seven longs suit every function used
 * here (the x86-64 calling convention passes integers and pointers alike; a callee that takes fewer ignores the rest).
 *
 * <p>System calls do not go through syscall(3), for that has its error in errno, which Java gets by capturing it: that
 * costs a slice of a segment, which the compiler does not always do away with, for each call (JDK 25,
 * SharedUtils.checkCaptureSegment). The few instructions of our own return what the kernel returns.
 */
final class Native {
    /** long syscall7(nr, a, b, c, d, e, f): System V AMD64 ABI, section 3.2.3, to syscall(2), "Architecture calling conventions". */
    private static final byte[] SYSCALL = {
        0x48,
        (byte) 0x89,
        (byte) 0xf8, // mov %rdi, %rax
        0x48,
        (byte) 0x89,
        (byte) 0xf7, // mov %rsi, %rdi
        0x48,
        (byte) 0x89,
        (byte) 0xd6, // mov %rdx, %rsi
        0x48,
        (byte) 0x89,
        (byte) 0xca, // mov %rcx, %rdx
        0x4d,
        (byte) 0x89,
        (byte) 0xc2, // mov %r8, %r10
        0x4d,
        (byte) 0x89,
        (byte) 0xc8, // mov %r9, %r8
        0x4c,
        (byte) 0x8b,
        0x4c,
        0x24,
        0x08, // mov 8(%rsp), %r9
        0x0f,
        0x05, // syscall
        (byte) 0xc3 // ret
    };

    private static final int PAGE = 4096;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup LIBC = LINKER.defaultLookup();
    private static final FunctionDescriptor SHAPE = FunctionDescriptor.of(
            JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle MH$syscall = handle(code());

    private Native() {}

    static MethodHandle function(String name) {
        return handle(LIBC.find(name)
                .orElseThrow(() -> new IllegalStateException("libc has no function name=" + name
                        + "; the helper needs glibc on x86-64 Linux, found os.arch=" + System.getProperty("os.arch"))));
    }

    @SuppressWarnings("restricted") // the one place that binds native code
    private static MethodHandle handle(MemorySegment address) {
        return LINKER.downcallHandle(address, SHAPE);
    }

    /** {@link #SYSCALL} where it can be run: never writable and executable at a time. */
    @SuppressWarnings("restricted") // a page of our own making, of this very length
    private static MemorySegment code() {
        int flags = Kernel.MAP_PRIVATE | Kernel.MAP_ANONYMOUS;
        long page = invoke(function("mmap"), 0, PAGE, Kernel.PROT_READ | Kernel.PROT_WRITE, flags, -1, 0, 0);
        boolean isMapped = page != -1;
        if (isMapped) {
            MemorySegment code = MemorySegment.ofAddress(page).reinterpret(PAGE, Arena.global(), null);
            MemorySegment.copy(SYSCALL, 0, code, JAVA_BYTE, 0, SYSCALL.length);
            int executable = Kernel.PROT_READ | Kernel.PROT_EXEC;
            isMapped = invoke(function("mprotect"), page, PAGE, executable, 0, 0, 0, 0) == 0;
        }
        if (!isMapped) {
            throw new IllegalStateException("a page of code cannot be made: mmap(2) or mprotect(2) failed;"
                    + " the JVM's own compiler needs such pages as well (is a security module in the way?)");
        }
        return MemorySegment.ofAddress(page);
    }

    /** syscall(2): the result, or a negative errno. */
    static long syscall(long number, long a, long b, long c, long d, long e, long f) {
        return invoke(MH$syscall, number, a, b, c, d, e, f);
    }

    /** A function that returns its error instead of setting errno, as posix_spawn(3) and its kin do. */
    static int call(MethodHandle function, long a, long b, long c, long d, long e, long f) {
        return (int) invoke(function, a, b, c, d, e, f, 0);
    }

    private static long invoke(MethodHandle function, long a, long b, long c, long d, long e, long f, long g) {
        try {
            return (long) function.invokeExact(a, b, c, d, e, f, g);
        } catch (RuntimeException | Error misuse) {
            throw misuse;
        } catch (Throwable impossible) {
            throw new AssertionError(impossible); // C throws nothing
        }
    }
}
