import java.util.EnumMap;
import java.util.Map;

/** The page docs/syscalls.md. */
final class SyscallsPage {
    private final Table table;

    SyscallsPage(Table table) {
        this.table = table;
    }

    String markdown() {
        Map<CallClass, Integer> counts = new EnumMap<>(CallClass.class);
        for (Call call : table.calls()) {
            counts.merge(call.callClass(), 1, Integer::sum);
        }
        Text out = new Text();
        out.lines(
                "<!-- Written by GenerateSyscalls.java from i386.tbl: change the table, not this file. -->",
                "# System calls",
                "");
        out.line("All " + table.calls().size()
                + " system calls of i386 Linux and who carries each out. A number that is not here"
                + " is answered with ENOSYS. The table is `nurse-native/src/main/syscalls/i386.tbl`; its head explains"
                + " the arguments' kinds.");
        out.lines("", "| class | calls | who carries it out |", "|---|---:|---|");
        for (CallClass callClass : CallClass.values()) {
            out.line("| " + Text.lower(callClass) + " | " + counts.getOrDefault(callClass, 0) + " | "
                    + callClass.meaning + " |");
        }
        for (Category category : Category.values()) {
            out.line("");
            out.line("## " + Character.toUpperCase(Text.lower(category).charAt(0))
                    + Text.lower(category).substring(1));
            out.lines("", "| number | call | class | arguments |", "|---:|---|---|---|");
            for (Call call : table.calls()) {
                if (call.category() == category) {
                    out.line("| " + call.number() + " | " + call.name() + " | " + Text.lower(call.callClass())
                            + (call.refusal() == null ? "" : ", " + call.refusal()) + " | "
                            + (call.args().isEmpty() ? "" : "`" + call.argsText() + "`") + " |");
                }
            }
        }
        return out.toString();
    }
}
