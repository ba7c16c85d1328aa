package nurse.helper.layers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import nurse.ffm.lane.LaneLayout;
import nurse.helper.calls.Syscall;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the filters answer to every number, as the kernel would read them (linux/bpf_common.h, linux/seccomp.h). */
class FilterTest {
    private static final int I386 = 0x40000003;
    private static final int X86_64 = 0xc000003e;
    private static final int ALLOW = 0x7fff0000;
    private static final int KILL_PROCESS = 0x80000000;
    private static final int KILL_THREAD = 0;
    private static final int TRAP = 0x00030000;
    private static final int PID = 4711;
    private static final int LAST = 600;
    private static final Set<String> SIGNALS = Set.of("kill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo");

    /** Arguments with which every call is allowed that is allowed at all. */
    private static final Map<String, int[]> GOOD = Map.ofEntries(
            Map.entry("ioctl", new int[] {0, 0x5401}),
            Map.entry("fcntl", new int[] {0, 2}),
            Map.entry("fcntl64", new int[] {0, 2}),
            Map.entry("socket", new int[] {1}),
            Map.entry("socketpair", new int[] {1}));

    /** What the untrustee makes itself, and why that harms nobody. */
    private static final Map<String, String> OWN = Map.of(
            "read", "a descriptor that it has is a capability",
            "write", "the same",
            "exit", "its own end",
            "sigreturn", "its own registers and mask",
            "set_thread_area",
                    "its own %gs: the kernel takes data segments only (tls_desc_okay in arch/x86/kernel/tls.c)",
            "rseq", "its own memory, which the kernel writes as the thread itself could");

    /** Whether the last run of a filter looked at an argument: the kernel caches the answers where none is looked at. */
    private boolean looked;

    /** How many instructions it took. */
    private int steps;

    /** Runs a filter over struct seccomp_data: number, architecture, arguments (the low halves; those not given are 0). */
    private int answer(long[] filter, int architecture, int number, int... arguments) {
        int accumulator = 0;
        looked = false;
        steps = 0;
        for (int at = 0; ; at++) {
            steps++;
            int operand = (int) (filter[at] >>> 32);
            boolean holds =
                    switch ((int) filter[at] & 0xffff) {
                        case 0x15 -> accumulator == operand;
                        case 0x25 -> Integer.compareUnsigned(accumulator, operand) > 0;
                        case 0x35 -> Integer.compareUnsigned(accumulator, operand) >= 0;
                        case 0x45 -> (accumulator & operand) != 0;
                        case 0x20, 0x54 -> false;
                        case 0x05, 0x06 -> true;
                        default -> throw new AssertionError("instruction " + Long.toHexString(filter[at]));
                    };
            switch ((int) filter[at] & 0xffff) {
                case 0x06 -> {
                    return operand;
                }
                case 0x20 -> {
                    looked |= operand >= 16;
                    accumulator = switch (operand) {
                        case 0 -> number;
                        case 4 -> architecture;
                        case 16, 24, 32, 40, 48, 56 ->
                            operand / 8 - 2 < arguments.length ? arguments[operand / 8 - 2] : 0;
                        default -> throw new AssertionError("offset " + operand);
                    };
                }
                case 0x54 -> accumulator &= operand;
                case 0x05 -> at += operand;
                default -> at += (int) (filter[at] >>> (holds ? 16 : 24) & 0xff);
            }
        }
    }

    private static int[] good(String name) {
        return SIGNALS.contains(name)
                ? new int[] {PID}
                : GOOD.getOrDefault(name, new int[6]).clone();
    }

    @Test
    void theTrusteeMakesWhatIsOrderedAndSignalsOnlyItsOwnProcess() {
        long[] filter = Filter.ofTheTrustee(PID);
        for (int number = 0; number < LAST; number++) {
            Syscall syscall = Syscall.byNumber(number);
            boolean signals = syscall != null && SIGNALS.contains(syscall.callName());
            int[] arguments = syscall == null ? new int[6] : good(syscall.callName());
            int expected = Orders.has(number) ? ALLOW : KILL_PROCESS;
            assertThat(answer(filter, I386, number, signals ? new int[] {PID} : arguments))
                    .as("call %d", number)
                    .isEqualTo(expected);
            if (signals) {
                assertThat(answer(filter, I386, number, 1)).isEqualTo(KILL_PROCESS);
            }
            assertThat(answer(filter, X86_64, number, PID)).isEqualTo(KILL_PROCESS);
        }
        assertThat(SIGNALS).allMatch(name -> Orders.has(byName(name).number()));
    }

