package nurse.helper.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalLong;
import java.util.stream.Stream;
import nurse.ffm.Errno;
import nurse.helper.doctor.Finding.State;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each thing as it should be, and beside it as it should not. */
class JudgementsTest {
    private static final String HOME = "/usr/lib/jvm/jdk";

    static Stream<Arguments> findings() {
        return Stream.of(
                of(State.OK, Judgements.kernel("6.6.0", "x86_64")),
                of(State.OK, Judgements.kernel("7.0-rc1", "x86_64")),
                of(State.BROKEN, Judgements.kernel("6.5.13-1-amd64", "x86_64")),
                of(State.BROKEN, Judgements.kernel("5.10.0", "x86_64")),
                of(State.BROKEN, Judgements.kernel("nonsense", "x86_64")),
                of(State.BROKEN, Judgements.kernel("6.6.0", "aarch64")),
                of(State.OK, Judgements.bits32(77, 0)),
                of(State.BROKEN, Judgements.bits32(-Errno.ENOEXEC, 0)),
                of(State.BROKEN, Judgements.bits32(-Errno.EACCES, 0)),
                of(State.BROKEN, Judgements.bits32(77, 256 + 31)),
                of(State.BROKEN, Judgements.bits32(77, 1)),
                of(State.OK, Judgements.memoryFiles(7)),
                of(State.BROKEN, Judgements.memoryFiles(-Errno.EACCES)),
                of(State.OK, Judgements.seccomp("0", -Errno.EFAULT)),
                of(State.MISSING, Judgements.seccomp("2", -Errno.EFAULT)),
                of(State.BROKEN, Judgements.seccomp("0", -Errno.EINVAL)),
                of(State.BROKEN, Judgements.seccomp(null, -Errno.EINVAL)),
                of(State.OK, Judgements.loader("/", true)),
                of(State.BROKEN, Judgements.loader("/", false)),
                of(State.BROKEN, Judgements.loader("/tree", false)),
                of(State.OK, Judgements.java(22, HOME, HOME)),
                of(State.MISSING, Judgements.java(25, HOME, null)),
                of(State.MISSING, Judgements.java(25, HOME, "/another")),
                of(State.BROKEN, Judgements.java(21, HOME, HOME)),
                of(State.OK, Judgements.inspection(OptionalLong.empty(), false)),
                of(State.OK, Judgements.inspection(OptionalLong.of(0), false)),
                of(State.OK, Judgements.inspection(OptionalLong.of(2), true)),
                of(State.MISSING, Judgements.inspection(OptionalLong.of(1), false)),
                of(State.BROKEN, Judgements.inspection(OptionalLong.of(2), false)),
                of(State.OK, Judgements.descriptors(7)),
                of(State.OK, Judgements.descriptors(-Errno.EPERM)),
                of(State.OK, Judgements.runDirectory("/run/user/1000/nurse")),
                of(State.MISSING, Judgements.runDirectory(null)),
                of(State.OK, Judgements.openFiles(1048576)),
                of(State.OK, Judgements.openFiles(-1)),
                of(State.BROKEN, Judgements.openFiles(1024)),
                of(State.OK, Judgements.fileSize(-1)),
                of(State.BROKEN, Judgements.fileSize(1 << 20)));
    }

    private static Arguments of(State state, Finding finding) {
        return Arguments.of(state, finding);
    }

    @ParameterizedTest
    @MethodSource("findings")
    void whatIsNotWellSaysWhyAndHowToMendIt(State state, Finding finding) {
        assertThat(finding.state()).isEqualTo(state);
        assertThat(finding.found()).isNotEmpty();
        assertThat(finding.why().isEmpty()).isEqualTo(state == State.OK);
        assertThat(finding.mend().isEmpty()).isEqualTo(state == State.OK);
    }
}
