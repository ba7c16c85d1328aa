package nurse.helper.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ProtocolTest {
    private static final Path HEADER = Path.of("../nurse-native/src/main/native/client/protocol.h");
    private static final Pattern DEFINE =
            Pattern.compile("^#define (\\w+) (0x[0-9a-fA-F]+|\\d+)\\b", Pattern.MULTILINE);

    @Test
    void javaAndCSayTheSameOfEveryField() throws Exception {
        Map<String, Integer> java = new TreeMap<>();
        for (Field field : Protocol.class.getFields()) {
            java.put(field.getName(), field.getInt(null));
        }
        assertThat(java).isEqualTo(fromC());
    }

    @Test
    void theHeaderIsReallyRead() throws IOException {
        assertThat(fromC()).containsEntry("CLIENT_MAGIC", 0x4352554e).containsEntry("CALL_SIZE", 0x30);
    }

    private static Map<String, Integer> fromC() throws IOException {
        Map<String, Integer> defines = new TreeMap<>();
        Matcher matcher = DEFINE.matcher(Files.readString(HEADER));
        while (matcher.find()) {
            defines.put(matcher.group(1), Integer.decode(matcher.group(2)));
        }
        return defines;
    }
}
