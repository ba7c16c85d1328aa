import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Turns the table of system calls into what each part of nurse reads: a C header, Java sources, a documentation page.
 *
 * <p>Run as {@code java GenerateSyscalls.java i386.tbl OPTION...}; {@code errno.tbl} is found beside the table, whose
 * own head explains its format. Options: {@code --c DIR}, {@code --java DIR}, {@code --errno-java DIR},
 * {@code --markdown FILE}. A file is written only when its content changed, so that nothing is compiled again in vain.
 *
 * <p>Java 11 and one file, because Maven runs it before anything is built and perhaps on JDK 11 or 17. It is strict:
 * a table with a mistake in it makes no file.
 */
public final class GenerateSyscalls {
    private static final int MAX_ARGS = 6;
    private static final int MAX_NUMBER = 1023;
    private static final int MAX_UNSIGNED_SHORT = 0xffff;
    /** The C header keeps the argument's index in the low three bits of a counted size, the record's size above. */
    private static final int COUNTED_SHIFT = 3;

    private static final Pattern BLANKS = Pattern.compile("\\s+");
    private static final Pattern DECIMAL = Pattern.compile("0|[1-9][0-9]{0,8}");
    private static final Pattern NAME = Pattern.compile("[a-z_][a-z0-9_]*");
    private static final Pattern ERRNO_NAME = Pattern.compile("E[A-Z0-9]+");
    private static final Pattern EXTENT = Pattern.compile("([1-9][0-9]{0,4})|@([0-9]+)(?:\\*([1-9][0-9]{0,4}))?");

    private enum CallClass {
        NATIVE("the untrustee itself, under SECCOMP"),
        GATE("answered inside the untrustee, no other party is asked"),
        HELPER("the helper answers alone"),
        TRUSTEE("the helper decides, the trustee executes"),
        OWN("belongs to the calling thread: made by the untrustee itself under the trap lock, refused under strict"),
        PER_THREAD("has to happen to the untrustee's own thread, so it is emulated there"),
        REFUSE("answered with an error number, never carried out");

        final String meaning;

        CallClass(String meaning) {
            this.meaning = meaning;
        }

        /** Whether a call of this class is answered with an error number, under one lock at least. */
        boolean refuses() {
            return this == REFUSE || this == OWN;
        }

        /** Whether a request of this class leaves the untrustee, with a copy of what its arguments point to. */
        boolean travels() {
            return this == HELPER || this == TRUSTEE || this == PER_THREAD;
        }
    }

    private enum Category {
        FILE,
        DESCRIPTOR,
        MEMORY,
        TIME,
        SIGNAL,
        NETWORK,
        PROCESS,
        IDENTITY,
        SYSTEM,
        IPC,
        SYNC
    }

    private enum Kind {
        INT("a plain value"),
        FD("a descriptor"),
        DIRFD("a descriptor of a directory, or {@code AT_FDCWD}"),
        PATH("a NUL-terminated file name"),
        STR("another NUL-terminated string: an attribute's name, a symbolic link's text"),
        FLAGS("a set of bits"),
        MODE("permission bits of a file"),
        SIZE("a length or a count"),
        PID("a process, a thread or a process group"),
        SIG("a signal's number"),
        ADDR("an address that is itself the subject"),
        PTR("a pointer that the call is executed with as it is, or a value or pointer as the call's command says"),
        IN("the kernel reads there: copied once, judged, and the copy is what is executed"),
        OUT("the kernel writes there"),
        INOUT("the kernel reads there, then writes there");

        final String meaning;

        Kind(String meaning) {
            this.meaning = meaning;
        }

        boolean hasExtent() {
            return this == IN || this == OUT || this == INOUT;
        }
    }

    /** A mistake in a table; the message begins with file and line. */
    private static final class TableException extends Exception {
        private static final long serialVersionUID = 1L;

        TableException(Path file, int line, String what) {
            super(file.getFileName() + ":" + line + ": " + what);
        }
    }

