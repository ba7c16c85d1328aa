package nurse.cli.attack;

import static nurse.cli.BrokenBuild.Change.ofJava;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import nurse.cli.BrokenBuild.Change;
import nurse.helper.sandbox.Lock;

/**
 * How the defences that attacks hold by are taken out, for {@link WithoutDefencesIT}. An attack would be lucky by itself; where
 * it takes a moment to be at, the build also makes that moment long.
 */
final class Defences {
    /** The attack got it. */
    private static final String ESCAPED = "ESCAPED +\\d";
    /** What it was after is to bring the helper down. */
    static final String HELPER_FAILED = "UNDECIDED .* the helper failed";
    /** The same; or the helper, which can look at the program no more, has ended it. */
    private static final String NO_DESCRIPTORS = "(ESCAPED +\\d|UNDECIDED .* it ended with 137)";
    /** It is not ended, and does not end: the helper waits, or works, for it for ever. */
    private static final String NO_END = "UNDECIDED .* it ended with time over";
    /** The kernel ended the program, which is what a handler on the trustee, whose stack is the orders, comes to. */
    private static final String FAULT = "UNDECIDED .* it ended with 139";

    /** What was not judged was mapped: it ran, or what came of it ended it. */
    private static final String MAPPED = "UNDECIDED .* it ended with (0|125|135|139), declared is \\[126\\]";

    private static final String RUNNER = "nurse/cli/attack/Runner.java";
    private static final String SANDBOX = "nurse/helper/sandbox/Sandbox.java";
    private static final String LOCK_CHECK = "nurse/helper/sandbox/LockCheck.java";
    private static final String DESCRIPTORS = "nurse/helper/descriptors/Descriptors.java";
    private static final String DESCRIPTOR_CALLS = "nurse/helper/descriptors/DescriptorCalls.java";
    private static final String MEMORY_CALLS = "nurse/helper/memory/MemoryCalls.java";
    private static final String TREE_CALLS = "nurse/helper/files/TreeCalls.java";

    private static final String OPEN_CALLS = "nurse/helper/files/OpenCalls.java";
    private static final String NAME_JUDGE = "nurse/helper/files/NameJudge.java";
    private static final String PASSING = "nurse/helper/sandbox/DescriptorPassing.java";

    /** Spins until what the program writes differs from what the kernel wrote, for some milliseconds. */
    private static String untilForged(String word, String written) {
        return "for (int i = 0; i < 100_000 && " + word + " == " + written + "; i++) { Thread.onSpinWait(); }";
    }

    /** Nothing is sealed with mseal(2). */
    private static final Change UNSEALED = new Change(
            "audit",
            "lock.c",
            "return call(NURSE_NR_mseal, region.start, region.size, 0) == 0;",
            "return region.size == 0;");

    /** The memfd of the orders can be mapped to be written by others than the helper. */
    private static final Change WRITABLE_ORDERS = ofJava(
            SANDBOX, "\"nurse-orders\", ORDERS_SIZE, true, true)", "\"nurse-orders\", ORDERS_SIZE, true, false)");

    /** What never ends is not waited for that long. */
    private static final Change SHORT = ofJava(RUNNER, "LIMIT_MILLIS = 240_000", "LIMIT_MILLIS = 3_000");

    /** No ELF file is judged. */
    private static final Change NOT_JUDGED = ofJava(
            "nurse/helper/program/ElfRules.java",
            "ElfRules rules = new ElfRules(file, image, mapper);\n        switch (mapper) {",
            "ElfRules rules = new ElfRules(file, image, mapper);\n        if (rules.file == file) { return; }\n"
                    + "        switch (mapper) {");

    private Defences() {}

    /**
     * A build without one.
     *
     * @param defence what is not so there
     * @param outcome what the rows of the attacks say there, as a pattern
     * @param locks under which it is what they hold by
     */
    record TakenOut(String defence, String outcome, List<String> attacks, List<Change> changes, Set<Lock> locks) {
        TakenOut under(Lock lock) {
            return new TakenOut(defence, outcome, attacks, changes, Set.of(lock));
        }

