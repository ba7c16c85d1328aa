package nurse.cli.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import nurse.cli.Jar;
import nurse.cli.Jar.Result;
import nurse.cli.Jar.User;
import nurse.cli.PseudoTerminal;
import nurse.helper.sandbox.Lock;
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
                                boolean notTried = row.contains(" not tried ");
                                if (user == User.ORDINARY && notTried && row.contains("only root can")) {
                                    assertHoldsWhereRootHasBeen(attack);
                                    return;
                                }
                                // Not on this machine, and the row says why; any other reason is a failure.
                                boolean cannotBe = List.of("core_pattern", "only root can", "nobody can").stream()
                                        .anyMatch(row::contains);
                                assumeFalse(notTried && cannotBe, row);
                                assertThat(row).contains(" held ");
                            })));
        });
    }

    /** An attack by an ordinary user in surroundings that only root can make: these tests, being root, have made them. */
    private static void assertHoldsWhereRootHasBeen(Attack attack) throws IOException {
        // A container's root can neither mount nor make devices: then there is no scene, as root's own row says.
        Optional<String> missing = attack.surroundings().missing();
        assumeFalse(missing.isPresent(), () -> attack.name() + ": " + missing.orElseThrow());
        try (Place place = new Place("/")) {
            Files.setPosixFilePermissions(place.run().getParent(), PosixFilePermissions.fromString("rwxr-xr-x"));
            attack.preparation().prepare(place);
            Result held = asOrdinary(attack, place, nurseRun(attack, List.of()));
            assertThat(attack.endings(Lock.valueOf(LOCK.toUpperCase(Locale.ROOT))))
                    .as(held.out() + held.err())
                    .contains(held.status());
            List<String> twin =
                    switch (attack.twin()) {
                        case Attack.Twin.Allowed allowed -> nurseRun(attack, allowed.options());
                        case Attack.Twin.Outside outside ->
                            Stream.concat(User.ORDINARY.become().stream(), attack.command().stream())
                                    .toList();
                        default -> throw new AssertionError(attack.name() + " has no twin that shows it succeed");
                    };
            Result got = asOrdinary(attack, place, twin);
            assertThat(got.status()).as(got.out() + got.err()).isEqualTo(Attack.GOT);
        }
    }

    private static List<String> nurseRun(Attack attack, List<String> further) {
        List<String> run = new ArrayList<>(List.of("run", "--quiet"));
        run.addAll(attack.options());
        run.addAll(further);
        run.addAll(attack.command());
        return Jar.command(User.ORDINARY, LOCK, run);
    }

    private static Result asOrdinary(Attack attack, Place place, List<String> command) {
        return Jar.execute(
                place.run(), new byte[0], attack.surroundings().around(place.outside(command), List.of("./attacks")));
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
                    .collect(Collectors.toCollection(ArrayList::new));
            used.add("racer-folding"); // serves the file system of Surroundings
            used = used.stream().distinct().toList();
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
            terminal.until("[\\r\\n]0 of 2 done, now (constructor|memory-calls) *\\r");
            terminal.until("\\r1 of 2 done, now (constructor|memory-calls) *\\r");
            assertThat(terminal.until("2 held\\r\\n")).containsPattern("[\\r\\n]constructor .* held ");
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
