package nurse.helper.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import nurse.helper.calls.LaneTarget;
import nurse.helper.network.AddressTarget;
import nurse.helper.program.ElfTarget;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs every fuzz target over the inputs that were kept: what covers it, and what once broke it. {@code bin/fuzz} makes more. */
class FuzzCorpusTest {
    /** The inputs, one directory a target. */
    private static final Path CORPUS = Path.of("src/test/fuzz");

    private static final int LEAST = 20;

    private interface Target {
        void run(byte[] input);
    }

    private static final Map<String, Target> TARGETS = Map.of(
            "policy", PolicyTarget::fuzzerTestOneInput,
            "elf", ElfTarget::fuzzerTestOneInput,
            "lane", LaneTarget::fuzzerTestOneInput,
            "address", AddressTarget::fuzzerTestOneInput);

    static Stream<String> targets() {
        return TARGETS.keySet().stream().sorted();
    }

    @ParameterizedTest
    @MethodSource("targets")
    void everyKeptInputIsJudged(String name) throws IOException {
        List<Path> inputs;
        try (Stream<Path> files = Files.list(CORPUS.resolve(name))) {
            inputs = files.sorted().toList();
        }
        assertThat(inputs).hasSizeGreaterThan(LEAST);
        for (Path input : inputs) {
            byte[] bytes = Files.readAllBytes(input);
            try {
                TARGETS.get(name).run(bytes);
            } catch (RuntimeException | Error broken) {
                throw new AssertionError("bin/fuzz " + name + " " + input, broken);
            }
        }
    }
}
