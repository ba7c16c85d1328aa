package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import nurse.cli.Jar.Result;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs the fuzz targets of nurse-native, with AddressSanitizer, over the inputs that were kept. {@code bin/fuzz} makes more. */
class FuzzCorpusIT {
    private static final Path NATIVE =
            Path.of("../nurse-native").toAbsolutePath().normalize();

    @ParameterizedTest
    @CsvSource({"sites, -m32", "release, -m64", "gate, -m32"})
    void everyKeptInputIsRead(String target, String bits) throws IOException {
        Path fuzz = NATIVE.resolve("src/test/fuzz");
        Path directory = Jar.directory();
        List<String> compile = List.of(
                "gcc",
                bits,
                "-g",
                "-O1",
                "-fsanitize=address,undefined",
                "-fno-sanitize=alignment", // x86 has none, and the code relies on that
                "-fno-sanitize-recover=all",
                "-I" + NATIVE.resolve("src/main/native/include"),
                "-I" + NATIVE.resolve("src/main/native/audit"),
                "-I" + NATIVE.resolve("src/main/native/client"),
                "-I" + NATIVE.resolve("target/generated-headers"),
                "-o",
                "target",
                fuzz.resolve("fuzz_" + target + ".c").toString(),
                fuzz.resolve("replay.c").toString());
        Jar.execute(directory, new byte[0], compile).succeeded();
        List<String> run = new ArrayList<>(List.of("./target"));
        try (Stream<Path> inputs = Files.list(fuzz.resolve(target))) {
            inputs.sorted().map(Path::toString).forEach(run::add);
        }
        Result result = Jar.execute(directory, new byte[0], run).succeeded();
        assertThat(run).hasSizeGreaterThan(20);
        assertThat(result.out()).isEqualTo((run.size() - 1) + " inputs\n");
    }
}
