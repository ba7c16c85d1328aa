package nurse.helper.processes;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.ffm.ProcFs;
import nurse.helper.calls.Call;
import nurse.helper.calls.Durations;
import nurse.helper.time.Clocks;
import nurse.helper.time.CpuTime;

/** getrusage(2) of another process: what proc(5) tells of it. Blocks read and written are not told, and stay 0. */
final class ResourceUsage {
    private static final int SIZE = 72; // i386: two timevals and fourteen longs
    private static final int SYSTEM_TIME = 8;
    private static final int MAXRSS = 16;
    private static final int MINFLT = 32;
    private static final int MAJFLT = 36;
    private static final int NVCSW = 64;
    private static final int NIVCSW = 68;
    private static final int RUSAGE_CHILDREN = -1;
    private static final int RUSAGE_SELF = 0;
    private static final int RUSAGE_THREAD = 1;

    private ResourceUsage() {}

    static int answer(Kernel kernel, Clocks clocks, int pid, Call call) {
        int who = call.argument(0);
        if (who < RUSAGE_CHILDREN || who > RUSAGE_THREAD) {
            return -Errno.EINVAL;
        }
        MemorySegment out = call.out(1, SIZE);
        out.fill((byte) 0);
        if (who == RUSAGE_CHILDREN) {
            return 0;
        }
        CpuTime spent = who == RUSAGE_SELF ? clocks.spent(pid) : clocks.spentByThread(pid);
        Durations.putTimeval(out, spent.user(), 8);
        Durations.putTimeval(out.asSlice(SYSTEM_TIME), spent.system(), 8);
        String stat = ProcFs.read(kernel, "/proc/" + pid + (who == RUSAGE_SELF ? "" : "/task/" + pid) + "/stat");
        String[] fields = stat == null
                ? new String[0]
                : stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        if (fields.length > 12 - 3) {
            out.set(JAVA_INT_UNALIGNED, MINFLT, (int) Long.parseLong(fields[10 - 3])); // the state is the third field
            out.set(JAVA_INT_UNALIGNED, MAJFLT, (int) Long.parseLong(fields[12 - 3]));
        }
        out.set(JAVA_INT_UNALIGNED, MAXRSS, status(kernel, pid, "VmHWM"));
        out.set(JAVA_INT_UNALIGNED, NVCSW, status(kernel, pid, "voluntary_ctxt_switches"));
        out.set(JAVA_INT_UNALIGNED, NIVCSW, status(kernel, pid, "nonvoluntary_ctxt_switches"));
        return 0;
    }

    private static int status(Kernel kernel, int pid, String field) {
        String value = ProcFs.status(kernel, pid, pid, field);
        return value == null ? 0 : (int) Long.parseLong(value.split(" ")[0]);
    }
}
