package nurse.cli.attack;

import static nurse.cli.attack.Attack.HELD;
import static nurse.helper.sandbox.Lock.STRICT;
import static nurse.helper.sandbox.Lock.TRAP;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import nurse.ffm.lane.LaneLayout;

/**
 * All hostile programs: the one list, for {@code nurse attack} and for the tests. What each does is told beside its code,
 * nurse-native/src/main/native/attack.
 */
final class Attacks {
    /** The classes. */
    static final Map<Integer, String> GROUPS = new TreeMap<>(Map.ofEntries(
            Map.entry(1, "direct calls"),
            Map.entry(2, "arguments changed between check and use"),
            Map.entry(3, "other names for a file"),
            Map.entry(4, "forged messages"),
            Map.entry(5, "orders"),
            Map.entry(6, "memory"),
            Map.entry(7, "signals"),
            Map.entry(8, "the process"),
            Map.entry(9, "descriptors and sockets"),
            Map.entry(10, "terminals, devices, parts of the kernel"),
            Map.entry(11, "more than its share"),
            Map.entry(12, "hostile binaries")));

    /** The program that the strange files are made of, as it is. */
    static final Attack HONEST =
            attack("honest", 12, "a program").runs("mutant", "constructor").prepared(Mutants::honest);

    /** A script that sets a variable of its own. */
    private static final Attack HONEST_SCRIPT =
            attack("honest-script", 12, "a script").runs("script").prepared(place -> script(place, "LDAP"));

    private static final int KILLED = 137;
    private static final int SIGSYS = 159;
    private static final int SIGSEGV = 139;
    private static final int ABORTED = 134;
    private static final int CANNOT_RUN = 126;
    private static final int LIMIT_REACHED = 124;
    private static final String OPEN_PORT = "127.0.0.1:{open}";
    private static final String SHUT_PORT = "127.0.0.1:{shut}";

