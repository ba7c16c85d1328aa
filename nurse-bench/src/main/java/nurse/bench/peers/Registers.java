package nurse.bench.peers;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A stopped i386 program's registers as a 64-bit tracer gets them: struct user_regs_struct of x86-64 (sys/user.h), in which
 * the call's arguments are where a 32-bit program passes them (syscall(2)).
 */
final class Registers {
    private static final int SIZE = 27 * 8;
    private static final int RAX = 10 * 8;
    private static final int ORIG_RAX = 15 * 8;
    private static final int RIP = 16 * 8;
    /** rbx rcx rdx rsi rdi rbp. */
    private static final int[] ARGUMENTS = {5 * 8, 11 * 8, 12 * 8, 13 * 8, 14 * 8, 4 * 8};

    private final MemorySegment memory;

    Registers(Arena arena) {
        memory = arena.allocate(SIZE, 8);
    }

    /** Where ptrace(2) puts them and takes them from. */
    long address() {
        return memory.address();
    }

    void set(Registers others) {
        memory.copyFrom(others.memory);
    }

    /** The call that the program is in; -1 for none. */
    int call() {
        return memory.get(JAVA_INT, ORIG_RAX);
    }

    /** Has the kernel make another call than it was about to, or with -1 none. */
    void call(int number) {
        memory.set(JAVA_LONG, ORIG_RAX, number);
    }

    int argument(int i) {
        return memory.get(JAVA_INT, ARGUMENTS[i]);
    }

    void argument(int i, int value) {
        memory.set(JAVA_LONG, ARGUMENTS[i], value & 0xffffffffL);
    }

    int result() {
        return memory.get(JAVA_INT, RAX);
    }

    /** Sign-extended: what the kernel looks at to see whether a call failed. */
    void result(int value) {
        memory.set(JAVA_LONG, RAX, value);
    }

    /** Back to the instruction that entered the kernel: int $0x80, of two bytes, also in the vDSO's fast entry. */
    void again(int number) {
        memory.set(JAVA_LONG, RIP, memory.get(JAVA_LONG, RIP) - 2);
        result(number);
    }
}
