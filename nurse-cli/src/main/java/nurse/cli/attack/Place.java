package nurse.cli.attack;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The directory of one run, and what lies around it:
 *
 * <pre>
 * BASE/secret         what the program may not read
 * BASE/hidden/secret  the same, in a directory
 * BASE/run/           where it is started, and which it may read: attacks, evil-main, evil.so, allowed, victim, w/
 * </pre>
 *
 * and two ports of this machine, of which options allow the first. Gone when closed. With a tree as the programs' root it lies
 * in the tree's /tmp, so that a rule, and nothing else, is between the program and what it is after.
 */
final class Place implements AutoCloseable {
    private static final String[] PROGRAMS = {"attacks", "evil-main", "evil.so"};
    private static final int PATIENCE_MILLIS = 100;

    private final Path root;
    private final Path base;
    private final DatagramSocket open;
    private final DatagramSocket shut;

    /** @param root what the programs see as {@code /} */
    Place(String root) throws IOException {
        this.root = Path.of(root).toRealPath();
        base = Files.createTempDirectory(parent(root), "nurse-attack").toRealPath();
        InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
        open = new DatagramSocket(new InetSocketAddress(loopback, 0));
        shut = new DatagramSocket(new InetSocketAddress(loopback, 0));
        Files.createDirectories(run().resolve("w"));
        Files.createDirectory(base.resolve("hidden"));
        Files.createDirectory(run().resolve("proc"));
        Files.createDirectory(run().resolve("folding"));
        Files.writeString(base.resolve("secret"), "secret\n");
        Files.writeString(base.resolve("hidden/secret"), "secret\n");
        Files.writeString(run().resolve("allowed"), "allowed\n");
        Files.writeString(run().resolve("victim"), "victim\n");
        Files.writeString(run().resolve("w/f"), "f\n");
        for (String program : PROGRAMS) {
            Path file = run().resolve(program);
            try (InputStream resource = Place.class.getResourceAsStream("/native/linux-i686/" + program)) {
                if (resource == null) {
                    throw new IOException("this build has no /native/linux-i686/" + program);
                }
                Files.copy(resource, file);
            }
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    /** Where it is made. */
    static Path parent(String root) {
        return root.equals("/") ? Path.of(System.getProperty("java.io.tmpdir")) : Path.of(root, "tmp");
    }

    /** Whether this is root, by the owner of a file that it makes. */
    static boolean isRoot() {
        return System.getProperty("user.name").equals("root");
    }

    Path run() {
        return base.resolve("run");
    }

    /** The program's standard output, for who runs it. */
    Path out() {
        return base.resolve("out");
    }

    Path err() {
        return base.resolve("err");
    }

    /** With the words in braces replaced, for a program that is run as it is. */
    List<String> outside(List<String> words) {
        return filled(words, base);
    }

    /** The same for the sandbox, where names start from its root. */
    List<String> inside(List<String> words) {
        return filled(words, Path.of("/").resolve(root.relativize(base)));
    }

    private List<String> filled(List<String> words, Path from) {
        return words.stream()
                .map(word -> word.replace("{secret}", from.resolve("secret").toString())
                        .replace("{base}", from.toString())
                        .replace("{run}", from.resolve("run").toString())
                        .replace("{open}", Integer.toString(open.getLocalPort()))
                        .replace("{shut}", Integer.toString(shut.getLocalPort())))
                .toList();
    }

    /** What came to the port that no option of an attack allows. */
    Optional<String> whatCameToTheShutPort() throws IOException {
        shut.setSoTimeout(PATIENCE_MILLIS);
        try {
            shut.receive(new DatagramPacket(new byte[16], 16));
            return Optional.of("a datagram came to a port that no rule allows");
        } catch (SocketTimeoutException nothing) {
            return Optional.empty();
        }
    }

    /** The name of the run's temporary directory, which the program said first, if it is still there. */
    Optional<String> whatIsLeftOfTheTemporaryDirectory() throws IOException {
        try (Stream<String> said = Files.lines(out())) {
            return said.findFirst()
                    .filter(name -> Files.exists(root.resolve(name.substring(1))))
                    .map(name -> name + " is still there");
        }
    }

    /** What lies outside of where the program may write, and did not before. */
    Optional<String> whatIsNewOutside() throws IOException {
        try (Stream<Path> outer = Files.list(base);
                Stream<Path> inner = Files.list(base.resolve("hidden"))) {
            return Stream.concat(outer, inner)
                    .filter(file -> !List.of("secret", "hidden", "run", "out", "err")
                            .contains(file.getFileName().toString()))
                    .findFirst()
                    .map(file -> "it made " + file.getFileName());
        }
    }

    @Override
    public void close() {
        open.close();
        shut.close();
        try (Stream<Path> files = Files.walk(base)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
