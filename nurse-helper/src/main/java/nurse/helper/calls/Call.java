package nurse.helper.calls;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import nurse.ffm.Errno;
import nurse.ffm.lane.Lane;
import nurse.ffm.lane.LaneLayout;

/**
 * One system call of the program, as its handler sees it: the arguments, copied once, and where the answer goes.
 *
 * <p>One instance serves a lane for ever; nothing is allocated for a call that carries no path. Not thread-safe.
 */
public final class Call {
    private static final int PATH_MAX = 4096; // with the NUL: limits.h
    private static final int ROOM = 256; // a struct statx

    private final Lane lane;
    private final Trustee trustee;
    private final int[] arguments = new int[6];
    private final int[] offsets = new int[6];
    private final int[] lengths = new int[6];
    private final String[] strings = new String[6];
    private final byte[] bytes = new byte[PATH_MAX + 1];
    private final MemorySegment room = Arena.ofAuto().allocate(ROOM, 8);
    private boolean located;
    private int number;
    private boolean answersError;

    public Call(Lane lane, Trustee trustee) {
        this.lane = lane;
        this.trustee = trustee;
    }

    /** Takes the newest request out of the lane: every number is read exactly once. */
    public void take() {
        lane.begin();
        answersError = false;
        number = lane.requestNumber();
        for (int i = 0; i < 6; i++) {
            arguments[i] = lane.requestArgument(i);
            strings[i] = null;
        }
        located = false;
    }

    /** 256 bytes for what the helper asks the kernel while it answers this call. What is left in them from before is not known. */
    public MemorySegment room() {
        return room;
    }

    /** Before it is answered a second time: what the first answer would have carried is forgotten. */
    public void again() {
        lane.begin();
        answersError = false;
    }

    /**
     * Takes what the gate says of copied arguments, once, and only for a call that has some: it lies on cache lines which
     * then need not come from the other CPU.
     */
    private void locate() {
        if (!located) {
            for (int i = 0; i < 6; i++) {
                offsets[i] = lane.requestOffset(i);
                lengths[i] = lane.requestLength(i);
            }
            located = true;
        }
    }

    public int number() {
        return number;
    }

    /** Argument {@code i} (0 to 5) as the register had it. */
    public int argument(int i) {
        return arguments[i];
    }

    /** Arguments {@code low} and {@code low + 1} as one number: how i386 passes 64 bits in two registers. */
    public long argument64(int low) {
        return (arguments[low] & 0xffffffffL) | ((long) arguments[low + 1] << 32);
    }

    public Trustee trustee() {
        return trustee;
    }

    /**
     * The string that argument {@code i} points to, one char a byte (ISO 8859-1).
     *
     * @throws CallError EFAULT for a null pointer, ENAMETOOLONG for more than 4095 bytes
     */
    public String string(int i) {
        String string = strings[i];
        if (string == null) {
            string = readString(i);
            strings[i] = string;
        }
        return string;
    }

    /** {@link #string} of argument {@code i}, or null when the program passed a null pointer. */
    public String stringOrNull(int i) {
        return arguments[i] == 0 ? null : string(i);
    }

    private String readString(int i) {
        locate();
        int length = lengths[i];
        if (arguments[i] == 0 || length <= 0) {
            throw CallError.of(Errno.EFAULT);
        }
        int copied = lane.copyRequestData(offsets[i], Math.min(length, bytes.length), bytes);
        if (copied < 0) {
            throw CallError.of(Errno.EFAULT);
        }
        int end = 0;
        while (end < copied && bytes[end] != 0) {
            end++;
        }
        if (end >= PATH_MAX) {
            throw CallError.of(Errno.ENAMETOOLONG);
        }
        return new String(bytes, 0, end, StandardCharsets.ISO_8859_1);
    }

    /**
     * The {@code length} bytes that argument {@code i} points to, copied to where only the helper can write: judge them
     * there, and let the order point there.
     *
     * @return the copy, or null for a null pointer
     * @throws CallError EFAULT when the gate did not bring as many bytes, ENOMEM when they are too many
     */
    public MemorySegment struct(int i, int length) {
        if (arguments[i] == 0) {
            return null;
        }
        locate();
        if (lengths[i] < length || length < 0 || length > bytes.length) {
            throw CallError.of(length > bytes.length ? Errno.ENOMEM : Errno.EFAULT);
        }
        if (lane.copyRequestData(offsets[i], length, bytes) < 0) {
            throw CallError.of(Errno.EFAULT);
        }
        MemorySegment copy = lane.orderData(length);
        if (copy == null) {
            throw CallError.of(Errno.ENOMEM);
        }
        MemorySegment.copy(bytes, 0, copy, JAVA_BYTE, 0, length);
        return copy;
    }

    /**
     * Room for what the program is to find where argument {@code i} points to, if the call succeeds.
     *
     * @throws CallError EFAULT for a null pointer, ENOMEM when the lane has no room
     */
    public MemorySegment out(int i, int length) {
        if (arguments[i] == 0) {
            throw CallError.of(Errno.EFAULT);
        }
        return outAt(arguments[i], length);
    }

    /** As {@link #out}, or null when the program passed a null pointer: it does not want to know. */
    public MemorySegment outOrNull(int i, int length) {
        return arguments[i] == 0 ? null : outAt(arguments[i], length);
    }

    /** What {@link #out} gave is for the program even if the call ends with an error: the rest of an interrupted sleep. */
    public void answerDespiteError() {
        answersError = true;
    }

    /** Whether the reply carries data also with an error. */
    public boolean answersDespiteError() {
        return answersError;
    }

    /** As {@link #out}, where an argument is not the address itself but points to it. */
    public MemorySegment outAt(int address, int length) {
        MemorySegment room = lane.replyData(address, length);
        if (room == null) {
            throw CallError.of(Errno.ENOMEM);
        }
        return room;
    }

    /** The largest {@link #out}, in bytes. */
    public static int outLimit() {
        return LaneLayout.REPLY_DATA_SIZE;
    }

    /** How many times {@link #outAt} can be asked in one call. */
    public static int outCount() {
        return LaneLayout.REPLY_COPIES_MAX;
    }

    /** Has this very call carried out, with the arguments as the program gave them. */
    public int forward(Syscall syscall) {
        return trustee.execute(
                syscall, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
    }
}
