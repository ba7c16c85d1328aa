package nurse.helper.calls;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import nurse.ffm.lane.Lane;
import nurse.ffm.lane.LaneLayout;

/**
 * A request in the lane's shared memory: the input's beginning is the request's words, from its number on; the rest is its data.
 * Whatever they say, what is read lies in the lane, and is what lies there.
 */
public final class LaneTarget {
    private static final int[] SIZES = {0, 1, 8, 24, 128, 4096, 4097};
    private static final Arena ARENA = Arena.ofAuto();
    private static final MemorySegment ORDERS =
            ARENA.allocate(LaneLayout.ORDERS_LANES + LaneLayout.ORDERS_LANE_SIZE, 4096);
    private static final MemorySegment REQUESTS = ARENA.allocate(LaneLayout.REQUESTS_LANE_SIZE, 4096);
    private static final Lane LANE = new Lane(ORDERS, REQUESTS, 0, 0x70000000L, 0x71000000L);

    private LaneTarget() {}

    public static void fuzzerTestOneInput(byte[] input) {
        REQUESTS.fill((byte) 0);
        int length = (int) Math.min(input.length, REQUESTS.byteSize() - LaneLayout.REQUEST_NR);
        MemorySegment.copy(input, 0, REQUESTS, JAVA_BYTE, LaneLayout.REQUEST_NR, length);
        Call call = new Call(LANE, null);
        call.take();
        assertThat(call.number()).isEqualTo(REQUESTS.get(JAVA_INT, LaneLayout.REQUEST_NR));
        for (int i = 0; i < 6; i++) {
            string(call, i);
            for (int size : SIZES) {
                struct(call, i, size);
            }
        }
        outs(call);
    }

    private static void string(Call call, int i) {
        try {
            String string = call.string(i);
            assertThat(string.length()).isLessThan(4096);
            assertThat(string.indexOf('\0')).isNegative();
            assertThat(call.string(i)).as("read once").isSameAs(string);
        } catch (CallError refused) {
            assertThat(refused.errno()).isPositive();
        }
    }

    private static void struct(Call call, int i, int size) {
        try {
            MemorySegment copy = call.struct(i, size);
            if (copy == null) {
                assertThat(call.argument(i)).isZero();
                return;
            }
            int offset = LANE.requestOffset(i);
            assertThat(copy.byteSize()).isEqualTo(size);
            assertThat(offset).isBetween(0, LaneLayout.REQUEST_DATA_SIZE - size);
            assertThat(copy.mismatch(REQUESTS.asSlice(LaneLayout.REQUEST_DATA + (long) offset, size)))
                    .isEqualTo(-1);
            assertThat(copy.address() - ORDERS.address())
                    .isBetween(
                            (long) LaneLayout.ORDERS_LANES + LaneLayout.ORDER_DATA,
                            (long) LaneLayout.ORDERS_LANES + LaneLayout.ORDER_DATA + LaneLayout.ORDER_DATA_SIZE - size);
        } catch (CallError refused) {
            assertThat(refused.errno()).isPositive();
        }
    }

    /** Where the gate is to copy to is the program's affair; how much, and from where, is not. */
    private static void outs(Call call) {
        for (int i = 0; i < 6; i++) {
            try {
                MemorySegment out = call.out(i, Math.abs(call.argument(5 - i) % (Call.outLimit() + 2)));
                out.fill((byte) 0x55);
            } catch (CallError refused) {
                assertThat(refused.errno()).isPositive();
            }
        }
    }
}
