import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Proves from the disassembly that the trustee uses registers only, and fails the build if it does not.
 *
 * <p>Every page of the sandboxed process but the orders memfd is the untrustee's to write at any moment, so whatever the
 * trustee keeps in memory it does not keep at all. Hence: no stack, no load but from the lane ({@code disp(%esp)}), no
 * store but into the result slot ({@code disp(%ecx)}, %ecx just loaded from the lane), %esp never changed but by what the
 * vDSO's entry popped, no jump to the outside but into the kernel. What is not in the white-list is refused, so an instruction nobody thought of is refused too.
 *
 * <p>Run as {@code java TrusteeProof.java LAYOUT.h TRUSTEE.o TRUSTEE.bin}: also compares the code that was proved with
 * the flat binary that the jar carries. {@code --self-test} shows that bad code is refused. Exit 0, 1 when something is
 * refused, 2 for a wrong command line. Java 11 and one file, because Maven runs it while building.
 */
public final class TrusteeProof {
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

    private TrusteeProof(List<Instruction> code, Layout layout) {
        this.code = code;
        this.layout = layout;
        for (Instruction instruction : code) {
            starts.add(instruction.address);
            instruction.target().ifPresent(targets::add);
        }
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        if (args.length == 1 && args[0].equals("--self-test")) {
            SelfTest.run();
        } else if (args.length == 3) {
            prove(Path.of(args[0]), Path.of(args[1]), Path.of(args[2]));
        } else {
            System.err.println("usage: java TrusteeProof.java LAYOUT.h TRUSTEE.o TRUSTEE.bin | --self-test");
            System.exit(2);
        }
    }

    private static void prove(Path header, Path object, Path binary) throws IOException, InterruptedException {
        Disassembly disassembly = Disassembly.of(object);
        List<String> refused = new TrusteeProof(
                        disassembly.code, Layout.parse(Files.readString(header, StandardCharsets.UTF_8)))
                .refusals();
        refused.addAll(disassembly.refused);
        if (!disassembly.bytes().equals(hex(Files.readAllBytes(binary)))) {
            refused.add(
                    binary + " is not the code of " + object + ": it was relocated or padded, or one of them is old");
        }
        if (!refused.isEmpty()) {
            PrintStream err = System.err;
            err.println("The trustee is not proved to use registers only (" + object + "):");
            refused.forEach(line -> err.println("  " + line));
            err.println("  Change src/main/native/trustee, or the white-list in TrusteeProof.java with a reason.");
            System.exit(1);
        }
        System.out.println("The trustee is proved to use registers only, instructions=" + disassembly.code.size());
    }

