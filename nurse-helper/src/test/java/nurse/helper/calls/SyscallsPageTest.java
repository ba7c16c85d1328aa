package nurse.helper.calls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class SyscallsPageTest {
    @Test
    void thePageSaysWhatTheTableSays() throws IOException {
        assertThat(Files.readString(Path.of("../docs/syscalls.md")))
                .as("cp nurse-helper/target/syscalls.md docs/")
                .isEqualTo(Files.readString(Path.of("target/syscalls.md")));
    }
}