    static final List<Attack> ALL = List.of(
            direct("int80", "int $0x80 opens a file").ends(TRAP, HELD),
            direct("int80-in-new-code", "the same in code that the program made")
                    .ends(TRAP, HELD),
            direct("vdso-entry", "the vDSO's entry").ends(TRAP, HELD),
            direct("vdso-entry-tail", "the vDSO's entry behind its pushes").ends(TRAP, HELD),
            direct("far-64-bit-open", "a far call to 64-bit code (CVE-2009-0835)"),
            direct("far-64-bit-numbers", "32-bit numbers that are other calls there (CVE-2009-0835)"),
            direct("far-64-bit-ioctl", "TIOCSTI by a 64-bit ioctl (CVE-2019-10063)"),
            direct("far-x32", "an x32 number"),
            direct("far-int80", "int $0x80 from 64-bit code (CVE-2009-0342)").ends(TRAP, HELD),
            direct("sigreturn-into-64-bit", "sigreturn with the 64-bit code segment"),
            // ---- 2
            race("race-path", 2, "a path changes under open", "path").allowedBy("--read", "{secret}"),
            attack("chrome-arguments-in-shared-memory", 2, "a path changes in the lane")
                    .allowedBy("--read", "{secret}"),
            race("race-sockaddr", 2, "an address changes under connect", "sockaddr")
                    .with("--write", "w", "--net", OPEN_PORT)
                    .arguments("{open}", "{shut}")
                    .allowedBy("--net", SHUT_PORT),
            race("race-address-family", 2, "an address changes its family", "family")
                    .with("--write", "w", "--net", OPEN_PORT)
                    .arguments("{open}"),
            race("race-msghdr", 2, "a message's address changes under sendmsg", "msghdr")
                    .with("--write", "w", "--net", OPEN_PORT)
                    .arguments("{open}", "{shut}")
                    .loot(Place::whatCameToTheShutPort)
                    .allowedBy("--net", SHUT_PORT),
            race("race-control-data", 2, "SCM_RIGHTS changes to a sandbox descriptor", "rights"),
            race("race-iovec", 2, "a vector changes to the orders", "vector"),
            race("race-open-how", 2, "openat2's flags change to writing", "open-how")
                    .arguments("victim")
                    .allowedBy("--write", "victim"),
            race("chrome-mmap-into-protected-area", 2, "mmap's address changes to the orders", "mmap")
                    .outside(),
            // ---- 3
            race("race-symlink", 3, "a link changes where it leads", "symlink").allowedBy("--read", "{secret}"),
            race("race-directory-for-link", 3, "a directory changes into a link", "directory")
                    .allowedBy("--read", "{base}/hidden"),
            race("race-create", 3, "the same under mkdir, rename, unlink", "directory")
                    .loot(Place::whatIsNewOutside),
            race("race-dotdot", 3, "a directory moves under ..", "dotdot").allowedBy("--read", "{secret}"),
            attack("proc-links", 3, "root, cwd, task in /proc")
                    .arguments("{secret}")
                    .outside(),
            attack("dots-and-slashes", 3, "..").allowedBy("--read", "{secret}"),
            attack("every-call-with-a-name", 3, "every call that takes a name")
                    .with("--write", "w")
                    .allowedBy("--write", "{base}"),
            attack("symlink-out", 3, "links that lead out").with("--write", "w").allowedBy("--read", "{secret}"),
            attack("hard-link-out-of-read-only", 3, "a second name where it may write")
                    .with("--write", "w")
                    .arguments("victim")
                    .allowedBy("--write", "victim"),
            attack("reopen-for-writing", 3, "a read-only descriptor by /proc/self/fd")
                    .arguments("victim")
                    .allowedBy("--write", "victim"),
            attack("change-by-read-only-descriptor", 3, "fchmod and its kin")
                    .arguments("victim")
                    .allowedBy("--write", "victim"),
            attack("bind-a-file", 3, "bind(2) of what is no socket changes its mode")
                    .with("--write", "w")
                    .arguments("victim"),
            attack("rename-around-a-denial", 3, "a directory renamed from around a denial")
                    .with("--policy", "p.toml")
                    .prepared(Attacks::denial)
                    .outside(),
            attack("read-only-part-by-openat2", 3, "a read-only part of what may be written")
                    .with("--policy", "p.toml")
                    .prepared(place -> policy(place, "w/part/file", "write = [\"w\"]", "read = [\"w/part/file\"]"))
                    .outside(),
            attack("link-by-descriptor", 3, "a second name for what may be written and not read")
                    .with("--policy", "p.toml")
                    .prepared(place -> policy(
                            place,
                            "w/log/secret",
                            "write = [\"w\"]",
                            "deny = [\"w/log\"]",
                            "modify = [\"w/log/secret\"]"))
                    .outside(),
            attack("noexec-by-renamed-parent", 3, "a directory renamed from around what is not executed")
                    .with("--policy", "p.toml")
                    .prepared(place -> policy(place, "w/a/b/code", "write = [\"w\"]", "noexec = [\"w/a/b\"]"))
                    .outside(),
            attack("other-spelling", 3, "another case where the file system ignores it")
                    .with("--policy", "p.toml")
                    .in(Surroundings.FOLDING)
                    .prepared(place -> policy(place, "w/x/file", "deny = [\"folding/private\"]"))
                    .outside(),
            attack("deleted-working-directory", 3, "a working directory that is no more")
                    .with("--write", "w")
                    .outside(),
            attack("set-id-bits", 3, "set-user-ID files").with("--write", "w").outside(),
            attack("make-device-node", 3, "mknod of a device").with("--write", "w"),
            attack("change-device-node", 3, "chmod, rename of /dev/null").outsideAsRoot(),
            attack("planted-device-node", 3, "a device among the files that it may read")
                    .arguments("planted")
                    .in(Surroundings.DEVICE)
                    .prepared(Mutants::device)
                    .allowedBy("--read", "{run}/planted"),
            attack("second-proc", 3, "/proc mounted a second time")
                    .arguments("proc")
                    .in(Surroundings.SECOND_PROC)
                    .outside(),
            attack("proc-mem", 3, "memory and environment by /proc")
                    .with("--read", "/proc")
                    .outside(),
            // ---- 4
            attack("control-junk", 4, "junk on the control socket"),
            attack("control-stolen-descriptor", 4, "a passed descriptor read away")
                    .ends(HELD, Runner.TIME_OVER),
            attack("control-broken-header", 4, "the trustee's recvmsg made to fail"),
            attack("bell-flood", 4, "a flood of wake-ups"),
            attack("channel-written", 4, "the channel and the bells the wrong way round"),
            attack("sequence-ahead", 4, "a sequence number that jumps").ends(KILLED),
            attack("sequence-back", 4, "a sequence number that goes back").ends(KILLED),
            attack("two-requests-at-once", 4, "a request changed while it is answered"),
            attack("request-while-answering", 4, "further requests before the answer")
                    .ends(KILLED),
            attack("chrome-number-read-again", 4, "the call's number changes"),
            attack("chrome-length-desynchronised", 4, "offsets and lengths that do not fit"),
            attack("random-requests", 4, "requests at random").arguments("1"),
            attack("orders-written", 4, "stores into orders, replies, the trustee's code"),
            // ---- 5
            attack("forged-descriptor-number", 5, "the number of a passed descriptor")
                    .arguments("victim"),
            attack("forged-result", 5, "results that are no errno"),
            attack("forged-interrupt", 5, "an interrupt that was none"),
            attack("chrome-order-run-twice", 5, "an order carried out once").with("--write", "w"),
            attack("stale-order", 5, "an order's end announced before it is done"),
            // ---- 6
            attack("memory-calls", 6, "every call of the address space on what is protected"),
            attack("brk-over-protected", 6, "brk over what is protected"),
            attack("stack-growth-into-protected", 6, "a stack that grows into it"),
            attack("map-page-zero", 6, "a mapping where null pointers point").outsideAsRoot(),
            race("truncate-under-the-helper", 6, "memory that goes away while the helper reads it", "truncate"),
            // ---- 7
            attack("signal-others", 7, "signals to the helper, the trustee, others")
                    .in(Surroundings.DEAF)
                    .outside(),
            attack("signal-by-proxy", 7, "timers, owners, PDEATHSIG that signal others")
                    .in(Surroundings.DEAF)
                    .outside(),
            attack("handler-run-by-trustee", 7, "a handler on the wrong thread"),
            attack("stop-one-party", 7, "SIGSTOP of one party"),
            attack("block-sigsys", 7, "a mask that blocks SIGSYS")
                    .ends(STRICT, KILLED)
                    .ends(TRAP, SIGSYS)
                    .outside(),
            segments(0, "the kernel's code segment"),
            segments(4, "a data segment as code"),
            segments(10, "a segment that is none"),
            segments(12, "the kernel's stack segment"),
            attack("sigreturn-flags", 7, "flags that are the kernel's to give"),
            attack("sigreturn-into-trustee", 7, "a frame that continues in the trustee's code")
                    .ends(STRICT, KILLED)
                    .ends(TRAP, Runner.TIME_OVER),
            attack("jump-into-trustee", 7, "a jump into the trustee's code")
                    .ends(STRICT, KILLED)
                    .ends(TRAP, Runner.TIME_OVER),
            // ---- 8
            attack("process-calls", 8, "namespaces, LDT, prctl, exec, clone").outside(),
            attack("raise-limits-and-ids", 8, "limits, ids, personality").outside(),
            attack("core-dump", 8, "a core file where it may not write")
                    .in(Surroundings.CORE)
                    .ends(ABORTED)
                    .loot(Attacks::core)
                    .outside(),
            // ---- 9
            attack("sandbox-descriptors", 9, "the sandbox's own numbers in every call"),
            attack("inherited-descriptor", 9, "what was open when nurse was started")
                    .in(Surroundings.INHERITED)
                    .outside(),
            attack("smuggle-out-sandbox-descriptors", 9, "the sandbox's own numbers in messages"),
            race("smuggled-in-directory", 9, "a directory received in a message", "door")
                    .with("--write", "w", "--write", "w/door")
                    .outside(),
            attack("exhaust-numbers", 9, "all numbers used"),
            attack("number-reused", 9, "numbers closed and used again"),
            attack("unspecified-family", 9, "AF_UNSPEC, which UDP takes for AF_INET")
                    .with("--net", OPEN_PORT)
                    .arguments("{open}", "{shut}")
                    .loot(Place::whatCameToTheShutPort)
                    .allowedBy("--net", "all"),
            attack("source-route", 9, "control data that gives another way")
                    .with("--net", OPEN_PORT)
                    .arguments("{open}")
                    .outsideAsRoot(),
            attack("socket-families", 9, "families, types and names of no file")
                    .with("--net", OPEN_PORT)
                    .allowedBy("--net", "all"),
            race("service-socket", 9, "a service's socket where it may write", "service")
                    .arguments("w/agent")
                    .allowedBy("--write", "w/agent"),
            // ---- 10
            attack("parts-of-the-kernel", 10, "io_uring, bpf, perf, keys, mounts, modules ...")
                    .outside(),
            terminal("terminal-sti", "0x5412", "TIOCSTI (CVE-2017-5226)"),
            terminal("terminal-linux", "0x541c", "TIOCLINUX (CVE-2023-28100)"),
            terminal("terminal-ctty", "0x540e", "TIOCSCTTY"),
            terminal("terminal-discipline", "0x5423", "TIOCSETD"),
            terminal("terminal-console", "0x541d", "TIOCCONS"),
            attack("terminal-opened", 10, "terminals by their names").allowedBy("--write", "/dev"),
            attack("devices", 10, "devices by their names").allowedBy("--read", "/dev"),
            // ---- 11
            attack("memory-hog", 11, "memory"),
            attack("mapping-hog", 11, "mappings"),
            attack("fork-bomb", 11, "processes").outside(),
            attack("call-without-end", 11, "a call that never ends")
                    .ends(Runner.TIME_OVER)
                    .outside(),
            attack("loop-without-end", 11, "a flood of calls without end")
                    .ends(Runner.TIME_OVER)
                    .outside(),
            attack("output-flood", 11, "output"),
            attack("refusal-flood", 11, "refused calls"),
            attack("long-walks", 11, "long names, loops of links").with("--write", "w"),
            attack("bound-names", 11, "names of sockets").with("--write", "w"),
            attack("borrowed-descriptors", 11, "descriptors of the helper's, one a call")
                    .in(Surroundings.FEW_DESCRIPTORS),
            attack("sparse-giant", 11, "a file of a terabyte of nothing").with("--write", "w"),
            attack("descriptors-in-flight", 11, "descriptors in messages, counted by user")
                    .outside(),
            attack("inotify-instances", 11, "inotify and epoll instances, counted by user")
                    .outside(),
            attack("pipe-buffers", 11, "pages of pipes, counted by user").outside(),
            attack("long-names", 11, "names without a bound")
                    .with("--write", "w")
                    .outside(),
            attack("uncounted-writes", 11, "splice, fallocate, mmap under a limit of what is written")
                    .with("--write", "w", "--limit", "written=1M")
                    .outside(),
            attack("memory-elsewhere", 11, "memfds and sockets under a limit of memory")
                    .with("--limit", "memory=64M")
                    .outside(),
            attack("dear-calls", 11, "the helper's time under a limit of processor time")
                    .with("--write", "w", "--limit", "cpu=1s")
                    .ends(LIMIT_REACHED)
                    .outside(),
            attack("deep-tree", 11, "a deep and closed tree in the temporary directory")
                    .with("--policy", "p.toml")
                    .prepared(Attacks::temporary)
                    .loot(Place::whatIsLeftOfTheTemporaryDirectory),
            attack("jvm-counters", 11, "the helper's own files in /tmp").with("--write", "/tmp"),
            attack("jvm-attach", 11, "code loaded into the helper by the JVM's own door")
                    .with("--write", "/tmp", "--write", ".")
                    .arguments("/tmp", "0")
                    .in(Surroundings.QUIT)
                    .outside(),
            // ---- 12
            attack("constructor", 12, "a constructor").allowedBy("--read", "{secret}"),
            attack("ifunc-resolver", 12, "an IFUNC's resolver").allowedBy("--read", "{secret}"),
            attack("own-audit-modules", 12, "DT_AUDIT, DT_DEPAUDIT, DT_RPATH")
                    .runs("evil-main")
                    .allowedBy("--read", "{secret}"),
            attack("script-steers-the-loader", 12, "a script's first line that sets LD_AUDIT")
                    .runs("script")
                    .prepared(place -> script(place, "LD_AUDIT"))
                    .ends(CANNOT_RUN)
                    .runsIf(HONEST_SCRIPT),
            binary("elf-truncated", "a program cut off in the middle", Mutants::truncated),
            binary("elf-header-only", "a program of one header", Mutants::headerOnly),
            binary("elf-many-headers", "65535 program headers", Mutants::manyHeaders),
            binary("elf-over-loader", "a segment where ld.so lies", Mutants::overLoader),
            binary("elf-own-loader", "PT_INTERP of its own", Mutants::ownLoader),
            binary("elf-writable-code", "code that can be written", Mutants::writableCode)
                    .ends(TRAP, 0),
            binary("elf-wild-dynamic", "a dynamic section that lies elsewhere", Mutants::wildDynamic)
                    .ends(TRAP, SIGSEGV),
            binary("elf-sparse-giant", "a program of a terabyte", Mutants::giant),
            binary("elf-garbage", "random bytes behind a header", Mutants::garbage),
            binary("fifo-as-program", "a FIFO in the place of a program", Mutants::fifo));

