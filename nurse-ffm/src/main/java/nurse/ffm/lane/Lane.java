package nurse.ffm.lane;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/**
 * The helper's end of one lane: one sandboxed thread's requests, its replies, and the orders to its trustee.
 *
 * <p>This class only places and orders the accesses; it knows no call and no policy. Everything read from the requests
 * side may have been written by a hostile program and may change between two reads: it is handed out as plain numbers,
 * read once each, and offsets are checked against the lane before memory is touched.
 *
 * <p>Not thread-safe: one helper thread serves a lane.
 */
public final class Lane {
    private static final VarHandle INT = JAVA_INT.varHandle();
    private static final VarHandle LONG = JAVA_LONG.varHandle();

    private final MemorySegment orders;
    private final MemorySegment requests;
    private final MemorySegment orderFutex;
    private final int ordersAddress;
    private final int requestsAddress;
    private MemorySegment replyData;
    private MemorySegment orderData;
    private long orderSequence;
    private int copies;
    private int replyDataUsed;
    private int orderDataUsed;

    /**
     * @param orders the whole orders memory as the helper maps it
     * @param requests the whole requests memory as the helper maps it
     * @param index which lane, from 0
     * @param ordersAddress where the sandboxed process has mapped the orders memory
     * @param requestsAddress where the sandboxed process has mapped the requests memory
     */
    public Lane(MemorySegment orders, MemorySegment requests, int index, long ordersAddress, long requestsAddress) {
        long ordersOffset = LaneLayout.ORDERS_LANES + (long) index * LaneLayout.ORDERS_LANE_SIZE;
        long requestsOffset = (long) index * LaneLayout.REQUESTS_LANE_SIZE;
        this.orders = orders.asSlice(ordersOffset, LaneLayout.ORDERS_LANE_SIZE);
        this.requests = requests.asSlice(requestsOffset, LaneLayout.REQUESTS_LANE_SIZE);
        this.orderFutex = this.orders.asSlice(LaneLayout.ORDER_SEQ, 4);
        this.ordersAddress = (int) (ordersAddress + ordersOffset);
        this.requestsAddress = (int) (requestsAddress + requestsOffset);
        putOrderInt(LaneLayout.ORDER_RESULT, this.requestsAddress + LaneLayout.RESULT);
        putOrderInt(LaneLayout.ORDER_BELL_BYTE, this.ordersAddress);
        putOrderInt(LaneLayout.ORDER_RETURN, (int) ordersAddress + LaneLayout.CODE + LaneLayout.CODE_RETURN);
        putOrderInt(LaneLayout.ORDER_ENTRY, (int) ordersAddress + LaneLayout.CODE + LaneLayout.CODE_SLOW);
    }

    /**
     * Lets the trustee enter the kernel by the vDSO, before its first order.
     *
     * @param address behind the three pushes of its __kernel_vsyscall, whose bytes are known to be the kernel's
     */
    public void trusteeEntry(int address) {
        putOrderInt(LaneLayout.ORDER_ENTRY, address);
    }

    // ---- requests -------------------------------------------------------------------------------------------------

    /** Number of the newest request; all that belongs to it is visible to who has seen the number. */
    public int requestSequence() {
        return (int) INT.getAcquire(requests, (long) (LaneLayout.REQUEST + LaneLayout.REQUEST_SEQ));
    }

    /** The request's system call number. Hostile; read it once. */
    public int requestNumber() {
        return requests.get(JAVA_INT, LaneLayout.REQUEST + LaneLayout.REQUEST_NR);
    }

    /** The request's argument {@code i}, 0 to 5. Hostile; read it once. */
    public int requestArgument(int i) {
        return requests.get(JAVA_INT, LaneLayout.REQUEST + LaneLayout.REQUEST_ARG + 4L * i);
    }

    /** Where argument {@code i}'s bytes were put, in the request's data. Hostile; read it once. */
    public int requestOffset(int i) {
        return requests.get(JAVA_INT, LaneLayout.REQUEST + LaneLayout.REQUEST_OFFSET + 4L * i);
    }

