package nurse.helper.policy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DefaultPolicyTest {
    private static final Policy POLICY =
            Policy.of(DefaultPolicy.of("/home/me/project").rules());

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/usr/lib/i386-linux-gnu/libc.so.6",
                "/lib/ld-linux.so.2",
                "/etc/ld.so.cache",
                "/etc/resolv.conf",
                "/etc/default/locale",
                "/etc/ssl/certs/ca-certificates.crt",
                "/etc/alternatives/awk",
                "/dev/urandom",
                "/dev/null",
                "/proc/cpuinfo",
                "/proc/sys/crypto/fips_enabled",
                "/etc/groff/man.local",
                "/var/lib/gems/3.1.0/specifications",
                "/var/lib/aspell/en-common.rws",
                "/proc/self/maps",
                "/sys/devices/system/cpu/online",
                "/home/me/project",
                "/home/me/project/data/x"
            })
    void whatAProgramNeedsIsReadable(String path) {
        assertThat(POLICY.decide(path, Access.READ).allowed()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/secret/password",
                "/etc/shadow",
                "/etc/ssl/private/key.pem",
                "/etc/ssh/ssh_host_rsa_key",
                "/etc",
                "/root/.ssh/id_rsa",
                "/home/me/.ssh/id_rsa",
                "/home/me",
                "/home",
                "/",
                "/dev/tty",
                "/dev/sda",
                "/dev/mem",
                "/proc/1/environ",
                "/proc/kcore",
                "/proc/sys/kernel/core_pattern",
                "/proc/sys/crypto",
                "/var/lib/dpkg/status",
                "/sys/kernel",
                "/var/log/syslog",
                "/tmp"
            })
    void whatIsNotForThisProgramIsNotReadable(String path) {
        assertThat(POLICY.decide(path, Access.READ).allowed()).isFalse();
    }

    @Test
    void nothingIsWritableButTheDevicesThatKeepNothing() {
        for (Rule rule : POLICY.rules()) {
            boolean mayWrite = POLICY.decide(rule.path(), Access.WRITE).allowed();
            assertThat(mayWrite).as(rule.path()).isEqualTo(rule.path().matches("/dev/(null|zero|full)|/proc/self/fd"));
        }
        assertThat(POLICY.decide("/home/me/project/x", Access.WRITE).allowed()).isFalse();
    }

    @Test
    void theWayToTheCurrentDirectoryIsOpen() {
        assertThat(POLICY.decide("/home/me", Access.LOOKUP).allowed()).isTrue();
        assertThat(POLICY.decide("/home/you", Access.LOOKUP).allowed()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/home",
                "/etc",
                "/proc",
                "/proc/1",
                "/sys/kernel",
                "/dev",
                "/dev/shm",
                "/var",
                "/run",
                "/boot"
            })
    void standingInADirectoryOfTheSystemOpensNothingAndIsSaid(String directory) {
        DefaultPolicy standing = DefaultPolicy.of(directory);
        Policy policy = Policy.of(standing.rules());
        assertThat(policy.decide(directory, Access.READ).allowed()).isFalse();
        assertThat(policy.decide("/secret/password", Access.READ).allowed()).isFalse();
        assertThat(standing.notes()).singleElement().asString().contains("'" + directory + "'", "--read");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/root", "/home/me", "/tmp", "/srv/data", "/var/www", "/device", "/procx"})
    void standingInAnyOtherDirectoryMakesItReadable(String directory) {
        DefaultPolicy standing = DefaultPolicy.of(directory);
        assertThat(standing.notes()).isEmpty();
        assertThat(Policy.of(standing.rules()).decide(directory + "/f", Access.READ))
                .hasToString("read allowed by read '" + directory + "' (built-in: the current directory)");
    }

    @Test
    void standingAmongPrivateKeysDoesNotMakeThemReadable() {
        Policy policy = Policy.of(DefaultPolicy.of("/etc/ssl/private").rules());
        assertThat(policy.decide("/etc/ssl/private/key.pem", Access.READ).allowed())
                .isFalse();
    }
}
