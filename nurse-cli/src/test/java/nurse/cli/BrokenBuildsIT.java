package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import nurse.cli.Jar.Result;
import nurse.cli.Jar.User;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Builds with one defence taken out, to see that another one notices. The product has no switch for this: what is broken is
 * compiled here, from a changed source, and stands before the jar on the class path.
 */
class BrokenBuildsIT {
    private static final Path NATIVE =
            Path.of("../nurse-native/src/main/native").toAbsolutePath().normalize();
    private static final Path HEADERS =
            Path.of("../nurse-native/target/generated-headers").toAbsolutePath().normalize();
    private static final Path HELPER =
            Path.of("../nurse-helper/src/main/java").toAbsolutePath().normalize();
    private static final List<String> FLAGS = List.of(
            "-m32",
            "-march=i686",
            "-mgeneral-regs-only",
            "-O2",
            "-std=gnu11",
            "-ffreestanding",
            "-fno-stack-protector",
            "-fvisibility=hidden",
            "-fno-asynchronous-unwind-tables",
            "-fcf-protection=none",
            "-nostdlib",
            "-Wl,-z,noexecstack",
            "-Wl,--build-id=none",
            "-I" + NATIVE.resolve("include"),
            "-I" + HEADERS);

    /** Of this test and no other's: by it the program is found, should it be left over. */
    private final String mark = "nurse-mark-" + ThreadLocalRandom.current().nextInt(Integer.MAX_VALUE);

    private Path directory;
    private Path classes;

    @BeforeEach
    void makeDirectory() throws IOException {
        directory = Jar.directory();
        classes = Files.createDirectories(directory.resolve("broken/native/linux-i686"))
                .getParent()
                .getParent();
    }

    private Result run(String... options) {
        List<String> arguments = new ArrayList<>(List.of("run", "--root", Jar.TREE.toString(), "--quiet"));
        arguments.addAll(List.of(options));
        arguments.addAll(List.of("sh", "-c", "echo ran", mark));
        List<String> shell = new ArrayList<>(List.of("sh", "-c", "ulimit -c unlimited; exec \"$0\" \"$@\""));
        shell.addAll(broken(arguments));
        return Jar.execute(directory, new byte[0], shell);
    }

    /** The jar's command line, with the broken classes before it. */
    private List<String> broken(List<String> arguments) {
        List<String> command = Jar.command(User.ROOT, arguments);
        int jar = command.indexOf("-jar");
        command.set(jar, "-cp");
        command.set(jar + 1, classes + ":" + command.get(jar + 1));
        command.addAll(jar + 2, List.of("nurse.cli.Main"));
        command.add(jar, "--enable-native-access=ALL-UNNAMED");
        return command;
    }

    private static String changed(Path file, String from, String to) throws IOException {
        String source = Files.readString(file);
        assertThat(source).as("%s has what is to be taken out", file).contains(from);
        return source.replace(from, to);
    }

    /** Compiles the launcher, the audit library or the trustee with one source changed. */
    private void compile(String part, String source, String from, String to) throws IOException {
        Path copy = Files.createDirectories(directory.resolve(part));
        try (Stream<Path> files = Files.list(NATIVE.resolve(part))) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        Files.writeString(copy.resolve(source), changed(copy.resolve(source), from, to));
        List<String> command = new ArrayList<>(List.of("gcc"));
        command.addAll(FLAGS);
        command.addAll(
                switch (part) {
                    case "audit" -> List.of("-fPIC", "-shared", "-Wl,-z,now", "-Wl,-soname,libnurse.so");
                    case "trustee" -> List.of("-no-pie", "-static", "-Wl,--oformat=binary", "-Wl,-Ttext=0", "-Wl,-e,0");
                    default -> List.of("-fno-pic", "-fno-pie", "-no-pie", "-static");
                });
        String file =
                switch (part) {
                    case "audit" -> "libnurse.so";
                    case "trustee" -> "trustee.bin";
                    default -> "launcher";
                };
        command.addAll(List.of("-o", classes.resolve("native/linux-i686") + "/" + file));
        try (Stream<Path> files = Files.list(copy)) {
            files.map(Path::toString)
                    .filter(name -> name.endsWith(".c") || name.endsWith(".S"))
                    .sorted()
                    .forEach(command::add);
        }
        Jar.execute(directory, new byte[0], command).succeeded();
    }