    /** Why the code is refused, with the instruction each; empty if it is accepted. */
    private List<String> refusals() {
        if (code.isEmpty()) {
            refused.add("there is no code");
            return refused;
        }
        int expected = 0;
        for (int i = 0; i < code.size(); i++) {
            Instruction instruction = code.get(i);
            if (instruction.address != expected) {
                refuse(instruction, "is not where the instruction before it ends");
            }
            expected = instruction.address + instruction.bytes.length() / 2;
            judge(i);
        }
        Instruction last = code.get(code.size() - 1);
        if (!last.mnemonic.equals("jmp")) {
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
        if (lane != null && displacement(lane) > layout.laneSize - WIDEST) {
            refuse(instruction, "reads outside the lane");
        }
        String label = operands.get("label");
        if (label != null && !starts.contains(Integer.parseInt(label, 16))) {
            refuse(instruction, "jumps to no instruction of the trustee");
        }
        String slot = operands.get("slot");
        if (slot != null && displacement(slot) > layout.resultSize - WIDEST) {
            refuse(instruction, "stores outside the result slot");
        }
        if (slot != null && !resultPointerIsFresh(index)) {
            refuse(instruction, "stores without %ecx loaded from NURSE_ORDER_RESULT just before");
        }
        String entry = operands.get("*lane");
        if (entry != null && displacement(entry) != layout.entry) {
            refuse(instruction, "jumps to an address that is not NURSE_ORDER_ENTRY");
        }
        if (operands.containsKey("popped") && !isReturnPoint(index)) {
            refuse(instruction, "moves %esp where the kernel's entry does not return to");
        }
    }

    /** At NURSE_CODE_RETURN, and reached in no other way than by the vDSO's ret: no jump, nothing before that goes on. */
    private boolean isReturnPoint(int index) {
        if (code.get(index).address != layout.codeReturn) {
            return false;
        }
        int before = index;
        do {
            if (targets.contains(code.get(before).address)) {
                return false;
            }
            before--;
        } while (before >= 0 && code.get(before).mnemonic.equals("nop"));
        return before >= 0 && code.get(before).mnemonic.equals("jmp");
    }

    /** Whether straight before the store, with at most other stores between, %ecx was loaded with the slot's address. */
    private boolean resultPointerIsFresh(int index) {
        for (int i = index; i > 0 && !targets.contains(code.get(i).address); i--) {
            String from = loadBefore(i, "ecx");
            if (from != null) {
                return displacement(from) == layout.resultPointer;
            }
            if (!code.get(i - 1).text.endsWith("(%ecx)")) {
                return false;
            }
        }
        return false;
    }

    /** The displacement of the load of the register just before, when nothing can jump between the two; else null. */
    private String loadBefore(int index, String register) {
        if (index == 0 || targets.contains(code.get(index).address)) {
            return null;
        }
        Matcher load = Pattern.compile(LOAD + register).matcher(code.get(index - 1).text);
        return load.matches() ? load.group(1) : null;
    }

    private void refuse(Instruction instruction, String why) {
        refused.add(instruction + "   -- " + why);
    }

    /** Unsigned, so that a negative displacement is far outside everything. */
    private static long displacement(String hex) {
        return hex.isEmpty() ? 0 : Long.parseLong(hex.substring(2), 16);
    }

    private static String hex(byte[] bytes) {
        StringBuilder hex = new StringBuilder();
        for (byte b : bytes) {
            hex.append(String.format("%02x", b));
        }
        return hex.toString();
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
            if (!instruction.mnemonic.equals(mnemonic) || instruction.operands.size() != operands.size()) {
                return null;
            }
            Map<String, String> found = new HashMap<>();
            for (int i = 0; i < operands.size(); i++) {
                Matcher matcher = OPERANDS.get(operands.get(i)).matcher(instruction.operands.get(i));
                if (!matcher.matches()) {
                    return null;
                }
                found.put(operands.get(i), matcher.group(1));
            }
            return found;
        }
    }

    /** One instruction of the disassembly: where it is, its bytes in hex, its text. */
    private static final class Instruction {
        private static final Pattern JUMP = Pattern.compile("[a-z]+ +([0-9a-f]{1,7}) <[^>]*>");

        final int address;
        final String bytes;
        final String text;
        final String mnemonic;
        final List<String> operands;

        Instruction(int address, String bytes, String text) {
            this.address = address;
            this.bytes = bytes;
            this.text = text;
            String[] parts = text.split(" +", 2);
            mnemonic = parts[0];
            operands = parts.length == 1 ? List.of() : Arrays.asList(parts[1].split(","));
        }

        OptionalInt target() {
            Matcher matcher = JUMP.matcher(text);
            return matcher.matches() ? OptionalInt.of(Integer.parseInt(matcher.group(1), 16)) : OptionalInt.empty();
        }

        @Override
        public String toString() {
            return String.format("%4x: %s", address, text);
        }
    }

    /** What the proof needs of include/layout.h. */
    private static final class Layout {
        final int laneSize;
        final int resultPointer;
        final int resultSize;
        final int entry;
        final int codeReturn;

        Layout(int laneSize, int resultPointer, int resultSize, int entry, int codeReturn) {
            this.laneSize = laneSize;
            this.resultPointer = resultPointer;
            this.resultSize = resultSize;
            this.entry = entry;
            this.codeReturn = codeReturn;
        }

        static Layout parse(String header) {
            return new Layout(
                    number(header, "NURSE_ORDERS_LANE_SIZE"),
                    number(header, "NURSE_ORDER_RESULT"),
                    number(header, "NURSE_SCRATCH") - number(header, "NURSE_RESULT"),
                    number(header, "NURSE_ORDER_ENTRY"),
                    number(header, "NURSE_CODE_RETURN"));
        }

        private static int number(String header, String name) {
            Matcher matcher =
                    Pattern.compile("(?m)^#define\\s+" + name + "\\s+(\\S+)").matcher(header);
            if (!matcher.find()) {
                throw new IllegalStateException("the layout has no " + name);
            }
            return Integer.decode(matcher.group(1));
        }
    }

