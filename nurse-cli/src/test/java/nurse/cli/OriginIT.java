package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import nurse.cli.Jar.Result;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code $ORIGIN} (ld.so(8)): a program finds its libraries beside itself, though ld.so has it as a descriptor. */
class OriginIT {
    private static final Path SOURCES = Path.of("src/test/native/origin").toAbsolutePath();

    private Path directory;

    @BeforeEach
    void makeDirectory() {
        directory = Jar.directory();
    }

    private void library(Path app, String name, String... options) throws Exception {
        List<String> all = new ArrayList<>(List.of("-shared", "-fPIC", "-DNAME=" + name + "_name"));
        all.addAll(List.of(options));
        Jar.compile(app, SOURCES.resolve("library.c"), all.toArray(String[]::new));
    }

    /** bin/program wants ../lib/libnear.so, which wants deep/libfar.so, each by $ORIGIN; and opens ../plugins/libplugin.so. */
    private Path build(String name) throws Exception {
        Path app = directory.resolve(name);
        for (String part : List.of("bin", "lib/deep", "plugins")) {
            Files.createDirectories(app.resolve(part));
        }
        library(app, "plugin", "-o", "plugins/libplugin.so");
        library(app, "far", "-o", "lib/deep/libfar.so");
        library(
                app,
                "near",
                "-Wl,--no-as-needed",
                "-Llib/deep",
                "-lfar",
                "-Wl,-rpath,$ORIGIN/deep",
                "-o",
                "lib/libnear.so");
        // libm first: what is not beside the program must not make ld.so give the directory up
        Jar.compile(
                app,
                SOURCES.resolve("main.c"),
                "-Wl,--no-as-needed",
                "-lm",
                "-Llib",
                "-lnear",
                "-Wl,-rpath-link,lib/deep",
                "-Wl,-rpath,$ORIGIN/../lib",
                "-o",
                "bin/program");
        return app;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 40, 150})
    void aProgramFindsItsLibrariesBesideItselfUnderTheirNames(int length) throws Exception {
        Path app = build("app" + "x".repeat(length));
        String program = app.resolve("bin/program").toString();
        Result outside = Jar.execute(directory, new byte[0], List.of(program));
        assertThat(outside.succeeded().out())
                .contains("near: ", "far: ", app + "/bin/../lib/libnear.so", "libplugin.so", "absent\n")
                .doesNotContain("not opened");
        assertThat(Jar.runOnHost(directory, program).succeeded().out()).isEqualTo(outside.out());
        Files.createSymbolicLink(directory.resolve("link"), Path.of(program));
        assertThat(Jar.runOnHost(directory, "./link").succeeded().out()).isEqualTo(outside.out());
    }

    @Test
    void whatLiesBesideTheProgramIsJudgedByItsRealName() throws Exception {
        Path app = build("app");
        Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
        String program = app.resolve("bin/program").toString();
        Result refused = Jar.runOnHost(elsewhere, "--read", app + "/bin", program);
        assertThat(refused.status()).isEqualTo(127);
        assertThat(refused.err()).contains("--read " + app + "/lib would").doesNotContain("/./.");
        Result allowed = Jar.runOnHost(elsewhere, "--read", app.toString(), program);
        assertThat(allowed.succeeded().out()).contains("near: ");
    }
}
