package nurse.cli.attack;

import static nurse.cli.BrokenBuild.Change.ofJava;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import nurse.cli.BrokenBuild;
import nurse.cli.BrokenBuild.Change;
import nurse.cli.Jar;
import nurse.cli.Jar.Result;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Attacks that only the sandbox makes possible, in builds without the defence: there they succeed, so it is the defence that
 * they hold by. Each would be lucky by itself; where it takes a moment to be at, the build also makes that moment long.
 */
class WithoutDefencesIT {
    private static final String LOCK = System.getProperty("nurse.lock");

    /** What the attack got. */
    private static final String ESCAPED = "ESCAPED +\\d";
    /** What it was after is to bring the helper down. */
    private static final String HELPER_FAILED = "UNDECIDED .* the helper failed";
    /** ld.so mapped what was not judged: it ran, or what came of it ended ld.so. */
    private static final String MAPPED = "UNDECIDED .* it ended with (0|125), declared is \\[126\\]";

    /** Nothing is sealed with mseal(2): what the helper does not refuse the kernel does. */
    private static final Change UNSEALED = new Change(
            "audit",
            "lock.c",
            "return call(NURSE_NR_mseal, region.start, region.size, 0) == 0;",
            "return region.size == 0;");

    /** @param outcome what the row of each says, as a pattern */
    record Broken(String defence, String outcome, List<String> attacks, List<Change> changes) {
        @Override
        public String toString() {
            return defence + ": " + String.join(", ", attacks);
        }
    }

    /** Those that are shown to succeed; docs/threat-model.md says of the others why they are not. */
    static Set<String> attacks() {
        return builds().flatMap(build -> build.attacks().stream()).collect(Collectors.toSet());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("builds")
    void anAttackSucceedsWhereItsDefenceIsTakenOut(Broken broken) throws IOException {
        Path directory = Jar.directory();
        BrokenBuild build = new BrokenBuild(directory);
        build.make(broken.changes().toArray(Change[]::new));
        List<String> arguments = new ArrayList<>(List.of("attack", "--lock", LOCK));
        arguments.addAll(broken.attacks());
        Result result = Jar.execute(directory, new byte[0], build.command(arguments));
        assertThat(result.status()).as(result.out() + result.err()).isEqualTo(1);
        for (String attack : broken.attacks()) {
            assertThat(result.out()).containsPattern("(?m)^" + attack + " .* " + broken.outcome());
        }
    }

    static Stream<Broken> builds() {
        return Stream.of(
                new Broken(
                        "offsets and lengths in the lane are within it",
                        HELPER_FAILED,
                        List.of("chrome-length-desynchronised"),
                        List.of(ofJava("nurse/ffm/lane/Lane.java", "if (!isWithinData(offset, length) ||", "if ("))),
                new Broken(
                        "what ld.so would map is judged",
                        MAPPED,
                        List.of("elf-truncated", "elf-over-loader", "elf-writable-code", "elf-wild-dynamic"),
                        List.of(ofJava(
                                "nurse/helper/program/ElfRules.java",
                                "static String program(OpenProgram file, ElfImage image) throws ProgramException {",
                                "static String program(OpenProgram file, ElfImage image) throws ProgramException {"
                                        + " if (true) { return image.interpreter().get(); }"))),
                new Broken(
                        "what says that an order is done cannot be moved by write(2)",
                        ESCAPED,
                        List.of("channel-written"),
                        List.of(ofJava(
                                "nurse/helper/sandbox/Sandbox.java",
                                "writable, Kernel.O_RDONLY | Kernel.O_CLOEXEC, 0)",
                                "writable, Kernel.O_RDWR | Kernel.O_CLOEXEC, 0)"))),
                new Broken(
                        "the trustee knows the number of the last order",
                        ESCAPED,
                        List.of("chrome-order-run-twice"),
                        // forgotten after one in 128 orders (334 is pwritev, which the attack counts)
                        List.of(new Change("trustee", "trustee.S", "told:\n", """
                                told:
                                        movd %xmm2, %eax
                                        cmp $334, %eax
                                        jne 1f
                                        movd %xmm7, %eax
                                        test $0xfe, %al
                                        jne 1f
                                        pxor %xmm7, %xmm7
                                1:
                                """))),
                new Broken(
                        "the result slot is not believed",
                        ESCAPED,
                        List.of("stale-order"),
                        List.of(
                                ofJava(
                                        "nurse/helper/sandbox/LaneServer.java",
                                        "return kernel.lseek(doors.channel, 0, Kernel.SEEK_CUR) == offset;",
                                        "return Lane.channelOffset(lane.resultSequence()) == offset;"),
                                // slow with every epoll_ctl (255)
                                new Change(
                                        "trustee",
                                        "trustee.S",
                                        "        movdqa  %xmm0, %xmm7\n        movd    %xmm2, %eax\n",
                                        """
                                                movdqa %xmm0, %xmm7
                                                movd %xmm2, %eax
                                                cmp $255, %eax
                                                jne 2f
                                                mov $20000, %eax
                                        1:      pause
                                                sub $1, %eax
                                                jns 1b
                                        2:      movd %xmm2, %eax
                                        """))),
                new Broken(
                        "the number is read once, and what is protected is sealed",
                        ESCAPED,
                        List.of("chrome-number-read-again"),
                        List.of(
                                // again, when it has changed, to decide whether the range matters
                                ofJava(
                                        "nurse/helper/calls/Call.java",
                                        "    public int number() {",
                                        "    public int numberAgain() {"
                                                + " for (int i = 0; i < 100_000 && lane.requestNumber() == number; i++) {"
                                                + " Thread.onSpinWait(); }"
                                                + " return lane.requestNumber(); }"
                                                + " public int number() {"),
                                ofJava(
                                        "nurse/helper/memory/MemoryCalls.java",
                                        "leaveOurs(call.argument(0), call.argument(1));\n        return call.forward(syscall);",
                                        "if (syscall != Syscall.MUNMAP || call.numberAgain() == Syscall.MUNMAP.number()) {"
                                                + " leaveOurs(call.argument(0), call.argument(1)); }"
                                                + " return call.forward(syscall);"),
                                UNSEALED)),
                new Broken(
                        "of a terminal's requests few are let through",
                        ESCAPED,
                        List.of("terminal-sti", "terminal-discipline"),
                        List.of(
                                ofJava(
                                        "nurse/helper/descriptors/DescriptorCalls.java",
                                        "return switch (call.argument(1)) {\n            case 0x5401, 0x5402,",
                                        "return switch (call.argument(1)) {\n"
                                                + "            case 0x5412, 0x5423 -> call.forward(Syscall.IOCTL);\n"
                                                + "            case 0x5401, 0x5402,"),
                                ofJava(
                                        "nurse/helper/descriptors/DescriptorCalls.java",
                                        "case 0x5412, 0x541c,",
                                        "case 0x541c,"))));
    }
}
