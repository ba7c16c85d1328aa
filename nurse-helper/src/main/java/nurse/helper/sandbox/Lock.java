package nurse.helper.sandbox;

import nurse.ffm.lane.LaneLayout;
import nurse.helper.program.Mapper;

/** How the program's thread is locked into SECCOMP: docs/lock.md. */
public enum Lock {
    /** Mode 1: read, write, exit and sigreturn; the kernel kills for any other call made around the gate. */
    STRICT("strict", Mapper.LOADER, LaneLayout.LOCK_STRICT, 1, 9),
    /** Mode 2: what the table calls native or own; any other call raises SIGSYS, and reaches the gate from there. */
    TRAP("trap", Mapper.HELPER, LaneLayout.LOCK_TRAP, 2, 31);

    private final String word;
    private final Mapper mapper;
    private final int header;
    private final int seccompMode;
    private final int killedBy;

    Lock(String word, Mapper mapper, int header, int seccompMode, int killedBy) {
        this.word = word;
        this.mapper = mapper;
        this.header = header;
        this.seccompMode = seccompMode;
        this.killedBy = killedBy;
    }

    /** Its name on the command line. */
    public String word() {
        return word;
    }

    /** Who maps the program under it. */
    Mapper mapper() {
        return mapper;
    }

    /** Its number in the header of the orders memory. */
    int header() {
        return header;
    }

    /** The line Seccomp of /proc/PID/status under it. */
    int seccompMode() {
        return seccompMode;
    }

    /** The signal that the kernel ends the thread with: SIGKILL by mode 1, SIGSYS by SECCOMP_RET_KILL_THREAD. */
    int killedBy() {
        return killedBy;
    }
}
