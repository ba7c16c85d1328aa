package nurse.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** Runs the finished jar as a user does, and the same programs outside of it, for comparison. Nothing runs for ever. */
public final class Jar {
    public static final Path TREE = Path.of(System.getProperty("nurse.tree"));
    /** The lock that programs run under: all tests are run once for each. */
    public static final String LOCK = System.getProperty("nurse.lock");

    private static final long TIMEOUT_SECONDS = 300;
    private static final String NOBODY = "65534";
    private static final List<String> CLEAN =
            List.of("env", "-i", "PATH=/usr/bin:/bin", "LANG=C.UTF-8", "HOME=/nowhere");

    private static final List<String> DIRECTORIES = new CopyOnWriteArrayList<>(List.of("rm", "-rf", "--"));

    /** The jar where every user can read it, with what lies beside it. */
    static final Path JAR = forEveryUser(Path.of(System.getProperty("nurse.jar")));

    static {
        Runtime.getRuntime()
                .addShutdownHook(new Thread(() -> execute(Path.of("/"), new byte[0], List.copyOf(DIRECTORIES))));
    }

    /** How a run ended. */
    public record Result(int status, byte[] bytes, String err) {
        public String out() {
            return new String(bytes, StandardCharsets.UTF_8);
        }

        public Result succeeded() {
            if (status != 0) {
                throw new AssertionError("status " + status + "; stderr: " + err);
            }
            return this;
        }
    }

    /** The two kinds of user that everything must work for; the second needs root to become. */
    public enum User {
        ROOT,
        ORDINARY;

        public List<String> become() {
            return this == ROOT
                    ? List.of()
                    : List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups");
        }

        /** Both for who runs the tests as root; else only oneself. */
        public static List<User> all() {
            return isRoot() ? List.of(ROOT, ORDINARY) : List.of(ROOT);
        }

        static boolean isRoot() {
            return System.getProperty("user.name").equals("root");
        }
    }

    private Jar() {}

