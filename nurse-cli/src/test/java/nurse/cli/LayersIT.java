package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import nurse.cli.Jar.Result;
import nurse.cli.Jar.User;
import nurse.ffm.Kernel;
import nurse.ffm.Landlock;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What stands below the lock holds by itself: docs/layers.md. */
class LayersIT {
    private static final Path SOURCES = Path.of("src/test/native/layers").toAbsolutePath();
    private static final boolean TRAP = Jar.LOCK.equals("trap");
    /** Of what {@code loader.c} tries: what only root can do where there is no sandbox. */
    private static final Set<String> OF_ROOT = Set.of(
            "make a namespace",
            "signal another process",
            "change a mode",
            "change the loader's mode",
            "change a mode of /proc",
            "find a file by another process");
    /** What the layer {@code root} refuses, which is there where the process may have a user namespace. */
    private static final Set<String> BY_ROOT_LAYER = Set.of(
            "find a file",
            "climb to a file",
            "change a mode",
            "change the loader's mode",
            "change a mode of /proc",
            "connect by a name",
            "make a user namespace");

    private static final String SECRET = "/var/lib/dpkg/status";

    private Path directory;

    @BeforeEach
    void makeDirectory() {
        directory = Jar.directory();
    }

    /** Layers that every kernel which runs these tests has. */
    private static Set<String> everywhere() {
        Set<String> layers = new TreeSet<>(
                Set.of("no-new-privs", "filter", "capabilities", "limits", "descriptors", "helper-capabilities"));
        try (Kernel kernel = new Kernel()) {
            int abi = Landlock.abi(kernel);
            if (abi >= Landlock.ABI_REFER) {
                layers.addAll(Set.of("landlock", "helper-landlock"));
            }
            if (abi >= Landlock.ABI_NETWORK) {
                layers.add("landlock-tcp");
            }
            if (abi >= Landlock.ABI_SCOPES) {
                layers.add("landlock-scopes");
            }
        }
        return layers;
    }

    static boolean mayMakeNamespaces(User user) {
        List<String> unshare = new ArrayList<>(user.become());
        unshare.addAll(
                user == User.ROOT
                        ? List.of("unshare", "--net", "true")
                        : List.of("unshare", "--user", "--net", "true"));
        return Jar.execute(Path.of("/"), new byte[0], unshare).status() == 0;
    }

    // ---- which there are --------------------------------------------------------------------------------------------

    @ParameterizedTest
    @MethodSource("nurse.cli.Jar$User#all")
    void everyLayerThatTheKernelHasIsThere(User user) {
        Set<String> layers = everywhere();
        if (mayMakeNamespaces(user)) {
            layers.addAll(Set.of("root", "network-namespace", "ipc-namespace", "uts-namespace"));
        }
        Result result = Jar.run(user, directory, "--require", String.join(",", layers), "--stats", "true");
        assertThat(result.succeeded().err()).contains("layers below the lock").contains(layers);
    }

    @Test
    void aRequiredLayerThatIsNotThereKeepsTheProgramFromStarting() {
        Result refused =
                Jar.run(directory, "--require", "network-namespace", "--net", "loopback", "sh", "-c", "echo ran");
        assertThat(refused.status()).isEqualTo(125);
        assertThat(refused.out()).isEmpty();
        assertThat(refused.err()).contains("network-namespace", "why: the policy allows network", "do: ");
        Result twin = Jar.run(directory, "--require", "limits", "--net", "loopback", "sh", "-c", "echo ran");
        assertThat(twin.succeeded().out()).isEqualTo("ran\n");
        assertThat(Jar.run(directory, "--require", "lanlock", "true").status()).isEqualTo(2);
    }

    // ---- before the lock --------------------------------------------------------------------------------------------

