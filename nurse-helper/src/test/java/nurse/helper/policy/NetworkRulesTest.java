package nurse.helper.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import nurse.helper.policy.NetworkRules.Protocol;
import nurse.helper.policy.NetworkRules.Verb;
import nurse.helper.policy.Rule.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NetworkRulesTest {
    private static NetworkRules rules(String... texts) {
        return NetworkRules.of(Arrays.stream(texts)
                .flatMap(text -> NetworkRules.parse(null, text, "test").stream())
                .toList());
    }

    private static boolean allows(NetworkRules rules, Verb verb, Protocol protocol, String address, int port) {
        byte[] bytes = NetworkRules.mapped(InetAddress.ofLiteral(address).getAddress());
        return rules.decide(verb, protocol, bytes, port) != null;
    }

    @Test
    void withoutARuleThereIsNoNetwork() {
        assertThat(NetworkRules.NONE.allowsInternet()).isFalse();
        assertThat(allows(NetworkRules.NONE, Verb.CONNECT, Protocol.TCP, "127.0.0.1", 80))
                .isFalse();
        assertThat(NetworkRules.NONE.decideAbstract(Verb.CONNECT, "x")).isNull();
    }

    @Test
    void aRuleWithoutWordsAllowsAllThatCanBeDoneWithItsAddress() {
        NetworkRules rules = rules("192.0.2.0/24:80");
        for (Verb verb : Verb.values()) {
            assertThat(allows(rules, verb, Protocol.TCP, "192.0.2.9", 80)).isTrue();
            assertThat(allows(rules, verb, Protocol.UDP, "192.0.2.9", 80)).isTrue();
            assertThat(allows(rules, verb, Protocol.TCP, "192.0.2.9", 81)).isFalse();
            assertThat(allows(rules, verb, Protocol.TCP, "192.0.3.9", 80)).isFalse();
        }
    }

    @Test
    void aVerbAndAProtocolNarrowARule() {
        NetworkRules rules = rules("connect tcp 192.0.2.7:443", "listen tcp loopback:8080", "bind udp [::1]:53");
        assertThat(allows(rules, Verb.CONNECT, Protocol.TCP, "192.0.2.7", 443)).isTrue();
        assertThat(allows(rules, Verb.CONNECT, Protocol.UDP, "192.0.2.7", 443)).isFalse();
        assertThat(allows(rules, Verb.BIND, Protocol.TCP, "192.0.2.7", 443)).isFalse();
        assertThat(allows(rules, Verb.LISTEN, Protocol.TCP, "127.0.0.1", 8080)).isTrue();
        assertThat(allows(rules, Verb.BIND, Protocol.TCP, "127.0.0.1", 8080)).isTrue();
        assertThat(allows(rules, Verb.CONNECT, Protocol.TCP, "127.0.0.1", 8080)).isFalse();
        assertThat(allows(rules, Verb.BIND, Protocol.UDP, "::1", 53)).isTrue();
        assertThat(allows(rules, Verb.LISTEN, Protocol.UDP, "::1", 53)).isFalse();
    }

    @Test
    void anAbstractNameIsAllowedByItsName() {
        NetworkRules rules = rules("connect unix @bus");
        assertThat(rules.decideAbstract(Verb.CONNECT, "bus")).hasToString("connect unix @bus (test)");
        assertThat(rules.decideAbstract(Verb.CONNECT, "bus2")).isNull();
        assertThat(rules.decideAbstract(Verb.BIND, "bus")).isNull();
        assertThat(rules.allowsInternet()).isFalse();
        assertThat(rules("all").decideAbstract(Verb.BIND, "anything")).isNotNull();
        assertThat(rules("tcp all").decideAbstract(Verb.BIND, "anything")).isNull();
    }

    @Test
    void thePathOfASocketIsARuleOfFiles() {
        NetworkRules.Rule rule =
                NetworkRules.parse(Verb.CONNECT, "unix /run/x.sock", "test").get(0);
        assertThat(rule.path()).isEqualTo("/run/x.sock");
        assertThat(rule.kinds()).containsExactly(Kind.CONNECT);
        assertThat(NetworkRules.parse(null, "unix /run/x.sock", "test").get(0).kinds())
                .containsExactly(Kind.CONNECT, Kind.BIND);
    }

    /** It may be part of the name; behind an address it is none. */
    @Test
    void aBlankAtTheEndOfASocketsNameStays() {
        assertThat(NetworkRules.parse(null, " connect  unix  /run/x ", "test")
                        .get(0)
                        .path())
                .isEqualTo("/run/x ");
        NetworkRules rules = rules("connect unix @bus ");
        assertThat(rules.decideAbstract(Verb.CONNECT, "bus ")).isNotNull();
        assertThat(rules.decideAbstract(Verb.CONNECT, "bus")).isNull();
        assertThat(allows(rules(" tcp 127.0.0.1:80 "), Verb.CONNECT, Protocol.TCP, "127.0.0.1", 80))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "example.org",
                "192.0.2.1:",
                "192.0.2.1:65536",
                "192.0.2.1/33",
                "[::1]:x",
                "tcp",
                "unix ",
                "unix @",
                "listen udp nowhere",
                "conect tcp all",
                "::1/129"
            })
    void whatIsNoRuleIsToldFromOne(String text) {
        assertThatThrownBy(() -> NetworkRules.parse(null, text, "test")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theOrderOfRulesDoesNotMatter() {
        List<NetworkRules.Rule> parsed = List.of(
                NetworkRules.parse(null, "10.0.0.0/8", "a").get(0),
                NetworkRules.parse(null, "tcp all:443", "b").get(0));
        for (NetworkRules rules : List.of(NetworkRules.of(parsed), NetworkRules.of(parsed.reversed()))) {
            assertThat(allows(rules, Verb.CONNECT, Protocol.UDP, "10.1.2.3", 1)).isTrue();
            assertThat(allows(rules, Verb.CONNECT, Protocol.TCP, "192.0.2.1", 443))
                    .isTrue();
            assertThat(allows(rules, Verb.CONNECT, Protocol.UDP, "192.0.2.1", 443))
                    .isFalse();
        }
    }
}