    @Test
    void theUntrusteeMakesWhatIsItsOwnAndAllElseRaisesSigsys() {
        long[] filter = Filter.ofTheUntrustee(false);
        Set<String> allowed = new TreeSet<>();
        for (int number = -1; number < LAST; number++) {
            Syscall syscall = Syscall.byNumber(number);
            int found = answer(filter, I386, number, 1, 2, 3, 4, 5, 6);
            if (found == ALLOW) {
                allowed.add(syscall == null ? "number " + number : syscall.callName());
            } else {
                assertThat(found).as("call %d", number).isEqualTo(TRAP);
            }
            assertThat(looked).as("call %d", number).isFalse();
            assertThat(answer(filter, X86_64, number)).isEqualTo(KILL_THREAD);
        }
        assertThat(allowed).isEqualTo(new TreeSet<>(OWN.keySet()));
        assertThat(answer(filter, I386, 0x40000000)).as("an x32 number").isEqualTo(TRAP);
        assertThat(filter).hasSizeLessThanOrEqualTo(LaneLayout.HEADER_FILTER_MAX);
    }

    /** The same, and of futex(2) what waits and wakes: nobody is requeued, and no PI futex tells of other processes. */
    @Test
    void theUntrusteeWaitsOnFutexesWhereNobodyIsToSeeIt() {
        long[] alone = Filter.ofTheUntrustee(false);
        long[] filter = Filter.ofTheUntrustee(true);
        Set<String> further = new TreeSet<>();
        for (int number = 0; number < LAST; number++) {
            for (int operation = 0; operation < 0x200; operation++) {
                int found = answer(filter, I386, number, 0, operation);
                if (found != answer(alone, I386, number, 0, operation)) {
                    assertThat(found).isEqualTo(ALLOW);
                    String name = Syscall.byNumber(number).callName();
                    further.add(name.equals("restart_syscall") ? name : name + " " + (operation & 0x7f));
                }
            }
        }
        assertThat(further)
                .containsExactlyInAnyOrder(
                        "restart_syscall",
                        "futex 0",
                        "futex 1",
                        "futex 9",
                        "futex 10",
                        "futex_time64 0",
                        "futex_time64 1",
                        "futex_time64 9",
                        "futex_time64 10");
    }

    /** So many comparisons as a tree of the numbers is deep, and not one for each number. */
    @Test
    void aNumberIsFoundByASearchTree() {
        for (long[] filter : List.of(Filter.ofTheUntrustee(false), Filter.ofTheTrustee(PID))) {
            int most = 0;
            for (int number = 0; number < LAST; number++) {
                answer(filter, I386, number);
                most = Math.max(most, steps);
            }
            assertThat(most).isLessThan(4 + 10 + 64); // architecture, 2^10 numbers, the requests of ioctl(2)
        }
        answer(Filter.ofTheUntrustee(false), I386, byName("read").number());
        assertThat(steps).isLessThan(10);
    }

    /** Such answers the kernel keeps (seccomp_is_const_allow in kernel/seccomp.c). */
    @ParameterizedTest
    @ValueSource(strings = {"write", "lseek", "mmap2", "close", "futex"})
    void whatIsOrderedAtEveryTurnIsDecidedByItsNumberAlone(String name) {
        answer(Filter.ofTheTrustee(PID), I386, byName(name).number());
        assertThat(looked).isFalse();
        answer(Filter.ofTheTrustee(PID), I386, byName("ioctl").number());
        assertThat(looked).isTrue();
    }

