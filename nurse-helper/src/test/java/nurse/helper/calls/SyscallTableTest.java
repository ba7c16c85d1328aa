package nurse.helper.calls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import nurse.helper.calls.Syscall.Arg;
import nurse.helper.calls.Syscall.Kind;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The table of system calls")
class SyscallTableTest {
    private static final Path KERNEL_HEADER = Path.of("/usr/include/x86_64-linux-gnu/asm/unistd_32.h");
    private static final Pattern DEFINITION = Pattern.compile("#define __NR_(\\w+)\\s+(\\d+)");

    /** Numbers that i386 skipped; a call in the table under one of them would be a slip. */
    private static final Set<Integer> NEVER_GIVEN = Set.of(222, 223, 251, 285, 387, 388, 389, 390, 391, 392, 415);

    @Test
    void everyCallOfTheKernelHeaderIsInTheTableUnderItsNumberAndName() throws IOException {
        assumeTrue(Files.isReadable(KERNEL_HEADER), () -> "no " + KERNEL_HEADER + " (package linux-libc-dev)");
        Map<Integer, String> header = new TreeMap<>();
        for (String line : Files.readAllLines(KERNEL_HEADER)) {
            Matcher definition = DEFINITION.matcher(line);
            if (definition.lookingAt()) {
                header.put(Integer.parseInt(definition.group(2)), definition.group(1));
            }
        }
        assertThat(header).hasSizeGreaterThan(400);

        Map<Integer, String> table = new TreeMap<>();
        for (int number : header.keySet()) {
            Syscall call = Syscall.byNumber(number);
            table.put(number, call == null ? "missing" : call.callName());
        }

        assertThat(table).isEqualTo(header);
    }

    @Test
    void onlyTheNumbersThatWereNeverGivenAreWithoutCall() {
        assertThat(IntStream.range(0, Syscall.COUNT).filter(number -> Syscall.byNumber(number) == null))
                .containsExactlyInAnyOrderElementsOf(NEVER_GIVEN);
        assertThat(Syscall.COUNT).as("up to file_setattr of Linux 6.17").isEqualTo(470);
    }

    @Test
    void noCallIsWithoutClassAndCategory() {
        for (Syscall call : Syscall.values()) {
            assertThat(call.callClass()).as(call.name()).isNotNull();
            assertThat(call.category()).as(call.name()).isNotNull();
            assertThat(Syscall.byNumber(call.number())).isSameAs(call);
        }
    }

    @Test
    void aRefusedCallHasAnErrnoAndNoOtherHas() {
        for (Syscall call : Syscall.values()) {
            assertThat(call.refuseErrno() > 0)
                    .as(call.name())
                    .isEqualTo(call.callClass() == CallClass.REFUSE || call.callClass() == CallClass.OWN);
        }
        assertThat(Syscall.PTRACE.refuseErrno()).as("EPERM").isEqualTo(1);
        assertThat(Syscall.CLONE3.refuseErrno())
                .as("ENOSYS, so that glibc falls back to clone")
                .isEqualTo(38);
    }

    @Test
    void argumentsFitTheRegistersAndTheirSizesAreKnown() {
        for (Syscall call : Syscall.values()) {
            List<Arg> args = call.args();
            assertThat(args).hasSizeLessThanOrEqualTo(6).isSameAs(call.args());
            assertThat(args).as(call.name()).extracting(Arg::name).doesNotHaveDuplicates();
            for (Arg arg : args) {
                boolean sized = arg.kind() == Kind.IN || arg.kind() == Kind.OUT || arg.kind() == Kind.INOUT;
                assertThat(arg.size() > 0).as(call + " " + arg).isEqualTo(sized);
                if (arg.sizeArg() >= 0) {
                    assertThat(args.get(arg.sizeArg()).kind())
                            .as(call + " " + arg)
                            .isEqualTo(Kind.SIZE);
                }
            }
        }
    }

