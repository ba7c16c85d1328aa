package nurse.cli;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import nurse.helper.layers.Layer;
import nurse.helper.messages.Quoted;
import nurse.helper.sandbox.Lock;
import org.jspecify.annotations.Nullable;

/**
 * The command line of {@code run}, and of the commands that run a program as it does. Read by hand: this is the way of every
 * run, and a command-line library costs more time than the rest of the start (docs/performance.md). What options there are
 * says {@link RunOption}.
 *
 * <p>All strings one char a byte.
 */
final class RunOptions {
    private final RunsProgram runs;
    private final Map<RunOption, List<String>> given;
    private final Lock lock;
    private final Set<Layer> required = EnumSet.noneOf(Layer.class);
    private final List<String> command;

    private RunOptions(RunsProgram runs, Map<RunOption, List<String>> given, List<String> command) {
        this.runs = runs;
        this.given = given;
        this.command = command;
        this.lock = lock(value(RunOption.LOCK));
        values(RunOption.REQUIRE).forEach(words -> required.addAll(layers(words)));
    }

    static RunOptions parse(List<String> arguments) {
        return parse(RunsProgram.RUN, arguments);
    }

    /** @param runs whose options these are */
    static RunOptions parse(RunsProgram runs, List<String> arguments) {
        String command = runs.word();
        Map<RunOption, List<String>> given = new EnumMap<>(RunOption.class);
        int i = 0;
        while (i < arguments.size() && arguments.get(i).startsWith("-")) {
            String argument = arguments.get(i++);
            if (argument.equals("--")) {
                break;
            }
            int equals = argument.indexOf('=');
            boolean attached = argument.startsWith("--") && equals > 0;
            String name = attached ? argument.substring(0, equals) : argument;
            RunOption option = RunOption.of(command, name);
            if (option == null || (attached && option.value() == null)) {
                throw usage(
                        "there is no option " + Quoted.of(option == null ? name : argument),
                        "nurse " + command
                                + " --help lists them; options of nurse come before the program, the program's own behind it");
            }
            if (option == RunOption.HELP) {
                throw new HelpAsked(command);
            }
            if (option.value() != null && !attached && i == arguments.size()) {
                throw usage("the option " + name + " needs a value", "nurse " + command + " --help explains it");
            }
            given.computeIfAbsent(option, key -> new ArrayList<>())
                    .add(option.value() == null ? "" : attached ? argument.substring(equals + 1) : arguments.get(i++));
        }
        if (i == arguments.size()) {
            throw usage("the program is missing", "nurse " + command + " [OPTIONS] PROGRAM [ARGUMENTS...]");
        }
        return new RunOptions(runs, given, List.copyOf(arguments.subList(i, arguments.size())));
    }

    /** The command that they were given to. */
    RunsProgram runs() {
        return runs;
    }

    /** All values of an option, in order. */
    List<String> values(RunOption option) {
        return given.getOrDefault(option, List.of());
    }

    /** The last value of an option, or null. */
    @Nullable
    String value(RunOption option) {
        List<String> values = values(option);
        return values.isEmpty() ? null : values.get(values.size() - 1);
    }

    boolean has(RunOption option) {
        return given.containsKey(option);
    }

    String root() {
        String root = value(RunOption.ROOT);
        return root == null ? "/" : root;
    }

    Lock lock() {
        return lock;
    }

    /** Layers below the lock without which the program is not to be started. */
    Set<Layer> required() {
        return required;
    }

    /** The program and its arguments. */
    List<String> command() {
        return command;
    }

    private static Lock lock(@Nullable String word) {
        if (word == null) {
            return Lock.TRAP;
        }
        for (Lock lock : Lock.values()) {
            if (lock.word().equals(word)) {
                return lock;
            }
        }
        throw usage("there is no lock " + Quoted.of(word), "--lock strict or --lock trap; docs/lock.md compares them");
    }

    private static Set<Layer> layers(String words) {
        Set<Layer> layers = EnumSet.noneOf(Layer.class);
        for (String word : words.split(",", -1)) {
            boolean all = word.equals("all");
            List<Layer> meant = Stream.of(Layer.values())
                    .filter(layer -> all || layer.word().equals(word))
                    .toList();
            if (meant.isEmpty()) {
                throw usage(
                        "there is no layer " + Quoted.of(word),
                        "all, or some of "
                                + Stream.of(Layer.values()).map(Layer::word).collect(Collectors.joining(", ")));
            }
            layers.addAll(meant);
        }
        return layers;
    }

    private static CannotRun usage(String what, String next) {
        return new CannotRun(CannotRun.USAGE, what, "", next);
    }
}
