package nurse.cli;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import nurse.ffm.Kernel;
import nurse.ffm.ProcFs;

/** Arguments and environment as the bytes they are, one char each: what the JVM makes of them depends on the locale. */
final class CommandLine {
    private static final int CLOCK_BOOTTIME = 7; // linux/time.h
    private static final int USER_HZ = 100; // of every architecture that counts: asm-generic/param.h

    private CommandLine() {}

    /** The last {@code arguments.length} arguments of this process, as proc(5) has them. */
    static List<String> asBytes(Kernel kernel, String[] arguments) {
        String raw = ProcFs.read(kernel, "/proc/self/cmdline");
        List<String> all = split(raw == null ? "" : raw);
        if (all.size() < arguments.length) {
            List<String> decoded = new ArrayList<>();
            for (String argument : arguments) {
                decoded.add(new String(argument.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1));
            }
            return decoded;
        }
        return all.subList(all.size() - arguments.length, all.size());
    }

    static Map<String, String> environment(Kernel kernel) {
        Map<String, String> variables = new LinkedHashMap<>();
        String raw = ProcFs.read(kernel, "/proc/self/environ");
        for (String entry : split(raw == null ? "" : raw)) {
            int equals = entry.indexOf('=');
            if (equals > 0) {
                variables.putIfAbsent(entry.substring(0, equals), entry.substring(equals + 1));
            }
        }
        return variables;
    }

    /** When a process began, in nanoseconds of CLOCK_MONOTONIC; the kernel says it to 10 ms (proc(5), stat: field 22). */
    static long started(Kernel kernel, int pid) {
        String stat = ProcFs.read(kernel, "/proc/" + pid + "/stat");
        long now = System.nanoTime();
        if (stat == null) {
            return now;
        }
        int at = stat.lastIndexOf(')') + 2;
        for (int field = 3; field < 22; field++) {
            at = stat.indexOf(' ', at) + 1;
        }
        long ticks = Long.parseLong(stat, at, stat.indexOf(' ', at), 10);
        return now - kernel.clock_gettime(CLOCK_BOOTTIME) + ticks * (1_000_000_000 / USER_HZ);
    }

    private static List<String> split(String raw) {
        List<String> strings = new ArrayList<>();
        int start = 0;
        while (start < raw.length()) {
            int end = raw.indexOf('\0', start);
            if (end < 0) {
                end = raw.length();
            }
            strings.add(raw.substring(start, end));
            start = end + 1;
        }
        return strings;
    }
}
