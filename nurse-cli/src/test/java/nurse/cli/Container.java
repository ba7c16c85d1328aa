package nurse.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import nurse.cli.Jar.Result;

/**
 * A container as Docker makes one without options, by runc: its capabilities, its SECCOMP rules, its masked names. It has the
 * host's /usr and /etc, the jar and a JDK, all read-only, and a /tmp of its own.
 *
 * <p>Where the tests are not root's, nobody can make one: then the command runs on the host, under a filter of ours that
 * refuses what of the profile matters most.
 */
final class Container {
    private static final Pattern NUMBER = Pattern.compile("#define __NR_(\\w+) \\d+");

    /** What Docker leaves root in a container. */
    private static final List<String> CAPABILITIES = List.of(
            "CHOWN",
            "DAC_OVERRIDE",
            "FSETID",
            "FOWNER",
            "MKNOD",
            "NET_RAW",
            "SETGID",
            "SETUID",
            "SETFCAP",
            "SETPCAP",
            "NET_BIND_SERVICE",
            "SYS_CHROOT",
            "KILL",
            "AUDIT_WRITE");

    /** What Docker's default profile allows nobody who has these capabilities only, of the calls that a kernel has. */
    private static final Set<String> REFUSED = Set.of("""
            acct add_key bpf clock_settime clock_settime64 delete_module fanotify_init finit_module fsconfig fsmount fsopen \
            fspick get_mempolicy init_module io_uring_enter io_uring_register io_uring_setup ioperm iopl kcmp kexec_file_load \
            kexec_load keyctl lookup_dcookie mbind migrate_pages mount mount_setattr move_mount move_pages open_by_handle_at \
            open_tree perf_event_open pidfd_getfd pivot_root process_madvise quotactl quotactl_fd reboot request_key \
            set_mempolicy set_mempolicy_home_node setdomainname sethostname setns settimeofday stime swapoff swapon sysfs \
            syslog umount umount2 unshare uselib userfaultfd ustat vhangup vm86 vm86old \
            clone clone3 personality socket""".split(" +"));

    /** With these arguments only. */
    private static final String CONDITIONS = """
            {"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 40, "op": "SCMP_CMP_LT"}]},
            {"names": ["personality"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 0, "op": "SCMP_CMP_EQ"}]},
            {"names": ["personality"], "action": "SCMP_ACT_ALLOW",
             "args": [{"index": 0, "value": 4294967295, "op": "SCMP_CMP_EQ"}]},
            {"names": ["clone"], "action": "SCMP_ACT_ALLOW",
             "args": [{"index": 0, "value": 2114060288, "op": "SCMP_CMP_MASKED_EQ"}]},
            {"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38},
            """;

    private static final Path FILTER =
            Path.of("src/test/native/doctor/without.c").toAbsolutePath();

    private static final byte[] INPUT = {'i', 'n', '\n'};

    private static int made;

    private final Path bundle = Jar.directory();
    private final Set<String> refused = new TreeSet<>(REFUSED);
    private final int user;

