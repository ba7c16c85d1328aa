package nurse.helper.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.Arrays;
import java.util.function.Consumer;
import java.util.stream.Stream;
import nurse.helper.program.ElfFileBuilder.Header;
import nurse.helper.program.ProgramException.NotRunnable;
import nurse.helper.program.ProgramException.Reason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ElfRulesTest {
    private static final long BASE = 0x08048000;

    private static String judge(byte[] content) throws ProgramException {
        MemoryProgram file = new MemoryProgram("/bin/tool", content);
        ElfImage image = ElfReader.read(file, "tool");
        ElfRules.program(file, image, Mapper.LOADER);
        return image.interpreter().orElseThrow();
    }

    private static NotRunnable refusal(byte[] content) {
        NotRunnable refusal = catchThrowableOfType(NotRunnable.class, () -> judge(content));
        assertThat(refusal).isNotNull();
        assertThat(refusal.exitStatus()).isEqualTo(126);
        return refusal;
    }

    private static void isRunnable(ElfFileBuilder file) {
        assertThatCode(() -> judge(file.build())).doesNotThrowAnyException();
    }

    @Test
    void ordinaryProgramsAreAcceptedWithTheirLoader() throws ProgramException {
        assertThat(judge(ElfFileBuilder.program().build())).isEqualTo("/lib/ld-linux.so.2");
        assertThat(judge(ElfFileBuilder.fixedProgram(BASE).build())).isEqualTo("/lib/ld-linux.so.2");
    }

    @Test
    void aFileThatIsReadInSmallPiecesIsTheSameFile() throws ProgramException {
        MemoryProgram file =
                new MemoryProgram("/bin/tool", ElfFileBuilder.program().build());
        file.shortReads = 7;
        assertThatCode(() -> ElfRules.program(file, ElfReader.read(file, "tool"), Mapper.LOADER))
                .doesNotThrowAnyException();
    }

    @Test
    void a64BitProgramIsToldApart() {
        ElfFileBuilder file = ElfFileBuilder.program();
        file.elfClass = 2;
        file.machine = 62;
        NotRunnable refusal = refusal(file.build());
        assertThat(refusal.reason()).isEqualTo(Reason.SIXTY_FOUR_BIT);
        assertThat(refusal.what()).isEqualTo("cannot run 'tool'");
        assertThat(refusal.why()).isEqualTo("it is a 64-bit program (x86-64)");
        assertThat(refusal.next())
                .isEqualTo(
                        "this sandbox runs i386 programs; use --root with an i386 tree: bin/make-i386-tree makes one");
    }

    /** A refusal: what is done to a good program, why that is refused, and a harmless change that is not. */
    private static Arguments pair(
            String name, Reason reason, Consumer<ElfFileBuilder> bad, Consumer<ElfFileBuilder> goodTwin) {
        return Arguments.of(name, reason, ElfFileBuilder.program(), bad, ElfFileBuilder.program(), goodTwin);
    }

    private static Arguments fixedPair(String name, long bad, long good) {
        return Arguments.of(
                name,
                Reason.MALFORMED,
                ElfFileBuilder.fixedProgram(bad),
                (Consumer<ElfFileBuilder>) file -> {},
                ElfFileBuilder.fixedProgram(good),
                (Consumer<ElfFileBuilder>) file -> {});
    }

    static Stream<Arguments> pairs() {
        Reason bad = Reason.MALFORMED;
        return Stream.of(
                pair("another machine", Reason.OTHER_MACHINE, f -> f.machine = 40, f -> f.machine = 3),
                pair("x32", Reason.OTHER_MACHINE, f -> f.machine = 62, f -> f.machine = 3),
                pair("big-endian", Reason.OTHER_MACHINE, f -> f.data = 2, f -> f.data = 1),
                pair("another system", Reason.OTHER_MACHINE, f -> f.osAbi = 9, f -> f.osAbi = 3),
                pair("no ELF class", bad, f -> f.elfClass = 0, f -> f.elfClass = 1),
                pair("no ELF version", bad, f -> f.version = 0, f -> f.version = 1),
                pair("an object file", Reason.UNKNOWN_FORMAT, f -> f.type = 1, f -> f.type = 3),
                pair("headers of another size", bad, f -> f.headerSize = 56, f -> f.headerSize = 32),
                pair("no headers", bad, f -> f.count = 0, f -> f.count = 9),
                pair("PN_XNUM headers", bad, f -> f.count = 0xffff, f -> f.count = 9),
                pair("65 headers", bad, f -> pad(f, 65), f -> pad(f, 64)),
                pair("headers beyond the end", bad, f -> f.headersAt = 0x2900 - 64, f -> f.headersAt = 52),
                pair("headers at the end of all", bad, f -> f.headersAt = -32, f -> f.headersAt = 52),
                pair("no PT_LOAD", bad, f -> f.without(Segment.LOAD), f -> f.without(Segment.NOTE)),
                pair("two PT_TLS", bad, f -> f.add(f.locals), f -> f.add(f.note)),
                pair("two PT_DYNAMIC", bad, f -> f.add(f.dynamicHeader), f -> f.add(f.note)),
                pair("two PT_INTERP", bad, f -> f.add(f.interp), f -> f.add(f.note)),
                pair("two PT_PHDR", bad, f -> f.add(f.phdr), f -> f.add(f.note)),
                pair("segments not in order", bad, f -> swap(f, f.text, f.code), f -> swap(f, f.note, f.stack)),
                pair("overlap", bad, f -> f.code.memorySize = 0x2001, f -> f.code.memorySize = 0x2000),
                pair("two segments in a page", bad, f -> movePage(f.code, -0x600), f -> movePage(f.code, 0x100)),
                pair("memory below file", bad, f -> f.code.memorySize = 0x7ff, f -> f.code.memorySize = 0x800),
                pair("beyond the file", bad, f -> f.writable.fileSize = 0x901, f -> f.writable.fileSize = 0x900),
                pair("far beyond the file", bad, f -> beyond(f.code, 0xfffff000L), f -> beyond(f.code, 0x1000)),
                pair("alignment no power", bad, f -> f.code.alignment = 0x1001, f -> f.code.alignment = 0x2000),
                pair("alignment huge", bad, f -> f.code.alignment = 1L << 31, f -> f.code.alignment = 1 << 24),
                pair("alignment negative", bad, f -> f.code.alignment = -1, f -> f.code.alignment = 0),
                pair("not congruent", bad, f -> f.code.address += 4, f -> movePage(f.code, 4)),
                pair("wrapping", bad, f -> f.writable.memorySize = 0xffffe000L, f -> f.writable.memorySize = 0x5000),
                pair("into the kernel", bad, f -> shift(f, 0xbfffa000L), f -> shift(f, 0xb0000000L)),
                pair("span", bad, f -> span(f, (1L << 30) + 1), f -> span(f, 1L << 30)),
                fixedPair("at null", 0, 0x10000),
                fixedPair("below mmap_min_addr", 0xf000, 0x10000),
                fixedPair("in the mapping area", 0x40000000 - 0x6000, 0x40000000 - 0x7000),
                fixedPair("over the loader", 0xb7f00000L, 0x08048000),
                pair("W+X", Reason.WRITABLE_CODE, f -> f.code.flags = ElfFileBuilder.RWX, f -> f.code.flags = 4),
                pair("stack X", Reason.EXECUTABLE_STACK, f -> f.stack.flags = 7, f -> f.stack.flags = 6),
                pair(
                        "stack unsaid",
                        Reason.EXECUTABLE_STACK,
                        f -> f.without(Segment.GNU_STACK),
                        f -> f.stack.flags = 4),
                pair("interp without end", bad, f -> interp(f, 18), f -> interp(f, 19)),
                pair("interp of one byte", bad, f -> interp(f, 1), f -> interp(f, 20)),
                pair("interp huge", bad, f -> interp(f, 0xfffffff0L), f -> interp(f, 0x100)),
                pair("interp elsewhere", bad, f -> f.interp.address = 0x100000, f -> f.interp.address = 0xa10),
                pair("note elsewhere", bad, f -> f.note.memorySize = 0x10000, f -> f.note.memorySize = 0x30),
                pair("PT_PHDR elsewhere", bad, f -> f.phdr.address = 0x3100, f -> f.phdr.offset = 0),
                pair("PT_PHDR off by some", bad, f -> f.phdr.address = 84, f -> f.phdr.fileSize = 7),
                pair("headers unmapped", bad, f -> f.text.memorySize = f.text.fileSize = 300, f -> {}),
                pair("headers zeroed", bad, f -> headersAtEnd(f, 0x1000), f -> headersAtEnd(f, 0xb00)),
                pair("dynamic outside", bad, f -> f.dynamicHeader.address = 0x20000, f -> {}),
                pair("dynamic in bss", bad, f -> f.dynamicHeader.address = 0x3900, f -> {}),
                pair("dynamic not ended", bad, f -> f.dynamicHeader.fileSize = 24, f -> f.dynamicHeader.fileSize = 32),
                pair("dynamic empty", bad, f -> f.dynamicHeader.fileSize = 0, f -> f.dynamicHeader.fileSize = 40),
                pair("dynamic in headers", bad, f -> f.dynamicHeader.address = 0x40, f -> {}),
                pair("dynamic in the kernel", bad, f -> f.dynamicHeader.address = 0xffffff90L, f -> {}),
                pair("no dynamic", bad, f -> f.without(Segment.DYNAMIC), f -> f.without(Segment.TLS)),
                pair("TLS huge", bad, f -> f.locals.memorySize = 0xffffff00L, f -> f.locals.memorySize = 1 << 24),
                pair("TLS smaller", bad, f -> f.locals.memorySize = 0xf, f -> f.locals.memorySize = 0x10),
                pair("TLS not aligned", bad, f -> f.locals.alignment = 0, f -> f.locals.alignment = 1),
                pair("TLS aligned far", bad, f -> f.locals.alignment = 1L << 31, f -> f.locals.alignment = 4096),
                pair("TLS elsewhere", bad, f -> f.locals.address = 0x8000, f -> f.locals.memorySize = 0x1000),
                pair("foreign loader", Reason.FOREIGN_LOADER, f -> f.interpreter = "/tmp/ld.so", f -> {}),
                pair("relative loader", Reason.FOREIGN_LOADER, f -> f.interpreter = "lib/ld-linux.so.2", f -> {}),
                pair("dots in loader", Reason.FOREIGN_LOADER, f -> f.interpreter = "/lib/../ld-linux.so.2", f -> {}),
                pair("musl", Reason.FOREIGN_LOADER, f -> f.interpreter = "/lib/ld-musl-i386.so.1", f -> {}));
    }

    private static void pad(ElfFileBuilder file, int count) {
        while (file.headers.size() < count) {
            file.add(new Header(0x6fff0000, 0, 0, 0, 0, 0));
        }
    }

    private static void swap(ElfFileBuilder file, Header one, Header other) {
        int at = file.headers.indexOf(one);
        file.headers.set(file.headers.indexOf(other), one);
        file.headers.set(at, other);
    }

    private static void movePage(Header header, int by) {
        header.address += by;
        header.offset += by;
        header.fileSize = header.memorySize = 0x100;
    }

    private static void beyond(Header header, long offset) {
        header.offset = offset;
    }

    private static void shift(ElfFileBuilder file, long by) {
        file.headers.stream()
                .filter(header -> header.type != Segment.GNU_STACK)
                .forEach(header -> header.address += by);
    }

    private static void span(ElfFileBuilder file, long span) {
        file.writable.memorySize = span - file.writable.address;
    }

    private static void interp(ElfFileBuilder file, long size) {
        file.interp.fileSize = file.interp.memorySize = size;
        if (size == 0x100 || size == 20) {
            file.interp.fileSize = file.interp.memorySize = 0x50; // zeroes follow the name
        }
    }

    /** No PT_PHDR, and headers in the last page of a segment whose rest is zeroed from {@code memory} - 1 on. */
    private static void headersAtEnd(ElfFileBuilder file, int memory) {
        file.without(Segment.PHDR);
        file.headersAt = 0xb10;
        file.text.memorySize = memory;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("pairs")
    void hostileShapesAreRefusedAndTheirTwinsAreNot(
            String name,
            Reason reason,
            ElfFileBuilder bad,
            Consumer<ElfFileBuilder> badChange,
            ElfFileBuilder good,
            Consumer<ElfFileBuilder> goodChange) {
        badChange.accept(bad);
        goodChange.accept(good);
        assertThat(refusal(bad.build()).reason()).isEqualTo(reason);
        isRunnable(good);
    }

    @Test
    void aStaticProgramIsToldFromALibrary() {
        ElfFileBuilder fixed = ElfFileBuilder.fixedProgram(BASE).without(Segment.INTERP, Segment.DYNAMIC);
        assertThat(refusal(fixed.build()).reason()).isEqualTo(Reason.STATICALLY_LINKED);
        ElfFileBuilder staticPie = ElfFileBuilder.program().without(Segment.INTERP);
        assertThat(refusal(staticPie.build()).reason()).isEqualTo(Reason.STATICALLY_LINKED);
        ElfFileBuilder library = ElfFileBuilder.program().without(Segment.INTERP);
        library.dynamic = new int[] {14, 1, 0, 0};
        assertThat(refusal(library.build()).reason()).isEqualTo(Reason.SHARED_LIBRARY);
    }

    private static void judgeForTheHelper(ElfFileBuilder builder) throws ProgramException {
        MemoryProgram file = new MemoryProgram("/bin/tool", builder.build());
        ElfRules.program(file, ElfReader.read(file, "tool"), Mapper.HELPER);
    }

    /** Under the lock its code harms nobody, whatever it is and whoever loads it. */
    @Test
    void whatTheHelperMapsMayBeStaticAndHaveALoaderOfItsOwn() {
        ElfFileBuilder ownLoader = ElfFileBuilder.program();
        ownLoader.interpreter = "/tmp/x";
        ElfFileBuilder writableCode = ElfFileBuilder.program();
        writableCode.code.flags = ElfFileBuilder.RWX;
        for (ElfFileBuilder good : Arrays.asList(
                ElfFileBuilder.program(),
                ElfFileBuilder.fixedProgram(BASE),
                ElfFileBuilder.fixedProgram(BASE).without(Segment.INTERP, Segment.DYNAMIC),
                ElfFileBuilder.program().without(Segment.INTERP),
                ownLoader,
                writableCode,
                ElfFileBuilder.fixedProgram(0x60000000L))) {
            assertThatCode(() -> judgeForTheHelper(good)).doesNotThrowAnyException();
        }
    }

    /** What cannot be mapped as it stands is refused before a process is made. */
    @Test
    void whatTheHelperMapsCanBeMapped() {
        ElfFileBuilder noSegment = ElfFileBuilder.program().without(Segment.LOAD);
        ElfFileBuilder inTheKernel = ElfFileBuilder.fixedProgram(ElfRules.TOP);
        ElfFileBuilder atZero = ElfFileBuilder.fixedProgram(0);
        ElfFileBuilder tooShort = ElfFileBuilder.program();
        tooShort.code.fileSize += 1 << 20;
        tooShort.code.memorySize += 1 << 20;
        ElfFileBuilder executableStack = ElfFileBuilder.program().without(Segment.GNU_STACK);
        for (ElfFileBuilder bad : Arrays.asList(noSegment, inTheKernel, atZero, tooShort, executableStack)) {
            assertThat(catchThrowableOfType(NotRunnable.class, () -> judgeForTheHelper(bad)))
                    .isNotNull();
        }
    }

    @Test
    void theLoadersNameIsEscapedInTheMessage() {
        ElfFileBuilder file = ElfFileBuilder.program();
        file.interpreter = "/x\u001b[31m\u00e2\u0080\u00ae";
        assertThat(refusal(file.build()).why()).contains("'/x\\x1b[31m\\u{202e}'");
    }

    @Test
    void aLoaderHasNoLoaderAndNoFixedAddress() {
        assertThatCode(() -> judgeLoader(ElfFileBuilder.loader())).doesNotThrowAnyException();
        ElfFileBuilder writableCode = ElfFileBuilder.loader();
        writableCode.code.flags = ElfFileBuilder.RWX;
        for (ElfFileBuilder wrong :
                Arrays.asList(ElfFileBuilder.program(), ElfFileBuilder.fixedProgram(BASE), writableCode)) {
            NotRunnable refusal = catchThrowableOfType(NotRunnable.class, () -> judgeLoader(wrong));
            assertThat(refusal.reason()).isEqualTo(Reason.BAD_LOADER);
            assertThat(refusal.what()).isEqualTo("cannot run 'tool'");
        }
    }

    private static void judgeLoader(ElfFileBuilder builder) throws ProgramException {
        MemoryProgram file = new MemoryProgram("/lib/ld-linux.so.2", builder.build());
        ElfRules.loader(file, ElfReader.read(file, "/lib/ld-linux.so.2"), Mapper.LOADER, "tool");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 4, 5, 16, 20, 51, 52, 100, 339, 0x2000, 0x28ff})
    void aTruncatedProgramIsRefused(int length) {
        byte[] whole = ElfFileBuilder.program().build();
        assertThatCode(() -> judge(whole)).doesNotThrowAnyException();
        assertThat(refusal(Arrays.copyOf(whole, length)).exitStatus()).isEqualTo(126);
    }
}