    /** Compiles a class of the helper with its source changed. */
    private void compile(String source, String from, String to) throws IOException {
        String text = changed(HELPER.resolve(source), from, to);
        JavaFileObject file = new SimpleJavaFileObject(URI.create("string:///" + source), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return text;
            }
        };
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        String path = classes + ":" + System.getProperty("nurse.jar") + ":" + System.getProperty("java.class.path");
        List<String> options = List.of("-proc:none", "-implicit:none", "-d", classes.toString(), "-cp", path);
        boolean done = compiler.getTask(messages, null, null, options, null, List.of(file))
                .call();
        assertThat(done).as(messages.toString()).isTrue();
    }

    private void assertNothingIsLeft() {
        assertThat(ProcessHandle.allProcesses()
                        .filter(ProcessHandle::isAlive)
                        .map(ProcessHandle::pid)
                        .filter(pid -> commandLine(pid).contains(mark)))
                .isEmpty();
    }

    private static String commandLine(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/cmdline"));
        } catch (IOException gone) {
            return "";
        }
    }

    // ---- a lock, or a layer, that is not there: found from outside, before the program's first instruction
    // ---------------

    @ParameterizedTest(name = "{4}")
    @CsvSource(
            delimiter = '|',
            value = {
                "audit | lock.c | nurse_lane.strict ? call(NURSE_NR_prctl, PR_SET_SECCOMP, SECCOMP_MODE_STRICT, 0) : put_on_filter() | 0 | of the program's",
                "audit | lock.c | u32 all[2] = {ALL_SIGNALS, ALL_SIGNALS} | u32 all[2] = {0, 0} | signals the trustee blocks",
                "audit | lock.c | call(NURSE_NR_close, NURSE_FD_PROGRAM, 0, 0); | ; | descriptors should be",
                "audit | lock.c | trustee = start_trustee( | start_trustee(address(nurse_lane.orders), orders.start + NURSE_CODE); trustee = start_trustee( | number of threads",
                "audit | lock.c | map_shared(NURSE_FD_REQUESTS, requests->size, | map_shared(NURSE_FD_REQUESTS, requests->size / 2, | mapping of the requests",
                "launcher | launcher_main.c | restrict_to_rules(); | ; | opening /proc under Landlock",
                "launcher | launcher_main.c | refuse_core_dumps(); | ; | limit of core dumps",
                "launcher | launcher_main.c | launcher_syscall(NURSE_NR_close_range, FIRST_INHERITED, | launcher_syscall(NURSE_NR_close_range, FIRST_INHERITED + 1, | descriptors should be"
            })
    void whatIsNotLockedAsItShouldBeIsKilled(String part, String source, String from, String to, String why)
            throws IOException {
        compile(part, source, from, to);
        Result result = run();
        assertThat(result.status()).as(result.out() + result.err()).isEqualTo(125);
        assertThat(result.err()).contains("not locked as it should be", why);
        assertThat(result.out()).isEmpty();
        assertNothingIsLeft();
    }

    /** The twin: the same way of building and running, with nothing taken out. */
    @Test
    void aBuildWithNothingTakenOutRuns() throws IOException {
        compile("audit", "lock.c", "lock(__builtin_return_address(0));", "lock(__builtin_return_address(0));");
        compile("launcher", "launcher_main.c", "refuse_core_dumps();", "refuse_core_dumps();");
        assertThat(run().succeeded().out()).isEqualTo("ran\n");
    }

    @Test
    void aRootsProgramKeepsNoCapabilityThatItDoesNotNeed() throws IOException {
        if (!User.isRoot()) {
            return; // there is nothing to drop, and nothing to forget
        }
        compile("launcher", "launcher_main.c", "    drop_capabilities(*", "    (void)(*");
        Result result = run();
        assertThat(result.status()).as(result.err()).isEqualTo(125);
        assertThat(result.err()).contains("capabilities that are not wanted");
    }

    // ---- a policy engine that allows everything
    // -------------------------------------------------------------------------

    @Test
    void aPolicyEngineThatAllowsEverythingStillOpensOnlyWhatTheRulesName() throws IOException {
        String secret = "/etc/shadow"; // of the tree
        assertThat(read(secret).err()).contains("Operation not permitted");
        compile(
                "nurse/helper/policy/Policy.java",
                "public Decision decide(String path, int access) {",
                "public Decision decide(String path, int access) {"
                        + " if (true) { return Decision.allowed(access, rules.get(0)); }");
        Result broken = read(secret);
        assertThat(broken.out()).isEmpty();
        assertThat(broken.err()).contains("Permission denied"); // EACCES: the kernel's word, and not the policy's
        assertThat(read(secret, "--read", secret).succeeded().out()).contains("root:");
    }

    private Result read(String file, String... options) {
        List<String> arguments = new ArrayList<>(List.of("run", "--quiet", "--root", Jar.TREE.toString()));
        arguments.addAll(List.of(options));
        arguments.addAll(List.of("cat", file));
        return Jar.execute(directory, new byte[0], broken(arguments));
    }

    // ---- a program that is not held while its user is asked
    // -------------------------------------------------------------------------

    /** Its twins are in AskIT.theProgramStandsStillWhileItsUserIsAsked. */
    @Test
    void aProgramThatIsNotHeldWritesOverTheQuestion() throws Exception {
        compile(
                "nurse/helper/ask/StoppedProcess.java",
                "pidfd_send_signal(pidfd, SIGSTOP);",
                "getpid();\n" + "        if (pid > 0) { return true; }");
        AskIT.paint(directory);
        List<String> run = List.of("run", "--root", Jar.TREE.toString(), "--ask", "./paint", "write");
        try (PseudoTerminal terminal = new PseudoTerminal(directory, broken(run))) {
            terminal.until("rest\\? ");
            terminal.until("FAKE");
        }
    }

    // ---- attacks that only the sandbox makes possible: without the defence they succeed, or break the helper
    // ---------------------------------------------------------------------------------------------

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '@',
            value = {
                "chrome-length-desynchronised @ ../../../../../../nurse-ffm/src/main/java/nurse/ffm/lane/Lane.java @ if (!isWithinData(offset, length) || @ if (",
                "elf-writable-code @ program/ElfRules.java @ static String program(OpenProgram file, ElfImage image) throws ProgramException { @ static String program(OpenProgram file, ElfImage image) throws ProgramException { if (true) { return image.interpreter().get(); }"
            })
    void anAttackHoldsBecauseOfItsDefence(String attack, String source, String from, String to) throws IOException {
        compile("nurse/helper/" + source, from, to);
        Result result = Jar.execute(directory, new byte[0], broken(List.of("attack", "--lock", Jar.LOCK, attack)));
        assertThat(result.status()).as(result.out() + result.err()).isEqualTo(1);
        assertThat(result.out()).containsPattern(attack + " .* (ESCAPED|UNDECIDED) ");
    }

    /** Each would be lucky by itself; where it takes a moment to be at, the build also makes that moment long. */
    @ParameterizedTest(name = "{0}")
    @MethodSource
    void anAttackOnMessagesAndOrdersSucceedsWithoutItsDefences(String attack, List<Change> changes) throws IOException {
        for (Change change : changes) {
            if (change.part.isEmpty()) {
                compile(change.source, change.from, change.to);
            } else {
                compile(change.part, change.source, change.from, change.to);
            }
        }
        Result result = Jar.execute(directory, new byte[0], broken(List.of("attack", "--lock", Jar.LOCK, attack)));
        assertThat(result.status()).as(result.out() + result.err()).isEqualTo(1);
        assertThat(result.out()).containsPattern(attack + " .* ESCAPED ");
    }

    static Stream<Arguments> anAttackOnMessagesAndOrdersSucceedsWithoutItsDefences() {
        return Stream.of(
                // what says that an order is done can be moved by write(2)
                Arguments.of(
                        "channel-written",
                        List.of(java(
                                "nurse/helper/sandbox/Sandbox.java",
                                "writable, Kernel.O_RDONLY | Kernel.O_CLOEXEC, 0)",
                                "writable, Kernel.O_RDWR | Kernel.O_CLOEXEC, 0)"))),
                // the trustee forgets the number of one in 128 orders that it has done (334 is pwritev, which the
                // attack counts)
                Arguments.of("chrome-order-run-twice", List.of(new Change("trustee", "trustee.S", "told:\n", """
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
                // the helper believes the result slot; the trustee is slow with every other epoll_ctl (255)
                Arguments.of(
                        "stale-order",
                        List.of(
                                java(
                                        "nurse/helper/sandbox/LaneServer.java",
                                        "return kernel.lseek(doors.channel, 0, Kernel.SEEK_CUR) == offset;",
                                        "return Lane.channelOffset(lane.resultSequence()) == offset;"),
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
                // the number is read again, when it has changed, to decide whether the range matters; and there are no
                // seals
                Arguments.of(
                        "chrome-number-read-again",
                        List.of(
                                java(
                                        "nurse/helper/calls/Call.java",
                                        "    public int number() {",
                                        "    public int numberAgain() {"
                                                + " for (int i = 0; i < 100_000 && lane.requestNumber() == number; i++) {"
                                                + " Thread.onSpinWait(); }"
                                                + " return lane.requestNumber(); }"
                                                + " public int number() {"),
                                java(
                                        "nurse/helper/memory/MemoryCalls.java",
                                        "leaveOurs(call.argument(0), call.argument(1));\n        return call.forward(syscall);",
                                        "if (syscall != Syscall.MUNMAP || call.numberAgain() == Syscall.MUNMAP.number()) {"
                                                + " leaveOurs(call.argument(0), call.argument(1)); }"
                                                + " return call.forward(syscall);"),
                                new Change(
                                        "audit",
                                        "lock.c",
                                        "return call(NURSE_NR_mseal, region.start, region.size, 0) == 0;",
                                        "return region.size == 0;"))));
    }

    /** @param part of nurse-native, or empty for a source of the helper's */
    record Change(String part, String source, String from, String to) {}

    private static Change java(String source, String from, String to) {
        return new Change("", source, from, to);
    }

    // ---- a helper that fails
    // ---------------------------------------------------------------------------------------------

    /** In the middle of a run: the first refusal makes the helper throw. */
    @ParameterizedTest
    @CsvSource({"OutOfMemoryError", "IllegalStateException", "StackOverflowError"})
    void whenTheHelperFailsTheProgramEnds(String failure) throws IOException {
        compile(
                "nurse/helper/files/Paths.java",
                "    private int refuse(String name, Decision decision) {",
                "    private int refuse(String name, Decision decision) {\n        if (name.contains(\"shadow\")) { throw new "
                        + failure + "(); }");
        List<String> arguments = List.of("run", "--root", Jar.TREE.toString(), "python3", "-c", """
                import sys
                print('before', flush=True)
                try:
                    open('/etc/shadow')
                except OSError:
                    pass
                print('after', flush=True)
                """, mark);
        List<String> command = Jar.command(User.ROOT, arguments);
        Result twin = Jar.execute(directory, new byte[0], command);
        assertThat(twin.succeeded().out()).isEqualTo("before\nafter\n");
        Result result = Jar.execute(directory, new byte[0], broken(arguments));
        assertThat(result.status()).as(result.err()).isEqualTo(125);
        assertThat(result.out()).isEqualTo("before\n");
        assertThat(result.err()).containsAnyOf("the helper failed", "the helper has run out of memory");
        assertNothingIsLeft();
    }

    /** As docs/commands.md says: a configuration of the user's own has the helper's failures where it wants them. */
    @Test
    void diagnosticsGoWhereTheUsersConfigurationSays() throws IOException {
        compile(
                "nurse/helper/files/Paths.java",
                "    private int refuse(String name, Decision decision) {",
                "    private int refuse(String name, Decision decision) {\n        if (true) { throw new IllegalStateException(); }");
        Path log = directory.resolve("nurse.log");
        Path configuration = Files.writeString(directory.resolve("log.properties"), """
                appender.file.type = File
                appender.file.name = file
                appender.file.fileName = %s
                appender.file.layout.type = PatternLayout
                appender.file.layout.pattern = %%level of mine: %%msg%%n%%throwable
                rootLogger.level = warn
                rootLogger.appenderRef.file.ref = file
                """.formatted(log));
        List<String> command =
                broken(List.of("run", "--root", Jar.TREE.toString(), "python3", "-c", "open('/etc/shadow')"));
        assertThat(Jar.execute(directory, new byte[0], command).err())
                .contains("nurse: the helper failed; please report");
        assertThat(log).doesNotExist();
        command.add(command.indexOf("-cp"), "-Dlog4j2.configurationFile=" + configuration);
        Result result = Jar.execute(directory, new byte[0], command);
        assertThat(result.status()).isEqualTo(125);
        assertThat(result.err()).doesNotContain("the helper failed");
        assertThat(Files.readString(log))
                .startsWith("FATAL of mine: the helper failed; please report this\n")
                .contains("IllegalStateException");
    }
}