    @ParameterizedTest
    @MethodSource("nurse.cli.Jar$User#all")
    void codeThatRunsInsteadOfTheLoaderFindsNothingToUse(User user) throws Exception {
        Path root = HostileLoader.root(directory, "loader.c");
        Path elsewhere = Jar.directory(); // the current directory may be read
        Path file = Files.writeString(elsewhere.resolve("file"), "text");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
        Path socket = elsewhere.resolve("file.socket");
        try (ServerSocket listener = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
                ServerSocketChannel named = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            named.bind(UnixDomainSocketAddress.of(socket));
            Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rwxrwxrwx"));
            String port = Integer.toString(listener.getLocalPort());
            String self = Long.toString(ProcessHandle.current().pid());
            String[] names = {
                "find a descriptor",
                "read a file",
                "write a file",
                "make a file",
                "find a file",
                "climb to a file",
                "find a file by another process",
                "change a mode",
                "change the loader's mode",
                "change a mode of /proc",
                "connect by a name",
                "list /proc",
                "connect",
                "signal another process",
                "find a variable",
                "make a namespace",
                "make a user namespace",
                "fork",
                "fork again"
            };
            List<String> outside = new ArrayList<>(user.become());
            outside.addAll(List.of("env", "-i", "NS=1", "root/" + HostileLoader.NAME, file.toString(), port, self));
            List<String> arguments = new ArrayList<>(List.of("run", "--root", root.toString(), "--quiet"));
            arguments.addAll(HostileLoader.trust(root));
            arguments.addAll(List.of("true", file.toString(), port, self));
            List<String> inside = Jar.command(user, arguments);
            String twin = withOpenDescriptor(outside).out();
            Files.deleteIfExists(directory.resolve("planted"));
            inside.add(inside.indexOf("env") + 2, "NS=1");
            Result result = withOpenDescriptor(inside);
            assertThat(result.status()).as(result.err()).isEqualTo(TRAP ? 0 : 125);
            for (String name : names) {
                boolean mayMakeNamespaces = mayMakeNamespaces(user);
                boolean isDoneOutside = user == User.ROOT && User.isRoot()
                        || (name.equals("make a user namespace") ? mayMakeNamespaces : !OF_ROOT.contains(name));
                if (isDoneOutside) {
                    assertThat(twin).contains(name + " done\n");
                }
                boolean isRefused =
                        switch (name) {
                            case "fork" -> TRAP; // under strict nothing of the lock is there yet
                            case "fork again" -> TRAP || mayMakeNamespaces && user == User.ORDINARY; // RLIMIT_NPROC
                            default -> mayMakeNamespaces || !BY_ROOT_LAYER.contains(name);
                        };
                if (isRefused) {
                    assertThat(result.out()).contains(name + " refused\n");
                }
            }
            assertThat(directory.resolve("planted")).doesNotExist();
        }
    }

