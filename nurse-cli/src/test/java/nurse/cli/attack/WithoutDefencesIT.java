package nurse.cli.attack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import nurse.cli.BrokenBuild;
import nurse.cli.BrokenBuild.Change;
import nurse.cli.Jar;
import nurse.cli.Jar.Result;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Attacks that only the sandbox makes possible, in builds without the defence: there they succeed, so it is the defence that
 * they hold by.
 */
class WithoutDefencesIT {
    private static final String LOCK = System.getProperty("nurse.lock");

    static List<Defences.TakenOut> builds() {
        return Defences.all();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("builds")
    void anAttackSucceedsWhereItsDefenceIsTakenOut(Defences.TakenOut defence) throws IOException {
        Path directory = Jar.directory();
        BrokenBuild build = new BrokenBuild(directory);
        build.make(defence.changes().toArray(Change[]::new));
        List<String> arguments = new ArrayList<>(List.of("attack", "--lock", LOCK));
        arguments.addAll(defence.attacks());
        Result result = Jar.execute(directory, new byte[0], build.command(arguments));
        assertThat(result.status()).as(result.out() + result.err()).isEqualTo(1);
        for (String attack : defence.attacks()) {
            assertThat(result.out()).containsPattern("(?m)^" + attack + " .* " + defence.outcome());
        }
    }
}
