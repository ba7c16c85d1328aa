package nurse.helper.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Optional;

/** A program's file: an ELF program, a loader, or a script. The first byte of the input says which. */
public final class ElfTarget {
    private ElfTarget() {}

    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length == 0) {
            return;
        }
        byte[] content = Arrays.copyOfRange(input, 1, input.length);
        switch (input[0] & 3) {
            case 0, 1 -> program(content);
            case 2 -> loader(content);
            default -> script(content);
        }
    }

    private static void program(byte[] content) {
        MemoryProgram file = new MemoryProgram("/bin/tool", content);
        ElfFuzzTest.judge(file, content);
        assertThat(file.reads).isLessThan(10);
    }

    private static void loader(byte[] content) {
        MemoryProgram file = new MemoryProgram("/lib/ld-linux.so.2", content);
        try {
            ElfRules.loader(file, ElfReader.read(file, "ld.so"), Mapper.HELPER, "tool");
        } catch (ProgramException refused) {
            assertThat(refused.exitStatus()).isEqualTo(126);
        }
    }

    private static void script(byte[] content) {
        if (!Script.is(content)) {
            return;
        }
        Optional<Script> script = Script.parse(Arrays.copyOf(content, Math.min(content.length, Script.HEAD)));
        script.ifPresent(found -> {
            assertThat(found.interpreter()).doesNotContain("\0", " ", "\t", "\n");
            assertThat(found.argument().orElse("")).doesNotContain("\0", "\n");
        });
    }
}
