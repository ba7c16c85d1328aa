package nurse.helper.program;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import nurse.helper.policy.EnvironmentRules;
import nurse.helper.policy.EnvironmentRules.Verb;
import nurse.helper.program.ProgramException.NotFound;
import nurse.helper.program.ProgramException.NotRunnable;
import nurse.helper.program.ProgramException.ReadFailed;
import nurse.helper.program.ProgramException.Reason;
import nurse.helper.program.ProgramFiles.Opening;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProgramFinderTest {
    private static final EnvironmentRules NO_RULES = EnvironmentRules.of(List.of());

    @TempDir
    private Path root;

    private DirectoryFiles files;

    @BeforeEach
    void aTreeWithALoaderAndAProgram() throws IOException {
        put("/lib/ld-linux.so.2", ElfFileBuilder.loader().build(), true);
        put("/usr/bin/tool", ElfFileBuilder.program().build(), true);
        put("/home/me/own", ElfFileBuilder.program().build(), true);
        files = new DirectoryFiles(root);
    }

    private Path put(String path, byte[] content, boolean executable) throws IOException {
        Path file = Path.of(root + path);
        Files.createDirectories(file.getParent());
        Files.write(file, content);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
        return file;
    }

    private void script(String path, String firstLine) throws IOException {
        put(path, firstLine.getBytes(ISO_8859_1), true);
    }

    private ResolvedProgram find(Map<String, String> environment, String... command) throws ProgramException {
        return find(NO_RULES, environment, command);
    }

    private ResolvedProgram find(EnvironmentRules rules, Map<String, String> environment, String... command)
            throws ProgramException {
        return new ProgramFinder(files, Mapper.LOADER).find(List.of(command), "/home/me", environment, rules);
    }

    @Test
    void aNameThatExecveWouldNotTakeIsNotTaken() throws ProgramException {
        String longest = "/usr/bin/" + "./".repeat(2041) + "tool"; // 4,095 bytes
        assertThat(find(longest).programPath()).isEqualTo("/usr/bin/tool");
        assertThat(refusal("/usr/bin/" + "./".repeat(2041) + "./tool").why()).contains("too long");
    }

    /** It would run before the lock; the helper's own mapping comes behind it. */
    @Test
    void aLoaderThatNobodyTrustsIsRefusedOnlyWhereItMapsTheProgram() throws ProgramException {
        ProgramFiles untrusted = path -> {
            Opening opening = files.open(path);
            if (opening instanceof Opening.Opened(MemoryProgram file)) {
                file.trusted = false;
            }
            return opening;
        };
        ProgramFinder byLoader = new ProgramFinder(untrusted, Mapper.LOADER);
        NotRunnable refusal = catchThrowableOfType(
                NotRunnable.class, () -> byLoader.find(List.of("tool"), "/home/me", Map.of(), NO_RULES));
        assertThat(refusal.reason()).isEqualTo(Reason.FOREIGN_LOADER);
        assertThat(refusal.why()).contains("before the lock");
        assertThat(new ProgramFinder(untrusted, Mapper.HELPER)
                        .find(List.of("tool"), "/home/me", Map.of(), NO_RULES)
                        .programPath())
                .isEqualTo("/usr/bin/tool");
        assertThat(find("tool").programPath()).isEqualTo("/usr/bin/tool");
    }

    private ResolvedProgram find(String... command) throws ProgramException {
        return find(Map.of(), command);
    }

    private NotRunnable refusal(String... command) {
        files.opened.clear();
        NotRunnable refusal = catchThrowableOfType(NotRunnable.class, () -> find(command));
        assertThat(refusal).isNotNull();
        assertThat(files.opened).allMatch(file -> file.closed);
        return refusal;
    }

    @Test
    void aNameIsLookedUpInTheDefaultPath() throws ProgramException {
        ResolvedProgram found = find("tool", "-x", "");
        assertThat(found.programPath()).isEqualTo("/usr/bin/tool");
        assertThat(found.loader().path()).isEqualTo("/lib/ld-linux.so.2");
        assertThat(found.loader().file().path()).isEqualTo("/lib/ld-linux.so.2");
        assertThat(found.argv0()).isEqualTo("tool");
        assertThat(found.argv()).containsExactly("tool", "-x", "");
        assertThat(found.arguments()).containsExactly("-x", "");
        assertThat(files.opened).noneMatch(file -> file.closed);
        found.close();
        assertThat(files.opened).allMatch(file -> file.closed);
    }

    @Test
    void theInnerEnvironmentsPathIsUsed() throws ProgramException {
        assertThat(find(Map.of("PATH", "/nowhere:/home/me"), "own").programPath())
                .isEqualTo("/home/me/own");
        assertThatThrownBy(() -> find(Map.of("PATH", "/nowhere"), "tool")).isInstanceOf(NotFound.class);
    }

    @Test
    void anEmptyElementOfThePathIsTheWorkingDirectory() throws ProgramException {
        assertThat(find(Map.of("PATH", "/nowhere:"), "own").programPath()).isEqualTo("/home/me/own");
        assertThat(find(Map.of("PATH", ""), "own").programPath()).isEqualTo("/home/me/own");
        assertThat(find(Map.of("PATH", ".:/x"), "own").programPath()).isEqualTo("/home/me/own");
    }

    @Test
    void aNameWithASlashIsNotLookedUp() throws ProgramException {
        assertThat(find("./own").programPath()).isEqualTo("/home/me/own");
        assertThat(find("../../usr/bin/tool").argv0()).isEqualTo("../../usr/bin/tool");
        assertThat(find("/usr/bin/tool").programPath()).isEqualTo("/usr/bin/tool");
        assertThatThrownBy(() -> find("./tool")).isInstanceOf(NotFound.class);
    }

    @Test
    void theProgramsPathIsCanonicalAndItsNameIsAsTyped() throws ProgramException, IOException {
        Files.createSymbolicLink(Path.of(root + "/usr/bin/alias"), Path.of("tool"));
        ResolvedProgram found = find("alias");
        assertThat(found.programPath()).isEqualTo("/usr/bin/tool");
        assertThat(found.argv0()).isEqualTo("alias");
    }

    @Test
    void theProcessIsCalledByTheNameThatIsExecutedAndNotByWhereALinkLeads() throws ProgramException, IOException {
        Files.createSymbolicLink(Path.of(root + "/usr/bin/alias"), Path.of("tool"));
        Files.createSymbolicLink(Path.of(root + "/usr/bin/a-name-that-is-too-long"), Path.of("tool"));
        script("/home/me/script", "#!/usr/bin/alias -x\n");
        script("/home/me/by-env", "#!/usr/bin/env alias\n");
        assertThat(find("tool").comm()).isEqualTo("tool");
        assertThat(find("alias").comm()).isEqualTo("alias");
        assertThat(find("/usr/bin/a-name-that-is-too-long").comm()).isEqualTo("a-name-that-is-");
        assertThat(find("./script").comm()).isEqualTo("script");
        assertThat(find("./by-env").comm()).isEqualTo("alias");
    }

    @Test
    void whatIsNotThereIsNotFoundWith127() {
        for (String name : List.of("none", "./none", "/usr/bin/tool/none", "", "/usr/bin/none\u001b[2J")) {
            NotFound missing = catchThrowableOfType(NotFound.class, () -> find(name));
            assertThat(missing.exitStatus()).isEqualTo(127);
            assertThat(missing.getMessage()).doesNotContain("\u001b");
            assertThat(missing.next()).isNotEmpty();
        }
    }

    @Test
    void whatCannotBeExecutedIsPassedOverWhenThePathHasAnother() throws ProgramException, IOException {
        put("/usr/local/bin/tool", new byte[0], false);
        Files.createDirectories(Path.of(root + "/usr/local/bin/own"));
        assertThat(find("tool").programPath()).isEqualTo("/usr/bin/tool");
        assertThat(files.opened).filteredOn(file -> file.closed).hasSize(1);
        assertThat(find(Map.of("PATH", "/usr/local/bin:/home/me"), "own").programPath())
                .isEqualTo("/home/me/own");
        assertThat(find(Map.of("PATH", "/forbidden:/usr/bin"), "tool").programPath())
                .isEqualTo("/usr/bin/tool");
    }

    @Test
    void whatCannotBeExecutedIsReportedWith126() throws IOException {
        put("/home/me/data", new byte[0], false);
        assertThat(refusal("./data").reason()).isEqualTo(Reason.NOT_EXECUTABLE);
        put("/usr/local/bin/data", new byte[0], false);
        assertThat(refusal("data").reason()).isEqualTo(Reason.NOT_EXECUTABLE);
        assertThat(refusal("/usr").reason()).isEqualTo(Reason.NOT_A_REGULAR_FILE);
        assertThat(refusal("/usr").exitStatus()).isEqualTo(126);
    }

    @Test
    void thePolicysRefusalNamesItsRuleAndTheWayOut() {
        NotRunnable refusal = refusal("/forbidden/tool");
        assertThat(refusal.reason()).isEqualTo(Reason.REFUSED_BY_POLICY);
        assertThat(refusal.why()).isEqualTo("the policy of this sandbox does not allow to read it (rule 7)");
        assertThat(refusal.next()).contains("--read '/forbidden/tool'");
    }

    @Test
    void whatIsNoProgramIsRefused() throws IOException {
        put("/home/me/text", "echo hello\n".getBytes(ISO_8859_1), true);
        put("/home/me/empty", new byte[0], true);
        assertThat(refusal("./text").reason()).isEqualTo(Reason.UNKNOWN_FORMAT);
        assertThat(refusal("./empty").reason()).isEqualTo(Reason.UNKNOWN_FORMAT);
    }

    @Test
    void aMissingLoaderSaysWhatToInstall() throws IOException {
        Files.delete(Path.of(root + "/lib/ld-linux.so.2"));
        NotRunnable refusal = refusal("tool");
        assertThat(refusal.reason()).isEqualTo(Reason.NO_LOADER);
        assertThat(refusal.next()).contains("apt install libc6-i386").contains("--root");
    }

    @Test
    void aLoaderThatIsNoneIsRefused() throws IOException {
        put("/lib/ld-linux.so.2", ElfFileBuilder.program().build(), true);
        assertThat(refusal("tool").reason()).isEqualTo(Reason.BAD_LOADER);
        put("/lib/ld-linux.so.2", "#!/usr/bin/tool\n".getBytes(ISO_8859_1), true);
        assertThat(refusal("tool").reason()).isEqualTo(Reason.BAD_LOADER);
        put("/lib/ld-linux.so.2", ElfFileBuilder.loader().build(), false);
        assertThat(refusal("tool").reason()).isEqualTo(Reason.BAD_LOADER);
    }

    @Test
    void aScriptsArgumentsAreThoseThatTheKernelMakes() throws ProgramException, IOException {
        script("/home/me/s", "#! /usr/bin/tool  -a b \n");
        ResolvedProgram found = find("./s", "x");
        assertThat(found.argv()).containsExactly("/usr/bin/tool", "-a b", "./s", "x");
        assertThat(found.programPath()).isEqualTo("/usr/bin/tool");
        script("/usr/bin/s", "#!/usr/bin/tool");
        assertThat(find("s").argv()).containsExactly("/usr/bin/tool", "/usr/bin/s");
        assertThat(find(Map.of("PATH", ""), "s").argv()).containsExactly("/usr/bin/tool", "-a b", "s");
    }

    @Test
    void aRelativeInterpreterIsOneOfTheWorkingDirectory() throws ProgramException, IOException {
        script("/usr/bin/s", "#!own\n");
        assertThat(find("s").programPath()).isEqualTo("/home/me/own");
        script("/usr/bin/s", "#!tool\n");
        assertThat(refusal("s").reason()).isEqualTo(Reason.NO_INTERPRETER);
    }

    @Test
    void fiveScriptsInARowAreFollowedAndSixAreNot() throws ProgramException, IOException {
        script("/home/me/s1", "#!/usr/bin/tool -1\n");
        for (int i = 2; i <= 6; i++) {
            script("/home/me/s" + i, "#!/home/me/s" + (i - 1) + " -" + i + "\n");
        }
        assertThat(find("./s5", "x").argv())
                .containsExactly(
                        "/usr/bin/tool",
                        "-1",
                        "/home/me/s1",
                        "-2",
                        "/home/me/s2",
                        "-3",
                        "/home/me/s3",
                        "-4",
                        "/home/me/s4",
                        "-5",
                        "./s5",
                        "x");
        assertThat(files.opened).filteredOn(file -> !file.closed).hasSize(2);
        assertThat(refusal("./s6").reason()).isEqualTo(Reason.TOO_MANY_INTERPRETERS);
        script("/home/me/loop", "#!/home/me/loop\n");
        assertThat(refusal("./loop").reason()).isEqualTo(Reason.TOO_MANY_INTERPRETERS);
    }

    @Test
    void aCarriageReturnInTheFirstLineIsNamed() throws IOException {
        script("/home/me/s", "#!/usr/bin/tool\r\n");
        NotRunnable refusal = refusal("./s");
        assertThat(refusal.reason()).isEqualTo(Reason.NO_INTERPRETER);
        assertThat(refusal.why()).contains("'/usr/bin/tool\\r'").contains("carriage return");
        script("/home/me/s", "#!/usr/bin/env tool\r\n");
        assertThat(refusal("./s").why()).contains("carriage return");
    }

    @Test
    void aScriptWithoutAnInterpreterIsRefused() throws IOException {
        script("/home/me/s", "#!\n");
        assertThat(refusal("./s").reason()).isEqualTo(Reason.BAD_SCRIPT);
        script("/home/me/s", "#!/" + "a".repeat(300) + "\n");
        assertThat(refusal("./s").reason()).isEqualTo(Reason.BAD_SCRIPT);
    }

    @Test
    void envLooksItsProgramUpInThePath() throws ProgramException, IOException {
        script("/home/me/s", "#!/usr/bin/env tool\n");
        ResolvedProgram found = find("./s", "x");
        assertThat(found.argv()).containsExactly("tool", "./s", "x");
        assertThat(found.programPath()).isEqualTo("/usr/bin/tool");
        assertThat(found.environment()).isEmpty();
    }

    @Test
    void envSplitsAndSetsVariables() throws ProgramException, IOException {
        script("/home/me/s", "#!/usr/bin/env -S A=1 PATH=/home/me own -u '${HOME}' ${HOME}\n");
        ResolvedProgram found = find(Map.of("HOME", "/h"), "./s", "x");
        assertThat(found.argv()).containsExactly("own", "-u", "${HOME}", "/h", "./s", "x");
        assertThat(found.environment()).isEqualTo(Map.of("A", "1", "PATH", "/home/me"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-S LD_AUDIT=./1031 tool",
                "-S A=1 LD_DEBUG_OUTPUT=/tmp/x tool",
                "-S 'LD_AUDIT'=x tool",
                "-S \"LD_AU\"DIT=x tool",
                "-S ${AN}LD_AUDIT=x tool",
                "-S ${L}_AUDIT=x tool",
                "--split-string=GLIBC_TUNABLES=a tool",
                "-S -- LD_INVENTED_TOMORROW=x tool",
                "LD_AUDIT=x tool",
                "-S LD_PRELOAD=./x.so tool",
                "-S LD_LIBRARY_PATH=. tool"
            })
    void aScriptsFirstLineSetsNothingThatSteersTheLoader(String arguments) throws IOException {
        script("/home/me/s", "#!/usr/bin/env " + arguments + "\n");
        NotRunnable refusal = catchThrowableOfType(NotRunnable.class, () -> find(Map.of("L", "LD"), "./s"));
        assertThat(refusal.reason()).isEqualTo(Reason.VARIABLE);
        assertThat(files.opened).allMatch(file -> file.closed);
    }

    @Test
    void whatItSetsAndIsRefusedIsNamedWithWhyAndWhatToDo() throws IOException {
        script("/home/me/s", "#!/usr/bin/env -S LD_AUDIT=./1031 tool\n");
        NotRunnable refusal = refusal("./s");
        assertThat(refusal.what()).isEqualTo("cannot run './s'");
        assertThat(refusal.why())
                .isEqualTo("its first line has env set the variable 'LD_AUDIT': it steers the dynamic loader, and so is"
                        + " never passed on or set");
        assertThat(refusal.next()).startsWith("take it out");
    }

    @Test
    void aScriptOfAScriptIsJudgedTheSame() throws ProgramException, IOException {
        script("/home/me/inner", "#!/usr/bin/env -S LD_AUDIT=x tool\n");
        script("/home/me/s", "#!/usr/bin/env -S A=1 ./inner\n");
        assertThat(refusal("./s").reason()).isEqualTo(Reason.VARIABLE);
        script("/home/me/inner", "#!/usr/bin/env -S LDAP=x tool\n");
        assertThat(find("./s").environment()).isEqualTo(Map.of("A", "1", "LDAP", "x"));
    }

    @Test
    void aScriptNamesLibrariesWhereARuleOfTheUsersLetsTheVariableIn() throws ProgramException, IOException {
        script("/home/me/s", "#!/usr/bin/env -S LD_LIBRARY_PATH=lib tool\n");
        for (EnvironmentRules.Rule rule : List.of(
                new EnvironmentRules.Rule(Verb.PASS, "LD_LIBRARY_PATH", "", "test"),
                new EnvironmentRules.Rule(Verb.SET, "LD_LIBRARY_PATH", "x", "test"))) {
            assertThat(find(EnvironmentRules.of(List.of(rule)), Map.of(), "./s").environment())
                    .isEqualTo(Map.of("LD_LIBRARY_PATH", "lib"));
        }
        EnvironmentRules all = EnvironmentRules.of(List.of(new EnvironmentRules.Rule(Verb.PASS, "*", "", "test")));
        assertThatThrownBy(() -> find(all, Map.of(), "./s")).isInstanceOf(NotRunnable.class);
    }

    @Test
    void aScriptDoesNotSetWhatThePolicyDrops() throws ProgramException, IOException {
        script("/home/me/s", "#!/usr/bin/env -S PYTHONPATH=lib tool\n");
        EnvironmentRules drops =
                EnvironmentRules.of(List.of(new EnvironmentRules.Rule(Verb.DROP, "PYTHON*", "", "p.toml:3:9")));
        assertThatThrownBy(() -> find(drops, Map.of(), "./s")).hasMessageContaining("drop 'PYTHON*' (p.toml:3:9)");
        assertThat(find("./s").environment()).isEqualTo(Map.of("PYTHONPATH", "lib"));
    }

    @Test
    void envWithOptionsOfItsOwnIsRefusedAndAMissingSIsNamed() throws IOException {
        script("/home/me/s", "#!/usr/bin/env -i tool\n");
        assertThat(refusal("./s").reason()).isEqualTo(Reason.ENV_OPTION);
        script("/home/me/s", "#!/usr/bin/env tool -u\n");
        NotRunnable refusal = refusal("./s");
        assertThat(refusal.reason()).isEqualTo(Reason.NO_INTERPRETER);
        assertThat(refusal.next()).contains("env -S");
        script("/home/me/s", "#!/usr/bin/env\n");
        assertThat(refusal("./s").reason()).isEqualTo(Reason.TOO_MANY_INTERPRETERS);
    }

    @Test
    void aFileThatCannotBeReadIsOurFailure() {
        OpenProgram unreadable = new OpenProgram() {
            @Override
            public String path() {
                return "/x";
            }

            @Override
            public Kind kind() {
                return Kind.REGULAR;
            }

            @Override
            public boolean executable() {
                return true;
            }

            @Override
            public boolean trustedLoader() {
                return false;
            }

            @Override
            public long size() {
                return 4096;
            }

            @Override
            public int read(long offset, byte[] into, int length) throws IOException {
                throw new IOException("EIO");
            }

            @Override
            public void close() {}
        };
        ProgramFinder finder = new ProgramFinder(path -> new Opening.Opened(unreadable), Mapper.LOADER);
        ReadFailed failure =
                catchThrowableOfType(ReadFailed.class, () -> finder.find(List.of("x"), "/", Map.of(), NO_RULES));
        assertThat(failure.exitStatus()).isEqualTo(125);
        assertThat(failure.why()).isEqualTo("EIO");
    }
}