    /** A call that would hurt, and, where the same call is needed, its twin. Arguments are hexadecimal. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "TIOCSTI        | ioctl       | 0 5412             | TIOCGWINSZ     | 0 5413",
                "TIOCLINUX      | ioctl       | 0 541c             | FIONREAD       | 0 541b",
                "TIOCSETD       | ioctl       | 0 5423             | FIONBIO        | 0 5421",
                "TIOCCONS       | ioctl       | 0 541d             | TCSETS         | 0 5402",
                "TIOCSCTTY      | ioctl       | 0 540e             | TIOCGPGRP      | 0 540f",
                "F_SETOWN       | fcntl64     | 0 8 1              | F_SETLK64      | 0 d",
                "F_SETSIG       | fcntl64     | 0 a 9              | F_SETPIPE_SZ   | 0 407",
                "F_SETOWN       | fcntl       | 0 8 1              | F_SETFD        | 0 2 1",
                "AF_NETLINK     | socket      | 10                 | AF_UNIX        | 1",
                "AF_PACKET      | socket      | 11                 | AF_INET6       | a",
                "AF_TIPC        | socketpair  | 1e                 | AF_UNIX        | 1",
            })
    void whatADangerousArgumentWouldDoIsRefused(String what, String name, String bad, String twin, String good) {
        long[] filter = Filter.ofTheTrustee(PID);
        int number = byName(name).number();
        assertThat(answer(filter, I386, number, arguments(bad))).as(what).isEqualTo(KILL_PROCESS);
        assertThat(answer(filter, I386, number, arguments(good))).as(twin).isEqualTo(ALLOW);
        assertThat(Orders.allow(byName(name), arguments(bad))).as(what).isFalse();
        assertThat(Orders.allow(byName(name), arguments(good))).as(twin).isTrue();
    }

    /** Nor to groups, nor to all: 0, -1 and less (kill(2)). */
    @Test
    void signalsReachNoOtherProcess() {
        for (String name : SIGNALS) {
            for (int other : new int[] {1, PID + 1, 0, -1, -PID}) {
                assertThat(answer(Filter.ofTheTrustee(PID), I386, byName(name).number(), other))
                        .isEqualTo(KILL_PROCESS);
            }
        }
    }

    private static int[] arguments(String words) {
        int[] arguments = new int[6];
        String[] each = words.split(" ");
        for (int i = 0; i < each.length; i++) {
            arguments[i] = Integer.parseUnsignedInt(each[i], 16);
        }
        return arguments;
    }

    /** Whatever their arguments are. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "fork",
                "vfork",
                "clone3",
                "execve",
                "ptrace",
                "prlimit64",
                "setrlimit",
                "setpriority",
                "nice",
                "ioprio_set",
                "sched_setscheduler",
                "sched_setparam",
                "sched_setattr",
                "sched_setaffinity",
                "chmod",
                "fchmod",
                "fchmodat",
                "fchmodat2",
                "chown",
                "lchown32",
                "fchown",
                "fchown32",
                "fchownat",
                "setxattr",
                "fsetxattr",
                "fremovexattr",
                "utimensat",
                "readlinkat",
                "open",
                "openat2",
                "creat",
                "link",
                "unlink",
                "rename",
                "symlink",
                "mknod",
                "truncate",
                "keyctl",
                "add_key",
                "request_key",
                "open_by_handle_at",
                "name_to_handle_at",
                "process_vm_writev",
                "pidfd_getfd",
                "pidfd_send_signal",
                "socketcall",
                "setpgid",
                "setsid",
                "personality",
                "unshare",
                "setns",
                "chroot",
                "bpf",
                "io_uring_setup",
                "userfaultfd",
                "perf_event_open",
                "seccomp",
                "modify_ldt",
                "clone",
                "execveat",
                "openat",
                "prctl",
                "statx",
                "getcwd",
                "set_thread_area",
                "set_tid_address",
                "landlock_restrict_self"
            })
    void whatNoPartyNeedsIsRefused(String name) {
        long[] filter = Filter.ofTheTrustee(PID);
        for (int argument : new int[] {0, 1, 2, 15, LaneLayout.FD_LOADER, 0x5401, 0x10000, -1}) {
            int[] all = new int[6];
            Arrays.fill(all, argument);
            assertThat(answer(filter, I386, byName(name).number(), all)).isEqualTo(KILL_PROCESS);
        }
        assertThat(looked).isFalse();
    }

    /** struct seccomp_data has 64 bits for each; the kernel carries a call of i386 out with the lower. */
    @Test
    void argumentsAreLookedAtWhereTheirLowHalvesAre() {
        for (long[] filter : List.of(Filter.ofTheUntrustee(false), Filter.ofTheTrustee(PID))) {
            assertThat(Arrays.stream(filter)
                            .filter(instruction -> (instruction & 0xffff) == 0x20)
                            .mapToInt(instruction -> (int) (instruction >>> 32)))
                    .allMatch(offset -> offset == 0 || offset == 4 || offset % 8 == 0 && offset >= 16);
        }
    }

    /** Why a mount namespace would add nothing once the trustee has its filter (docs/layers.md). */
    @Test
    void noOrderNamesAFile() {
        assertThat(calls().filter(syscall -> Orders.has(syscall.number())))
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

    private static Syscall byName(String name) {
        List<Syscall> found =
                calls().filter(syscall -> syscall.callName().equals(name)).toList();
        assertThat(found).hasSize(1);
        return found.get(0);
    }
}
