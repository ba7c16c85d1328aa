package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import nurse.cli.BrokenBuild.Change;
import nurse.cli.Jar.Result;
import nurse.cli.Jar.User;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Builds with one defence taken out, to see that another one notices. */
class BrokenBuildsIT {
    /** Of this test and no other's: by it the program is found, should it be left over. */
    private final String mark = "nurse-mark-" + ThreadLocalRandom.current().nextInt(Integer.MAX_VALUE);

    private Path directory;
    private BrokenBuild build;

    @BeforeEach
    void makeDirectory() {
        directory = Jar.directory();
        build = new BrokenBuild(directory);
    }

    private Result run(String... options) {
        List<String> arguments = new ArrayList<>(List.of("run", "--root", Jar.TREE.toString(), "--quiet"));
        arguments.addAll(List.of(options));
        arguments.addAll(List.of("sh", "-c", "echo ran", mark));
        List<String> shell = new ArrayList<>(List.of("sh", "-c", "ulimit -c unlimited; exec \"$0\" \"$@\""));
        shell.addAll(build.command(arguments));
        return Jar.execute(directory, new byte[0], shell);
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
                "audit | lock.c | nurse_lane.strict ? call(NURSE_NR_prctl, PR_SET_SECCOMP, SECCOMP_MODE_STRICT, 0) : put_on_filter(orders.start) | 0 | of the program's",
                "audit | lock.c | u32 all[2] = {ALL_SIGNALS, ALL_SIGNALS} | u32 all[2] = {0, 0} | signals the trustee blocks",
                "audit | lock.c | call(NURSE_NR_close, nurse_lane.strict ? NURSE_FD_PROGRAM : NURSE_FD_RULES, 0, 0); | ; | descriptors should be",
                "audit | lock.c | trustee = start_trustee( | start_trustee(address(nurse_lane.orders), orders.start + NURSE_CODE, 0); trustee = start_trustee( | number of threads",
                "audit | lock.c | map_shared(NURSE_FD_REQUESTS, requests->size, | map_shared(NURSE_FD_REQUESTS, requests->size / 2, | mapping of the requests",
                "launcher | launcher_main.c | restrict_to_rules(); | ; | opening /proc under Landlock",
                "launcher | launcher_main.c | refuse_core_dumps(); | ; | limit of core dumps",
                "launcher | launcher_main.c | launcher_syscall(NURSE_NR_close_range, FIRST_INHERITED, | launcher_syscall(NURSE_NR_close_range, FIRST_INHERITED + 1, | descriptors should be"
            })
    void whatIsNotLockedAsItShouldBeIsKilled(String part, String source, String from, String to, String why)
            throws IOException {
        build.make(new Change(part, source, from, to));
        Result result = run();
        assertThat(result.status()).as(result.out() + result.err()).isEqualTo(125);
        assertThat(result.err()).contains("not locked as it should be", why);
        assertThat(result.out()).isEmpty();
        assertNothingIsLeft();
    }

    /** The twin: the same way of building and running, with nothing taken out. */
    @Test
    void aBuildWithNothingTakenOutRuns() throws IOException {
        build.make(new Change("audit", "lock.c", "put_on_filter(orders.start)", "put_on_filter(orders.start)"));
        build.make(new Change("launcher", "launcher_main.c", "refuse_core_dumps();", "refuse_core_dumps();"));
        assertThat(run().succeeded().out()).isEqualTo("ran\n");
    }

    /** Where the kernel refuses chroot(2) programs run all the same, unless the layer is required. */
    @Test
    void aRootThatIsStillThereIsSeen() throws IOException {
        String left = "launcher_syscall(NURSE_NR_chroot, address(\".\"), 0, 0, 0, 0);";
        build.make(new Change("launcher", "launcher_main.c", left, ";"));
        Result result = run("--require", "root");
        assertThat(result.status()).as(result.out() + result.err()).isEqualTo(125);
        assertThat(result.err()).contains("root", "chroot(2) was refused");
        assertThat(result.out()).isEmpty();
        assertNothingIsLeft();
        assertThat(run().succeeded().out()).isEqualTo("ran\n");
    }

    /** Of an ordinary user: root is in no user namespace, of which alone the kernel counts the processes. */
    @Test
    void whatCouldMakeProcessesBeforeModeOneIsKilled() throws IOException {
        User user = User.all().getLast();
        build.make(new Change("launcher", "launcher_main.c", "do_without_filter(in_user_namespace);", ";"));
        Result result = Jar.execute(
                directory,
                new byte[0],
                build.command(user, List.of("run", "--root", Jar.TREE.toString(), "sh", "-c", "echo ran", mark)));
        if (Jar.LOCK.equals("strict") && LayersIT.mayMakeNamespaces(user)) {
            assertThat(result.status()).as(result.err()).isEqualTo(125);
            assertThat(result.err()).contains("not locked as it should be", "limit of processes");
        } else {
            assertThat(result.succeeded().out()).isEqualTo("ran\n"); // a filter does it, or nothing can
        }
        assertNothingIsLeft();
    }

    @Test
    void aRootsProgramKeepsNoCapabilityThatItDoesNotNeed() throws IOException {
        if (!User.isRoot()) {
            return; // there is nothing to drop, and nothing to forget
        }
        build.make(new Change("launcher", "launcher_main.c", "    drop_capabilities(*", "    (void)(*"));
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
        build.make(Change.ofJava(
                "nurse/helper/policy/Policy.java",
                "public Decision decide(String path, int access) {",
                "public Decision decide(String path, int access) {"
                        + " if (true) { return Decision.allowed(access, rules.get(0)); }"));
        Result broken = read(secret);
        assertThat(broken.out()).isEmpty();
        assertThat(broken.err()).contains("Permission denied"); // EACCES: the kernel's word, and not the policy's
        assertThat(read(secret, "--read", secret).succeeded().out()).contains("root:");
    }

    private Result read(String file, String... options) {
        List<String> arguments = new ArrayList<>(List.of("run", "--quiet", "--root", Jar.TREE.toString()));
        arguments.addAll(List.of(options));
        arguments.addAll(List.of("cat", file));
        return Jar.execute(directory, new byte[0], build.command(arguments));
    }

    // ---- a program that is not held while its user is asked
    // -------------------------------------------------------------------------

    /** Its twins are in AskIT.theProgramStandsStillWhileItsUserIsAsked. */
    @Test
    void aProgramThatIsNotHeldWritesOverTheQuestion() throws Exception {
        build.make(Change.ofJava(
                "nurse/helper/ask/StoppedProcess.java",
                "pidfd_send_signal(pidfd, SIGSTOP);",
                "getpid();\n" + "        if (pid > 0) { return true; }"));
        AskIT.paint(directory);
        List<String> run = List.of("run", "--root", Jar.TREE.toString(), "--ask", "./paint", "write");
        try (PseudoTerminal terminal = new PseudoTerminal(directory, build.command(run))) {
            terminal.until("rest\\? ");
            terminal.until("FAKE");
        }
    }

    // ---- a helper that fails
    // ---------------------------------------------------------------------------------------------

    /** In the middle of a run: the first refusal makes the helper throw. */
    @ParameterizedTest
    @CsvSource({"OutOfMemoryError", "IllegalStateException", "StackOverflowError"})
    void whenTheHelperFailsTheProgramEnds(String failure) throws IOException {
        build.make(Change.ofJava(
                "nurse/helper/files/NameJudge.java",
                "    int refuse(String name, Decision decision) {",
                "    int refuse(String name, Decision decision) {\n        if (name.contains(\"shadow\")) { throw new "
                        + failure + "(); }"));
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
        Result result = Jar.execute(directory, new byte[0], build.command(arguments));
        assertThat(result.status()).as(result.err()).isEqualTo(125);
        assertThat(result.out()).isEqualTo("before\n");
        assertThat(result.err()).containsAnyOf("the helper failed", "the helper has run out of memory");
        assertNothingIsLeft();
    }

    /** As when it has no descriptor left: that the program ended well is then nobody's to say. */
    @Test
    void aHelperThatCannotLookAtItsProgramEndsItAndDoesNotSayThatItEndedWell() throws IOException {
        List<String> arguments = List.of("run", "--root", Jar.TREE.toString(), "sleep", "1");
        Change impatient = Change.ofJava(
                "nurse/helper/sandbox/LaneServer.java",
                "LAST_LOOK_NANOS = 4_000_000_000L;",
                "LAST_LOOK_NANOS = 1_000_000;");
        build.make(impatient);
        Jar.execute(directory, new byte[0], build.command(arguments)).succeeded();
        build.make(
                impatient,
                Change.ofJava(
                        "nurse/helper/sandbox/LaneServer.java",
                        "String stat = ProcFs.read(kernel, \"/proc/\" + pid + \"/task/\" + pid + \"/stat\");",
                        "String stat = null;"));
        Result result = Jar.execute(directory, new byte[0], build.command(arguments));
        assertThat(result.status()).as(result.err()).isEqualTo(137);
    }

    /** As docs/commands.md says: a configuration of the user's own has the helper's failures where it wants them. */
    @Test
    void diagnosticsGoWhereTheUsersConfigurationSays() throws IOException {
        build.make(
                Change.ofJava(
                        "nurse/helper/files/NameJudge.java",
                        "    int refuse(String name, Decision decision) {",
                        "    int refuse(String name, Decision decision) {\n        if (true) { throw new IllegalStateException(); }"));
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
                build.command(List.of("run", "--root", Jar.TREE.toString(), "python3", "-c", "open('/etc/shadow')"));
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
