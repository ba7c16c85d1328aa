import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Changes the trustee's real code in one place at a time, and demands that the proof refuses what comes out. What it may
 * accept is named here, with the reason.
 *
 * <p>A mutant must be refused for its own mistake. Hence the proof must accept the code before the change; otherwise it
 * would refuse every mutant for what is wrong with all of them. And each rule in {@link #RULES} must refuse a mutant.
 */
final class Mutants {
    private static final Pattern NUMBER = Pattern.compile("0x[0-9a-f]+");
    private static final Pattern VECTOR = Pattern.compile("%xmm[0-7]");
    private static final Pattern GENERAL = Pattern.compile("%(eax|ebx|ecx|edx|esi|edi|ebp)");
    private static final Pattern LABEL = Pattern.compile(" ([0-9a-f]+) <(\\w+)>$");

    /** How often it looks before it sleeps, and how it looks: no more is lost by these than time. */
    private static final String PATIENCE = "pause|mov +0x38\\(%esp\\),%edi|sub +\\$0x1,%edi|jns .*<look>";

    /** Without its first sleep it looks all the time; without the other jump it rings for a helper that is awake. */
    private static final String LEFT_OUT = PATIENCE + "|int +\\$0x80|je .*<wait>";

    /** The begin of each reason for which at least one mutant must be refused. */
    private static final List<String> RULES = List.of(
            "is not in the white-list",
            "stores without %ecx loaded from NURSE_ORDER_RESULT just before",
            "jumps to an address that is not NURSE_ORDER_ENTRY",
            "forgets the number of the last order",
            "stores into the result slot when it",
            "enters the kernel by an address that the helper may not have written yet",
            "enters the kernel when it has taken",
            "enters the kernel when it has numbered",
            "runs an order without its sixth argument",
            "rings when nothing has come to pass",
            "rings with what is not the bell's byte",
            "sleeps when it",
            "is in a loop, or leads to one, that looks at nothing",
            "is reached on no way");

    private final List<Instruction> code;
    private final Layout layout;
    private final Set<String> reasons = new HashSet<>();
    private final Map<String, Integer> labels = new HashMap<>();
    private final List<String> wrong = new ArrayList<>();
    private int made;
    private int accepted;

    private Mutants(List<Instruction> code, Layout layout) {
        this.code = code;
        this.layout = layout;
        for (Instruction instruction : code) {
            Matcher label = LABEL.matcher(instruction.text());
            if (label.find()) {
                labels.put(label.group(2), Integer.parseInt(label.group(1), 16));
            }
        }
    }

    /** Prints what is not as it should be and ends with 1; else says how many there were. */
    static void run(List<Instruction> code, Layout layout) {
        Mutants all = new Mutants(code, layout);
        all.judgeAll();
        all.judgeARefusedTrustee();
        if (!all.wrong.isEmpty()) {
            System.err.println("TrusteeProof does not tell the trustee from one with a mistake in it:");
            all.wrong.forEach(line -> System.err.println("  " + line));
            System.exit(1);
        }
        System.out.println("TrusteeProof refuses the trustee with a mistake in it, mutants=" + all.made + " harmless="
                + all.accepted);
    }

    private void judgeAll() {
        for (String refusal : refusals(code)) {
            wrong.add("refused without any change: " + refusal);
        }
        if (!wrong.isEmpty()) {
            return;
        }
        for (int i = 0; i < code.size(); i++) {
            leaveOut(i);
            change(i);
            sendElsewhere(i);
        }
        bringBackTheOldBug();
        for (String rule : RULES) {
            if (reasons.stream().noneMatch(reason -> reason.startsWith(rule))) {
                wrong.add("no mutant is refused because it " + rule);
            }
        }
    }

    /** If the proof refuses the unchanged code, the mutants of it show nothing, and that must be said. */
    private void judgeARefusedTrustee() {
        List<Instruction> refused = new ArrayList<>(code);
        refused.set(0, new Instruction(0, code.get(0).bytes(), "pxor $1,%xmm7")); // as a new objdump might write it
        Mutants none = new Mutants(refused, layout);
        none.judgeAll();
        if (none.made > 0 || none.wrong.stream().noneMatch(line -> line.startsWith("refused without any change"))) {
            wrong.add("mutants of code that is refused itself are taken for a test: " + none.wrong);
        }
    }

    /** The proof of the flow knows only what is in the white-list, so it follows when the first one accepts. */
    private List<String> refusals(List<Instruction> mutant) {
        List<String> refusals = new InstructionProof(mutant, layout).refusals();
        return refusals.isEmpty() ? new FlowProof(mutant, layout).firstRefusals() : refusals;
    }

    /** Commit 426136f: behind the check for a bell came {@code start}, which forgot the last order's number. */
    private void bringBackTheOldBug() {
        for (int i = 1; i < code.size(); i++) {
            if (code.get(i).address() == labels.get("start")
                    && new FlowProof(without(i - 1), layout)
                            .refusals()
                            .toString()
                            .matches(".*pxor +%xmm7,%xmm7 +-- forgets the number of the last order.*")) {
                return;
            }
        }
        wrong.add("behind the check for a bell comes start, and nothing is said of the number that it forgets");
    }

    private void judge(String what, List<Instruction> mutant, boolean mayBeAccepted) {
        made++;
        List<String> refusals = refusals(mutant);
        refusals.forEach(refusal -> reasons.add(refusal.substring(refusal.indexOf("-- ") + 3)));
        if (refusals.isEmpty()) {
            accepted++;
            if (!mayBeAccepted) {
                wrong.add("accepted " + what);
            }
        }
    }

    // ---- an instruction is missing

    private void leaveOut(int index) {
        Instruction out = code.get(index);
        if (!out.mnemonic().equals("nop")) {
            judge("without " + out, without(index), out.text().matches(LEFT_OUT));
        }
    }

    private List<Instruction> without(int index) {
        List<Instruction> mutant = new ArrayList<>(code.subList(0, index));
        for (int address = code.get(index).address(); address < code.get(index).end(); address++) {
            mutant.add(new Instruction(address, "90", "nop"));
        }
        mutant.addAll(code.subList(index + 1, code.size()));
        return mutant;
    }

    // ---- an instruction does something else

    private void change(int index) {
        String text = code.get(index).text();
        if (code.get(index).target().isPresent()) {
            String condition = code.get(index).mnemonic().substring(1);
            String other =
                    condition.equals("mp") ? "e" : condition.startsWith("n") ? condition.substring(1) : "n" + condition;
            replace(index, "j" + other + text.substring(1 + condition.length()), text.matches(PATIENCE));
            return;
        }
        Matcher number = NUMBER.matcher(text);
        while (number.find()) {
            long value = Long.parseLong(number.group().substring(2), 16);
            for (long other : new long[] {value ^ 1, value + 4, 0}) {
                replace(index, number, "0x" + Long.toHexString(other));
            }
        }
        Matcher vector = VECTOR.matcher(text);
        while (vector.find()) {
            for (int i = 0; i < 8; i++) {
                replace(index, vector, "%xmm" + i);
            }
        }
        Matcher general = GENERAL.matcher(text);
        while (general.find()) {
            for (String register : "eax ebx ecx edx esi edi ebp".split(" ")) {
                replace(index, general, "%" + register);
            }
        }
    }

    private void replace(int index, Matcher at, String by) {
        String text = code.get(index).text();
        boolean ringing =
                text.matches("mov +\\$0x2,%eax") && by.equals("0x6"); // a kind that is none goes back to waiting, too
        replace(
                index,
                text.substring(0, at.start()) + by + text.substring(at.end()),
                ringing || text.matches(PATIENCE));
    }

    private void replace(int index, String text, boolean mayBeAccepted) {
        Instruction old = code.get(index);
        if (!text.equals(old.text())) {
            List<Instruction> mutant = new ArrayList<>(code);
            mutant.set(index, new Instruction(old.address(), old.bytes(), text));
            judge(old + " as " + text, mutant, mayBeAccepted);
        }
    }

    // ---- a jump goes elsewhere

    /** To where it looks again, it may; to what is for once, for an order, or for an order's end, it may not. */
    private void sendElsewhere(int index) {
        Instruction jump = code.get(index);
        if (jump.target().isEmpty()) {
            return;
        }
        for (Instruction other : code) {
            int to = other.address();
            if (to != jump.target().getAsInt()) {
                boolean forOnce = isBetween("start", to, "wait") && other.text().matches("(pxor|mov|add|xor|int) .*");
                boolean forAnOrder =
                        isBetween("complete", to, "ring") && !other.mnemonic().matches("jn?e");
                replace(index, jump.mnemonic() + " " + Integer.toHexString(to) + " <x>", !forOnce && !forAnOrder);
            }
        }
    }

    private boolean isBetween(String from, int address, String to) {
        return address >= labels.get(from) && address < labels.get(to);
    }
}