    /** What objdump said: the instructions, and what should not be there at all. */
    private static final class Disassembly {
        final List<Instruction> code = new ArrayList<>();
        final List<String> refused = new ArrayList<>();

        static Disassembly of(Path object) throws IOException, InterruptedException {
            ProcessBuilder objdump = new ProcessBuilder("objdump", "-d", "-w", "-z", object.toString());
            objdump.environment().put("LC_ALL", "C");
            objdump.redirectError(ProcessBuilder.Redirect.INHERIT);
            Process process = objdump.start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IOException("objdump failed for " + object);
            }
            return parse(output);
        }

        static Disassembly parse(String output) {
            Disassembly result = new Disassembly();
            for (String line : output.split("\n")) {
                String[] columns = line.split("\t");
                if (columns.length >= 2 && columns[0].endsWith(":")) {
                    String text = columns.length == 3 ? columns[2].trim() : "(no instruction)";
                    int address = Integer.parseInt(columns[0].trim().replace(":", ""), 16);
                    result.code.add(new Instruction(address, columns[1].replace(" ", ""), text));
                } else if (line.startsWith("Disassembly of section ")
                        && !line.equals("Disassembly of section .text:")) {
                    result.refused.add("there is code outside .text: " + line);
                }
            }
            return result;
        }

