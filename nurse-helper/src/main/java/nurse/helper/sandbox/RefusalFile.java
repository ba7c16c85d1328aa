package nurse.helper.sandbox;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.helper.calls.Syscall;
import nurse.helper.messages.Quoted;
import nurse.helper.policy.Decision;

/**
 * Writes refusals down, one line each, by one write(2) each, so that lines of several runs in one file do not mix.
 *
 * <p>A line: the time, the process's call, the file in quotes with all that is not plainly visible escaped, the errno, the
 * rule.
 */
public final class RefusalFile implements RefusalLog {
    private final Kernel kernel;
    private final int fd;
    private Syscall call;
    private int count;
    private String first;

    /** @param fd where to write, opened to append; -1 to count only. Stays open. */
    public RefusalFile(Kernel kernel, int fd) {
        this.kernel = kernel;
        this.fd = fd;
    }

    /** How many calls were refused. */
    public int count() {
        return count;
    }

    /** The first refusal, as a line for people; null if there was none. */
    public String first() {
        return first;
    }

    @Override
    public void answering(Syscall syscall) {
        call = syscall; // its name is a new string: made when it is wanted
    }

    @Override
    public void refused(String name, Decision decision) {
        write((call == null ? "run" : call.callName()) + " " + Quoted.of(name) + " " + Errno.name(decision.errno())
                + " " + decision.rule());
    }

    @Override
    public void refused(String callName, int errno, String why) {
        write(callName + " - " + Errno.name(errno) + " " + why);
    }

    private void write(String line) {
        count++;
        if (first == null) {
            first = line;
        }
        if (fd < 0) {
            return;
        }
        byte[] bytes = (Instant.now() + " " + line + "\n").getBytes(StandardCharsets.UTF_8);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocate(bytes.length);
            MemorySegment.copy(bytes, 0, text, JAVA_BYTE, 0, bytes.length);
            kernel.write(fd, text, bytes.length);
        }
    }
}
