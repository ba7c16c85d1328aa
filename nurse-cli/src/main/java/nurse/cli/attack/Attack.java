package nurse.cli.attack;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import nurse.helper.sandbox.Lock;

/**
 * One hostile program of the binary {@code attacks}, how it must end, and its twin: the same action where it must succeed.
 *
 * <p>In arguments and options {@code {secret}}, {@code {open}}, {@code {shut}} and the like are replaced ({@link Place}).
 */
final class Attack {
    /** Statuses of nurse-native's attack.h. */
    static final int HELD = 40;

    static final int GOT = 41;

    /** What stands around a run: see {@link Surroundings}. */
    interface Preparation {
        void prepare(Place place) throws IOException;
    }

    /** Looks at the host after a run: what the attack got, or nothing. */
    interface Loot {
        Optional<String> look(Place place) throws IOException;
    }

    /** How it is shown that the action can succeed. */
    sealed interface Twin {
        /** The same program, where options allow it. */
        record Allowed(List<String> options) implements Twin {}

        /** The same program, without a sandbox. */
        record Outside() implements Twin {}

        /** The same program without a sandbox, if it is root; else {@link Inside}. */
        record OutsideAsRoot() implements Twin {}

        /** In the same sandbox, what is refused of the file taken out of it: it must run. */
        record Honest(Attack honest) implements Twin {}

        /** The program says that it held only after an honest action of the same kind, in the same run, has succeeded. */
        record Inside() implements Twin {}
    }

    private final String name;
    private final int group;
    private final String what;
    private final Map<Lock, Set<Integer>> endings = new EnumMap<>(Lock.class);
    private List<String> program = List.of("attacks");
    private List<String> options = List.of();
    private List<String> arguments = List.of();
    private String racer = "";
    private Surroundings surroundings = Surroundings.PLAIN;
    private Preparation preparation = place -> {};
    private Loot loot = place -> Optional.empty();
    private Twin twin = new Twin.Inside();

    /**
     * @param group the class in issue terms, 1 to 12: {@link Attacks#GROUPS}
     * @param what what it tries, for the table
     */
    Attack(String name, int group, String what) {
        this.name = name;
        this.group = group;
        this.what = what;
        ends(HELD);
    }

    /** The statuses that it may end with, under both locks. */
    Attack ends(Integer... statuses) {
        return ends(Lock.STRICT, statuses).ends(Lock.TRAP, statuses);
    }

    Attack ends(Lock lock, Integer... statuses) {
        endings.put(lock, Set.of(statuses));
        return this;
    }

    /** Options of {@code nurse run}. */
    Attack with(String... given) {
        options = List.of(given);
        return this;
    }

    Attack arguments(String... given) {
        arguments = List.of(given);
        return this;
    }

    /** Another program than {@code attacks NAME}: its whole command. */
    Attack runs(String... command) {
        program = List.of(command);
        return this;
    }

    /** A process outside that works against it meanwhile: {@code attacks racer-NAME} with its arguments. */
    Attack against(String racerName) {
        racer = racerName;
        return this;
    }

    Attack in(Surroundings given) {
        surroundings = given;
        return this;
    }

    Attack prepared(Preparation given) {
        preparation = given;
        return this;
    }

    Attack loot(Loot given) {
        loot = given;
        return this;
    }

    Attack outside() {
        twin = new Twin.Outside();
        return this;
    }

    Attack outsideAsRoot() {
        twin = new Twin.OutsideAsRoot();
        return this;
    }

    Attack runsIf(Attack honest) {
        twin = new Twin.Honest(honest);
        return this;
    }

    Attack allowedBy(String... further) {
        twin = new Twin.Allowed(List.of(further));
        return this;
    }

    String name() {
        return name;
    }

    int group() {
        return group;
    }

    String what() {
        return what;
    }

    Set<Integer> endings(Lock lock) {
        return endings.get(lock);
    }

    List<String> options() {
        return options;
    }

    /** The program and its arguments, in the working directory. */
    List<String> command() {
        List<String> command = new ArrayList<>(List.of("./" + program.get(0)));
        if (program.equals(List.of("attacks"))) {
            command.add(name);
        }
        command.addAll(program.subList(1, program.size()));
        command.addAll(arguments);
        return command;
    }

    Optional<List<String>> racer() {
        if (racer.isEmpty()) {
            return Optional.empty();
        }
        List<String> command = new ArrayList<>(Arrays.asList("./attacks", "racer-" + racer));
        command.addAll(arguments);
        return Optional.of(command);
    }

    Surroundings surroundings() {
        return surroundings;
    }

    Preparation preparation() {
        return preparation;
    }

    Loot loot() {
        return loot;
    }

    Twin twin() {
        return twin;
    }
}
