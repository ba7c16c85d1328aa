package nurse.helper.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
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
                "/boot",
                "/root",
                "/home/me",
                "/home/you",
                "/home/me/.ssh",
                "/srv/copy/.gnupg/private-keys-v1.d",
                "/home/me/.config/gcloud"
            })
    void standingInADirectoryOfTheSystemOpensNothingAndIsSaid(String directory) {
        DefaultPolicy standing = DefaultPolicy.of(directory);
        Policy policy = Policy.of(standing.rules());
        assertThat(policy.decide(directory, Access.READ).allowed()).isFalse();
        assertThat(policy.decide("/secret/password", Access.READ).allowed()).isFalse();
        assertThat(standing.notes()).singleElement().asString().contains("'" + directory + "'", "--read");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/root/work",
                "/home/me/project",
                "/home/me/.config",
                "/homes/x",
                "/tmp",
                "/srv/data",
                "/var/www",
                "/device",
                "/procx"
            })
    void standingInAnyOtherDirectoryMakesItReadable(String directory) {
        DefaultPolicy standing = DefaultPolicy.of(directory);
        assertThat(standing.notes()).isEmpty();
        assertThat(Policy.of(standing.rules()).decide(directory + "/f", Access.READ))
                .hasToString("read allowed by read '" + directory + "' (built-in: the current directory)");
    }

    @Test
    void aHomeByAnotherNameOpensNothingEither() {
        assertThat(Policy.of(DefaultPolicy.of("/srv/me", true).rules())
                        .decide("/srv/me/.ssh/id_rsa", Access.READ)
                        .allowed())
                .isFalse();
        assertThat(DefaultPolicy.of("/srv/me", true).notes())
                .singleElement()
                .asString()
                .contains("'/srv/me'");
        assertThat(Policy.of(DefaultPolicy.of("/srv/me", false).rules())
                        .decide("/srv/me/file", Access.READ)
                        .allowed())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {".ssh", ".ssh/id_rsa", ".gnupg/x", ".aws/credentials", ".netrc", ".config/gh/hosts.yml"})
    void keysInTheCurrentDirectoryAreDeniedUntilItIsNamed(String name) throws PolicyException {
        String path = "/srv/backup/" + name;
        assertThat(new PolicyBuilder("/srv/backup")
                        .build()
                        .files()
                        .decide(path, Access.READ)
                        .toString())
                .contains("refused", "built-in: keys in the current directory");
        for (PolicyBuilder named : List.of(
                new PolicyBuilder("/srv/backup").read("."),
                new PolicyBuilder("/srv/backup").write("/srv"),
                new PolicyBuilder("/srv/backup").read(name))) {
            assertThat(named.build().files().decide(path, Access.READ).allowed())
                    .isTrue();
        }
    }

    @Test
    void standingAmongPrivateKeysDoesNotMakeThemReadable() {
        Policy policy = Policy.of(DefaultPolicy.of("/etc/ssl/private").rules());
        assertThat(policy.decide("/etc/ssl/private/key.pem", Access.READ).allowed())
                .isFalse();
    }
}
