import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * Proves from the disassembly that the trustee uses registers only and runs an order once, and fails the build if not.
 *
 * <p>Run with {@code LAYOUT.h TRUSTEE.o TRUSTEE.bin}: {@link InstructionProof}, {@link FlowProof}, and that the code that
 * was proved is the flat binary that the jar carries. {@code --self-test LAYOUT.h TRUSTEE.o STAMP} shows that bad code is
 * refused; it takes ten seconds, so the file STAMP keeps what has passed, and the same is not tested again. Exit 0, 1 when
 * something is refused, 2 for a wrong command line.
 */
public final class TrusteeProof {
    private TrusteeProof() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        if (args.length == 4 && args[0].equals("--self-test")) {
            selfTest(Path.of(args[1]), Disassembly.of(Path.of(args[2])), Path.of(args[3]));
        } else if (args.length == 3) {
            prove(layout(args[0]), Path.of(args[1]), Path.of(args[2]));
        } else {
            System.err.println("usage: java TrusteeProof [--self-test] LAYOUT.h TRUSTEE.o TRUSTEE.bin|STAMP");
            System.exit(2);
        }
    }

    private static void selfTest(Path layout, Disassembly trustee, Path stamp) throws IOException {
        String tested = fingerprint(layout, trustee);
        if (Files.exists(stamp) && Files.readString(stamp).equals(tested)) {
            return;
        }
        SelfTest.run();
        Mutants.run(trustee.code, layout(layout.toString()));
        Files.writeString(stamp, tested);
    }

    /** Of all that the self-test's result depends on: the layout, the trustee's code, and the classes of the proof. */
    private static String fingerprint(Path layout, Disassembly trustee) throws IOException {
        MessageDigest digest = sha256();
        digest.update(Files.readAllBytes(layout));
        digest.update(trustee.code.toString().getBytes(StandardCharsets.UTF_8));
        try (Stream<Path> classes = Files.list(Path.of(System.getProperty("java.class.path")))) {
            for (Path file : classes.sorted().toList()) {
                digest.update(Files.readAllBytes(file));
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException everyJavaHasIt) {
            throw new IllegalStateException(everyJavaHasIt);
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
            err.println("  Change src/main/native/trustee; or the white-list in InstructionProof.java, or what"
                    + " FlowProof.java demands, with a reason.");
            System.exit(1);
        }
        System.out.println("The trustee is proved to use registers only and to run an order once, instructions="
                + disassembly.code.size() + " states=" + flow.states());
    }
}
