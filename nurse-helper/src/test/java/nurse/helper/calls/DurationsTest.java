package nurse.helper.calls;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class DurationsTest {
    private static final long EVER = Long.MAX_VALUE;

    @Test
    void aTimespecIsReadInBothSizes() {
        assertThat(Durations.ofTimespec(timespec32(2, 5), 8)).isEqualTo(2_000_000_005L);
        assertThat(Durations.ofTimespec(timespec64(2, 5), 16)).isEqualTo(2_000_000_005L);
    }

    @Test
    void whatDoesNotFitIsForEver() {
        assertThat(Durations.ofTimespec(timespec64(9_223_372_035L, 999_999_999), 16))
                .isEqualTo(9_223_372_035_999_999_999L);
        assertThat(Durations.ofTimespec(timespec64(9_223_372_036L, 0), 16)).isEqualTo(EVER);
        assertThat(Durations.ofTimespec(timespec64(Long.MAX_VALUE, 999_999_999), 16))
                .isEqualTo(EVER);
        assertThat(Durations.sum(EVER, 1)).isEqualTo(EVER);
        assertThat(Durations.sum(EVER - 1, 1)).isEqualTo(EVER);
        assertThat(Durations.sum(3, 4)).isEqualTo(7);
        assertThat(Durations.ofMicros(EVER / 999)).isEqualTo(EVER);
        assertThat(Durations.ofMicros(3)).isEqualTo(3000);
    }

    @Test
    void negativeTimesAndFractionsOfASecondOrMoreAreRefused() {
        assertThatThrownBy(() -> Durations.ofTimespec(timespec32(-1, 0), 8)).isInstanceOf(CallError.class);
        assertThatThrownBy(() -> Durations.ofTimespec(timespec32(0, -1), 8)).isInstanceOf(CallError.class);
        assertThatThrownBy(() -> Durations.ofTimespec(timespec32(0, 1_000_000_000), 8))
                .isInstanceOf(CallError.class);
        assertThat(Durations.ofTimespec(timespec32(0, 999_999_999), 8)).isEqualTo(999_999_999L);
    }

    @Test
    void wholeSecondsOfMicrosecondsCountAsSeconds() {
        assertThat(Durations.ofTimeval(timespec32(1, 2_500_000))).isEqualTo(3_500_000_000L);
        assertThat(Durations.ofTimeval(timespec32(3, -2_000_000))).isEqualTo(1_000_000_000L);
        assertThat(Durations.ofTimeval(timespec32(Integer.MAX_VALUE, Integer.MAX_VALUE)))
                .isEqualTo(2_147_485_794_483_647_000L);
        assertThatThrownBy(() -> Durations.ofTimeval(timespec32(3, -2_000_001))).isInstanceOf(CallError.class);
    }

    private static MemorySegment timespec32(int seconds, int fraction) {
        MemorySegment time = MemorySegment.ofArray(new int[2]);
        time.set(JAVA_INT, 0, seconds);
        time.set(JAVA_INT, 4, fraction);
        return time;
    }

    private static MemorySegment timespec64(long seconds, long fraction) {
        MemorySegment time = MemorySegment.ofArray(new long[2]);
        time.set(JAVA_LONG, 0, seconds);
        time.set(JAVA_LONG, 8, fraction);
        return time;
    }
}
