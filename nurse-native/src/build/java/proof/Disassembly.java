import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** What objdump said: the instructions, and what should not be there at all. */
final class Disassembly {
    /** A shift by one, opcode d1: since binutils 2.41 objdump writes {@code shr $1,%ecx}, before it {@code shr %ecx}. */
    private static final Pattern SHIFT_BY_ONE = Pattern.compile("^((?:sh|sa|ro|rc)[lr][bwl]? +)\\$1,");

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
                String text = columns.length == 3 ? asOlderBinutils(columns[2].trim()) : "(no instruction)";
                int address = Integer.parseInt(columns[0].trim().replace(":", ""), 16);
                result.code.add(new Instruction(address, columns[1].replace(" ", ""), text));
            } else if (line.startsWith("Disassembly of section ") && !line.equals("Disassembly of section .text:")) {
                result.refused.add("there is code outside .text: " + line);
            }
        }
        return result;
    }

    private static String asOlderBinutils(String text) {
        return SHIFT_BY_ONE.matcher(text).replaceFirst("$1");
    }

    String bytes() {
        StringBuilder bytes = new StringBuilder();
        code.forEach(instruction -> bytes.append(instruction.bytes()));
        return bytes.toString();
    }
}