    private static final class Arg {
        final String text;
        final String name;
        final Kind kind;
        /** Bytes, or bytes of one record when sizeArg says how many; 0 when the kind has no extent. */
        final int size;
        /** The argument that says how many, or -1. */
        final int sizeArg;

        Arg(String text, String name, Kind kind, int size, int sizeArg) {
            this.text = text;
            this.name = name;
            this.kind = kind;
            this.size = size;
            this.sizeArg = sizeArg;
        }
    }

    private static final class Call {
        final int number;
        final String name;
        final CallClass callClass;
        final Category category;
        final List<Arg> args;
        /** The errno's name, or null when the class never refuses. */
        final String refusal;

        Call(int number, String name, CallClass callClass, Category category, List<Arg> args, String refusal) {
            this.number = number;
            this.name = name;
            this.callClass = callClass;
            this.category = category;
            this.args = args;
            this.refusal = refusal;
        }

        String argsText() {
            StringBuilder text = new StringBuilder();
            for (Arg arg : args) {
                text.append(text.length() == 0 ? "" : " ").append(arg.text);
            }
            return text.toString();
        }
    }

    private static final class Errno {
        final int number;
        final String text;

        Errno(int number, String text) {
            this.number = number;
            this.text = text;
        }
    }

    private final List<Call> calls;
    private final Map<String, Errno> errnos;

    private GenerateSyscalls(List<Call> calls, Map<String, Errno> errnos) {
        this.calls = calls;
        this.errnos = errnos;
    }

    public static void main(String[] args) {
        int status = run(args, System.err);
        if (status != 0) {
            System.exit(status);
        }
    }

    /**
     * Does what the command line says.
     *
     * @param args the table, then options
     * @param err where a mistake is told
     * @return 0, or 1 for a mistake in a table or a file that cannot be read or written, or 2 for a wrong command line
     */
    public static int run(String[] args, PrintStream err) {
        if (args.length < 3 || args.length % 2 == 0) {
            err.println("usage: java GenerateSyscalls.java TABLE"
                    + " [--c DIR] [--java DIR] [--errno-java DIR] [--markdown FILE]");
            return 2;
        }
        for (int i = 1; i < args.length; i += 2) {
            if (!Arrays.asList("--c", "--java", "--errno-java", "--markdown").contains(args[i])) {
                err.println("GenerateSyscalls: unknown option " + args[i]);
                return 2;
            }
        }
        try {
            Path table = Path.of(args[0]).toAbsolutePath();
            Map<String, Errno> errnos = readErrnos(table.resolveSibling("errno.tbl"));
            GenerateSyscalls generate = new GenerateSyscalls(readCalls(table, errnos), errnos);
            for (int i = 1; i < args.length; i += 2) {
                generate.write(args[i], Path.of(args[i + 1]));
            }
            return 0;
        } catch (TableException e) {
            err.println(e.getMessage());
        } catch (IOException | UncheckedIOException e) {
            err.println("GenerateSyscalls: " + e);
        }
        return 1;
    }

    private void write(String option, Path target) throws IOException {
        switch (option) {
            case "--c":
                writeIfChanged(target.resolve("syscalls.h"), syscallsHeader());
                writeIfChanged(target.resolve("nurse_errno.h"), errnoHeader());
                break;
            case "--java":
                Path calls = target.resolve("nurse/helper/calls");
                writeIfChanged(calls.resolve("CallClass.java"), callClassSource());
                writeIfChanged(calls.resolve("Syscall.java"), syscallSource());
                break;
            case "--errno-java":
                writeIfChanged(target.resolve("nurse/ffm/Errno.java"), errnoSource());
                break;
            case "--markdown":
                writeIfChanged(target, markdown());
                break;
            default:
                throw new IllegalArgumentException(option);
        }
    }

    private static void writeIfChanged(Path file, String content) throws IOException {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        if (Files.exists(file) && Arrays.equals(Files.readAllBytes(file), bytes)) {
            return;
        }
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.write(file, bytes);
    }