    /** A checkout may lie in a directory that only its owner may enter, such as /root; then a copy is what the tests run. */
    private static Path forEveryUser(Path jar) {
        List<String> read = new ArrayList<>(User.all().getLast().become());
        read.addAll(List.of("test", "-r", jar.toString()));
        try {
            // Not by execute: its threads would wait for this class, which is being initialised.
            if (new ProcessBuilder(read).start().waitFor() == 0) {
                return jar;
            }
            Path directory = directory();
            for (String name :
                    List.of("nurse-cli.jar", "nurse-cli.aot", "nurse-cli.jdk", "nurse", "libnurse-handon.so")) {
                if (Files.exists(jar.resolveSibling(name))) { // the cache holds the jar's time of change
                    Files.copy(jar.resolveSibling(name), directory.resolve(name), StandardCopyOption.COPY_ATTRIBUTES);
                }
            }
            return directory.resolve(jar.getFileName());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** A directory that every user may work in. */
    public static Path directory() {
        try {
            Path directory = Files.createTempDirectory("nurse-it").toRealPath();
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
            DIRECTORIES.add(directory.toString());
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The command that runs the jar: on the JDK of the tests, in an environment that is the same everywhere. */
    static List<String> command(User user, List<String> arguments) {
        return command(user, LOCK, arguments);
    }

    public static List<String> command(User user, String lock, List<String> arguments) {
        List<String> command = new ArrayList<>(user.become());
        command.addAll(CLEAN);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-jar", JAR.toString()));
        command.add(arguments.get(0));
        if (arguments.get(0).equals("run")) {
            command.addAll(List.of("--lock", lock));
        }
        if (Set.of("run", "trace", "learn").contains(arguments.get(0)) && arguments.contains(TREE.toString())) {
            command.addAll(trust(lock));
        }
        command.addAll(arguments.subList(1, arguments.size()));
        return command;
    }

    /** Options by which the strict lock runs the tree's own dynamic linker. */
    static List<String> trust(String lock) {
        return lock.equals("strict") ? List.of("--trust-loader", TREE + "/lib/ld-linux.so.2") : List.of();
    }

    /** {@code nurse run --root TREE ...} */
    static Result run(User user, Path directory, String... arguments) {
        List<String> all = new ArrayList<>(List.of("run", "--root", TREE.toString()));
        all.addAll(List.of(arguments));
        return execute(directory, new byte[0], command(user, all));
    }

    static Result run(Path directory, String... arguments) {
        return run(User.ROOT, directory, arguments);
    }

    /** {@code nurse run ...} of the host's own programs. */
    static Result runOnHost(Path directory, String... arguments) {
        List<String> all = new ArrayList<>(List.of("run"));
        all.addAll(List.of(arguments));
        return execute(directory, new byte[0], command(User.ROOT, all));
    }

    /** The program of the tree, without a sandbox; in a chroot when that is possible, where it sees what it sees inside. */
    static Result outside(User user, Path directory, String... program) {
        return execute(directory, new byte[0], outsideCommand(user, directory, List.of(program)));
    }

    public static List<String> outsideCommand(User user, Path directory, List<String> program) {
        List<String> command = new ArrayList<>();
        if (User.isRoot()) {
            String mount =
                    "mount --bind \"$1\" \"$0\"/mnt; mount -t proc proc \"$0\"/proc; mount --rbind /dev \"$0\"/dev;"
                            + "root=$0; owner=$2; shift 2; exec chroot --userspec=$owner \"$root\" env -C /mnt \"$@\"";
            String owner = user == User.ROOT ? "0:0" : NOBODY + ":" + NOBODY;
            command.addAll(List.of("unshare", "-m", "sh", "-c", mount, TREE.toString(), directory.toString(), owner));
            command.addAll(CLEAN);
        } else {
            String libraries = TREE + "/lib/i386-linux-gnu:" + TREE + "/usr/lib/i386-linux-gnu";
            command.addAll(CLEAN);
            command.addAll(
                    List.of(TREE + "/lib/ld-linux.so.2", "--library-path", libraries, "--argv0", program.get(0)));
            command.add(TREE + "/usr/bin/" + program.get(0));
            program = program.subList(1, program.size());
        }
        command.addAll(program);
        return command;
    }

    public static Result execute(Path directory, byte[] input, List<String> command) {
        return execute(directory, input, command, TIMEOUT_SECONDS);
    }

    public static Result execute(Path directory, byte[] input, List<String> command, long timeoutSeconds) {
        try {
            Process process =
                    new ProcessBuilder(command).directory(directory.toFile()).start();
            CompletableFuture<byte[]> out = CompletableFuture.supplyAsync(() -> drain(process.getInputStream()));
            CompletableFuture<byte[]> err = CompletableFuture.supplyAsync(() -> drain(process.getErrorStream()));
            try (OutputStream in = process.getOutputStream()) {
                in.write(input);
            } catch (IOException closedEarly) {
                // The program may end before it has read everything.
            }
            if (!process.waitFor(timeoutSeconds, TimeUnit.SECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
                throw new AssertionError("still running after " + timeoutSeconds + " s: " + command);
            }
            return new Result(process.exitValue(), out.join(), new String(err.join(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static byte[] drain(InputStream stream) {
        try (stream) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            stream.transferTo(bytes);
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Compiles a C program for i386, dynamically linked, so that it runs with the tree's C library as with this host's. */
    static void compile(Path directory, String source, String... arguments) {
        try {
            compile(directory, Files.writeString(directory.resolve("source.c"), source), arguments);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static void compile(Path directory, Path source, String... arguments) {
        List<String> command = new ArrayList<>(List.of("gcc", "-m32", "-O1", "-std=gnu11"));
        command.addAll(List.of("-include", OlderGlibc.HEADER.toString(), source.toString()));
        command.addAll(List.of(arguments));
        execute(directory, new byte[0], command).succeeded();
        OlderGlibc.assertSuffices(directory.resolve(arguments[List.of(arguments).indexOf("-o") + 1]));
    }
}
