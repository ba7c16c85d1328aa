import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A proof that accepts everything proves nothing. Each line is a piece of code, its instructions one byte long. */
final class SelfTest {
    private static final Layout LAYOUT = new Layout(Map.of(
            "NURSE_ORDERS_LANE_SIZE", 0x20000,
            "NURSE_ORDER_RESULT", 0x24,
            "NURSE_RESULT", 0x80,
            "NURSE_SCRATCH", 0x200,
            "NURSE_ORDER_ENTRY", 0x30,
            "NURSE_CODE_RETURN", 2));

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

    private static final String UNKNOWN = "is not in the white-list";
    private static final String STALE = "stores without %ecx loaded from NURSE_ORDER_RESULT just before";
    private static final String MOVED = "moves %esp where the kernel's entry does not return to";

    /**
     * What is bad, and the one reason for which each piece must be refused.
     *
     * @param pieces with | between them
     */
    private record Family(String reason, String pieces) {}

    private static final List<Family> BAD = List.of(
            // the stack
            new Family(
                    UNKNOWN,
                    "push %eax|push $0x1|pushl 0x4(%esp)|pop %eax|popl 0x4(%esp)|pusha|popa|pushf|popf|call 0 <x>|call"
                            + " *%eax|call *0x10(%esp)|ret|ret $0x4|lret|iret|leave|enter $0x8,$0x0"),
            // strings
            new Family(
                    UNKNOWN,
                    "movsb %ds:(%esi),%es:(%edi)|movsl %ds:(%esi),%es:(%edi)|rep movsl %ds:(%esi),%es:(%edi)|stos"
                            + " %eax,%es:(%edi)|lods %ds:(%esi),%al|scas %es:(%edi),%al|cmpsb %es:(%edi),%ds:(%esi)|outsb"
                            + " %ds:(%esi),(%dx)|xlat %ds:(%ebx)|maskmovdqu %xmm0,%xmm1"),
            // loads from elsewhere than the lane
            new Family(
                    UNKNOWN,
                    "mov (%eax),%eax|mov 0x8(%ecx),%eax|mov 0x1000,%eax|mov %gs:0x10,%eax|mov %gs:0x10(%esp),%eax"
                            + "|mov (%esp,%eax,1),%eax|mov -0x4(%esp),%eax|movq (%eax),%xmm0|movdqu (%eax),%xmm0"
                            + "|cmpl $0x0,(%eax)|lea 0x4(%eax),%eax"),
            new Family(
                    "reads outside the lane",
                    "mov 0xfffffffc(%esp),%eax|mov 0x20000(%esp),%eax|mov 0x1fffc(%esp),%eax"),
            // stores
            new Family(
                    UNKNOWN,
                    "mov %eax,(%edx)|mov %eax,0x8(%esp)|mov 0x24(%esp),%ecx; mov %eax,-0x4(%ecx)"
                            + "|mov 0x24(%esp),%ecx; mov %eax,(%ecx,%eax,1)|incl 0x8(%ecx)|lock incl 0x8(%ecx)"
                            + "|xchg %eax,0x8(%ecx)|addl $0x1,0x8(%esp)|sete 0x8(%ecx)|fxsave (%ecx)"),
            new Family(
                    STALE,
                    "mov %eax,0x8(%ecx)|movq %xmm7,(%ecx)|mov 0x28(%esp),%ecx; mov %eax,0x8(%ecx)"
                            + "|mov 0x24(%esp),%ecx; xor %ecx,%ecx; mov %eax,0x8(%ecx)"
                            + "|mov 0x24(%esp),%ecx; int $0x80; mov %eax,0x8(%ecx)"
                            + "|mov 0x24(%esp),%ecx; mov %eax,0x8(%ecx); jmp 1 <x>"
                            + "|mov 0x24(%esp),%ecx; mov %eax,0x8(%ecx); mov %eax,(%ecx); jne 2 <x>"),
            new Family("stores outside the result slot", "mov 0x24(%esp),%ecx; mov %eax,0x180(%ecx)"),
            // the lane's pointer
            new Family(
                    UNKNOWN,
                    "mov %eax,%esp|add $0x4,%esp|sub $0x4,%esp|xor %esp,%esp|inc %esp|xchg %eax,%esp|mov 0x4(%esp),%esp"
                            + "|movd %xmm0,%esp|lea 0x4(%esp),%esp|mov %eax,%ss|jmp 0 <x>; nop; lea -0x14(%esp),%esp"
                            + "|jmp 0 <x>; nop; lea -0x10(%esp),%eax"),
            new Family(
                    MOVED,
                    "lea -0x10(%esp),%esp|nop; nop; lea -0x10(%esp),%esp|jmp 0 <x>; nop; nop; lea -0x10(%esp),%esp"
                            + "|jmp 1 <x>; nop; lea -0x10(%esp),%esp|jmp 2 <x>; nop; lea -0x10(%esp),%esp"),
            // ways out
            new Family(
                    UNKNOWN,
                    "jmp *%eax|jmp *0x30(%eax)|ljmp *0x10(%esp)|ljmp $0x33,$0x0|loop 0 <x>|int3|int $0x3|into|sysenter"
                            + "|syscall|hlt|ud2|(bad)|data16 nop|rdtsc|xbegin 0 <x>|wrpkru|mov %eax,%gs|in $0x1,%al"
                            + "|mov 0x30(%esp),%eax; jmp *%eax"),
            new Family("jumps to no instruction of the trustee", "jmp 7777 <x>|jne 7777 <x>"),
            new Family("jumps to an address that is not NURSE_ORDER_ENTRY", "jmp *0x34(%esp)"));

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
        for (Family family : BAD) {
            for (String piece : family.pieces.split("\\|")) {
                bad++;
                List<String> refused = judge(piece);
                if (refused.size() != 1 || !refused.get(0).endsWith("-- " + family.reason)) {
                    wrong.add("not refused once, because it " + family.reason + ": " + piece + ": " + refused);
                }
            }
        }
        if (new InstructionProof(List.of(), LAYOUT).refusals().isEmpty()) {
            wrong.add("accepted, but it is no code at all");
        }
        if (new InstructionProof(instructions("nop"), LAYOUT).refusals().isEmpty()) {
            wrong.add("accepted, but it goes on behind its end");
        }
        List<Instruction> gap = List.of(new Instruction(0, "90", "nop"), new Instruction(2, "ebfc", "jmp 0 <x>"));
        if (new InstructionProof(gap, LAYOUT).refusals().isEmpty()) {
            wrong.add("accepted, but it has a hole");
        }
        if (Disassembly.parse("Disassembly of section .init:\n   0:\t90\tnop\n")
                .refused
                .isEmpty()) {
            wrong.add("accepted, but it is outside .text");
        }
        wrong.addAll(shiftsByOne());
        if (!wrong.isEmpty()) {
            System.err.println("TrusteeProof does not do what it is for:");
            wrong.forEach(line -> System.err.println("  " + line));
            System.exit(1);
        }
        System.out.println("TrusteeProof refuses bad code, pieces=" + (bad + 4));
    }

    /** The same bytes, as objdump of binutils 2.40 and of 2.41 writes them, are the same code; a shift by two is not. */
    private static List<String> shiftsByOne() {
        List<Instruction> older = Disassembly.parse("   0:\td1 e9                \tshr    %ecx\n").code;
        List<Instruction> newer = Disassembly.parse("   0:\td1 e9                \tshr    $1,%ecx\n").code;
        List<Instruction> byTwo = Disassembly.parse("   0:\tc1 e9 02             \tshr    $0x2,%ecx\n").code;
        List<String> wrong = new ArrayList<>();
        if (!newer.equals(older)) {
            wrong.add("not the same, but the bytes are: " + older + newer);
        }
        if (byTwo.get(0).operands().size() != 2) {
            wrong.add("taken for a shift by one: " + byTwo);
        }
        return wrong;
    }

    /** Closed by a jump to its begin, as the trustee is, so that only the piece itself can be refused. */
    private static List<String> judge(String piece) {
        return new InstructionProof(instructions(piece + "; jmp 0 <x>"), LAYOUT).refusals();
    }

    private static List<Instruction> instructions(String piece) {
        List<Instruction> code = new ArrayList<>();
        for (String text : piece.split("; ")) {
            code.add(new Instruction(code.size(), "90", text));
        }
        return code;
    }
}
