import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Proves from the disassembly that the trustee uses registers only and runs an order once, and fails the build if not.
 *
 * <p>Run with {@code LAYOUT.h TRUSTEE.o TRUSTEE.bin}: {@link InstructionProof}, {@link FlowProof}, and that the code that
 * was proved is the flat binary that the jar carries. {@code --self-test LAYOUT.h TRUSTEE.o} shows that bad code is
 * refused. Exit 0, 1 when something is refused, 2 for a wrong command line.
 */
public final class TrusteeProof {
    private TrusteeProof() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        if (args.length == 3 && args[0].equals("--self-test")) {
            Disassembly trustee = Disassembly.of(Path.of(args[2]));
            SelfTest.run();
            Mutants.run(trustee.code, layout(args[1]));
        } else if (args.length == 3) {
            prove(layout(args[0]), Path.of(args[1]), Path.of(args[2]));
        } else {
            System.err.println("usage: java TrusteeProof [--self-test] LAYOUT.h TRUSTEE.o [TRUSTEE.bin]");
            System.exit(2);
        }
    }

    private static Layout layout(String file) throws IOException {
        return Layout.parse(Files.readString(Path.of(file), StandardCharsets.UTF_8));
    }

    private static void prove(Layout layout, Path object, Path binary) throws IOException, InterruptedException {
        Disassembly disassembly = Disassembly.of(object);
        List<String> refused = new ArrayList<>(new InstructionProof(disassembly.code, layout).refusals());
        refused.addAll(disassembly.refused);
        FlowProof flow = new FlowProof(disassembly.code, layout);
        if (refused.isEmpty()) { // it knows only what is in the white-list
            refused.addAll(flow.refusals());
        }
        if (!disassembly.bytes().equals(HexFormat.of().formatHex(Files.readAllBytes(binary)))) {
            refused.add(
                    binary + " is not the code of " + object + ": it was relocated or padded, or one of them is old");
        }
        if (!refused.isEmpty()) {
            PrintStream err = System.err;
            err.println("The trustee is not proved to use registers only and to run an order once (" + object + "):");
            refused.forEach(line -> err.println("  " + line));
            err.println(
                    "  Change src/main/native/trustee; or the white-list in InstructionProof.java, or what FlowProof.java"
                            + " demands, with a reason.");
            System.exit(1);
        }
        System.out.println("The trustee is proved to use registers only and to run an order once, instructions="
                + disassembly.code.size() + " states=" + flow.states());
    }
}
