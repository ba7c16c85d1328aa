package nurse.helper.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import nurse.ffm.Errno;
import nurse.ffm.lane.Lane;
import nurse.ffm.lane.LaneLayout;
import nurse.helper.calls.Call;
import org.junit.jupiter.api.Test;

class ObservationsTest {
    /** Longer than a call that does nothing can take, shorter than any machine has been running: nanoTime counts from there. */
    private static final long MINUTE_NANOS = 60_000_000_000L;

    @Test
    void whatIsDecidedBeforeTheFirstCallIsShownAsTheStartAndTakesNoTime() {
        List<ObservedCall> seen = new ArrayList<>();
        Observations observations = new Observations(List.of(seen::add));
        observations.decided("the program", Errno.EPERM, "no rule allows it");
        try (Arena arena = Arena.ofConfined()) {
            long orders = LaneLayout.ORDERS_LANES + (long) LaneLayout.ORDERS_LANE_SIZE;
            Lane lane = new Lane(
                    arena.allocate(orders, 8), arena.allocate(LaneLayout.REQUESTS_LANE_SIZE, 8), 0, 0x1000, 0x2000);
            Call call = new Call(lane, null);
            call.take();
            observations.begins(call);
            observations.ends(0);
        }
        assertThat(seen).hasSize(2).allMatch(observed -> observed.nanos() < MINUTE_NANOS);
        assertThat(seen.get(0).name()).isEqualTo("start");
        assertThat(seen.get(0).judgements()).hasSize(1);
        assertThat(seen.get(1).judgements()).isEmpty();
    }
}
