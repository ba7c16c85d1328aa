package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import nurse.cli.Jar.Result;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the policy does not allow does not happen; each with its twin, where it is allowed and does. */
class RefusesIT {
    private static final String SHADOW = "/etc/shadow";

    private Path directory;

    @BeforeEach
    void makeDirectory() {
        directory = Jar.directory();
    }

    @Test
    void aRefusedOpenIsEperm() {
        Result result = Jar.run(directory, "cat", SHADOW);
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.err()).contains("Operation not permitted");
    }

    @Test
    void theSameOpenIsAllowedByRead() {
        Jar.run(directory, "--read", SHADOW, "cat", SHADOW).succeeded();
    }

    @Test
    void writingNeedsWrite() {
        Result refused = Jar.run(directory, "sh", "-c", "echo text > file");
        assertThat(refused.status()).isEqualTo(2);
        assertThat(directory.resolve("file")).doesNotExist();
        Jar.run(directory, "--write", ".", "sh", "-c", "echo text > file").succeeded();
        assertThat(directory.resolve("file")).hasContent("text");
    }

    @Test
    void aPolicyThatAsksForWhatNobodyKeepsRunsNothing() throws Exception {
        Files.writeString(directory.resolve("limits.toml"), "version = 1\n[limits]\ncpu = 5\n");
        Files.writeString(directory.resolve("repeat.toml"), "version = 1\n[repeat]\nseed = 1\n");
        assertThat(Jar.run(directory, "--policy", "limits.toml", "echo", "ran").out())
                .isEqualTo("ran\n");
        Result refused = Jar.run(directory, "--policy", "repeat.toml", "echo", "ran");
        assertThat(refused.status()).isEqualTo(125);
        assertThat(refused.out()).isEmpty();
        assertThat(refused.err()).contains("repeat.toml:3:1", "unknown key 'seed'");
    }

    @Test
    void aLinkIsJudgedByWhereItLeads() throws Exception {
        Files.writeString(directory.resolve("inside"), "inside\n");
        Files.createSymbolicLink(directory.resolve("to-inside"), Path.of("inside"));
        Files.createSymbolicLink(directory.resolve("to-outside"), Path.of(SHADOW));
        assertThat(Jar.run(directory, "cat", "to-inside").out()).isEqualTo("inside\n");
        Result refused = Jar.run(directory, "cat", "to-outside");
        assertThat(refused.err()).contains("Operation not permitted");
        assertThat(refused.out()).isEmpty();
        assertThat(Jar.run(directory, "--read", SHADOW, "cat", "to-outside").out())
                .contains("root:");
    }

    @Test
    void onlyHarmlessVariablesGetIn() {
        String show = "import os; print(os.environ.get('LANG'), os.environ.get('SECRET'))";
        assertThat(Jar.run(directory, "python3", "-c", show).out()).isEqualTo("C.UTF-8 None\n");
        assertThat(Jar.run(directory, "--env", "SECRET=known", "python3", "-c", show)
                        .out())
                .isEqualTo("C.UTF-8 known\n");
    }

    @Test
    void aVariableThatIsDroppedStaysOutsideAlsoAUsualOne() throws Exception {
        String show = "import os; print([os.environ.get(name) for name in ('LANG', 'PATH', 'HOME')])";
        Files.writeString(directory.resolve("drop.toml"), "version = 1\n[env]\ndrop = [\"LANG\", \"HO*\"]\n");
        Files.writeString(directory.resolve("keep.toml"), "version = 1\n[env]\ndrop = [\"LANGUAGE\"]\n");
        String[] kept = {"--policy", "keep.toml", "python3", "-c", show};
        assertThat(Jar.run(directory, kept).out()).startsWith("['C.UTF-8', '/usr");
        assertThat(Jar.run(directory, "--policy", "drop.toml", "python3", "-c", show)
                        .out())
                .startsWith("[None, '/usr")
                .endsWith("None]\n");
        assertThat(Jar.run(directory, "--policy", "drop.toml", "--env", "LANG", "python3", "-c", show)
                        .out())
                .startsWith("['C.UTF-8', ");
    }

    @Test
    void aVariableThatSteersTheLoaderBeforeTheLockIsRefused() {
        Result result = Jar.run(directory, "--env", "LD_AUDIT=/tmp/x.so", "true");
        assertThat(result.status()).isNotZero();
        assertThat(result.err()).contains("LD_AUDIT");
    }

    @Test
    void standingAtHomeOpensNothingOfIt() throws Exception {
        Path home = Files.createDirectories(directory.resolve("me"));
        Path work = Files.createDirectories(home.resolve("work"));
        Files.createDirectory(home.resolve(".ssh"));
        Files.writeString(home.resolve(".ssh/id"), "key\n");
        Files.writeString(work.resolve("file"), "file\n");
        Path link = Files.createSymbolicLink(directory.resolve("link"), home);
        for (Path named : List.of(home, link)) {
            Result refused = atHome(home, named, "cat", ".ssh/id");
            assertThat(refused.out()).isEmpty();
            assertThat(refused.err())
                    .contains("the current directory is '" + home + "'", "--read " + home + "/.ssh/id would");
            assertThat(atHome(directory, named, "cat", "me/.ssh/id").out()).isEmpty(); // a home is below
            assertThat(atHome(home, named, "--read", ".", "cat", ".ssh/id").out())
                    .isEqualTo("key\n");
            assertThat(atHome(home, named, "--read", ".ssh/id", "cat", ".ssh/id")
                            .out())
                    .isEqualTo("key\n");
            assertThat(atHome(work, named, "cat", "file").succeeded().err()).isEmpty();
        }
        // No home of the user's, but keys.
        Result denied = Jar.run(home, "cat", "work/file", ".ssh/id");
        assertThat(denied.out()).isEqualTo("file\n");
        assertThat(denied.err()).contains("deny '" + home + "/.ssh' (built-in: keys in the current directory)");
        assertThat(Jar.run(home, "--read", ".", "cat", ".ssh/id").out()).isEqualTo("key\n");
    }

    /** Below a directory that no rule covers: the program, the summary, trace and explain say the same. */
    @Test
    void whatIsHiddenIsNotThereAlsoWhereNothingAroundItMayBeSeen() throws Exception {
        Files.writeString(
                directory.resolve("p.toml"),
                "version = 1\n[files]\nhide = [\"/var/lib/dpkg\"]\ndeny = [\"/var/lib/apt\"]\n");
        assertAllSay("/var/lib/dpkg", "ENOENT", "hide '/var/lib/dpkg' (p.toml:3:9)");
        assertAllSay("/var/lib/dpkg/status", "ENOENT", "hide '/var/lib/dpkg' (p.toml:3:9)");
        assertAllSay("/srv", "EPERM", "no rule allows");
        assertAllSay("/var/lib/apt", "EPERM", "deny '/var/lib/apt' (p.toml:4:9)");
    }

    private void assertAllSay(String path, String error, String rule) {
        String open = "import errno, os\ntry: os.open('" + path
                + "', 0)\nexcept OSError as e: exit(errno.errorcode[e.errno])";
        Result run = Jar.run(directory, "--policy", "p.toml", "python3", "-c", open);
        assertThat(run.err())
                .startsWith(error + "\n")
                .containsPattern("'" + path + "' " + error + ": .*" + Pattern.quote(rule));
        String tree = Jar.TREE.toString();
        Result traced = Jar.execute(
                directory,
                new byte[0],
                Jar.command(
                        Jar.User.ROOT, List.of("trace", "--root", tree, "--policy", "p.toml", "python3", "-c", open)));
        assertThat(traced.err()
                        .lines()
                        .filter(line -> line.contains("\"" + path + "\"") || line.contains("'" + path + "'")))
                .isNotEmpty()
                .allMatch(line -> line.contains(error));
        Result explained = Jar.execute(
                directory,
                new byte[0],
                Jar.command(Jar.User.ROOT, List.of("explain", "--root", tree, "p.toml", "open", path)));
        assertThat(explained.out()).contains("refused with " + error + "\n", rule);
    }

    private static Result atHome(Path directory, Path home, String... arguments) {
        List<String> all = new ArrayList<>(List.of("run", "--root", Jar.TREE.toString()));
        all.addAll(List.of(arguments));
        List<String> command = new ArrayList<>(Jar.command(Jar.User.ROOT, all));
        command.replaceAll(word -> word.equals("HOME=/nowhere") ? "HOME=" + home : word);
        return Jar.execute(directory, new byte[0], command);
    }

    @Test
    void aPolicyFileNamesAnyByteOfANameAndIsUtf8Itself() throws Exception {
        Jar.execute(directory, new byte[0], List.of("sh", "-c", "echo told > \"$(printf '\\377')\""))
                .succeeded();
        String[] reads = {"python3", "-c", "print(open(b'\\xff').read())"};
        assertThat(Jar.run(directory, reads).out()).contains("told");
        byte[] raw = "version = 1\n[files]\ndeny = [\"\u00ff\"]\n".getBytes(StandardCharsets.ISO_8859_1);
        Files.write(directory.resolve("raw.toml"), raw);
        Result wrong = Jar.run(directory, withPolicy("raw.toml", reads));
        assertThat(wrong.status()).isEqualTo(125);
        assertThat(wrong.err()).contains("raw.toml:3:10: the byte \\xff is no UTF-8", "${xff}");
        Files.writeString(directory.resolve("byte.toml"), "version = 1\n[files]\ndeny = [\"${xff}\"]\n");
        Result denied = Jar.run(directory, withPolicy("byte.toml", reads));
        assertThat(denied.out()).doesNotContain("told");
        assertThat(denied.err()).contains("deny '" + directory + "/\\xff' (byte.toml:3:9)");
    }

    private static String[] withPolicy(String file, String... command) {
        return Stream.concat(Stream.of("--policy", file), Stream.of(command)).toArray(String[]::new);
    }

    @Test
    void aPolicyFileHoldsAndAWrongOneIsToldWithItsPlace() throws Exception {
        Files.writeString(directory.resolve("good.toml"), "version = 1\n[files]\nread = [\"/etc/shadow\"]\n");
        Files.writeString(directory.resolve("wrong.toml"), "version = 1\n[files]\nraed = [\"/etc/shadow\"]\n");
        assertThat(Jar.run(directory, "--policy", "good.toml", "cat", SHADOW).out())
                .contains("root:");
        Result wrong = Jar.run(directory, "--policy", "wrong.toml", "cat", SHADOW);
        assertThat(wrong.status()).isEqualTo(125);
        assertThat(wrong.err()).contains("wrong.toml:3:1", "read");
    }

    /** fchmod and its kin need no more than a read-only descriptor: what may only be read must not be changed by one. */
    @Test
    void aReadOnlyDescriptorChangesNothingThatMayNotBeWritten() throws Exception {
        Files.writeString(directory.resolve("file"), "text");
        String change = """
                import os
                fd = os.open('file', os.O_RDONLY)
                for change in (lambda: os.fchmod(fd, 0o600), lambda: os.utime(fd, (0, 0)), lambda: os.fchown(fd, -1, -1)):
                    try:
                        change()
                        print('changed')
                    except OSError as e:
                        print(e.errno)
                """;
        assertThat(Jar.run(directory, "python3", "-c", change).out()).isEqualTo("1\n1\n1\n");
        assertThat(Jar.run(directory, "--write", "file", "python3", "-c", change)
                        .out())
                .isEqualTo("changed\nchanged\nchanged\n");
    }

    @Test
    void ofProcOnlyTheProgramsOwnHarmlessFilesAreThere() {
        String look = """
                import os, sys
                for name in sys.argv[1:]:
                    try:
                        os.close(os.open(name, os.O_RDONLY))
                        print('opened')
                    except OSError as e:
                        print(e.errno)
                """;
        Result result = Jar.run(
                directory,
                "python3",
                "-c",
                look,
                "/proc/self/status",
                "/proc/self/mem",
                "/proc/self/environ",
                "/proc/self/root/etc/shadow",
                "/proc/self/cwd/../../etc/shadow",
                "/proc/1/status");
        assertThat(result.out()).isEqualTo("opened\n1\n1\n1\n1\n1\n");
    }

    /** Our memory and descriptors, by every call that could take them away; the twin does the same to its own. */
    @Test
    void whatTheSandboxRunsOnCannotBeUnmappedOrClosed() {
        Jar.compile(directory, """
                #define _GNU_SOURCE
                #include <errno.h>
                #include <stdio.h>
                #include <stdlib.h>
                #include <string.h>
                #include <sys/mman.h>
                #include <unistd.h>
                static void say(const char *what, int failed) { printf("%s %d\\n", what, failed ? errno : 0); }
                static void attack(char *at) {
                    say("mprotect", mprotect(at, 4096, PROT_READ | PROT_WRITE));
                    say("fixed", mmap(at, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED);
                    say("dontneed", madvise(at, 4096, MADV_DONTNEED));
                    say("mremap", mremap(at, 4096, 8192, MREMAP_MAYMOVE) == MAP_FAILED);
                    say("munmap", munmap(at, 4096));
                }
                int main(void) {
                    char line[512];
                    unsigned long start;
                    FILE *maps = fopen("/proc/self/maps", "r");
                    while (fgets(line, sizeof line, maps))
                        if ((strstr(line, "/memfd:nurse-orders") || strstr(line, "/memfd:nurse-requests")) && sscanf(line, "%lx", &start) == 1)
                            attack((char *) start);
                    for (int fd = 1024; fd < 1033; fd++)
                        say("close", close(fd) + 1 ? 0 : 1), say("dup2", dup2(1, fd) < 0);
                    puts("own");
                    attack(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
                    return 0;
                }
                """, "-o", "unmap");
        String out = Jar.runOnHost(directory, "./unmap").succeeded().out();
        String ours = out.substring(0, out.indexOf("own\n"));
        assertThat(ours.lines().filter(line -> line.startsWith("munmap"))).hasSizeGreaterThanOrEqualTo(4);
        assertThat(ours.lines().filter(line -> !line.startsWith("close") && !line.startsWith("dup2")))
                .allMatch(line -> line.endsWith(" 1"));
        assertThat(ours.lines().filter(line -> line.startsWith("close") || line.startsWith("dup2")))
                .hasSize(18)
                .allMatch(line -> line.endsWith(" 9"));
        assertThat(out).endsWith("own\nmprotect 0\nfixed 0\ndontneed 0\nmremap 0\nmunmap 0\n");
    }

    /** A library's constructor and IFUNC resolver are the first code of the program: they are locked already. */
    @Test
    void aConstructorAndAnIfuncResolverGetNothing() {
        Jar.compile(directory, """
                #include <fcntl.h>
                #include <stdio.h>
                #include <unistd.h>
                static void say(const char *what, int fd) {
                    char line[64];
                    write(1, line, (unsigned) sprintf(line, "%s %s\\n", what, fd < 0 ? "refused" : "opened"));
                }
                __attribute__((constructor)) static void first(void) { say("constructor", open("/etc/shadow", 0)); }
                static int answer(void) { return 42; }
                static int resolved;
                static int (*resolve(void))(void) {
                    __asm__ volatile("call *%%gs:0x10" : "=a"(resolved) : "a"(5), "b"("/etc/shadow"), "c"(0));
                    return answer;
                }
                int ask(void) __attribute__((ifunc("resolve")));
                int ifunc_result(void) { return resolved; }
                """, "-shared", "-fPIC", "-o", "libearly.so");
        Jar.compile(directory, """
                #include <stdio.h>
                #include <string.h>
                int ask(void);
                int ifunc_result(void);
                int main(void) {
                    char line[256];
                    FILE *status = fopen("/proc/self/status", "r");
                    printf("ask %d ", ask());
                    printf("ifunc %s\\n", ifunc_result() < 0 ? "refused" : "opened");
                    while (fgets(line, sizeof line, status))
                        if (!strncmp(line, "Seccomp:", 8))
                            fputs(line, stdout);
                    return 0;
                }
                """, "-o", "early", "-L.", "-learly", "-Wl,-rpath," + directory);
        String mode = Jar.LOCK.equals("strict") ? "1\n" : "2\n";
        assertThat(Jar.runOnHost(directory, "./early").succeeded().out())
                .isEqualTo("constructor refused\nask 42 ifunc refused\nSeccomp:\t" + mode);
        assertThat(Jar.runOnHost(directory, "--read", SHADOW, "./early")
                        .succeeded()
                        .out())
                .isEqualTo("constructor opened\nask 42 ifunc opened\nSeccomp:\t" + mode);
    }

    @Test
    void aProgramWithoutLibcsStartIsLockedAllTheSame() {
        Jar.compile(directory, """
                #include <fcntl.h>
                #include <unistd.h>
                void _start(void) { _exit(open("/etc/shadow", O_RDONLY) < 0 ? 7 : 8); }
                """, "-nostartfiles", "-o", "bare");
        assertThat(Jar.runOnHost(directory, "./bare").status()).isEqualTo(7);
        assertThat(Jar.runOnHost(directory, "--read", SHADOW, "./bare").status())
                .isEqualTo(8);
    }

    /** The requests memory is the program's to write; who writes a request that is not the next one is ended. */
    @Test
    void aForgedRequestEndsTheProgramAndTheMessageSaysSo() {
        Jar.compile(directory, """
                #include <stdio.h>
                #include <string.h>
                #include <unistd.h>
                int main(int argc, char **argv) {
                    char line[512];
                    unsigned long start = 0;
                    volatile unsigned *lane;
                    FILE *maps = fopen("/proc/self/maps", "r");
                    (void) argv;
                    while (fgets(line, sizeof line, maps))
                        if (strstr(line, "/memfd:nurse-requests"))
                            sscanf(line, "%lx", &start);
                    lane = (volatile unsigned *) start;
                    if (argc > 1) {
                        lane[0] += 7;
                        write(1027, "", 1);
                        for (;;)
                            ;
                    }
                    return lane[0] > 0 ? 9 : 10;
                }
                """, "-o", "forge");
        Result killed = Jar.runOnHost(directory, "./forge", "now");
        assertThat(killed.status()).isEqualTo(137);
        assertThat(killed.err()).contains("the sandbox killed the program");
        assertThat(Jar.runOnHost(directory, "./forge").status()).isEqualTo(9);
    }
}
