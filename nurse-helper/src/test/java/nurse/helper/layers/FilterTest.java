package nurse.helper.layers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import nurse.helper.calls.CallClass;
import nurse.helper.calls.Syscall;
import org.junit.jupiter.api.Test;

/** What the filters answer to every number, as the kernel would read them (linux/bpf_common.h, linux/seccomp.h). */
class FilterTest {
    private static final int I386 = 0x40000003;
    private static final int X86_64 = 0xc000003e;
    private static final int ALLOW = 0x7fff0000;
    private static final int KILL_PROCESS = 0x80000000;
    private static final int KILL_THREAD = 0;
    private static final int EPERM = 0x00050000 | 1;
    private static final int ENOSYS = 0x00050000 | 38;
    private static final int CLONE_THREAD = 0x10000;
    private static final int PID = 4711;
    private static final int LAST = 600;
    private static final Set<String> NEEDED_TO_START = Set.of("execveat", "set_thread_area", "mseal");
    private static final Set<String> SIGNALS = Set.of("kill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo");

    /** Runs a filter over struct seccomp_data: number, architecture, first argument. */
    private static int answer(long[] filter, int architecture, int number, int argument) {
        int accumulator = 0;
        for (int at = 0; ; at++) {
            int operand = (int) (filter[at] >>> 32);
            boolean holds =
                    switch ((int) filter[at] & 0xffff) {
                        case 0x15 -> accumulator == operand;
                        case 0x25 -> Integer.compareUnsigned(accumulator, operand) > 0;
                        case 0x35 -> Integer.compareUnsigned(accumulator, operand) >= 0;
                        case 0x45 -> (accumulator & operand) != 0;
                        case 0x20 -> false;
                        case 0x06 -> true;
                        default -> throw new AssertionError("instruction " + Long.toHexString(filter[at]));
                    };
            switch ((int) filter[at] & 0xffff) {
                case 0x06 -> {
                    return operand;
                }
                case 0x20 ->
                    accumulator = switch (operand) {
                        case 0 -> number;
                        case 4 -> architecture;
                        case 16 -> argument;
                        default -> throw new AssertionError("offset " + operand);
                    };
                default -> at += (int) (filter[at] >>> (holds ? 16 : 24) & 0xff);
            }
        }
    }

    @Test
    void theTrusteeMakesWhatIsOrderedAndSignalsOnlyItsOwnProcess() {
        long[] filter = Filter.ofTheTrustee(PID);
        for (int number = 0; number < LAST; number++) {
            Syscall syscall = Syscall.byNumber(number);
            boolean signals = syscall != null && SIGNALS.contains(syscall.callName());
            int expected = Filter.isOrdered(number) ? ALLOW : KILL_PROCESS;
            assertThat(answer(filter, I386, number, PID)).as("call %d", number).isEqualTo(expected);
            assertThat(answer(filter, I386, number, 1))
                    .as("call %d, another process", number)
                    .isEqualTo(signals ? KILL_PROCESS : expected);
            assertThat(answer(filter, X86_64, number, PID)).isEqualTo(KILL_PROCESS);
        }
        assertThat(SIGNALS).allMatch(name -> Filter.isOrdered(byName(name).number()));
    }

    @Test
    void theProcessIsRefusedWhatTheTableRefusesEverybody() {
        long[] filter = Filter.ofTheProcess();
        for (int number = 0; number < LAST; number++) {
            Syscall syscall = Syscall.byNumber(number);
            if (syscall != null && syscall.callName().equals("clone")) {
                continue; // below
            }
            boolean refused = syscall != null
                    && syscall.callClass() == CallClass.REFUSE
                    && !NEEDED_TO_START.contains(syscall.callName());
            int expected = number > lastKnown() ? ENOSYS : refused ? EPERM : ALLOW;
            assertThat(answer(filter, I386, number, 0)).as("call %d", number).isEqualTo(expected);
            assertThat(answer(filter, X86_64, number, 0)).isEqualTo(KILL_THREAD);
        }
        int clone = byName("clone").number();
        assertThat(answer(filter, I386, clone, CLONE_THREAD)).isEqualTo(ALLOW);
        assertThat(answer(filter, I386, clone, 0)).isEqualTo(EPERM);
    }

    /** Why a mount namespace would add nothing once the trustee has its filter (docs/layers.md). */
    @Test
    void noOrderNamesAFile() {
        assertThat(calls().filter(syscall -> Filter.isOrdered(syscall.number())))
                .noneMatch(FilterTest::namesAFile)
                .isNotEmpty();
        assertThat(calls().filter(FilterTest::namesAFile)).hasSizeGreaterThan(40);
    }

    private static boolean namesAFile(Syscall syscall) {
        return syscall.args().stream().anyMatch(argument -> argument.kind() == Syscall.Kind.PATH);
    }

    private static Stream<Syscall> calls() {
        return Arrays.stream(Syscall.values());
    }

    private static int lastKnown() {
        return calls().mapToInt(Syscall::number).max().orElseThrow();
    }

    private static Syscall byName(String name) {
        List<Syscall> found =
                calls().filter(syscall -> syscall.callName().equals(name)).toList();
        assertThat(found).hasSize(1);
        return found.get(0);
    }
}
