package nurse.cli;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.helper.ask.Pause;
import nurse.helper.calls.Trustee;
import org.jspecify.annotations.Nullable;

/**
 * The terminal that the user started the run at, to ask on: not the program's standard streams, which may lead anywhere.
 *
 * <p>The program uses the same terminal, and may have left it in any state. So for a question the terminal's modes are set, all
 * of them, and put back behind it; what was typed before is forgotten; and on the screen an escape sequence that was begun
 * is ended, the colours, the character set and the scrolling region are put back, long lines are wrapped and not cut, and what
 * stands below is wiped off (ECMA-48; DECSTR, DECAWM).
 */
final class Terminal implements AutoCloseable {
    /** What Ctrl-C gives as an answer. */
    static final String INTERRUPT = "\u0003";

    private static final String FRESH = "\u0018\u001b\\\u001b[!p\u001b[0m\u001b[?7h\r\n\u001b[J";
    private static final int LINE = 256;

    // struct termios, asm-generic/termbits.h: offsets, then flags
    private static final int IFLAG = 0;
    private static final int OFLAG = 4;
    private static final int LFLAG = 12;
    private static final int CC = 17;
    private static final int ICRNL = 0400;
    private static final int IUTF8 = 040000;
    private static final int OPOST_ONLCR = 1 | 4;
    /** Lines, with an echo. Not ISIG: a signal would go past the question. */
    private static final int ICANON_ECHO = 2 | 010 | 020 | 040 | 01000 | 04000;

    private static final int VERASE = 2;
    private static final int VKILL = 3;
    private static final int VEOF = 4;
    private static final int VEOL = 11;

    private final Kernel kernel;
    private final int fd;
    private final boolean isPlain;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment before = arena.allocate(Kernel.TERMIOS_SIZE, 8);
    private final MemorySegment asking = arena.allocate(Kernel.TERMIOS_SIZE, 8);
    private final MemorySegment poll = arena.allocate(8, 8);
    private final MemorySegment line = arena.allocate(LINE);

    /**
     * Opens it.
     *
     * @param isPlain whether it knows no escape sequences
     */
    Terminal(Kernel kernel, int fd, boolean isPlain) {
        this.kernel = kernel;
        this.fd = fd;
        this.isPlain = isPlain;
    }

    /** Whether it is a terminal, and can be asked on. */
    boolean isUsable() {
        return fd >= 0 && kernel.tcgets(fd, before) >= 0;
    }

    /**
     * Asks, and waits.
     *
     * @return the line that was typed, {@link #INTERRUPT} at its end if Ctrl-C ended it; empty when the program was continued
     *     meanwhile; or null when nobody answers: the end of the input, the terminal is gone, or the program cannot be held
     */
    @Nullable
    String ask(String question, Trustee trustee, Pause pause) {
        if (kernel.tcgets(fd, before) < 0) {
            return null;
        }
        MemorySegment.copy(before, 0, asking, 0, Kernel.TERMIOS_SIZE);
        asking.set(JAVA_INT, IFLAG, ICRNL | (before.get(JAVA_INT, IFLAG) & IUTF8));
        asking.set(JAVA_INT, OFLAG, OPOST_ONLCR);
        asking.set(JAVA_INT, LFLAG, ICANON_ECHO);
        asking.asSlice(CC).fill((byte) 0);
        asking.set(JAVA_BYTE, CC + VERASE, (byte) 0x7f);
        asking.set(JAVA_BYTE, CC + VKILL, (byte) ('U' & 0x1f));
        asking.set(JAVA_BYTE, CC + VEOF, (byte) ('D' & 0x1f));
        asking.set(JAVA_BYTE, CC + VEOL, (byte) ('C' & 0x1f));
        if (kernel.tcsets(fd, asking) < 0) { // in the background this stops the job, until it is in the foreground
            return null;
        }
        try {
            if (!pause.begins()) { // not before tcsets: who continues the job continues the program
                return null;
            }
            kernel.flushInput(fd); // before the question: what comes behind it is an answer
            if (Messages.write(kernel, fd, (isPlain ? "\n" : FRESH) + question) < 0) {
                return null;
            }
            poll.set(JAVA_INT, 0, fd);
            poll.set(JAVA_INT, 4, Kernel.POLLIN);
            trustee.awaitThroughSignals(poll, 1);
            int length = kernel.read(fd, line, LINE);
            while (length == -Errno.EINTR) {
                length = kernel.read(fd, line, LINE);
            }
            if (length <= 0) {
                return null;
            }
            if (!pause.holds()) {
                return "";
            }
            byte[] bytes = new byte[length];
            MemorySegment.copy(line, JAVA_BYTE, 0, bytes, 0, length);
            return new String(bytes, StandardCharsets.ISO_8859_1);
        } finally {
            kernel.tcsets(fd, before);
        }
    }

    /** Says something behind a question. */
    void say(String text) {
        Messages.write(kernel, fd, text);
    }

    @Override
    public void close() {
        kernel.close(fd);
        arena.close();
    }
}