    /** @param user whom commands run as; root has the capabilities */
    Container(int user) {
        this.user = user;
        try {
            Path root = Files.createDirectory(bundle.resolve("root"));
            for (String name : List.of("bin", "sbin", "lib", "lib32", "lib64")) {
                Path of = Path.of("/", name);
                if (Files.isSymbolicLink(of)) {
                    Files.createSymbolicLink(root.resolve(name), Files.readSymbolicLink(of));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The same with a call that the profile allows with more capabilities. */
    Container allowing(String call) {
        refused.remove(call);
        return this;
    }

    /** Runs a command in a new container, in this directory of the host's, which it sees under the same name. */
    Result run(Path directory, Map<String, String> variables, List<String> command) {
        if (!Jar.User.isRoot()) {
            return runUnderAFilter(directory, variables, command);
        }
        try {
            Files.writeString(bundle.resolve("config.json"), configuration(directory, variables, command));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String name = "nurse-it-" + ProcessHandle.current().pid() + "-" + made++;
        return Jar.execute(bundle, INPUT, List.of("runc", "run", "-b", bundle.toString(), name));
    }

    private Result runUnderAFilter(Path directory, Map<String, String> variables, List<String> command) {
        Jar.execute(bundle, INPUT, List.of("gcc", "-O1", FILTER.toString(), "-o", "without"))
                .succeeded();
        List<String> all = new ArrayList<>(List.of("env"));
        variables.forEach((name, value) -> all.add(name + "=" + value));
        all.addAll(
                List.of("XDG_RUNTIME_DIR=" + bundle, bundle.resolve("without").toString()));
        all.addAll(List.of(refused.contains("pidfd_getfd") ? "pidfd_getfd" : "nothing", "namespaces", "--"));
        all.addAll(command);
        return Jar.execute(directory, INPUT, all);
    }

    private String configuration(Path directory, Map<String, String> variables, List<String> command)
            throws IOException {
        List<String> environment = new ArrayList<>(List.of("PATH=/usr/bin:/bin", "LANG=C.UTF-8", "HOME=/tmp"));
        environment.add("NURSE_JAVA_HOME=" + System.getProperty("java.home"));
        variables.forEach((name, value) -> environment.add(name + "=" + value));
        String capabilities = strings(CAPABILITIES.stream().map(name -> "CAP_" + name));
        String held = user == 0 ? capabilities : "[]";
        Set<String> shown = new LinkedHashSet<>(List.of("/usr", "/etc", System.getProperty("java.home")));
        shown.add(Jar.TREE.toString());
        shown.add(Native.CLIENT.getParent().toString());
        String mounts = shown.stream()
                .map(name -> mount(name, name, "bind", "\"rbind\", \"ro\""))
                .collect(Collectors.joining(",\n"));
        return """
                {"ociVersion": "1.0.2", "hostname": "container", "root": {"path": "root"},
                "process": {"user": {"uid": %1$d, "gid": %1$d}, "cwd": %2$s, "args": %3$s, "env": %4$s,
                 "capabilities": {"bounding": %5$s, "effective": %6$s, "permitted": %6$s},
                 "rlimits": [{"type": "RLIMIT_NOFILE", "hard": 4096, "soft": 1024}]},
                "mounts": [%7$s],
                "linux": {"namespaces": [{"type": "pid"}, {"type": "network"}, {"type": "ipc"}, {"type": "uts"}, {"type": "mount"}],
                 "maskedPaths": ["/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/scsi", "/sys/firmware"],
                 "readonlyPaths": ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
                 "seccomp": {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 1,
                  "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
                  "syscalls": [%8$s {"names": %9$s, "action": "SCMP_ACT_ALLOW"}]}}}
                """.formatted(
                user,
                string(directory.toString()),
                strings(command.stream()),
                strings(environment.stream()),
                capabilities,
                held,
                String.join(
                        ",\n",
                        mount("/proc", "proc", "proc", "\"nosuid\""),
                        mount("/dev", "tmpfs", "tmpfs", "\"nosuid\", \"mode=755\""),
                        mount("/dev/pts", "devpts", "devpts", "\"newinstance\", \"ptmxmode=0666\", \"mode=0620\""),
                        mount("/dev/shm", "shm", "tmpfs", "\"nosuid\", \"mode=1777\""),
                        mount("/tmp", "tmpfs", "tmpfs", "\"nosuid\", \"mode=1777\""),
                        mounts,
                        mount(directory.toString(), directory.toString(), "bind", "\"rbind\", \"rw\"")),
                CONDITIONS,
                strings(allowed()));
    }

    private static String mount(String destination, String source, String type, String options) {
        return "{\"destination\": %s, \"source\": %s, \"type\": \"%s\", \"options\": [%s]}"
                .formatted(string(destination), string(source), type, options);
    }

    /** All that this system's headers name, but for what is refused. */
    private Stream<String> allowed() throws IOException {
        Set<String> all = new TreeSet<>();
        for (int bits : new int[] {32, 64}) {
            try (BufferedReader header =
                    Files.newBufferedReader(Path.of("/usr/include/x86_64-linux-gnu/asm/unistd_" + bits + ".h"))) {
                header.lines()
                        .map(NUMBER::matcher)
                        .filter(Matcher::find)
                        .map(number -> number.group(1))
                        .forEach(all::add);
            }
        }
        all.removeAll(refused);
        return all.stream();
    }

    private static String strings(Stream<String> strings) {
        return strings.map(Container::string).collect(Collectors.joining(", ", "[", "]"));
    }

    /** JSON's. */
    private static String string(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
    }
}
