package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import nurse.cli.Jar.Result;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The network is what --net and --write say: each try is refused under one policy and done under another. */
class NetworkIT {
    private static final Path SOURCE =
            Path.of("src/test/native/network/network.c").toAbsolutePath();
    private static final String REFUSED = "EPERM";
    private static final String DONE = "done";
    private static final String NOBODY = "ECONNREFUSED";

    private final Path directory = Jar.directory();
    private final Path elsewhere = Jar.directory();
    private ServerSocket listener;
    private ServerSocketChannel local;
    /** Its port is nobody else's, and nobody listens there. */
    private Socket deaf;

    @BeforeEach
    void listen() throws IOException {
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        deaf = new Socket();
        deaf.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        local = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        local.bind(UnixDomainSocketAddress.of(elsewhere.resolve("socket")));
        Jar.compile(directory, SOURCE, "-o", "network");
    }

    @AfterEach
    void close() throws IOException {
        listener.close();
        deaf.close();
        local.close();
    }

    private Map<String, String> attempt(String... options) {
        List<String> run = new ArrayList<>(List.of("--read", "."));
        run.addAll(List.of(options));
        run.addAll(List.of(
                "./network",
                Integer.toString(listener.getLocalPort()),
                Integer.toString(deaf.getLocalPort()),
                elsewhere.resolve("socket").toString(),
                "."));
        Result result = Jar.runOnHost(directory, run.toArray(String[]::new)).succeeded();
        Map<String, String> facts = new TreeMap<>();
        result.out().lines().forEach(line -> facts.put(line.replaceFirst(": .*", ""), line.replaceFirst(".*: ", "")));
        assertThat(facts).containsEntry("passed of the sandbox's own", "0").containsEntry("pass a file", DONE);
        assertThat(facts).containsEntry("pass a directory", REFUSED).containsEntry("SO_ATTACH_FILTER", REFUSED);
        assertThat(facts.get("netlink")).isNotEqualTo(DONE);
        assertThat(facts.get("packet")).isNotEqualTo(DONE);
        assertThat(facts.get("raw")).isNotEqualTo(DONE);
        return facts;
    }

    @Test
    void withoutARuleThereIsNoNetwork() {
        Map<String, String> facts = attempt();
        assertThat(facts).containsEntry("socket", REFUSED).containsEntry("unix", REFUSED);
        assertThat(facts.get("connect")).isNotEqualTo(DONE);
        assertThat(facts.get("bind here")).isNotEqualTo(DONE);
        assertThat(facts).containsEntry("abstract", REFUSED);
    }

    @Test
    void loopbackIsTheHostItself() {
        Map<String, String> facts = attempt("--net", "loopback", "--write", elsewhere.toString());
        assertThat(facts).containsEntry("connect", DONE).containsEntry("connect mapped", DONE);
        assertThat(facts).containsEntry("connect to another port", NOBODY).containsEntry("bind here", DONE);
        assertThat(facts).containsEntry("datagram outside", REFUSED).containsEntry("bind everywhere", REFUSED);
        assertThat(facts).containsEntry("listen unbound", REFUSED).containsEntry("abstract", REFUSED);
        // Where the program may write lie services' sockets too, and to talk to one is to act outside.
        assertThat(facts).containsEntry("unix", REFUSED);
        Map<String, String> named = attempt("--net", "connect unix " + elsewhere.resolve("socket"));
        assertThat(named).containsEntry("unix", DONE);
        assertThat(attempt("--write", elsewhere.resolve("socket").toString())).containsEntry("unix", DONE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "127.0.0.0/8", "loopback", "all"})
    void aPortIsThatPort(String address) {
        Map<String, String> facts = attempt("--net", address + ":" + listener.getLocalPort());
        assertThat(facts).containsEntry("connect", DONE).containsEntry("connect to another port", REFUSED);
        assertThat(facts).containsEntry("bind here", REFUSED).containsEntry("datagram outside", REFUSED);
    }

    /** The kernel takes what is for no address to this machine, so a rule for this machine decides: ip(7). */
    @Test
    void nowhereIsHere() {
        Map<String, String> here = attempt("--net", "127.0.0.1");
        assertThat(here).containsEntry("connect nowhere", DONE).containsEntry("connect nowhere mapped", DONE);
        Map<String, String> outside = attempt("--net", "192.0.2.7");
        assertThat(outside).containsEntry("connect nowhere", REFUSED).containsEntry("connect nowhere mapped", REFUSED);
    }

    @Test
    void allIsEverything() {
        Map<String, String> facts = attempt("--net", "all");
        assertThat(facts).containsEntry("connect", DONE).containsEntry("datagram outside", DONE);
        assertThat(facts).containsEntry("bind everywhere", DONE).containsEntry("listen unbound", DONE);
        assertThat(facts).containsEntry("abstract", DONE).containsEntry("unix", REFUSED);
    }

    /** What is not said is refused: each line is the twin of the others. */
    @Test
    void connectBindAndListenAreAllowedApart() {
        String tries = """
                import socket, sys
                port = int(sys.argv[1])
                def attempt(what, make, do):
                    s = make()
                    try: do(s); print(what, end=' ')
                    except PermissionError: pass
                tcp = lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM)
                udp = lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                def serve(s): s.bind(('127.0.0.1', 0)); s.listen()
                attempt('connect', tcp, lambda s: s.connect(('127.0.0.1', port)))
                attempt('bind', tcp, lambda s: s.bind(('127.0.0.1', 0)))
                attempt('listen', tcp, serve)
                attempt('udp-connect', udp, lambda s: s.connect(('127.0.0.1', port)))
                attempt('udp-bind', udp, lambda s: s.bind(('127.0.0.1', 0)))
                """;
        Map<String, String> allowed = Map.of(
                "connect loopback", "connect udp-connect",
                "connect tcp loopback", "connect",
                "connect udp 127.0.0.0/8", "udp-connect",
                "bind tcp loopback", "bind",
                "bind loopback", "bind udp-bind",
                "listen tcp loopback", "bind listen",
                "tcp loopback", "connect bind listen",
                "loopback", "connect bind listen udp-connect udp-bind",
                "connect tcp 192.0.2.0/24", "");
        allowed.forEach((rule, done) -> {
            Result result = Jar.run(
                    directory,
                    "--quiet",
                    "--net",
                    rule,
                    "python3",
                    "-c",
                    tries,
                    Integer.toString(listener.getLocalPort()));
            assertThat(result.succeeded().out().strip()).as(rule).isEqualTo(done);
        });
    }

    @Test
    void aPolicyFileSaysTheSame() throws IOException {
        Files.writeString(directory.resolve("p.toml"), "version = 1\n[net]\nallow = [\"loopback\"]\n");
        assertThat(attempt("--policy", "p.toml")).containsEntry("connect", DONE);
    }

    @Test
    void whatIsNoRuleIsSaidSo() throws IOException {
        Result option = Jar.runOnHost(directory, "--net", "localhost", "./network");
        assertThat(option.status()).isEqualTo(125);
        assertThat(option.err()).contains("--net 'localhost'", "192.0.2.1");
        Files.writeString(directory.resolve("p.toml"), "version = 1\n[net]\nallow = [\"loopback:99999\"]\n");
        Result file = Jar.runOnHost(directory, "--policy", "p.toml", "./network");
        assertThat(file.err()).contains("p.toml:3", "from 0 to 65535");
    }
}
