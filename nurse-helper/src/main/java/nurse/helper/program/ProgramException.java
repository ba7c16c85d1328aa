package nurse.helper.program;

import java.io.IOException;

/**
 * What the user asked for cannot be executed. The message has three parts: what happened, why, and what to do next. Names in
 * it are escaped already: it may go to a terminal as it is.
 */
public abstract sealed class ProgramException extends Exception {
    private static final long serialVersionUID = 1;

    private final String what;
    private final String why;
    private final String next;

    private ProgramException(String what, String why, String next) {
        super(what + ": " + why + "; " + next);
        this.what = what;
        this.why = why;
        this.next = next;
    }

    /** What happened, for example {@code cannot run 'xz'}. */
    public String what() {
        return what;
    }

    /** Why it happened. */
    public String why() {
        return why;
    }

    /** What the user can do about it. */
    public String next() {
        return next;
    }

    /** The exit status by which a script tells this from the program's own: as env(1) and timeout(1) have it. */
    public abstract int exitStatus();

    /** There is no such program: 127. */
    public static final class NotFound extends ProgramException {
        private static final long serialVersionUID = 1;

        NotFound(String what, String why, String next) {
            super(what, why, next);
        }

        @Override
        public int exitStatus() {
            return 127;
        }
    }

    /** The program is there, but cannot be run: 126. */
    public static final class NotRunnable extends ProgramException {
        private static final long serialVersionUID = 1;

        private final Reason reason;

        NotRunnable(Reason reason, String what, String why, String next) {
            super(what, why, next);
            this.reason = reason;
        }

        public Reason reason() {
            return reason;
        }

        @Override
        public int exitStatus() {
            return 126;
        }
    }

    /** The helper could not read a file that it had opened: 125. */
    public static final class ReadFailed extends ProgramException {
        private static final long serialVersionUID = 1;

        ReadFailed(String what, String why, String next, IOException cause) {
            super(what, why, next);
            initCause(cause);
        }

        @Override
        public int exitStatus() {
            return 125;
        }
    }

    /** Why a program that is there cannot be run. */
    public enum Reason {
        /** The file system keeps it from being opened. */
        CANNOT_OPEN,
        REFUSED_BY_POLICY,
        /** A directory, a device, a pipe. */
        NOT_A_REGULAR_FILE,
        NOT_EXECUTABLE,
        /** Neither ELF nor a script. */
        UNKNOWN_FORMAT,
        SIXTY_FOUR_BIT,
        /** ELF for another processor or another system. */
        OTHER_MACHINE,
        STATICALLY_LINKED,
        SHARED_LIBRARY,
        /** The program asks for a loader that is not one of glibc's for i386. */
        FOREIGN_LOADER,
        /** The i386 loader is not there. */
        NO_LOADER,
        /** The i386 loader is there, but is not what it should be. */
        BAD_LOADER,
        /** ELF whose headers no linker writes. */
        MALFORMED,
        WRITABLE_CODE,
        EXECUTABLE_STACK,
        BAD_SCRIPT,
        NO_INTERPRETER,
        TOO_MANY_INTERPRETERS,
        /** An option of env(1) in a script's first line that is not supported. */
        ENV_OPTION,
        /** A variable that no rule lets in. */
        VARIABLE
    }
}
