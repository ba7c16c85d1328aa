package nurse.helper.time;

import nurse.ffm.Kernel;
import nurse.ffm.ProcFs;

/**
 * CPU time of the sandboxed process or its thread, in nanoseconds. The scheduler's clock is exact and knows no kinds; the
 * ticks of proc(5) tell them apart: as the kernel does for getrusage(2) (kernel/sched/cputime.c, cputime_adjust).
 */
public record CpuTime(long user, long system) {
    private static final int UTIME = 14 - 3; // fields of stat, counted from the state, which is the third
    private static final int STIME = 15 - 3;
    private static final int PROCESS_CLOCK = 2; // linux/posix-timers.h: CPUCLOCK_SCHED

    /** Of all threads. */
    public static CpuTime ofProcess(Kernel kernel, int pid) {
        return split(kernel, "/proc/" + pid + "/stat", Math.max(0, kernel.clock_gettime(~pid << 3 | PROCESS_CLOCK)));
    }

    /** Of the untrustee, whose thread id is the process's. Its clock is for its own process only, schedstat is not. */
    public static CpuTime ofThread(Kernel kernel, int pid) {
        String task = "/proc/" + pid + "/task/" + pid;
        String schedstat = ProcFs.read(kernel, task + "/schedstat");
        return split(
                kernel,
                task + "/stat",
                schedstat == null ? 0 : Long.parseLong(schedstat.split(" ")[0]));
    }

    private static CpuTime split(Kernel kernel, String stat, long total) {
        String text = ProcFs.read(kernel, stat);
        if (text == null) {
            return new CpuTime(total, 0);
        }
        String[] fields = text.substring(text.lastIndexOf(')') + 2).split(" ");
        long user = Long.parseLong(fields[UTIME]);
        long ticks = user + Long.parseLong(fields[STIME]);
        long inUser = ticks == 0 ? total : (long) (total * ((double) user / ticks));
        return new CpuTime(inUser, total - inUser);
    }
}