        @Override
        public String toString() {
            return defence + ": " + String.join(", ", attacks);
        }
    }

    private static TakenOut takenOut(String defence, String outcome, String attacks, Change... changes) {
        return new TakenOut(defence, outcome, List.of(attacks.split(" ")), List.of(changes), Set.of(Lock.values()));
    }

    static List<TakenOut> all() {
        return Stream.of(messages(), orders(), memory(), descriptors(), files(), others())
                .flatMap(List::stream)
                .toList();
    }

    /** The attacks that are shown to succeed; docs/threat-model.md says of the others why they are not. */
    static Set<String> attacks() {
        return all().stream().flatMap(one -> one.attacks().stream()).collect(Collectors.toSet());
    }

    private static List<TakenOut> messages() {
        return List.of(
                takenOut(
                        "offsets and lengths in the lane are within it",
                        HELPER_FAILED,
                        "chrome-length-desynchronised",
                        ofJava("nurse/ffm/lane/Lane.java", "if (!isWithinData(offset, length) ||", "if (")),
                takenOut(
                        "a number that the program names is one of its book",
                        HELPER_FAILED,
                        "random-requests",
                        ofJava(
                                DESCRIPTORS,
                                "return fd >= 0 && fd < files.length ? files[fd] : null;",
                                "return files[fd];")),
                takenOut(
                        "a request out of order ends the program, and links end",
                        NO_END,
                        "sequence-ahead sequence-back request-while-answering long-walks",
                        ofJava(
                                "nurse/helper/sandbox/LaneServer.java",
                                "if (lane.requestSequence() != answered + 1) {",
                                "if (answered < 0) {"),
                        ofJava("nurse/helper/files/Lookup.java", "++links > MAX_LINKS", "++links < 0"),
                        SHORT,
                        ofJava(RUNNER, "END_MILLIS = 5_000", "END_MILLIS = 500"),
                        // of two that run at once the one that is ended leaves the other alone
                        ofJava(
                                RUNNER,
                                "ProcessHandle.current().children().forEach(ProcessHandle::destroyForcibly);",
                                "")),
                takenOut(
                        "a full socket is not waited for",
                        NO_END,
                        "control-broken-header",
                        ofJava("nurse/ffm/Kernel.java", "MSG_DONTWAIT | MSG_NOSIGNAL", "MSG_NOSIGNAL"),
                        ofJava(
                                PASSING,
                                "        int received =\n",
                                untilForged("lane.scratch(MSGHDR + 8)", "lane.scratchAddress(IOVEC)")
                                        + "\n        int received =\n"),
                        SHORT),
                takenOut(
                        "what says that an order is done cannot be moved by write(2)",
                        ESCAPED,
                        "channel-written",
                        ofJava(
                                SANDBOX,
                                "writable, Kernel.O_RDONLY | Kernel.O_CLOEXEC, 0)",
                                "writable, Kernel.O_RDWR | Kernel.O_CLOEXEC, 0)")),
                takenOut(
                        "the number is read once, and what is protected is sealed",
                        ESCAPED,
                        "chrome-number-read-again",
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
                                MEMORY_CALLS,
                                "leaveOurs(call.argument(0), call.argument(1));\n        return call.forward(syscall);",
                                "if (syscall != Syscall.MUNMAP || call.numberAgain() == Syscall.MUNMAP.number()) {"
                                        + " leaveOurs(call.argument(0), call.argument(1)); }"
                                        + " return call.forward(syscall);"),
                        UNSEALED));
    }

    private static List<TakenOut> orders() {
        return List.of(
                takenOut(
                        "the trustee knows the number of the last order",
                        ESCAPED,
                        "chrome-order-run-twice",
                        // forgotten after one in 128 orders (334 is pwritev, which the attack counts)
                        new Change("trustee", "trustee.S", "told:\n", """
                                told:
                                        movd %xmm2, %eax
                                        cmp $334, %eax
                                        jne 1f
                                        movd %xmm7, %eax
                                        test $0xfe, %al
                                        jne 1f
                                        pxor %xmm7, %xmm7
                                1:
                                """)),
                takenOut(
                        "the result slot is not believed to say that an order is done",
                        ESCAPED,
                        "stale-order",
                        ofJava(
                                "nurse/helper/sandbox/LaneServer.java",
                                "return kernel.lseek(doors.channel, 0, Kernel.SEEK_CUR) == offset;",
                                "return Lane.channelOffset(lane.resultSequence()) == offset;"),
                        // an epoll_ctl (255) is taken some milliseconds late, or never if there is another order by
                        // then
                        new Change("trustee", "trustee.S", "complete:\n", """
                                complete:
                                        cmpl $255, NURSE_ORDER_NR(%esp)
                                        jne 2f
                                        mov $200000, %edi
                                1:      movq NURSE_ORDER_SEQ(%esp), %xmm1
                                        pcmpeqd %xmm0, %xmm1
                                        pmovmskb %xmm1, %eax
                                        cmp $0xff, %al
                                        jne look
                                        pause
                                        sub $1, %edi
                                        jns 1b
                                2:
                                """)),
                takenOut(
                        "nor to say which number dup2 made",
                        HELPER_FAILED,
                        "forged-result",
                        ofJava(
                                DESCRIPTOR_CALLS,
                                "CallError.check(call.trustee().execute(Syscall.DUP3, from, to, closeOnExec",
                                "to = CallError.check(call.trustee().execute(Syscall.DUP3, from, to, closeOnExec"),
                        ofJava(
                                "nurse/helper/sandbox/LaneServer.java",
                                "return lane.resultValue();",
                                "int kernels = lane.resultValue(); "
                                        + untilForged("lane.resultValue()", "kernels")
                                        + " return lane.resultValue();")),
                takenOut(
                        "a file of which the helper has no descriptor is not changed by its number",
                        ESCAPED,
                        "forged-descriptor-number",
                        ofJava(DESCRIPTORS, " || file.helperFd() < 0", ""),
                        ofJava(
                                PASSING,
                                "int got = lane.scratch(CMSG_FD);",
                                untilForged("lane.scratch(CMSG_FD)", "number") + " int got = lane.scratch(CMSG_FD);")));
    }

    private static List<TakenOut> memory() {
        return List.of(
                takenOut(
                        "a call of the address space leaves alone what is protected",
                        ESCAPED,
                        "memory-calls",
                        // the three that do not end the program at once
                        ofJava(
                                MEMORY_CALLS,
                                "case MLOCK, MLOCK2, MUNLOCK -> ranged(syscall, call);",
                                "case MLOCK, MLOCK2, MUNLOCK -> call.forward(syscall);")),
                takenOut(
                        "the orders are mapped to be read only",
                        ESCAPED,
                        "race-iovec",
                        WRITABLE_ORDERS,
                        new Change(
                                "audit",
                                "lock.c",
                                "map_shared(NURSE_FD_ORDERS, orders->size, PROT_READ)",
                                "map_shared(NURSE_FD_ORDERS, orders->size, PROT_READ | PROT_WRITE)"),
                        ofJava(
                                LOCK_CHECK,
                                "ordersAddress, code, \"r--s\", ordersInode)",
                                "ordersAddress, code, \"rw-s\", ordersInode)"),
                        ofJava(
                                LOCK_CHECK,
                                "ordersAddress + ordersSize, \"r--s\"",
                                "ordersAddress + ordersSize, \"rw-s\"")),
                takenOut(
                        "and so is their first page, behind which a store would end the program",
                        ESCAPED,
                        "orders-written",
                        WRITABLE_ORDERS,
                        new Change(
                                "audit",
                                "lock.c",
                                "    if (call(NURSE_NR_mprotect, orders->start + NURSE_CODE,",
                                "    call(NURSE_NR_mprotect, orders->start, NURSE_CODE, PROT_READ | PROT_WRITE);\n"
                                        + "    if (call(NURSE_NR_mprotect, orders->start + NURSE_CODE,"),
                        ofJava(
                                LOCK_CHECK,
                                "ordersAddress, code, \"r--s\", ordersInode)",
                                "ordersAddress, code, \"rw-s\", ordersInode)")));
    }

    private static List<TakenOut> descriptors() {
        return List.of(
                takenOut(
                        "the sandbox's own numbers are none that the program has",
                        ESCAPED,
                        "smuggle-out-sandbox-descriptors race-control-data",
                        ofJava(
                                DESCRIPTOR_CALLS,
                                "OpenFile file = descriptors.get(from);",
                                "OpenFile file = from < LaneLayout.FD_BASE ? descriptors.get(from) : OpenFile.anonymous();"),
                        ofJava(
                                "nurse/helper/network/MessageCalls.java",
                                "descriptors.get(control.get(JAVA_INT_UNALIGNED, fd)).send();",
                                "control.get(JAVA_INT_UNALIGNED, fd);")),
                takenOut(
                        "no number is given out from the sandbox's own on, nor would the kernel make one",
                        ESCAPED,
                        "exhaust-numbers",
                        ofJava(DESCRIPTORS, "[LaneLayout.FD_BASE]", "[LaneLayout.FD_BASE + 16]"),
                        ofJava(DESCRIPTORS, "limit = LaneLayout.FD_BASE;", "limit = LaneLayout.FD_BASE + 16;"),
                        ofJava(
                                "nurse/helper/sandbox/DescriptorPassing.java",
                                "got < 0 || got >= LaneLayout.FD_BASE",
                                "got < 0"),
                        ofJava(
                                LOCK_CHECK,
                                "RLIMIT_NOFILE, LaneLayout.FD_BASE)",
                                "RLIMIT_NOFILE, LaneLayout.FD_BASE + 16)"),
                        new Change(
                                "launcher",
                                "launcher_main.c",
                                "limit_descriptors(NURSE_FD_BASE, limit[1]);",
                                "limit_descriptors(NURSE_FD_BASE + 16, limit[1]);")),
                takenOut(
                        "the book follows dup2",
                        ESCAPED,
                        "number-reused",
                        ofJava(
                                DESCRIPTOR_CALLS,
                                "        descriptors.put(to, file, closeOnExec);\n        return to;",
                                "        return to;")),
                takenOut(
                        "a borrowed descriptor is closed again",
                        NO_DESCRIPTORS,
                        "borrowed-descriptors",
                        ofJava(DESCRIPTORS, "            kernel.close(borrowed);\n", "")));
    }

    private static List<TakenOut> files() {
        return List.of(
                takenOut(
                        "what lies deep in the temporary directory is moved up, and removed there",
                        ESCAPED,
                        "deep-tree",
                        ofJava(
                                "nurse/cli/Removal.java",
                                "isRemoved(top, each) || isDissolved(top, each)",
                                "isRemoved(top, each)")),
                takenOut(
                        "no link is followed in a judged name, no device made, and the helper is under Landlock",
                        ESCAPED,
                        "race-create make-device-node",
                        ofJava(
                                "nurse/helper/files/View.java",
                                "Kernel.RESOLVE_IN_ROOT | Kernel.RESOLVE_NO_SYMLINKS | Kernel.RESOLVE_NO_MAGICLINKS",
                                "0"),
                        ofJava(
                                TREE_CALLS,
                                "type == 0 || type == Kernel.S_IFREG || type == Kernel.S_IFIFO\n",
                                "type != Kernel.S_IFDIR\n"),
                        ofJava("nurse/helper/layers/Confinement.java", "            own.restrictThread();\n", ""),
                        // what the race makes is not removed by it
                        ofJava(
                                TREE_CALLS,
                                "int result = kernel.unlinkat(",
                                "int result = (flags & Kernel.AT_REMOVEDIR) != 0 ? 0 : kernel.unlinkat(")),
                takenOut(
                        "a descriptor has the name that the look-up found, and not that of its directory",
                        ESCAPED,
                        "read-only-part-by-openat2",
                        ofJava(
                                OPEN_CALLS,
                                "paths.may(found.name(), Access.WRITE)",
                                "paths.may(resolve == 1 ? base : found.name(), Access.WRITE)")),
                takenOut(
                        "only a file without a name is linked without a question",
                        ESCAPED,
                        "link-by-descriptor",
                        ofJava(
                                TREE_CALLS,
                                "!file.name().isEmpty() && paths.opens",
                                "!oldPath.isEmpty() && paths.opens")),
                takenOut(
                        "what lies below a directory that is renamed is judged as well",
                        ESCAPED,
                        "noexec-by-renamed-parent",
                        ofJava(NAME_JUDGE, "if (place.equals(top) || ", "if (top.equals(from) || top.equals(to) || ")),
                takenOut(
                        "a name is judged as the rule spells it",
                        ESCAPED,
                        "other-spelling",
                        ofJava(
                                NAME_JUDGE,
                                "return policy.ruled(process.judged(name), spelling);",
                                "return process.judged(name);")),
                takenOut(
                        "an address is read once",
                        HELPER_FAILED,
                        "race-address-family",
                        ofJava(
                                "nurse/helper/network/AddressJudge.java",
                                "        int socket = openFile(call);\n        int borrowed",
                                "        SocketAddress again = file;\n"
                                        + "        for (int i = 0; i < 1_000 && again instanceof SocketAddress.File; i++) {"
                                        + " again = SocketAddress.of(read(address, length)); }\n"
                                        + "        file = (SocketAddress.File) again;\n"
                                        + "        int socket = openFile(call);\n        int borrowed")),
                takenOut(
                        "what is no socket is not begun to be bound",
                        ESCAPED,
                        "bind-a-file",
                        ofJava(
                                "nurse/helper/network/AddressJudge.java",
                                "            if (!kernel.isSocket(borrowed)) {",
                                "            kernel.fchmod(borrowed, MODE & ~process.umask());\n"
                                        + "            if (!kernel.isSocket(borrowed)) {")),
                takenOut(
                        "the JVM's counters are the helper's",
                        ESCAPED,
                        "jvm-counters",
                        ofJava(
                                "nurse/cli/RunCommand.java",
                                "names.ofTheHelper(\"/tmp/hsperfdata_\" + System.getProperty(\"user.name\"))"
                                        + ".forEach(builder::helperFile);",
                                "")));
    }

    private static List<TakenOut> others() {
        return List.of(
                takenOut(
                        "of a terminal's requests few are let through",
                        ESCAPED,
                        "terminal-sti terminal-discipline",
                        ofJava(
                                "nurse/helper/descriptors/OrderedRequests.java",
                                "0x5401, //",
                                "0x5412, 0x5423, 0x5401, //"),
                        ofJava(DESCRIPTOR_CALLS, "case 0x5412, 0x541c,", "case 0x541c,")),
                takenOut(
                        "the trustee blocks all signals",
                        FAULT,
                        "handler-run-by-trustee",
                        new Change("audit", "lock.c", "u32 all[2] = {ALL_SIGNALS, ALL_SIGNALS}", "u32 all[2] = {0, 0}"),
                        ofJava(
                                LOCK_CHECK,
                                "\"fffffffffffbfeff\", trustee.field(\"SigBlk\")",
                                "trustee.field(\"SigBlk\"), trustee.field(\"SigBlk\")")),
                // Under trap the program is locked before ld.so runs, whatever ld.so obeys.
                takenOut(
                                "no variable that steers the loader is in the environment",
                                ESCAPED,
                                "script-steers-the-loader",
                                ofJava(
                                        "nurse/helper/policy/EnvironmentRules.java",
                                        "objectionToHaving(String name, String value) {",
                                        "objectionToHaving(String name, String value) {"
                                                + " if (true) { return Optional.empty(); }"))
                        .under(Lock.STRICT),
                takenOut("what is to be mapped is judged", MAPPED, "elf-truncated elf-over-loader", NOT_JUDGED),
                takenOut(
                                "what ld.so would map before the lock is judged",
                                MAPPED,
                                "elf-writable-code elf-wild-dynamic",
                                NOT_JUDGED)
                        .under(Lock.STRICT));
    }
}