    /** How many bytes were put there, 0 for none. Hostile; read it once. */
    public int requestLength(int i) {
        return requests.get(JAVA_INT, LaneLayout.REQUEST + LaneLayout.REQUEST_LENGTH + 4L * i);
    }

    /** Whether {@code offset} and {@code length} (as a hostile lane has them) lie within the request's data. */
    public static boolean isWithinData(int offset, int length) {
        return offset >= 0
                && length >= 0
                && offset <= LaneLayout.REQUEST_DATA_SIZE
                && length <= LaneLayout.REQUEST_DATA_SIZE - offset;
    }

    /**
     * Copies request data out of the lane, once.
     *
     * @return how many bytes were copied, or -1 when {@code offset} and {@code length} do not lie within the data or
     *     {@code length} is more than {@code to} holds
     */
    public int copyRequestData(int offset, int length, byte[] to) {
        if (!isWithinData(offset, length) || length > to.length) {
            return -1;
        }
        MemorySegment.copy(requests, JAVA_BYTE, LaneLayout.REQUEST_DATA + (long) offset, to, 0, length);
        return length;
    }

    /** Number of the request during which a signal came to the untrustee, 0 for none yet. A hint. */
    public int interrupted() {
        return (int) INT.getAcquire(requests, (long) LaneLayout.INTERRUPT);
    }

    /**
     * A slice of the orders, the last one if it is the same: a program that makes one call again and again makes no garbage.
     */
    private MemorySegment again(MemorySegment last, int offset, int length) {
        boolean isSame = last != null && last.byteSize() == length && last.address() - orders.address() == offset;
        return isSame ? last : orders.asSlice(offset, length);
    }

    // ---- replies --------------------------------------------------------------------------------------------------

    /** Forgets what earlier requests had put into the areas for replies and orders. */
    public void begin() {
        copies = 0;
        replyDataUsed = 0;
        orderDataUsed = 0;
    }

    /**
     * Room for bytes that the gate is to copy to {@code address} when it gets the reply.
     *
     * @return a writable slice of {@code length} bytes, or null when the lane has no room left
     */
    public MemorySegment replyData(int address, int length) {
        if (length < 0
                || copies == LaneLayout.REPLY_COPIES_MAX
                || length > LaneLayout.REPLY_DATA_SIZE - replyDataUsed) {
            return null;
        }
        long copy = LaneLayout.REPLY + LaneLayout.REPLY_COPY + (long) copies * LaneLayout.REPLY_COPY_SIZE;
        orders.set(JAVA_INT, copy, address);
        orders.set(JAVA_INT, copy + 4, replyDataUsed);
        orders.set(JAVA_INT, copy + 8, length);
        replyData = again(replyData, LaneLayout.REPLY_DATA + replyDataUsed, length);
        copies++;
        replyDataUsed += (length + 7) & ~7;
        return replyData;
    }

    /**
     * Publishes the reply to request {@code sequence}.
     *
     * @param result the call's, or a negative errno
     * @param withData whether the gate is to copy what {@link #replyData} gave
     */
    public void reply(int sequence, int result, boolean withData) {
        orders.set(JAVA_INT, LaneLayout.REPLY + LaneLayout.REPLY_RESULT, result);
        orders.set(JAVA_INT, LaneLayout.REPLY + LaneLayout.REPLY_COPIES, withData ? copies : 0);
        INT.setRelease(orders, (long) (LaneLayout.REPLY + LaneLayout.REPLY_SEQ), sequence);
    }

    /**
     * Whether the untrustee says that it waits for its bell. To be asked after {@link #reply}: the fence in here and the
     * one in gate.c see to it that it finds the reply or we find it asleep.
     */
    public boolean untrusteeSleeps() {
        VarHandle.fullFence();
        return (int) INT.getOpaque(requests, (long) LaneLayout.UNTRUSTEE_SLEEPS) != 0;
    }

    /** Announces that the helper waits for its bell, or does so no longer. Look once more after announcing it. */
    public void helperSleeps(boolean sleeps) {
        INT.setOpaque(orders, (long) LaneLayout.ORDER_HELPER_SLEEPS, sleeps ? 1 : 0);
        VarHandle.fullFence();
    }

    // ---- orders ---------------------------------------------------------------------------------------------------