    @Test
    void theTrusteeIsNeverGivenAReadOnlyCopyToWriteTo() {
        assertThat(Syscall.values())
                .filteredOn(call -> call.callClass() == CallClass.TRUSTEE)
                .isNotEmpty()
                .allSatisfy(call -> assertThat(call.args()).noneMatch(arg -> arg.kind() == Kind.INOUT));
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, Integer.MIN_VALUE, 470, 0x40000003, Integer.MAX_VALUE, 222})
    void aNumberThatIsNoCallIsNull(int number) {
        assertThat(Syscall.byNumber(number)).isNull();
    }

    @Test
    void onlyWhatModeOneAllowsIsNative() {
        assertThat(Stream.of(Syscall.values()).filter(call -> call.callClass() == CallClass.NATIVE))
                .containsExactly(Syscall.READ, Syscall.WRITE, Syscall.SIGRETURN);
    }

    @Test
    void onlyWhatCanHarmNobodyElseIsTheThreadsOwn() {
        assertThat(Stream.of(Syscall.values()).filter(call -> call.callClass() == CallClass.OWN))
                .containsExactly(Syscall.SET_THREAD_AREA, Syscall.RSEQ);
    }

    @Test
    void argumentsAreTakenApartAsTheTableSaysThem() {
        assertThat(Syscall.OPENAT2.args())
                .containsExactly(
                        new Arg("dirfd", Kind.DIRFD, 0, -1),
                        new Arg("path", Kind.PATH, 0, -1),
                        new Arg("how", Kind.IN, 1, 3),
                        new Arg("size", Kind.SIZE, 0, -1));
        assertThat(Syscall.STATX.args().get(4)).isEqualTo(new Arg("buf", Kind.OUT, 256, -1));
        assertThat(Syscall.POLL.args().get(0)).isEqualTo(new Arg("fds", Kind.INOUT, 8, 1));
        assertThat(Syscall.GETPID.args()).isEmpty();
    }

    /** The generator lives in nurse-native and runs before anything is built, so it is compiled here from its source. */
    @Nested
    @DisplayName("made by the generator")
    class Generator {
        private static final String ERRNOS = "1 EPERM operation not permitted\n38 ENOSYS no such system call\n";
        private static final String GOOD = "3 read native descriptor fd:fd buf:out:@2 count:size\n"
                + "9 link helper file from:path to:path # a comment\n"
                + "168 poll helper descriptor fds:inout:@1*8 nfds:size timeout:int\n"
                + "310 unshare refuse process flags:flags =EPERM\n";

        private static URLClassLoader loader;
        private static Method run;

        @BeforeAll
        static void compile(@TempDir Path classes) throws Exception {
            Path sources = Path.of("../nurse-native/src/build/java/tables");
            JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
            String[] options = {
                "-d", classes.toString(), "-sourcepath", sources.toString(), sources + "/GenerateSyscalls.java"
            };
            assertThat(compiler.run(null, null, null, options)).isZero();
            loader = new URLClassLoader(new URL[] {classes.toUri().toURL()});
            run = loader.loadClass("GenerateSyscalls").getMethod("run", String[].class, PrintStream.class);
        }

        @AfterAll
        static void close() throws IOException {
            if (loader != null) {
                loader.close();
            }
        }

        static Stream<Arguments> mistakes() {
            return Stream.of(
                    Arguments.of("3 read native", "not NUMBER NAME CLASS CATEGORY ARG..."),
                    Arguments.of("x read native file", "not a number from 0 to 1023: x"),
                    Arguments.of("1024 read native file", "not a number from 0 to 1023: 1024"),
                    Arguments.of("500 Read native file", "not a call's name: Read"),
                    Arguments.of("500 read native file", "name read is given twice"),
                    Arguments.of("310 other native file", "number 310 is given twice"),
                    Arguments.of("309 other native file", "number 309 comes after 310"),
                    Arguments.of("500 other nativ file", "unknown class: nativ"),
                    Arguments.of("500 other native files", "unknown category: files"),
                    Arguments.of("500 other helper file fd", "not name:kind: fd"),
                    Arguments.of("500 other helper file fd:fds", "unknown kind: fds"),
                    Arguments.of("500 other helper file fd:fd fd:fd", "argument fd is given twice"),
                    Arguments.of("500 other helper file a:in", "a:in: :N, :@k or :@k*N is missing"),
                    Arguments.of("500 other helper file a:fd:4", "a:fd:4: the kind has no size"),
                    Arguments.of("500 other helper file a:in:0", "not N, @k or @k*N: 0"),
                    Arguments.of("500 other helper file a:in:70000", "not a number from 0 to 65535: 70000"),
                    Arguments.of("500 other helper file a:in:@1", "a:in:@1: argument 1 is no size"),
                    Arguments.of("500 other helper file a:in:@1 b:int", "a:in:@1: argument 1 is no size"),
                    Arguments.of("500 other helper file a:in:@6 b:size", "not a number from 0 to 5: 6"),
                    Arguments.of(
                            "500 other trustee file a:inout:4",
                            "a:inout:4: the trustee's copy is read-only, the kernel could not write there"),
                    Arguments.of(
                            "500 other helper file a:int b:int c:int d:int e:int f:int g:int", "more than 6 arguments"),
                    Arguments.of("500 other refuse file =EWHAT", "errno not in errno.tbl: EWHAT"),
                    Arguments.of(
                            "500 other refuse file",
                            "classes refuse and own need an =ERRNO, and no other class may have one"),
                    Arguments.of(
                            "500 other helper file =EPERM",
                            "classes refuse and own need an =ERRNO, and no other class may have one"));
        }

        @ParameterizedTest
        @MethodSource("mistakes")
        void aMistakeIsToldWithItsLineAndNothingIsWritten(String line, String message, @TempDir Path dir)
                throws Exception {
            assertThat(generate(dir, GOOD + "\n# a comment counts as a line\n" + line + "\n"))
                    .isEqualTo("i386.tbl:7: " + message + System.lineSeparator());
            assertThat(dir.resolve("out")).doesNotExist();
        }

        @Test
        void aTableWithoutMistakeMakesTheHeader(@TempDir Path dir) throws Exception {
            assertThat(generate(dir, GOOD)).isEmpty();

            assertThat(Files.readAllLines(dir.resolve("out/syscalls.h")))
                    .contains(
                            "#define NURSE_NR_poll 168",
                            "#define NURSE_NR_COUNT 311",
                            "    [NURSE_NR_read] = {NURSE_CLASS_NATIVE, {0, 0, 0, 0, 0, 0}, {0, 0, 0, 0, 0, 0}, 0},",
                            "    [NURSE_NR_link] = {NURSE_CLASS_HELPER, {NURSE_PACK_PATH, NURSE_PACK_PATH, 0, 0, 0, 0},"
                                    + " {0, 0, 0, 0, 0, 0}, 0},",
                            "    [NURSE_NR_poll] = {NURSE_CLASS_HELPER, {NURSE_PACK_COUNTED, 0, 0, 0, 0, 0},"
                                    + " {65, 0, 0, 0, 0, 0}, 0},",
                            "    [NURSE_NR_unshare] = {NURSE_CLASS_REFUSE, {0, 0, 0, 0, 0, 0}, {0, 0, 0, 0, 0, 0}, 1},");
            assertThat(dir.resolve("out/nurse_errno.h")).content().contains("#define ENOSYS 38\n");
        }

        @Test
        void aFileWhoseContentStaysIsNotWrittenAgain(@TempDir Path dir) throws Exception {
            generate(dir, GOOD);
            FileTime longAgo = FileTime.fromMillis(0);
            Path header = Files.setLastModifiedTime(dir.resolve("out/syscalls.h"), longAgo);

            generate(dir, "# only a comment more\n" + GOOD);
            assertThat(Files.getLastModifiedTime(header)).isEqualTo(longAgo);

            generate(dir, GOOD + "311 other gate sync\n");
            assertThat(Files.getLastModifiedTime(header)).isNotEqualTo(longAgo);
        }

        private static String generate(Path dir, String table) throws Exception {
            Files.writeString(dir.resolve("errno.tbl"), ERRNOS);
            Path file = Files.writeString(dir.resolve("i386.tbl"), table);
            ByteArrayOutputStream err = new ByteArrayOutputStream();
            String[] args = {file.toString(), "--c", dir.resolve("out").toString()};
            Object status = run.invoke(null, args, new PrintStream(err, true, StandardCharsets.UTF_8));
            String said = err.toString(StandardCharsets.UTF_8);
            assertThat(status).isEqualTo(said.isEmpty() ? 0 : 1);
            return said;
        }
    }
}
