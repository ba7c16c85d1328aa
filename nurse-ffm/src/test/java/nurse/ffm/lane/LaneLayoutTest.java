package nurse.ffm.lane;

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

class LaneLayoutTest {
    private static final Path HEADER = Path.of("../nurse-native/src/main/native/include/layout.h");
    private static final Pattern DEFINE =
            Pattern.compile("^#define NURSE_(\\w+) (0x[0-9a-fA-F]+|\\d+)\\b", Pattern.MULTILINE);

    @Test
    void javaAndCSayTheSameOfEveryOffset() throws Exception {
        assertThat(fromJava()).isEqualTo(fromC());
    }

    @Test
    void theHeaderIsReallyRead() throws IOException {
        assertThat(fromC()).containsEntry("MAGIC", 0x5352554eL).containsEntry("REPLY_DATA_SIZE", 0x10000L);
    }

    private static Map<String, Long> fromC() throws IOException {
        Map<String, Long> defines = new TreeMap<>();
        Matcher matcher = DEFINE.matcher(Files.readString(HEADER));
        while (matcher.find()) {
            defines.put(matcher.group(1), Long.decode(matcher.group(2)));
        }
        return defines;
    }

    private static Map<String, Long> fromJava() throws IllegalAccessException {
        Map<String, Long> constants = new TreeMap<>();
        for (Field field : LaneLayout.class.getFields()) {
            constants.put(field.getName(), (long) field.getInt(null));
        }
        return constants;
    }
}
