import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One instruction of the disassembly: where it is, its bytes in hex, its text. */
record Instruction(int address, String bytes, String text) {
    private static final Pattern JUMP = Pattern.compile("[a-z]+ +([0-9a-f]{1,7}) <[^>]*>");

    String mnemonic() {
        return text.split(" +", 2)[0];
    }

    List<String> operands() {
        String[] parts = text.split(" +", 2);
        return parts.length == 1 ? List.of() : List.of(parts[1].split(","));
    }

    /** Where a direct jump goes, conditional or not. */
    OptionalInt target() {
        Matcher matcher = JUMP.matcher(text);
        return matcher.matches() ? OptionalInt.of(Integer.parseInt(matcher.group(1), 16)) : OptionalInt.empty();
    }

    int end() {
        return address + bytes.length() / 2;
    }

    @Override
    public String toString() {
        return String.format("%4x: %s", address, text);
    }
}
