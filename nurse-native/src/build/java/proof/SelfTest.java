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

    private static final String STACK = "push %eax|push $0x1|pushl 0x4(%esp)|pop %eax|popl 0x4(%esp)|pusha|popa|pushf"
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
        if (!wrong.isEmpty()) {
            System.err.println("TrusteeProof does not do what it is for:");
            wrong.forEach(line -> System.err.println("  " + line));
            System.exit(1);
        }
        System.out.println("TrusteeProof refuses bad code, pieces=" + (bad + 4));
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