    private Result withOpenDescriptor(List<String> command) {
        List<String> shell = new ArrayList<>(List.of("sh", "-c", "exec \"$0\" \"$@\" 7</dev/null"));
        shell.addAll(command);
        return Jar.execute(directory, new byte[0], shell);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--audit", "--depaudit"})
    void anAuditModuleOfTheProgramsOwnRunsUnderTheLock(String option) throws Exception {
        Jar.compile(directory, SOURCES.resolve("module.c"), "-shared", "-fPIC", "-nostdlib", "-o", "module.so");
        Jar.compile(
                directory, "int main(void) { return 0; }", "-Wl," + option + "=" + directory + "/module.so", "-o", "p");
        String outside =
                Jar.execute(directory, new byte[0], List.of(directory + "/p")).out();
        assertThat(outside).isEqualTo("opened\nopened\n");
        Result refused = Jar.runOnHost(directory, "./p");
        Result allowed = Jar.runOnHost(directory, "--read", SECRET, "./p");
        if (TRAP) {
            assertThat(refused.succeeded().out()).isEqualTo("refused\nrefused\n");
            assertThat(allowed.succeeded().out()).isEqualTo("opened\nopened\n");
        } else {
            assertThat(refused.status()).isEqualTo(137);
            assertThat(refused.out()).isEmpty();
        }
    }

    /**
     * Under strict what ld.so maps before the lock is what was judged, whoever changes the program's file meanwhile. Under trap
     * the file is the program's own, as outside.
     */
    @Test
    void whoCanWriteTheProgramsFileCannotChangeWhatRunsBeforeTheLock() throws Exception {
        Jar.compile(directory, SOURCES.resolve("constant.c"), "-o", "constant");
        assertThat(changedWhileRunning(List.of("/lib/ld-linux.so.2", "./constant")))
                .isEqualTo("poisoned text!!");
        Jar.compile(directory, SOURCES.resolve("constant.c"), "-o", "constant");
        assertThat(changedWhileRunning(Jar.command(User.ROOT, List.of("run", "./constant"))))
                .isEqualTo(TRAP ? "poisoned text!!" : "untouched text");
    }

    private String changedWhileRunning(List<String> command) throws Exception {
        Process process =
                new ProcessBuilder(command).directory(directory.toFile()).start();
        try (BufferedReader out = process.inputReader(StandardCharsets.ISO_8859_1)) {
            assertThat(out.readLine()).isEqualTo("before");
            Path file = directory.resolve("constant");
            String image = Files.readString(file, StandardCharsets.ISO_8859_1);
            int at = image.indexOf("untouched text\n");
            try (var channel = java.nio.channels.FileChannel.open(file, java.nio.file.StandardOpenOption.WRITE)) {
                channel.write(java.nio.ByteBuffer.wrap("poisoned text!!".getBytes(StandardCharsets.ISO_8859_1)), at);
            }
            process.getOutputStream().write('\n');
            process.getOutputStream().flush();
            return out.readLine().replace("\0", "");
        } finally {
            process.destroyForcibly().waitFor(20, TimeUnit.SECONDS);
        }
    }

    // ---- confidential by default
    // --------------------------------------------------------------------------------------

    @Test
    void nothingOfTheHostsEnvironmentDescriptorsAndProcessesIsReadable() throws Exception {
        Path file = Files.writeString(directory.resolve("secret"), "of the host");
        String probe = """
                import os
                print('variable', os.environ.get('NURSE_SECRET', 'none'))
                for fd in range(3, 1024):
                    try:
                        print('descriptor', fd, os.read(fd, 20))
                    except OSError:
                        pass
                for name in ('environ', 'mem', 'maps', 'cmdline', 'fd', 'root/etc/passwd', 'cwd'):
                    for pid in ('1', str(os.getppid())):
                        try:
                            os.stat('/proc/%s/%s' % (pid, name)) if name in ('fd', 'cwd') else open('/proc/%s/%s' % (pid, name), 'rb').read(10)
                            print('process', name)
                        except OSError:
                            pass
                print('own', open('/proc/self/cmdline', 'rb').read(3) != b'')
                """;
        List<String> run = Jar.command(
                User.ROOT,
                List.of("run", "--quiet", "--read", "/proc", "--root", Jar.TREE.toString(), "python3", "-c", probe));
        run.add(run.indexOf("env") + 2, "NURSE_SECRET=of the host");
        String open = "exec \"$0\" \"$@\" 7<" + file;
        List<String> shell = new ArrayList<>(List.of("sh", "-c", open));
        shell.addAll(run);
        assertThat(Jar.execute(directory, new byte[0], shell).succeeded().out()).isEqualTo("variable none\nown True\n");
        // The twins: the variable by --env, the descriptor as standard input.
        run.addAll(run.indexOf("run") + 1, List.of("--env", "NURSE_SECRET"));
        assertThat(Jar.execute(directory, new byte[0], run).succeeded().out())
                .isEqualTo("variable of the host\nown True\n");
        Result twin = Jar.execute(
                directory,
                "of the host".getBytes(StandardCharsets.UTF_8),
                Jar.command(User.ROOT, List.of("run", "--root", Jar.TREE.toString(), "cat")));
        assertThat(twin.out()).isEqualTo("of the host");
    }
}
