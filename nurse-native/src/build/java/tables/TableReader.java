import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads i386.tbl and, beside it, errno.tbl; strict: a table with a mistake in it is refused with file and line. */
final class TableReader {
    static final int MAX_ARGS = 6;
    private static final int MAX_NUMBER = 1023;
    private static final int MAX_UNSIGNED_SHORT = 0xffff;

    private static final Pattern BLANKS = Pattern.compile("\\s+");
    private static final Pattern DECIMAL = Pattern.compile("0|[1-9][0-9]{0,8}");
    private static final Pattern NAME = Pattern.compile("[a-z_][a-z0-9_]*");
    private static final Pattern ERRNO_NAME = Pattern.compile("E[A-Z0-9]+");
    private static final Pattern EXTENT = Pattern.compile("([1-9][0-9]{0,4})|@([0-9]+)(?:\\*([1-9][0-9]{0,4}))?");

    private TableReader() {}

    static Table read(Path table) throws IOException, TableException {
        Map<String, Errno> errnos = readErrnos(table.resolveSibling("errno.tbl"));
        return new Table(readCalls(table, errnos), errnos);
    }

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
            if (call.number() == last) {
                throw new TableException(file, lineNumber, "number " + call.number() + " is given twice");
            }
            if (call.number() < last) {
                throw new TableException(file, lineNumber, "number " + call.number() + " comes after " + last);
            }
            if (!names.add(call.name())) {
                throw new TableException(file, lineNumber, "name " + call.name() + " is given twice");
            }
            last = call.number();
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
            if (!names.add(arg.name())) {
                throw new TableException(file, line, "argument " + arg.name() + " is given twice");
            }
            if (arg.kind() == Kind.INOUT && callClass == CallClass.TRUSTEE) {
                throw new TableException(
                        file, line, arg.text() + ": the trustee's copy is read-only, the kernel could not write there");
            }
            args.add(arg);
        }
        for (Arg arg : args) {
            if (arg.sizeArg() >= 0
                    && (arg.sizeArg() >= args.size() || args.get(arg.sizeArg()).kind() != Kind.SIZE)) {
                throw new TableException(file, line, arg.text() + ": argument " + arg.sizeArg() + " is no size");
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
        int record = extent.group(3) == null
                ? 1
                : decimal(file, line, extent.group(3), MAX_UNSIGNED_SHORT >> CHeaders.COUNTED_SHIFT);
        return new Arg(text, parts[0], kind, record, sizeArg);
    }

    private static <E extends Enum<E>> E constant(Class<E> type, Path file, int line, String what, String text)
            throws TableException {
        for (E constant : type.getEnumConstants()) {
            if (Text.lower(constant).equals(text)) {
                return constant;
            }
        }
        throw new TableException(file, line, "unknown " + what + ": " + text);
    }
}
