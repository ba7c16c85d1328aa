package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/** The help, the completion and the man page tell of what the parsers accept, and of nothing else. */
class CommandTreeTest {
    private static CommandLine model(String command) {
        return CommandTree.make().getSubcommands().get(command);
    }

    private static CommandLine.ParseResult parse(String command, List<String> line) {
        List<String> all = new ArrayList<>(List.of(command));
        all.addAll(line);
        return CommandTree.make().parseArgs(all.toArray(String[]::new)).subcommand();
    }

    static LongStream seeds() {
        return new SplittableRandom(42).longs(200);
    }

    /** Two parsers, one table: what the fast one reads is what the model behind the help would have read. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void theHandWrittenParserReadsACommandLineAsTheModelDoes(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<RunsProgram> commands = List.of(RunsProgram.values());
        RunsProgram command = commands.get(random.nextInt(commands.size()));
        List<RunOption> options = Stream.of(RunOption.values())
                .filter(o -> o.isOf(command.word()) && o != RunOption.HELP)
                .toList();
        List<String> line = new ArrayList<>();
        for (int i = random.nextInt(8); i > 0; i--) {
            RunOption option = options.get(random.nextInt(options.size()));
            String name = option.names().get(random.nextInt(option.names().size()));
            String value =
                    switch (option) {
                        case LOCK -> "strict";
                        case REQUIRE -> "landlock,limits";
                        default -> "v" + random.nextInt(9) + (random.nextBoolean() ? "=x" : "");
                    };
            if (option.value() == null) {
                line.add(name);
            } else if (name.startsWith("--") && random.nextBoolean()) {
                line.add(name + "=" + value);
            } else {
                line.addAll(List.of(name, value));
            }
        }
        if (random.nextBoolean()) {
            line.add("--");
        }
        line.addAll(List.of("program", "--read", "its-own", "-q", "--"));

        RunOptions byHand = RunOptions.parse(command, line);
        CommandLine.ParseResult byModel = parse(command.word(), line);

        for (RunOption option : options) {
            CommandLine.Model.OptionSpec spec =
                    byModel.matchedOption(option.names().get(0));
            assertThat(byHand.has(option)).as("%s in %s", option, line).isEqualTo(spec != null);
            if (spec != null && option.value() != null) {
                List<String> values = spec.stringValues();
                assertThat(byHand.value(option)).isEqualTo(values.get(values.size() - 1));
                if (option.use() == RunOption.Use.REPEATED) {
                    assertThat(byHand.values(option)).isEqualTo(values);
                }
            }
        }
        assertThat(byHand.command()).isEqualTo(byModel.matchedPositional(0).stringValues());
    }

    @ParameterizedTest
    @EnumSource(RunsProgram.class)
    void neitherParserKnowsMoreOptionsThanTheOther(RunsProgram command) {
        assertThat(model(command.word()).getCommandSpec().options().stream().flatMap(o -> Stream.of(o.names())))
                .containsExactlyInAnyOrderElementsOf(Stream.of(RunOption.values())
                        .filter(o -> o.isOf(command.word()))
                        .flatMap(o -> o.names().stream())
                        .toList());
        assertThatThrownBy(() -> RunOptions.parse(command, List.of("--raed", "x", "program")))
                .hasMessageContaining("--raed");
        assertThatThrownBy(() -> parse(command.word(), List.of("--raed", "x", "program")))
                .hasMessageContaining("--raed");
    }

    @Test
    void theHelpIsAsItWas() {
        CommandLine tree = CommandTree.make();
        Golden.check("help.txt", tree.getUsageMessage(Ansi.OFF));
        tree.getSubcommands()
                .forEach((name, command) -> Golden.check("help-" + name + ".txt", command.getUsageMessage(Ansi.OFF)));
    }

    @Test
    void theManPageHasEveryCommandAndOption() {
        String page = ManPage.of(CommandTree.make());
        CommandTree.make().getSubcommands().forEach((name, command) -> {
            assertThat(page).contains(".SS nurse " + name);
            command.getCommandSpec().options().forEach(option -> assertThat(page)
                    .contains(option.longestName().replace("-", "\\-")));
        });
    }

    @Test
    void completionOffersEveryOptionOfRun() {
        String script = AutoComplete.bash("nurse", CommandTree.make());
        assertThat(Stream.of(RunOption.values()).filter(o -> o.isOf("run")).flatMap(o -> o.names().stream()))
                .allMatch(script::contains);
    }
}
