import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which instructions the trustee may be made of.
 *
 * <p>Every page of the sandboxed process but the orders memfd is the untrustee's to write at any moment, so whatever the
 * trustee keeps in memory it does not keep at all. Hence: no stack, no load but from the lane ({@code disp(%esp)}), no
 * store but into the result slot ({@code disp(%ecx)}, %ecx just loaded from the lane), %esp never changed but by what the
 * vDSO's entry popped, no jump to the outside but into the kernel. What is not in the white-list is refused, so an
 * instruction nobody thought of is refused too.
 */
final class InstructionProof {
    /**
     * The white-list: mnemonic, then operands in AT&T order (source, destination). lane is disp(%esp), slot is
     * disp(%ecx), r32 a general register that is not %esp: so %esp is read in one form only, and written at one place.
     */
    private static final List<Form> WHITE_LIST = forms(
            // from the lane, and the lane's own address
            "mov lane,r32",
            "movd lane,xmm",
            "movq lane,xmm",
            "cmp lane,r32",
            "cmp r32,lane",
            "cmpl imm,lane",
            "mov esp,r32",
            // into the result slot
            "mov r32,slot",
            "movl imm,slot",
            "movd xmm,slot",
            "movq xmm,slot",
            // between registers
            "mov imm,r32",
            "mov r32,r32",
            "movd r32,xmm",
            "movd xmm,r32",
            "movq xmm,xmm",
            "movdqa xmm,xmm",
            "pxor xmm,xmm",
            "pcmpeqd xmm,xmm",
            "pmovmskb xmm,r32",
            "xor r32,r32",
            "xor imm,r32",
            "and r32,r32",
            "and imm,r32",
            "or r32,r32",
            "or imm,r32",
            "add r32,r32",
            "add imm,r32",
            "sub r32,r32",
            "sub imm,r32",
            "shl r32",
            "shl imm,r32",
            "shr r32",
            "shr imm,r32",
            "cmp r32,r32",
            "cmp imm,r32",
            "cmp imm,r8",
            "test r32,r32",
            "test imm,r32",
            "test imm,r8",
            "pause",
            "nop",
            "lfence",
            "mfence",
            // jumps inside
            "jmp label",
            "je label",
            "jne label",
            "js label",
            "jns label",
            "ja label",
            "jae label",
            "jb label",
            "jbe label",
            // into the kernel: the slow way, and by an address that the helper wrote
            "int kernel",
            "jmp *lane",
            // back from there: the vDSO's entry has popped four words of the lane
            "lea popped,esp");

    private static final String GENERAL = "eax|ebx|ecx|edx|esi|edi|ebp";
    private static final String LOAD = "mov +(0x[0-9a-f]{1,8}|)\\(%esp\\),%";

    /** What each word of the white-list stands for; the group is the register, the number or the displacement. */
    private static final Map<String, Pattern> OPERANDS = Map.ofEntries(
            Map.entry("r32", Pattern.compile("%(" + GENERAL + ")")),
            Map.entry("r8", Pattern.compile("%([abcd][lh])")),
            Map.entry("esp", Pattern.compile("%(esp)")),
            Map.entry("xmm", Pattern.compile("%(xmm[0-7])")),
            Map.entry("imm", Pattern.compile("\\$(0x[0-9a-f]{1,8})")),
            Map.entry("popped", Pattern.compile("(-0x10)\\(%esp\\)")),
            Map.entry("kernel", Pattern.compile("\\$(0x80)")),
            Map.entry("lane", Pattern.compile("(0x[0-9a-f]{1,8}|)\\(%esp\\)")),
            Map.entry("*lane", Pattern.compile("\\*(0x[0-9a-f]{1,8}|)\\(%esp\\)")),
            Map.entry("slot", Pattern.compile("(0x[0-9a-f]{1,8}|)\\(%ecx\\)")),
            Map.entry("label", Pattern.compile("([0-9a-f]{1,7}) <[^>]*>")));

    /** The widest load or store in the white-list, movq. */
    private static final int WIDEST = 8;

    private final List<Instruction> code;
    private final Layout layout;
    private final Set<Integer> starts = new HashSet<>();
    private final Set<Integer> targets = new HashSet<>();
    private final List<String> refused = new ArrayList<>();

    InstructionProof(List<Instruction> code, Layout layout) {
        this.code = code;
        this.layout = layout;
        for (Instruction instruction : code) {
            starts.add(instruction.address());
            instruction.target().ifPresent(targets::add);
        }
    }