    private Attacks() {}

    private static Attack attack(String name, int group, String what) {
        return new Attack(name, group, what);
    }

    private static Attack direct(String name, String what) {
        return attack(name, 1, what).ends(STRICT, KILLED).ends(TRAP, SIGSYS).outside();
    }

    private static Attack race(String name, int group, String what, String racer) {
        return attack(name, group, what).with("--write", "w").against(racer);
    }

    private static Attack segments(int which, String what) {
        return attack("sigreturn-segments-" + which, 7, "a frame with " + what)
                .runs("attacks", "sigreturn-segments", Integer.toString(which))
                .ends(SIGSEGV);
    }

    private static Attack terminal(String name, String request, String what) {
        return attack(name, 10, what)
                .runs("attacks", "terminal-request", request)
                .in(Surroundings.TERMINAL);
    }

    private static Attack binary(String name, String what, Attack.Preparation making) {
        return attack(name, 12, what)
                .runs("mutant")
                .prepared(making)
                .ends(CANNOT_RUN)
                .runsIf(HONEST);
    }

    private static void denial(Place place) throws IOException {
        Files.createDirectories(place.run().resolve("w/plain"));
        policy(place, "w/x/secret", "write = [\"w\"]", "deny = [\"w/x/secret\"]");
    }

    /** A file, and p.toml with rules about files. */
    private static void policy(Place place, String file, String... rules) throws IOException {
        Files.createDirectories(place.run().resolve(file).getParent());
        Files.writeString(place.run().resolve(file), "secret");
        Files.writeString(place.run().resolve("p.toml"), "version = 1\n[files]\n" + String.join("\n", rules) + "\n");
    }

    /** Its interpreter is evil.so, by the name that the program has for ld.so before the lock: a descriptor's. */
    private static void script(Place place, String variable) throws IOException {
        Path file = place.run().resolve("script");
        Files.writeString(
                file, "#!/usr/bin/env -S " + variable + "=./" + LaneLayout.FD_PROGRAM + " EVIL=0 ./evil.so\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static void temporary(Place place) throws IOException {
        Files.writeString(place.run().resolve("p.toml"), "version = 1\n[files]\nwrite = [\"${tmp}\"]\n");
    }

    private static Optional<String> core(Place place) throws IOException {
        try (var files = Files.list(place.run())) {
            return files.map(Path::getFileName)
                    .map(Path::toString)
                    .filter(name -> name.startsWith("core"))
                    .findFirst()
                    .map(name -> "the kernel wrote " + name + " where the program may not write");
        }
    }
}