    // ---- reading -----------------------------------------------------------------------------------------------

    private static String withoutComment(String line) {
        int hash = line.indexOf('#');
        return (hash < 0 ? line : line.substring(0, hash)).trim();
    }

    private static int decimal(Path file, int line, String text, int max) throws TableException {
        if (!DECIMAL.matcher(text).matches() || Integer.parseInt(text) > max) {
            throw new TableException(file, line, "not a number from 0 to " + max + ": " + text);
        }
        return Integer.parseInt(text);
    }

    private static Map<String, Errno> readErrnos(Path file) throws IOException, TableException {
        Map<String, Errno> errnos = new LinkedHashMap<>();
        int last = 0;
        int lineNumber = 0;
        for (String line : Files.readAllLines(file)) {
            lineNumber++;
            String content = withoutComment(line);
            if (content.isEmpty()) {
                continue;
            }
            String[] fields = BLANKS.split(content, 3);
            if (fields.length < 3) {
                throw new TableException(file, lineNumber, "not NUMBER NAME TEXT: " + content);
            }
            int number = decimal(file, lineNumber, fields[0], 4095);
            if (number <= last) {
                throw new TableException(file, lineNumber, "number " + number + " is not above " + last);
            }
            if (!ERRNO_NAME.matcher(fields[1]).matches()) {
                throw new TableException(file, lineNumber, "not an error's name: " + fields[1]);
            }
            if (fields[2].indexOf('"') >= 0 || fields[2].indexOf('\\') >= 0) {
                throw new TableException(file, lineNumber, "a text may hold no quote and no backslash");
            }
            if (errnos.put(fields[1], new Errno(number, fields[2])) != null) {
                throw new TableException(file, lineNumber, "name " + fields[1] + " is given twice");
            }
            last = number;
        }
        return errnos;
    }

    private static List<Call> readCalls(Path file, Map<String, Errno> errnos) throws IOException, TableException {
        List<Call> calls = new ArrayList<>();
        Set<String> names = new HashSet<>();
        int last = -1;
        int lineNumber = 0;
        for (String line : Files.readAllLines(file)) {
            lineNumber++;
            String content = withoutComment(line);
            if (content.isEmpty()) {
                continue;
            }
            Call call = readCall(file, lineNumber, BLANKS.split(content), errnos);
            if (call.number == last) {
                throw new TableException(file, lineNumber, "number " + call.number + " is given twice");
            }
            if (call.number < last) {
                throw new TableException(file, lineNumber, "number " + call.number + " comes after " + last);
            }
            if (!names.add(call.name)) {
                throw new TableException(file, lineNumber, "name " + call.name + " is given twice");
            }
            last = call.number;
            calls.add(call);
        }
        if (calls.isEmpty()) {
            throw new TableException(file, lineNumber, "there is no call in the table");
        }
        return calls;
    }

    private static Call readCall(Path file, int line, String[] fields, Map<String, Errno> errnos)
            throws TableException {
        if (fields.length < 4) {
            throw new TableException(file, line, "not NUMBER NAME CLASS CATEGORY ARG...");
        }
        int number = decimal(file, line, fields[0], MAX_NUMBER);
        String name = fields[1];
        if (!NAME.matcher(name).matches()) {
            throw new TableException(file, line, "not a call's name: " + name);
        }
        CallClass callClass = constant(CallClass.class, file, line, "class", fields[2]);
        Category category = constant(Category.class, file, line, "category", fields[3]);

        int end = fields.length;
        String refusal = null;
        if (fields[end - 1].startsWith("=")) {
            refusal = fields[--end].substring(1);
            if (!errnos.containsKey(refusal)) {
                throw new TableException(file, line, "errno not in errno.tbl: " + refusal);
            }
        }
        if (callClass.refuses() != (refusal != null)) {
            throw new TableException(
                    file, line, "classes refuse and own need an =ERRNO, and no other class may have one");
        }
        return new Call(number, name, callClass, category, readArgs(file, line, fields, end, callClass), refusal);
    }