    /** Why the code is refused, with the instruction each; empty if it is accepted. */
    List<String> refusals() {
        if (code.isEmpty()) {
            refused.add("there is no code");
            return refused;
        }
        int expected = 0;
        for (int i = 0; i < code.size(); i++) {
            Instruction instruction = code.get(i);
            if (instruction.address() != expected) {
                refuse(instruction, "is not where the instruction before it ends");
            }
            expected = instruction.end();
            judge(i);
        }
        Instruction last = code.get(code.size() - 1);
        if (!last.mnemonic().equals("jmp")) {
            refuse(last, "is the last one, and the code goes on behind it");
        }
        return refused;
    }

    private void judge(int index) {
        Instruction instruction = code.get(index);
        Map<String, String> operands = null;
        for (Form form : WHITE_LIST) {
            operands = form.match(instruction);
            if (operands != null) {
                break;
            }
        }
        if (operands == null) {
            refuse(instruction, "is not in the white-list");
            return;
        }
        String lane = operands.getOrDefault("lane", operands.get("*lane"));
        if (lane != null && displacement(lane) > layout.number("NURSE_ORDERS_LANE_SIZE") - WIDEST) {
            refuse(instruction, "reads outside the lane");
        }
        String label = operands.get("label");
        if (label != null && !starts.contains(Integer.parseInt(label, 16))) {
            refuse(instruction, "jumps to no instruction of the trustee");
        }
        String slot = operands.get("slot");
        if (slot != null
                && displacement(slot) > (layout.number("NURSE_SCRATCH") - layout.number("NURSE_RESULT")) - WIDEST) {
            refuse(instruction, "stores outside the result slot");
        }
        if (slot != null && !resultPointerIsFresh(index)) {
            refuse(instruction, "stores without %ecx loaded from NURSE_ORDER_RESULT just before");
        }
        String entry = operands.get("*lane");
        if (entry != null && displacement(entry) != layout.number("NURSE_ORDER_ENTRY")) {
            refuse(instruction, "jumps to an address that is not NURSE_ORDER_ENTRY");
        }
        if (operands.containsKey("popped") && !isReturnPoint(index)) {
            refuse(instruction, "moves %esp where the kernel's entry does not return to");
        }
    }

    /** At NURSE_CODE_RETURN, and reached in no other way than by the vDSO's ret: no jump, nothing before that goes on. */
    private boolean isReturnPoint(int index) {
        if (code.get(index).address() != layout.number("NURSE_CODE_RETURN")) {
            return false;
        }
        int before = index;
        do {
            if (targets.contains(code.get(before).address())) {
                return false;
            }
            before--;
        } while (before >= 0 && code.get(before).mnemonic().equals("nop"));
        return before >= 0 && code.get(before).mnemonic().equals("jmp");
    }

    /** Whether straight before the store, with at most other stores between, %ecx was loaded with the slot's address. */
    private boolean resultPointerIsFresh(int index) {
        for (int i = index; i > 0 && !targets.contains(code.get(i).address()); i--) {
            String from = loadBefore(i, "ecx");
            if (from != null) {
                return displacement(from) == layout.number("NURSE_ORDER_RESULT");
            }
            if (!code.get(i - 1).text().endsWith("(%ecx)")) {
                return false;
            }
        }
        return false;
    }

    /** The displacement of the load of the register just before, when nothing can jump between the two; else null. */
    private String loadBefore(int index, String register) {
        if (index == 0 || targets.contains(code.get(index).address())) {
            return null;
        }
        Matcher load =
                Pattern.compile(LOAD + register).matcher(code.get(index - 1).text());
        return load.matches() ? load.group(1) : null;
    }

    private void refuse(Instruction instruction, String why) {
        refused.add(instruction + "   -- " + why);
    }

    /** Unsigned, so that a negative displacement is far outside everything. */
    private static long displacement(String hex) {
        return hex.isEmpty() ? 0 : Long.parseLong(hex.substring(2), 16);
    }

    private static List<Form> forms(String... texts) {
        List<Form> forms = new ArrayList<>();
        for (String text : texts) {
            forms.add(new Form(text));
        }
        return forms;
    }

    /** One line of the white-list. */
    private static final class Form {
        final String mnemonic;
        final List<String> operands;

        Form(String text) {
            String[] parts = text.split(" ", 2);
            mnemonic = parts[0];
            operands = parts.length == 1 ? List.of() : Arrays.asList(parts[1].split(","));
        }

        /** The operands by their word (the last one of two alike), or null if the instruction has another form. */
        Map<String, String> match(Instruction instruction) {
            if (!instruction.mnemonic().equals(mnemonic)
                    || instruction.operands().size() != operands.size()) {
                return null;
            }
            Map<String, String> found = new HashMap<>();
            for (int i = 0; i < operands.size(); i++) {
                Matcher matcher = OPERANDS.get(operands.get(i))
                        .matcher(instruction.operands().get(i));
                if (!matcher.matches()) {
                    return null;
                }
                found.put(operands.get(i), matcher.group(1));
            }
            return found;
        }
    }
}
