package nurse.cli.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import nurse.cli.Jar;
import nurse.cli.Jar.Result;
import nurse.cli.Jar.User;
import nurse.cli.PseudoTerminal;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** {@code nurse attack} as a user runs it, as root and as an ordinary user; each attack is a test of its own. */
class AttackIT {
    private static final String LOCK = System.getProperty("nurse.lock");
    private static final long SECONDS = 900;

    @TestFactory
    Stream<DynamicContainer> everyAttackHolds() {
        return User.all().stream().map(user -> {
            Path directory = Jar.directory();
            Result result = Jar.execute(
                    directory, new byte[0], Jar.command(user, LOCK, List.of("attack", "--lock", LOCK)), SECONDS);
            Map<String, String> rows = result.out()
                    .lines()
                    .collect(Collectors.toMap(row -> row.split(" ", 2)[0], Function.identity(), (a, b) -> a));
            return dynamicContainer(
                    "as " + user.name().toLowerCase(Locale.ROOT) + ", status " + result.status(),
                    Attacks.ALL.stream()
                            .map(attack -> dynamicTest(attack.name(), () -> {
                                String row = rows.get(attack.name());
                                assertThat(row).as(result.out() + result.err()).isNotNull();
                                // Not on this machine, and the row says why; any other reason is a failure.
                                boolean cannotBe = List.of("core_pattern", "only root can", "nobody can").stream()
                                        .anyMatch(row::contains);
                                assumeFalse(row.contains(" not tried ") && cannotBe, row);
                                assertThat(row).contains(" held ");
                            })));
        });
    }

    /** The programs know their names, and so does the list: none is forgotten, none is made up. */
    @Test
    void theListAndTheProgramsAgree() throws IOException {
        try (Place place = new Place("/")) {
            List<String> programs = Jar.execute(place.run(), new byte[0], List.of("./attacks"))
                    .succeeded()
                    .out()
                    .lines()
                    .toList();
            List<String> used = Attacks.ALL.stream()
                    .flatMap(attack -> Stream.concat(Stream.of(attack.command()), attack.racer().stream()))
                    .filter(command -> command.get(0).equals("./attacks"))
                    .map(command -> command.get(1))
                    .distinct()
                    .toList();
            assertThat(programs).containsExactlyInAnyOrderElementsOf(used);
        }
    }

    @Test
    void namesAndClassesFilterAndUnknownOnesAreToldOf() {
        Path directory = Jar.directory();
        Result some = Jar.execute(
                directory, new byte[0], Jar.command(User.ROOT, LOCK, List.of("attack", "--list", "race-p*", "12")));
        assertThat(some.out()).contains("race-path", "constructor").doesNotContain("int80");
        Result none = Jar.execute(directory, new byte[0], Jar.command(User.ROOT, LOCK, List.of("attack", "none-such")));
        assertThat(none.status()).isEqualTo(2);
        assertThat(none.err()).contains("there is no attack 'none-such'", "--list");
        Result placeless =
                Jar.execute(directory, new byte[0], Jar.command(User.ROOT, LOCK, List.of("attack", "--root", ".")));
        assertThat(placeless.status()).isEqualTo(2);
        assertThat(placeless.err()).contains("tmp', or you may not write it", "bin/make-i386-tree");
    }

    /** The table is the same; through a pipe there is nothing beside it. */
    @Test
    void onATerminalItSaysHowFarItIs() throws Exception {
        List<String> command = Jar.command(
                User.ROOT,
                LOCK,
                List.of("attack", "--root", Jar.TREE.toString(), "--lock", LOCK, "constructor", "memory-calls"));
        try (PseudoTerminal terminal = new PseudoTerminal(Jar.directory(), command)) {
            terminal.until("\\r0 of 2 done, now (constructor|memory-calls) *\\r");
            terminal.until("\\r1 of 2 done, now (constructor|memory-calls) *\\r");
            assertThat(terminal.until("2 held\\r\\n")).contains("\rconstructor ");
            assertThat(terminal.status()).isEqualTo(0);
        }
        Result piped = Jar.execute(Jar.directory(), new byte[0], command).succeeded();
        assertThat(piped.err()).isEmpty();
        assertThat(piped.out()).contains("\nconstructor ", "\nmemory-calls ").doesNotContain("\r", " done, now ");
    }

    @Test
    void everyClassHasAttacksAndEveryAttackANameOfItsOwn() {
        assertThat(Attacks.ALL).extracting(Attack::group).containsAll(Attacks.GROUPS.keySet());
        assertThat(Attacks.ALL).extracting(Attack::name).doesNotHaveDuplicates();
    }
}