    private static List<Arg> readArgs(Path file, int line, String[] fields, int end, CallClass callClass)
            throws TableException {
        if (end - 4 > MAX_ARGS) {
            throw new TableException(file, line, "more than " + MAX_ARGS + " arguments");
        }
        List<Arg> args = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (int i = 4; i < end; i++) {
            Arg arg = readArg(file, line, fields[i]);
            if (!names.add(arg.name)) {
                throw new TableException(file, line, "argument " + arg.name + " is given twice");
            }
            if (arg.kind == Kind.INOUT && callClass == CallClass.TRUSTEE) {
                throw new TableException(
                        file, line, arg.text + ": the trustee's copy is read-only, the kernel could not write there");
            }
            args.add(arg);
        }
        for (Arg arg : args) {
            if (arg.sizeArg >= 0 && (arg.sizeArg >= args.size() || args.get(arg.sizeArg).kind != Kind.SIZE)) {
                throw new TableException(file, line, arg.text + ": argument " + arg.sizeArg + " is no size");
            }
        }
        return args;
    }

    private static Arg readArg(Path file, int line, String text) throws TableException {
        String[] parts = text.split(":", -1);
        if (parts.length < 2 || parts.length > 3 || !NAME.matcher(parts[0]).matches()) {
            throw new TableException(file, line, "not name:kind: " + text);
        }
        Kind kind = constant(Kind.class, file, line, "kind", parts[1]);
        if (kind.hasExtent() != (parts.length == 3)) {
            throw new TableException(
                    file, line, text + (kind.hasExtent() ? ": :N, :@k or :@k*N is missing" : ": the kind has no size"));
        }
        if (!kind.hasExtent()) {
            return new Arg(text, parts[0], kind, 0, -1);
        }
        Matcher extent = EXTENT.matcher(parts[2]);
        if (!extent.matches()) {
            throw new TableException(file, line, "not N, @k or @k*N: " + parts[2]);
        }
        if (extent.group(1) != null) {
            return new Arg(text, parts[0], kind, decimal(file, line, extent.group(1), MAX_UNSIGNED_SHORT), -1);
        }
        int sizeArg = decimal(file, line, extent.group(2), MAX_ARGS - 1);
        int record =
                extent.group(3) == null ? 1 : decimal(file, line, extent.group(3), MAX_UNSIGNED_SHORT >> COUNTED_SHIFT);
        return new Arg(text, parts[0], kind, record, sizeArg);
    }

