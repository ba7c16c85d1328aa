package nurse.bench.peers;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import nurse.ffm.Kernel;
import nurse.ffm.KernelRefused;

/**
 * A program that this thread traces, from stop to stop: ptrace(2).
 *
 * <p>Its state is where in a call it stands. Confined to the thread that started it.
 */
final class Tracee {
    // arch/x86/entry/syscalls/syscall_64.tbl, linux/ptrace.h, asm/ptrace-abi.h
    private static final int SYS_PTRACE = 101;
    private static final int PTRACE_CONT = 7;
    private static final int PTRACE_GETREGS = 12;
    private static final int PTRACE_SETREGS = 13;
    private static final int PTRACE_SYSCALL = 24;
    private static final int PTRACE_SYSEMU = 31;
    private static final int PTRACE_SETOPTIONS = 0x4200;
    private static final long OPTIONS = 1 | 1 << 4 | 1 << 7 | 1 << 20; // TRACESYSGOOD, -EXEC, -SECCOMP, EXITKILL
    private static final int SIGTRAP = 5;
    private static final int SIGSTOP = 19;
    private static final int CALL_STOP = SIGTRAP | 0x80;
    private static final int EXEC_STOP = SIGTRAP | 4 << 8;
    private static final int SECCOMP_STOP = SIGTRAP | 7 << 8;

    private final Kernel kernel;
    private final int pid;
    private final Interception how;
    private final MemorySegment word;
    private final Registers registers;
    private final Registers scratch;
    private boolean inCall; // it has entered and not made the call that it stopped at
    private int signal; // to be delivered when it goes on

    /** What stops the program at a call. */
    enum Interception {
        /** Two stops a call: before it and behind it. */
        SYSCALL(PTRACE_SYSCALL),
        /** One stop, and the kernel makes no call: what the program itself must do takes three stops more. */
        SYSEMU(PTRACE_SYSEMU),
        /** A filter stops it where the policy has a say, and nowhere else; one stop, a second where the result is asked for. */
        SECCOMP(PTRACE_CONT);

        private final int resume;

        Interception(int resume) {
            this.resume = resume;
        }
    }

    /** The program has come to its end. */
    static final class Ended extends RuntimeException {
        private static final long serialVersionUID = 1;
        final int exitStatus;

        Ended(int exitStatus) {
            super(null, null, false, false);
            this.exitStatus = exitStatus;
        }
    }

    /** @param pid a child of this thread that asked to be traced and then stopped itself (tracee.c) */
    Tracee(Kernel kernel, int pid, Interception how, Arena arena) {
        this.kernel = kernel;
        this.pid = pid;
        this.how = how;
        this.word = arena.allocate(4, 4);
        this.registers = new Registers(arena);
        this.scratch = new Registers(arena);
        if (next() != SIGSTOP) {
            throw new IllegalStateException("the program to trace did not stop");
        }
        signal = 0;
        ptrace(PTRACE_SETOPTIONS, OPTIONS);
    }

    /** Lets it run into the program that it becomes: returns behind the execve(2), of which nobody was asked. */
    void intoProgram() {
        int resume = how == Interception.SYSEMU ? PTRACE_CONT : how.resume;
        do {
            resume(resume);
        } while (next() != EXEC_STOP);
        if (how == Interception.SYSCALL) {
            resume(PTRACE_SYSCALL);
            awaitStop(CALL_STOP); // behind the execve
        }
    }

    /** Lets it run to its next call. */
    void toNextCall() {
        int stop;
        do {
            resume(how.resume);
            stop = next();
        } while (stop != (how == Interception.SECCOMP ? SECCOMP_STOP : CALL_STOP));
        ptrace(PTRACE_GETREGS, registers.address());
        inCall = true;
    }

    /** The registers of the call that it is in. */
    Registers registers() {
        return registers;
    }

    /** Has it make the call that it is in, of which nobody wants to know the result. */
    void goOn() {
        switch (how) {
            case SYSCALL -> {
                resume(PTRACE_SYSCALL);
                awaitStop(CALL_STOP);
            }
            case SECCOMP -> {}
            case SYSEMU -> {
                registers.again(registers.call());
                ptrace(PTRACE_SETREGS, registers.address());
                throughCall();
            }
        }
        inCall = false;
    }

    /** Has it make a call: the one that it is in, if that is not made yet, or a further one. Returns the result. */
    int make(int number, int... arguments) {
        boolean further = !inCall || how == Interception.SYSEMU;
        scratch.set(registers);
        for (int i = 0; i < arguments.length; i++) {
            scratch.argument(i, arguments[i]);
        }
        if (further) {
            scratch.again(number);
        } else {
            scratch.call(number);
        }
        ptrace(PTRACE_SETREGS, scratch.address());
        if (further) {
            throughCall();
        } else {
            resume(PTRACE_SYSCALL);
            awaitStop(CALL_STOP);
        }
        inCall = false;
        ptrace(PTRACE_GETREGS, scratch.address());
        return scratch.result();
    }

    /** Ends the call that it is in with a result. */
    void answer(int result) {
        registers.result(result);
        boolean skip = inCall && how != Interception.SYSEMU;
        registers.call(-1);
        ptrace(PTRACE_SETREGS, registers.address());
        if (skip && how == Interception.SYSCALL) {
            resume(PTRACE_SYSCALL);
            awaitStop(CALL_STOP);
            ptrace(PTRACE_SETREGS, registers.address()); // the kernel has put ENOSYS there
        }
        inCall = false;
    }

    /** A call that was not made under SYSEMU ends with a stop of its own, once there is PTRACE_SYSCALL. */
    private void throughCall() {
        if (inCall && how == Interception.SYSEMU) {
            resume(PTRACE_SYSCALL);
            awaitStop(CALL_STOP);
        }
        resume(PTRACE_SYSCALL);
        awaitStop(CALL_STOP);
        resume(PTRACE_SYSCALL);
        awaitStop(CALL_STOP);
    }

    /** Further stops on the way, at the filter, are passed by; so are signals, which wait. */
    private void awaitStop(int wanted) {
        int held = 0;
        int stop;
        while ((stop = next()) != wanted) {
            held = signal == 0 ? held : signal;
            signal = 0;
            if (stop == EXEC_STOP) {
                throw new IllegalStateException("the program became another");
            }
            resume(PTRACE_SYSCALL);
        }
        signal = held;
    }

    private void resume(int request) {
        int deliver = signal;
        signal = 0;
        ptrace(request, deliver);
    }

    /** The next stop: a signal's number, which is to be delivered, or one of the events above. */
    private int next() {
        int status = Waiting.next(kernel, pid, word);
        if (Waiting.hasEnded(status)) {
            throw new Ended(Waiting.exitStatus(status));
        }
        int stop = status >> 8;
        signal = stop < 0x80 ? stop : 0;
        return stop;
    }

    private void ptrace(int request, long data) {
        long result = kernel.syscall(SYS_PTRACE, request, pid, 0, data, 0, 0);
        if (result < 0) {
            if (result == -nurse.ffm.Errno.ESRCH) {
                next(); // SIGKILL ends it in the middle of a stop
            }
            KernelRefused.check("ptrace", (int) result);
        }
    }
}
