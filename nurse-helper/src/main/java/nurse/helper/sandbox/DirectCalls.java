package nurse.helper.sandbox;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import nurse.ffm.Kernel;
import nurse.ffm.ProcFs;
import nurse.helper.calls.Syscall;

/**
 * Which files of a process have direct system calls in their code: for the message to who wonders why the kernel killed it.
 *
 * <p>A search for bytes, so some of what it finds may be data: good for a hint, not for a decision.
 */
final class DirectCalls {
    private static final int CHUNK = 1 << 16;
    private static final int NUMBER_BEFORE = 32;
    /** How /proc names a memfd (memfd_create(2)). */
    private static final String MEMFD = "/memfd:";

    private static final String DELETED = " (deleted)";
    private static final long MAX_MAPPING = 64L << 20;

    private DirectCalls() {}

    /**
     * Base names of the files; libc and ld.so are left out, as what they do is known (sites.c).
     *
     * @param tid a thread that lives: a dead main thread has no memory any more
     */
    static List<String> suspects(Kernel kernel, int tid) {
        Map<String, Integer> counts = new LinkedHashMap<>();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment chunk = arena.allocate(CHUNK);
            for (ProcFs.Mapping mapping : ProcFs.maps(kernel, tid)) {
                String path = mapping.path();
                boolean copied = path.startsWith(MEMFD); // the program, by ViewPrograms
                String name = copied
                        ? path.substring(MEMFD.length()).replace(DELETED, "")
                        : path.substring(path.lastIndexOf('/') + 1);
                boolean known = name.startsWith("libc.so") || name.startsWith("ld-linux") || isOurs(name, copied);
                boolean code = mapping.permissions().startsWith("r-x")
                        && mapping.path().startsWith("/");
                if (code && !known) {
                    counts.merge(name, count(kernel, tid, mapping, chunk), Integer::sum);
                }
            }
        }
        List<String> suspects = new ArrayList<>();
        counts.forEach((name, count) -> {
            if (count > 0) {
                suspects.add(name);
            }
        });
        return suspects;
    }

    private static boolean isOurs(String name, boolean memfd) {
        return memfd && (name.equals("libnurse.so") || name.equals("nurse-orders"));
    }

    private static int count(Kernel kernel, int tid, ProcFs.Mapping mapping, MemorySegment chunk) {
        int found = 0;
        long end = Math.min(mapping.end(), mapping.start() + MAX_MAPPING);
        for (long at = mapping.start();
                at < end;
                at += CHUNK - NUMBER_BEFORE) { // a call may lie over the end of a chunk
            int read = kernel.process_vm_readv(tid, at, chunk, (int) Math.min(CHUNK, end - at));
            for (int i = 0; i + 1 < read; i++) {
                found += isCall(chunk, i) ? 1 : 0;
            }
        }
        return found;
    }

    /** {@code int $0x80}, with a {@code mov $number, %eax} not far before it: without that it is mostly data. */
    private static boolean isCall(MemorySegment code, int at) {
        if ((code.get(JAVA_BYTE, at) & 0xff) != 0xcd || (code.get(JAVA_BYTE, at + 1) & 0xff) != 0x80) {
            return false;
        }
        for (int i = Math.max(0, at - NUMBER_BEFORE); i + 5 <= at; i++) {
            boolean loads = (code.get(JAVA_BYTE, i) & 0xff) == 0xb8;
            int number = code.get(JAVA_INT_UNALIGNED, i + 1);
            if (loads && number >= 0 && Syscall.byNumber(number) != null) {
                return true;
            }
        }
        return false;
    }
}