    /**
     * Room for what an order's pointers point to: only the helper can write it, so what was judged is what is executed.
     *
     * @return a writable slice, or null when the lane has no room left
     */
    public MemorySegment orderData(int length) {
        if (length < 0 || length > LaneLayout.ORDER_DATA_SIZE - orderDataUsed) {
            return null;
        }
        orderData = again(orderData, LaneLayout.ORDER_DATA + orderDataUsed, length);
        orderDataUsed += (length + 7) & ~7;
        return orderData;
    }

    /** How many bytes {@link #orderData} has given out: a mark to go back to with {@link #orderDataUsed(int)}. */
    public int orderDataUsed() {
        return orderDataUsed;
    }

    /** Takes back what {@link #orderData} gave since it had given {@code used} bytes: no order needs it any more. */
    public void orderDataUsed(int used) {
        orderDataUsed = Math.min(orderDataUsed, used);
    }

    /** The address in the sandboxed process of a slice that {@link #orderData} gave. */
    public int orderAddress(MemorySegment data) {
        return ordersAddress + (int) (data.address() - orders.address());
    }

    /**
     * Publishes an order. The one before must be known to be done, by the channel and not by {@link #resultSequence()}.
     *
     * @return the order's number
     */
    public long order(int number, int a, int b, int c, int d, int e, int f) {
        long next = orderSequence + 2;
        LONG.setOpaque(orders, (long) LaneLayout.ORDER_SEQ, next - 1); // odd: the trustee leaves it alone
        VarHandle.storeStoreFence();
        putOrderInt(LaneLayout.ORDER_NR, number);
        putOrderInt(LaneLayout.ORDER_ARG, a);
        putOrderInt(LaneLayout.ORDER_ARG + 4, b);
        putOrderInt(LaneLayout.ORDER_ARG + 8, c);
        putOrderInt(LaneLayout.ORDER_ARG + 12, d);
        putOrderInt(LaneLayout.ORDER_ARG + 16, e);
        putOrderInt(LaneLayout.ORDER_ARG6, f);
        LONG.setRelease(orders, (long) LaneLayout.ORDER_SEQ, next);
        orderSequence = next;
        return next;
    }

    /** How often the untrustee looks for its reply before it sleeps, at most. */
    public void replySpin(int count) {
        putOrderInt(LaneLayout.REPLY_SPIN, count);
    }

    /** How often the trustee looks for its next order before it sleeps. */
    public void trusteeSpin(int count) {
        putOrderInt(LaneLayout.ORDER_SPIN, count);
    }

    /** The word that the trustee sleeps on (futex(2), shared). */
    public MemorySegment orderFutex() {
        return orderFutex;
    }

    /** Number of the order that was carried out last, as the other side says: a hint when to ask the channel. */
    public long resultSequence() {
        return (long) LONG.getAcquire(requests, (long) (LaneLayout.RESULT + LaneLayout.RESULT_SEQ));
    }

    /** What the kernel returned to the trustee, as the other side says: nothing safe may rest on it. */
    public int resultValue() {
        return (int) INT.getAcquire(requests, (long) (LaneLayout.RESULT + LaneLayout.RESULT_VALUE));
    }

    /** Offset at which the channel stands when order {@code sequence} is done. */
    public static long channelOffset(long sequence) {
        return (sequence >> 1) & LaneLayout.CHANNEL_MASK;
    }

    // ---- scratch: where the kernel writes for an order, in the hostile half -----------------------------------------

    /** Address in the sandboxed process of scratch byte {@code offset}. */
    public int scratchAddress(int offset) {
        return requestsAddress + LaneLayout.SCRATCH + offset;
    }

    /** Writes a word of the scratch area; the other side can change it at any moment. */
    public void scratch(int offset, int value) {
        requests.set(JAVA_INT, LaneLayout.SCRATCH + (long) offset, value);
    }

    /** Reads a word of the scratch area: a hint, as all there. */
    public int scratch(int offset) {
        return requests.get(JAVA_INT, LaneLayout.SCRATCH + (long) offset);
    }

    private void putOrderInt(int offset, int value) {
        orders.set(JAVA_INT, offset, value);
    }
}
