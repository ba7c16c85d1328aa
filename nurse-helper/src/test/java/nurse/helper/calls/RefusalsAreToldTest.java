package nurse.helper.calls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** No handler refuses a call by an error that only the program sees. */
class RefusalsAreToldTest {
    private static final Path SOURCES = Path.of("src/main/java/nurse/helper");
    private static final List<String> HANDLERS =
            List.of("files", "descriptors", "memory", "network", "processes", "time", "random", "calls");
    private static final Pattern REFUSAL = Pattern.compile("\\bErrno\\.(EPERM|EACCES|EXDEV)\\b");
    private static final Pattern TOLD = Pattern.compile("\\bCallRefused\\.of|\\brefuse\\(");

    /** What the kernel says to any process, and what is told beside the statement. */
    private static final List<String> OTHERS = List.of(
            "TreeCalls.java: if (type == Kernel.S_IFDIR) { return -Errno.EPERM", // mknod(2)
            "if (beneath", // openat2(2), RESOLVE_BENEATH
            "if (there != mount(base))", // openat2(2), RESOLVE_NO_XDEV
            "LockCalls.java: ", // looks at the kernel's answer
            "return opened == -Errno.EACCES ? OF_SAME_DESCRIPTION", // the same
            "AddressJudge.java: ", // its refuse tells beside the statement
            "SchedulingCalls.java: return renice(", // renice tells, with this error
            "DescriptorCalls.java: requirePipe(room, "); // the same

    private static String normal(String statement) {
        return statement.replaceAll("[\\s{}]+", "");
    }

    private static List<String> silent(String source) {
        String code = source.replaceAll("(?m)^import .*$", "").replaceAll("\\s+", " ");
        List<String> silent = new ArrayList<>();
        for (String statement : code.split("(?<=;)")) {
            if (REFUSAL.matcher(statement).find() && !TOLD.matcher(statement).find()) {
                silent.add(statement.strip());
            }
        }
        return silent;
    }

    @Test
    void eachErrorOfThePolicysMakingIsToldWhereItIsMade() throws IOException {
        List<String> silent = new ArrayList<>();
        for (String handlers : HANDLERS) {
            try (Stream<Path> files = Files.walk(SOURCES.resolve(handlers))) {
                for (Path file :
                        files.filter(path -> path.toString().endsWith(".java")).toList()) {
                    silent(Files.readString(file)).forEach(each -> silent.add(file.getFileName() + ": " + each));
                }
            }
        }
        silent.removeIf(
                statement -> OTHERS.stream().anyMatch(other -> normal(statement).contains(normal(other))));
        assertThat(silent).isEmpty();
    }

    /** The twin: what is silent is found, what is told is not. */
    @Test
    void aSilentRefusalIsFound() {
        assertThat(silent("return fd < 0 ? fd : -Errno.EPERM;")).hasSize(1);
        assertThat(silent("throw CallError.of(Errno.EACCES);")).hasSize(1);
        assertThat(silent("throw CallRefused.of(Errno.EPERM, \"why\");")).isEmpty();
        assertThat(silent("return paths.refuse(name, Errno.EXDEV, why);")).isEmpty();
    }
}
