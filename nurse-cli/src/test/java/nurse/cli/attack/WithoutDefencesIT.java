package nurse.cli.attack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import nurse.cli.BrokenBuild;
import nurse.cli.BrokenBuild.Change;
import nurse.cli.Jar;
import nurse.cli.Jar.Result;
import nurse.helper.sandbox.Lock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Attacks that only the sandbox makes possible, in builds without the defence: there they succeed, so it is the defence that
 * they hold by.
 */
class WithoutDefencesIT {
    /** More than the helper needs, so that what is kept without a bound soon has no room. */
    private static final String HEAP = "-Xmx48m";

    private static final int FAILED = 125;
    private static final String LOCK = System.getProperty("nurse.lock");

    static List<Defences.TakenOut> builds() {
        Lock lock = Lock.valueOf(LOCK.toUpperCase(Locale.ROOT));
        return Defences.all().stream()
                .filter(defence -> defence.locks().contains(lock))
                .toList();
    }

    private static Result attack(List<String> attacks, Change... changes) throws IOException {
        Path directory = Jar.directory();
        BrokenBuild build = new BrokenBuild(directory);
        build.make(changes);
        List<String> arguments = new ArrayList<>(List.of("attack", "--lock", LOCK));
        arguments.addAll(attacks);
        List<String> command = build.command(arguments);
        command.add(command.indexOf("-cp"), HEAP);
        return Jar.execute(directory, new byte[0], command);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("builds")
    void anAttackSucceedsWhereItsDefenceIsTakenOut(Defences.TakenOut defence) throws IOException {
        Result result = attack(defence.attacks(), defence.changes().toArray(Change[]::new));
        if (defence.outcome().equals(Defences.HELPER_FAILED) && result.status() == FAILED) {
            return; // it brought down the command itself, which serves its sandbox: there was no memory for a row
            // either
        }
        assertThat(result.status()).as(result.out() + result.err()).isEqualTo(1);
        for (String attack : defence.attacks()) {
            assertThat(result.out()).containsPattern("(?m)^" + attack + " .* " + defence.outcome());
        }
    }

    /** The twin, in the same little memory; those of the others are AttackIT's. */
    @Test
    void refusalsWithoutNumberHaveRoomInAHelperWithItsDefences() throws IOException {
        assertThat(attack(List.of("refusal-flood")).succeeded().out()).containsPattern("(?m)^refusal-flood .* held ");
    }
}
