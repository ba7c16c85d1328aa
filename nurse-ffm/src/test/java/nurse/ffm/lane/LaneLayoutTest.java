package nurse.ffm.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** LaneLayout is made from layout.h by a generator that lives in nurse-native; it is compiled here from its source. */
class LaneLayoutTest {
    private static final Path NATIVE = Path.of("../nurse-native/src");

    private static URLClassLoader loader;
    private static Method source;

    @BeforeAll
    static void compile(@TempDir Path classes) throws Exception {
        Path sources = NATIVE.resolve("build/java/tables");
        String[] options = {
            "-d", classes.toString(), "-sourcepath", sources.toString(), sources + "/GenerateLayout.java"
        };
        assertThat(ToolProvider.getSystemJavaCompiler().run(null, null, null, options))
                .isZero();
        loader = new URLClassLoader(new URL[] {classes.toUri().toURL()});
        source = loader.loadClass("GenerateLayout").getMethod("source", String.class);
    }

    @AfterAll
    static void close() throws Exception {
        loader.close();
    }

    @Test
    void theClassHasWhatTheHeaderHas() throws Exception {
        String header = Files.readString(NATIVE.resolve("main/native/include/layout.h"));

        assertThat(LaneLayout.MAGIC).isEqualTo(0x5352554e);
        assertThat(LaneLayout.class.getFields()).hasSize((int) header.lines()
                .filter(line -> line.startsWith("#define NURSE_") && !line.endsWith("_LAYOUT_H"))
                .count());
    }

    @Test
    void aNumberComesWithItsComment() throws Exception {
        assertThat(generate("#define NURSE_A 0x10 /* u32: the first\n * of two lines */\n#define NURSE_B 7\n"))
                .contains(
                        "    /** u32: the first of two lines */\n    public static final int A = 0x10;\n",
                        "\n\n    public static final int B = 7;\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "#define NURSE_A (1 << 2)\n",
                "#define NURSE_A NURSE_B\n",
                "#define NURSE_A\n",
                "#define NURSE_A 0x100000000\n",
                "#define NURSE_A 1 2\n",
                "#define OTHER_A 1\n",
                "#define NURSE_A(x) 1\n",
                "#define NURSE_A 1\n#define NURSE_A 2\n",
                "/* nothing */\n"
            })
    void whatIsNotANumberFailsTheBuild(String header) {
        assertThatThrownBy(() -> generate(header)).isInstanceOf(IllegalArgumentException.class);
    }

    private static String generate(String header) throws Exception {
        try {
            return (String) source.invoke(null, header);
        } catch (InvocationTargetException thrown) {
            throw (Exception) thrown.getCause();
        }
    }
}
