package nurse.ffm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class NrTest {
    private static final Path HEADER = Path.of("/usr/include/x86_64-linux-gnu/asm/unistd_64.h");
    private static final Pattern DEFINE = Pattern.compile("#define __NR_(\\w+) (\\d+)");

    @Test
    void everyNumberIsTheOneOfTheKernelsHeader() throws Exception {
        assumeTrue(Files.exists(HEADER), "linux-libc-dev is not installed");
        Map<String, Integer> header = new TreeMap<>();
        Matcher matcher = DEFINE.matcher(Files.readString(HEADER));
        while (matcher.find()) {
            header.put("SYS_" + matcher.group(1), Integer.valueOf(matcher.group(2)));
        }
        header.putIfAbsent("SYS_fchmodat2", 452); // Linux 6.6; headers of Debian 12 are of 6.1
        Map<String, Integer> numbers = new TreeMap<>();
        for (Field field : Nr.class.getDeclaredFields()) {
            if (!field.isSynthetic()) {
                numbers.put(field.getName(), field.getInt(null));
            }
        }
        assertThat(numbers).hasSizeGreaterThan(70);
        assertThat(header).containsAllEntriesOf(numbers);
    }
}
