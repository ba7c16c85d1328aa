import java.util.function.Function;

/** The tables as classes of the helper and of nurse-ffm. */
final class JavaSources {
    private final Table table;

    JavaSources(Table table) {
        this.table = table;
    }

    String callClassSource() {
        Text out = new Text();
        out.lines(
                "// Written by GenerateSyscalls.java from i386.tbl: change the table, not this file.",
                "package nurse.helper.calls;",
                "",
                "/** Who carries a system call out. */",
                "public enum CallClass {");
        appendConstants(out, "    ", CallClass.values(), JavaSources::meaning);
        out.line("}");
        return out.toString();
    }

    private static String meaning(Enum<?> constant) {
        String meaning = constant instanceof Kind ? ((Kind) constant).meaning : ((CallClass) constant).meaning;
        return Character.toUpperCase(meaning.charAt(0)) + meaning.substring(1) + ".";
    }

    private static void appendConstants(Text out, String indent, Enum<?>[] constants, Function<Enum<?>, String> doc) {
        for (Enum<?> constant : constants) {
            String text = doc.apply(constant);
            if (!text.isEmpty()) {
                out.line(indent + "/** " + text + " */");
            }
            out.line(indent + constant.name() + (constant.ordinal() + 1 == constants.length ? "" : ","));
        }
    }

    String syscallSource() {
        Text out = new Text();
        out.lines(
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
        int left = table.calls().size();
        for (Call call : table.calls()) {
            String head = Text.upper(call.name()) + "(" + call.number() + ", CallClass." + call.callClass()
                    + ", Category." + call.category() + ", " + table.refuseErrno(call);
            out.line("    " + head + ", \"" + call.argsText() + "\")" + (--left == 0 ? ";" : ","));
        }
        out.lines(
                "",
                "    /** One more than the highest number; some numbers below it are no call. */",
                "    public static final int COUNT = " + table.count() + ";",
                "",
                "    /** What a call is about; a policy speaks of calls by it. */",
                "    public enum Category {");
        appendConstants(out, "        ", Category.values(), constant -> "");
        out.lines("    }", "", "    /** What an argument is. */", "    public enum Kind {");
        appendConstants(out, "        ", Kind.values(), JavaSources::meaning);
        out.lines(
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

    String errnoSource() {
        Text out = new Text();
        out.lines(
                "// Written by GenerateSyscalls.java from errno.tbl: change the table, not this file.",
                "package nurse.ffm;",
                "",
                "/** Linux error numbers, positive, as i386 and x86-64 have them alike. */",
                "public final class Errno {");
        table.errnos().forEach((name, errno) -> {
            out.lines(
                    "    /** " + Character.toUpperCase(errno.text().charAt(0))
                            + errno.text().substring(1) + ". */",
                    "    public static final int " + name + " = " + errno.number() + ";",
                    "");
        });
        out.lines(
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
        table.errnos().forEach((name, errno) -> out.line("            case " + name + " -> \"" + name + "\";"));
        out.lines(
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
        table.errnos().forEach((name, errno) -> out.line("            case " + name + " -> \"" + errno.text() + "\";"));
        out.lines("            default -> \"unknown error \" + errno;", "        };", "    }", "}");
        return out.toString();
    }
}
