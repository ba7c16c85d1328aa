package nurse.helper.processes;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.helper.calls.Call;
import nurse.helper.calls.CallHandler;
import nurse.helper.calls.Syscall;
import nurse.helper.random.FixedRandom;
import nurse.helper.time.Clocks;
import org.jspecify.annotations.Nullable;

/** The machine: its name, its memory, its random numbers. */
public final class SystemCalls implements CallHandler {
    private static final long SECOND = 1_000_000_000;
    private static final int UTSNAME = 390;

    private final Kernel kernel;
    private final Clocks clocks;
    private final @Nullable FixedRandom random;
    private final MemorySegment info;
    private final MemorySegment uname;

    /** @param random where random numbers come from; null for the kernel */
    public SystemCalls(Kernel kernel, Clocks clocks, @Nullable FixedRandom random, Arena arena) {
        this.kernel = kernel;
        this.clocks = clocks;
        this.random = random;
        this.info = arena.allocate(112, 8);
        this.uname = arena.allocate(UTSNAME);
    }

    @Override
    public int answer(Syscall syscall, Call call) {
        return switch (syscall) {
            case UNAME -> kernel.uname(call.out(0, UTSNAME));
            case OLDUNAME -> oldUname(call, 65);
            case OLDOLDUNAME -> oldUname(call, 9);
            case SYSINFO -> sysinfo(call);
            case GETRANDOM -> getrandom(call);
            default -> UNANSWERED;
        };
    }

    /** Without the domain's name; before Linux 1.0 in fields of 9 bytes (kernel/sys.c, oldolduname). */
    private int oldUname(Call call, int field) {
        MemorySegment names = kernel.uname(uname) < 0 ? null : uname;
        MemorySegment out = call.out(0, 5 * field);
        for (int i = 0; names != null && i < 5; i++) {
            MemorySegment.copy(names, 65L * i, out, (long) field * i, field - 1);
            out.set(JAVA_BYTE, (long) field * (i + 1) - 1, (byte) 0);
        }
        return 0;
    }

    /** sysinfo(2): 64-bit memory sizes into 32-bit fields, in larger units if need be (kernel/sys.c, compat sysinfo). */
    private int sysinfo(Call call) {
        int result = kernel.sysinfo(info);
        MemorySegment out = call.out(0, 64);
        out.fill((byte) 0);
        for (int i = 0; i < 4; i++) { // uptime, loads
            out.set(JAVA_INT_UNALIGNED, 4L * i, (int) info.get(JAVA_LONG_UNALIGNED, 8L * i));
        }
        if (clocks.areFixed()) {
            out.set(JAVA_INT_UNALIGNED, 0, (int) (clocks.monotonic() / SECOND));
        }
        int unit = info.get(JAVA_INT_UNALIGNED, 104);
        int shift = 0;
        long largest = Math.max(info.get(JAVA_LONG_UNALIGNED, 32), info.get(JAVA_LONG_UNALIGNED, 64));
        if (largest >>> 32 != 0) {
            shift = 12; // to pages, as the kernel does
        }
        for (int i = 0; i < 6; i++) { // totalram, freeram, sharedram, bufferram, totalswap, freeswap
            out.set(JAVA_INT_UNALIGNED, 16 + 4L * i, (int) (info.get(JAVA_LONG_UNALIGNED, 32 + 8L * i) >>> shift));
        }
        out.set(JAVA_SHORT_UNALIGNED, 40, info.get(JAVA_SHORT_UNALIGNED, 80)); // procs
        out.set(JAVA_INT_UNALIGNED, 44, (int) (info.get(JAVA_LONG_UNALIGNED, 88) >>> shift)); // totalhigh
        out.set(JAVA_INT_UNALIGNED, 48, (int) (info.get(JAVA_LONG_UNALIGNED, 96) >>> shift)); // freehigh
        out.set(JAVA_INT_UNALIGNED, 52, unit << shift);
        return result;
    }

    private int getrandom(Call call) {
        int length = Math.min(call.argument(1), Call.outLimit());
        if (length < 0) {
            length = Call.outLimit();
        }
        int flags = call.argument(2);
        if ((flags & ~7) != 0) {
            return -Errno.EINVAL;
        }
        if (random != null && length > 0) {
            random.fill(call.out(0, length));
            return length;
        }
        return length == 0 ? 0 : kernel.getrandom(call.out(0, length), length, flags);
    }
}