        String bytes() {
            StringBuilder bytes = new StringBuilder();
            code.forEach(instruction -> bytes.append(instruction.bytes));
            return bytes.toString();
        }
    }

    /** A proof that accepts everything proves nothing. Each line is a piece of code, its instructions one byte long. */
    private static final class SelfTest {
        private static final Layout LAYOUT = new Layout(0x20000, 0x24, 0x180, 0x30, 2);

        private static final String[] GOOD = {
            "mov 0x2c(%esp),%edi",
            "mov (%esp),%edi",
            "movq (%esp),%xmm0",
            "mov %esp,%ebx",
            "shr %ecx",
            "and $0x3fffffff,%ecx",
            "pause",
            "int $0x80",
            "jne 0 <x>",
            "mov 0x24(%esp),%ecx; mov %eax,0x8(%ecx); movq %xmm7,(%ecx)",
            "jmp *0x30(%esp)",
            "jmp 0 <x>; nop; lea -0x10(%esp),%esp",
        };

        private static final String STACK =
                "push %eax|push $0x1|pushl 0x4(%esp)|pop %eax|popl 0x4(%esp)|pusha|popa|pushf"
                        + "|popf|call 0 <x>|call *%eax|call *0x10(%esp)|ret|ret $0x4|lret|iret|leave|enter $0x8,$0x0";

        private static final String STRINGS = "movsb %ds:(%esi),%es:(%edi)|movsl %ds:(%esi),%es:(%edi)"
                + "|rep movsl %ds:(%esi),%es:(%edi)|stos %eax,%es:(%edi)|lods %ds:(%esi),%al|scas %es:(%edi),%al"
                + "|cmpsb %es:(%edi),%ds:(%esi)|outsb %ds:(%esi),(%dx)|xlat %ds:(%ebx)|maskmovdqu %xmm0,%xmm1";

        private static final String LOADS = "mov (%eax),%eax|mov 0x8(%ecx),%eax|mov 0x1000,%eax|mov %gs:0x10,%eax"
                + "|mov %gs:0x10(%esp),%eax|mov (%esp,%eax,1),%eax|mov -0x4(%esp),%eax|mov 0xfffffffc(%esp),%eax"
                + "|mov 0x20000(%esp),%eax|mov 0x1fffc(%esp),%eax|movq (%eax),%xmm0|movdqu (%eax),%xmm0"
                + "|cmpl $0x0,(%eax)|lea 0x4(%eax),%eax";

        private static final String STORES = "mov %eax,(%edx)|mov %eax,0x8(%esp)|mov %eax,0x8(%ecx)|movq %xmm7,(%ecx)"
                + "|mov 0x28(%esp),%ecx; mov %eax,0x8(%ecx)"
                + "|mov 0x24(%esp),%ecx; xor %ecx,%ecx; mov %eax,0x8(%ecx)"
                + "|mov 0x24(%esp),%ecx; int $0x80; mov %eax,0x8(%ecx)"
                + "|mov 0x24(%esp),%ecx; mov %eax,0x180(%ecx)|mov 0x24(%esp),%ecx; mov %eax,-0x4(%ecx)"
                + "|mov 0x24(%esp),%ecx; mov %eax,(%ecx,%eax,1)|mov 0x24(%esp),%ecx; mov %eax,0x8(%ecx); jmp 1 <x>"
                + "|mov 0x24(%esp),%ecx; mov %eax,0x8(%ecx); mov %eax,(%ecx); jne 2 <x>|incl 0x8(%ecx)"
                + "|lock incl 0x8(%ecx)|xchg %eax,0x8(%ecx)|addl $0x1,0x8(%esp)|sete 0x8(%ecx)|fxsave (%ecx)";

        private static final String LANE_POINTER = "mov %eax,%esp|add $0x4,%esp|sub $0x4,%esp|xor %esp,%esp|inc %esp"
                + "|xchg %eax,%esp|mov 0x4(%esp),%esp|movd %xmm0,%esp|lea 0x4(%esp),%esp|mov %eax,%ss"
                + "|lea -0x10(%esp),%esp|nop; nop; lea -0x10(%esp),%esp|jmp 0 <x>; nop; nop; lea -0x10(%esp),%esp"
                + "|jmp 1 <x>; nop; lea -0x10(%esp),%esp|jmp 2 <x>; nop; lea -0x10(%esp),%esp"
                + "|jmp 0 <x>; nop; lea -0x14(%esp),%esp|jmp 0 <x>; nop; lea -0x10(%esp),%eax";

        private static final String WAYS_OUT = "jmp 7777 <x>|jne 7777 <x>|jmp *%eax|jmp *0x30(%eax)|jmp *0x34(%esp)"
                + "|mov 0x30(%esp),%eax; jmp *%eax|ljmp *0x10(%esp)"
                + "|ljmp $0x33,$0x0|loop 0 <x>|int3|int $0x3|into|sysenter|syscall|hlt|ud2|(bad)|data16 nop|rdtsc"
                + "|xbegin 0 <x>|wrpkru|mov %eax,%gs|in $0x1,%al";

        private SelfTest() {}

        static void run() {
            List<String> wrong = new ArrayList<>();
            for (String piece : GOOD) {
                List<String> refused = judge(piece);
                if (!refused.isEmpty()) {
                    wrong.add("refused, but it is good: " + refused);
                }
            }
            int bad = 0;
            for (String family : List.of(STACK, STRINGS, LOADS, STORES, LANE_POINTER, WAYS_OUT)) {
                for (String piece : family.split("\\|")) {
                    bad++;
                    if (judge(piece).isEmpty()) {
                        wrong.add("accepted, but it is bad: " + piece);
                    }
                }
            }
            if (new TrusteeProof(List.of(), LAYOUT).refusals().isEmpty()) {
                wrong.add("accepted, but it is no code at all");
            }
            if (new TrusteeProof(instructions("nop"), LAYOUT).refusals().isEmpty()) {
                wrong.add("accepted, but it goes on behind its end");
            }
            List<Instruction> gap = List.of(new Instruction(0, "90", "nop"), new Instruction(2, "ebfc", "jmp 0 <x>"));
            if (new TrusteeProof(gap, LAYOUT).refusals().isEmpty()) {
                wrong.add("accepted, but it has a hole");
            }
            if (Disassembly.parse("Disassembly of section .init:\n   0:\t90\tnop\n")
                    .refused
                    .isEmpty()) {
                wrong.add("accepted, but it is outside .text");
            }
            if (!wrong.isEmpty()) {
                System.err.println("TrusteeProof does not do what it is for:");
                wrong.forEach(line -> System.err.println("  " + line));
                System.exit(1);
            }
            System.out.println("TrusteeProof refuses bad code, pieces=" + (bad + 4));
        }

        /** Closed by a jump to its begin, as the trustee is, so that only the piece itself can be refused. */
        private static List<String> judge(String piece) {
            return new TrusteeProof(instructions(piece + "; jmp 0 <x>"), LAYOUT).refusals();
        }

        private static List<Instruction> instructions(String piece) {
            List<Instruction> code = new ArrayList<>();
            for (String text : piece.split("; ")) {
                code.add(new Instruction(code.size(), "90", text));
            }
            return code;
        }
    }
}