    private static <E extends Enum<E>> E constant(Class<E> type, Path file, int line, String what, String text)
            throws TableException {
        for (E constant : type.getEnumConstants()) {
            if (lower(constant).equals(text)) {
                return constant;
            }
        }
        throw new TableException(file, line, "unknown " + what + ": " + text);
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private static String upper(String name) {
        return name.toUpperCase(Locale.ROOT);
    }

    // ---- C -----------------------------------------------------------------------------------------------------

    private String syscallsHeader() {
        StringBuilder out = new StringBuilder();
        lines(
                out,
                "/* Written by GenerateSyscalls.java from i386.tbl: change the table, not this file. */",
                "#ifndef NURSE_SYSCALLS_H",
                "#define NURSE_SYSCALLS_H",
                "");
        for (Call call : calls) {
            line(out, "#define NURSE_NR_" + call.name + " " + call.number);
        }
        lines(
                out,
                "",
                "/* One more than the highest number; some numbers below it are no call. */",
                "#define NURSE_NR_COUNT " + count(),
                "",
                "#ifndef __ASSEMBLER__",
                "",
                "/* Who carries a call out. Unknown is 0, so that an entry nobody filled in is unknown: ENOSYS. */",
                "enum {",
                "    NURSE_CLASS_UNKNOWN = 0,");
        for (CallClass callClass : CallClass.values()) {
            int value = callClass.ordinal() + 1;
            line(out, "    NURSE_CLASS_" + callClass + " = " + value + ", /* " + callClass.meaning + " */");
        }
        lines(
                out,
                "};",
                "",
                "/* How the gate copies what an argument points to. A null pointer is not followed, it stays null. */",
                "enum {",
                "    NURSE_PACK_NONE = 0,    /* not at all: a value, or a pointer that goes as it is */",
                "    NURSE_PACK_PATH = 1,    /* up to and with its NUL */",
                "    NURSE_PACK_FIXED = 2,   /* size[i] bytes */",
                "    NURSE_PACK_SIZED = 3,   /* as many bytes as argument size[i] says */",
                "    NURSE_PACK_COUNTED = 4, /* as many records as argument NURSE_COUNTED_ARG(size[i]) says,",
                "                               each of NURSE_COUNTED_BYTES(size[i]) bytes */",
                "};",
                "",
                "#define NURSE_COUNTED_ARG(size) ((size) & " + ((1 << COUNTED_SHIFT) - 1) + "u)",
                "#define NURSE_COUNTED_BYTES(size) ((unsigned)(size) >> " + COUNTED_SHIFT + ")",
                "",
                "struct nurse_call {",
                "    unsigned char class_;   /* NURSE_CLASS_... */",
                "    unsigned char pack[6];  /* NURSE_PACK_..., only where the request leaves the untrustee */",
                "    unsigned short size[6]; /* as pack[i] says */",
                "    short refuse_errno;     /* positive when class_ is NURSE_CLASS_REFUSE or NURSE_CLASS_OWN, else 0 */",
                "};",
                "",
                "static const struct nurse_call nurse_calls[NURSE_NR_COUNT] __attribute__((unused)) = {");
        for (Call call : calls) {
            line(out, entry(call));
        }
        lines(out, "};", "", "#endif /* __ASSEMBLER__ */", "#endif /* NURSE_SYSCALLS_H */");
        return out.toString();
    }

    /** One more than the highest number. */
    private int count() {
        return calls.get(calls.size() - 1).number + 1;
    }

    private int refuseErrno(Call call) {
        return call.refusal == null ? 0 : errnos.get(call.refusal).number;
    }

    private String entry(Call call) {
        StringBuilder packs = new StringBuilder();
        StringBuilder sizes = new StringBuilder();
        for (int i = 0; i < MAX_ARGS; i++) {
            String pack = "0";
            int size = 0;
            if (i < call.args.size() && call.callClass.travels()) {
                Arg arg = call.args.get(i);
                if (arg.kind == Kind.PATH || arg.kind == Kind.STR) {
                    pack = "NURSE_PACK_PATH";
                } else if (arg.kind == Kind.IN || arg.kind == Kind.INOUT) {
                    if (arg.sizeArg < 0) {
                        pack = "NURSE_PACK_FIXED";
                        size = arg.size;
                    } else if (arg.size == 1) {
                        pack = "NURSE_PACK_SIZED";
                        size = arg.sizeArg;
                    } else {
                        pack = "NURSE_PACK_COUNTED";
                        size = arg.size << COUNTED_SHIFT | arg.sizeArg;
                    }
                }
            }
            String comma = i == 0 ? "" : ", ";
            packs.append(comma).append(pack);
            sizes.append(comma).append(size);
        }
        return "    [NURSE_NR_" + call.name + "] = {NURSE_CLASS_" + call.callClass + ", {" + packs + "}, {" + sizes
                + "}, " + refuseErrno(call) + "},";
    }

    private String errnoHeader() {
        StringBuilder out = new StringBuilder();
        lines(
                out,
                "/* Written by GenerateSyscalls.java from errno.tbl: change the table, not this file. */",
                "#ifndef NURSE_ERRNO_H",
                "#define NURSE_ERRNO_H",
                "",
                "/* Positive, spelled as the kernel's header does, so that both may be included. */");
        errnos.forEach((name, errno) -> line(out, "#define " + name + " " + errno.number));
        lines(out, "", "#endif /* NURSE_ERRNO_H */");
        return out.toString();
    }

    // ---- Java --------------------------------------------------------------------------------------------------

    private static String callClassSource() {
        StringBuilder out = new StringBuilder();
        lines(
                out,
                "// Written by GenerateSyscalls.java from i386.tbl: change the table, not this file.",
                "package nurse.helper.calls;",
                "",
                "/** Who carries a system call out. */",
                "public enum CallClass {");
        appendConstants(out, "    ", CallClass.values(), GenerateSyscalls::meaning);
        line(out, "}");
        return out.toString();
    }

    private static String meaning(Enum<?> constant) {
        String meaning = constant instanceof Kind ? ((Kind) constant).meaning : ((CallClass) constant).meaning;
        return Character.toUpperCase(meaning.charAt(0)) + meaning.substring(1) + ".";
    }

    private static void appendConstants(
            StringBuilder out, String indent, Enum<?>[] constants, Function<Enum<?>, String> doc) {
        for (Enum<?> constant : constants) {
            String text = doc.apply(constant);
            if (!text.isEmpty()) {
                line(out, indent + "/** " + text + " */");
            }
            line(out, indent + constant.name() + (constant.ordinal() + 1 == constants.length ? "" : ","));
        }
    }

    private String syscallSource() {
        StringBuilder out = new StringBuilder();
        lines(
                out,
                "// Written by GenerateSyscalls.java from i386.tbl: change the table, not this file.",
                "package nurse.helper.calls;",
                "",
                "import java.util.ArrayList;",
                "import java.util.List;",
                "import java.util.Locale;",
                "import org.jspecify.annotations.Nullable;",
                "",
                "/**",
                " * Every i386 system call: its number, who carries it out, what it is about and what its arguments are.",
                " *",
                " * <p>Immutable and safe for use by any thread. Initialising the class is cheap, since it is on the way of",
                " * every start: arguments are kept as text and taken apart when first asked for.",
                " */",
                "public enum Syscall {");
        int left = calls.size();
        for (Call call : calls) {
            String head = upper(call.name) + "(" + call.number + ", CallClass." + call.callClass + ", Category."
                    + call.category + ", " + refuseErrno(call);
            line(out, "    " + head + ", \"" + call.argsText() + "\")" + (--left == 0 ? ";" : ","));
        }
        lines(
                out,
                "",
                "    /** One more than the highest number; some numbers below it are no call. */",
                "    public static final int COUNT = " + count() + ";",
                "",
                "    /** What a call is about; a policy speaks of calls by it. */",
                "    public enum Category {");
        appendConstants(out, "        ", Category.values(), constant -> "");
        lines(out, "    }", "", "    /** What an argument is. */", "    public enum Kind {");
        appendConstants(out, "        ", Kind.values(), GenerateSyscalls::meaning);
        lines(
                out,
                "    }",
                "",
                "    /**",
                "     * One argument of a call.",
                "     *",
                "     * @param name what the manual calls it",
                "     * @param kind what it is",
                "     * @param size bytes that the kernel reads or writes there, or bytes of one record when {@code sizeArg}",
                "     *     says how many; 0 where the kind has no size",
                "     * @param sizeArg index of the argument that says how many, counted from 0, or -1",
                "     */",
                "    public record Arg(String name, Kind kind, int size, int sizeArg) {}",
                "",
                "    private static final @Nullable Syscall[] BY_NUMBER = new Syscall[COUNT];",
                "",
                "    static {",
                "        for (Syscall call : values()) {",
                "            BY_NUMBER[call.number] = call;",
                "        }",
                "    }",
                "",
                "    private final int number;",
                "    private final CallClass callClass;",
                "    private final Category category;",
                "    private final int refuseErrno;",
                "    private final String argsText;",
                "",
                "    Syscall(int number, CallClass callClass, Category category, int refuseErrno, String argsText) {",
                "        this.number = number;",
                "        this.callClass = callClass;",
                "        this.category = category;",
                "        this.refuseErrno = refuseErrno;",
                "        this.argsText = argsText;",
                "    }",
                "",
                "    /**",
                "     * The call with a number.",
                "     *",
                "     * @param number any value, it may come from the untrusted side",
                "     * @return the call, or null when the number is no call's",
                "     */",
                "    public static @Nullable Syscall byNumber(int number) {",
                "        return number >= 0 && number < COUNT ? BY_NUMBER[number] : null;",
                "    }",
                "",
                "    /** The number that the program puts in %eax. */",
                "    public int number() {",
                "        return number;",
                "    }",
                "",
                "    /** The kernel's name of the call, in lower case. Makes a new string each time. */",
                "    public String callName() {",
                "        return name().toLowerCase(Locale.ROOT);",
                "    }",
                "",
                "    /** Who carries the call out. */",
                "    public CallClass callClass() {",
                "        return callClass;",
                "    }",
                "",
                "    /** What the call is about. */",
                "    public Category category() {",
                "        return category;",
                "    }",
                "",
                "    /** The error number (positive) that a call of class REFUSE, or OWN under strict, is answered with; 0 for any other class. */",
                "    public int refuseErrno() {",
                "        return refuseErrno;",
                "    }",
                "",
                "    /** The arguments in the order of the registers, at most six; the list cannot be changed. */",
                "    public List<Arg> args() {",
                "        // Two threads may both take a text apart: the lists are alike, and safe to hand over unlocked because",
                "        // immutable. (An AtomicReferenceArray would cost milliseconds at start, for its VarHandle.)",
                "        List<Arg> args = Parsed.ARGS[ordinal()];",
                "        if (args == null) {",
                "            args = parse(argsText);",
                "            Parsed.ARGS[ordinal()] = args;",
                "        }",
                "        return args;",
                "    }",
                "",
                "    /** Apart from the enum, so that a start which never asks for arguments does not pay for them. */",
                "    private static final class Parsed {",
                "        static final Kind[] KINDS = Kind.values();",
                "",
                "        @SuppressWarnings({\"unchecked\", \"rawtypes\"})",
                "        static final @Nullable List<Arg>[] ARGS = new List[BY_NUMBER.length];",
                "    }",
                "",
                "    private static List<Arg> parse(String text) {",
                "        List<Arg> args = new ArrayList<>(6);",
                "        int start = 0;",
                "        while (start < text.length()) {",
                "            int space = text.indexOf(' ', start);",
                "            int end = space < 0 ? text.length() : space;",
                "            args.add(parseArg(text.substring(start, end)));",
                "            start = end + 1;",
                "        }",
                "        return List.copyOf(args);",
                "    }",
                "",
                "    /** Takes apart name:kind, name:kind:N, name:kind:@k or name:kind:@k*N; the generator saw to its form. */",
                "    private static Arg parseArg(String text) {",
                "        int colon = text.indexOf(':');",
                "        int extent = text.indexOf(':', colon + 1);",
                "        String name = text.substring(0, colon);",
                "        Kind kind = kind(text.substring(colon + 1, extent < 0 ? text.length() : extent));",
                "        if (extent < 0) {",
                "            return new Arg(name, kind, 0, -1);",
                "        }",
                "        if (text.charAt(extent + 1) != '@') {",
                "            return new Arg(name, kind, Integer.parseInt(text.substring(extent + 1)), -1);",
                "        }",
                "        int star = text.indexOf('*', extent);",
                "        int size = star < 0 ? 1 : Integer.parseInt(text.substring(star + 1));",
                "        return new Arg(name, kind, size, text.charAt(extent + 2) - '0');",
                "    }",
                "",
                "    private static Kind kind(String text) {",
                "        for (Kind kind : Parsed.KINDS) {",
                "            if (kind.name().equalsIgnoreCase(text)) {",
                "                return kind;",
                "            }",
                "        }",
                "        throw new AssertionError(text);",
                "    }",
                "}");
        return out.toString();
    }

    private String errnoSource() {
        StringBuilder out = new StringBuilder();
        lines(
                out,
                "// Written by GenerateSyscalls.java from errno.tbl: change the table, not this file.",
                "package nurse.ffm;",
                "",
                "/** Linux error numbers, positive, as i386 and x86-64 have them alike. */",
                "public final class Errno {");
        errnos.forEach((name, errno) -> {
            lines(
                    out,
                    "    /** " + Character.toUpperCase(errno.text.charAt(0)) + errno.text.substring(1) + ". */",
                    "    public static final int " + name + " = " + errno.number + ";",
                    "");
        });
        lines(
                out,
                "    private Errno() {}",
                "",
                "    /**",
                "     * The name of an error number.",
                "     *",
                "     * @param errno a positive error number; any other value is taken too",
                "     * @return its name, such as {@code EPERM}, or {@code errno 999} for one that Linux does not have",
                "     */",
                "    public static String name(int errno) {",
                "        return switch (errno) {");
        errnos.forEach((name, errno) -> line(out, "            case " + name + " -> \"" + name + "\";"));
        lines(
                out,
                "            default -> \"errno \" + errno;",
                "        };",
                "    }",
                "",
                "    /**",
                "     * What an error number means, for a message to a person.",
                "     *",
                "     * @param errno a positive error number; any other value is taken too",
                "     * @return a few words without a capital or a full stop",
                "     */",
                "    public static String text(int errno) {",
                "        return switch (errno) {");
        errnos.forEach((name, errno) -> line(out, "            case " + name + " -> \"" + errno.text + "\";"));
        lines(out, "            default -> \"unknown error \" + errno;", "        };", "    }", "}");
        return out.toString();
    }

    private static void line(StringBuilder out, String text) {
        out.append(text).append('\n');
    }

    private static void lines(StringBuilder out, String... texts) {
        for (String text : texts) {
            line(out, text);
        }
    }

    // ---- documentation -----------------------------------------------------------------------------------------

    private String markdown() {
        Map<CallClass, Integer> counts = new EnumMap<>(CallClass.class);
        for (Call call : calls) {
            counts.merge(call.callClass, 1, Integer::sum);
        }
        StringBuilder out = new StringBuilder();
        lines(
                out,
                "<!-- Written by GenerateSyscalls.java from i386.tbl: change the table, not this file. -->",
                "# System calls",
                "");
        line(
                out,
                "All " + calls.size()
                        + " system calls of i386 Linux and who carries each out. A number that is not here"
                        + " is answered with ENOSYS. The table is `nurse-native/src/main/syscalls/i386.tbl`; its head explains"
                        + " the arguments' kinds.");
        lines(out, "", "| class | calls | who carries it out |", "|---|---:|---|");
        for (CallClass callClass : CallClass.values()) {
            line(
                    out,
                    "| " + lower(callClass) + " | " + counts.getOrDefault(callClass, 0) + " | " + callClass.meaning
                            + " |");
        }
        for (Category category : Category.values()) {
            line(out, "");
            line(
                    out,
                    "## " + Character.toUpperCase(lower(category).charAt(0))
                            + lower(category).substring(1));
            lines(out, "", "| number | call | class | arguments |", "|---:|---|---|---|");
            for (Call call : calls) {
                if (call.category == category) {
                    line(
                            out,
                            "| " + call.number + " | " + call.name + " | " + lower(call.callClass)
                                    + (call.refusal == null ? "" : ", " + call.refusal) + " | "
                                    + (call.args.isEmpty() ? "" : "`" + call.argsText() + "`") + " |");
                }
            }
        }
        return out.toString();
    }
}
