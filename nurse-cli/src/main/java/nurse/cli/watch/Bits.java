package nurse.cli.watch;

import java.util.Map;
import nurse.helper.calls.Syscall;

/** Names of the bits and numbers that arguments are made of, as the manual has them; i386's values (asm-generic/fcntl.h ...). */
final class Bits {
    static final Map<String, Integer> OPEN = Map.ofEntries(
            Map.entry("O_CREAT", 0100),
            Map.entry("O_EXCL", 0200),
            Map.entry("O_NOCTTY", 0400),
            Map.entry("O_TRUNC", 01000),
            Map.entry("O_APPEND", 02000),
            Map.entry("O_NONBLOCK", 04000),
            Map.entry("O_LARGEFILE", 0100000),
            Map.entry("O_DIRECTORY", 0200000),
            Map.entry("O_NOFOLLOW", 0400000),
            Map.entry("O_CLOEXEC", 02000000),
            Map.entry("O_PATH", 010000000));
    private static final Map<String, Integer> AT = Map.of(
            "AT_SYMLINK_NOFOLLOW", 0x100,
            "AT_REMOVEDIR", 0x200,
            "AT_SYMLINK_FOLLOW", 0x400,
            "AT_NO_AUTOMOUNT", 0x800,
            "AT_EMPTY_PATH", 0x1000,
            "AT_STATX_FORCE_SYNC", 0x2000,
            "AT_STATX_DONT_SYNC", 0x4000);
    private static final Map<String, Integer> PROTECTION = Map.of("PROT_READ", 1, "PROT_WRITE", 2, "PROT_EXEC", 4);
    private static final Map<String, Integer> MAPPING = Map.of(
            "MAP_SHARED", 1,
            "MAP_PRIVATE", 2,
            "MAP_FIXED", 0x10,
            "MAP_ANONYMOUS", 0x20,
            "MAP_GROWSDOWN", 0x100,
            "MAP_DENYWRITE", 0x800,
            "MAP_NORESERVE", 0x4000,
            "MAP_POPULATE", 0x8000,
            "MAP_STACK", 0x20000,
            "MAP_FIXED_NOREPLACE", 0x100000);
    private static final Map<String, Integer> ACCESS = Map.of("R_OK", 4, "W_OK", 2, "X_OK", 1);
    private static final int CREAT = 0100;
    private static final int TMPFILE = 020000000;
    static final String[] ACCESS_MODES = {"O_RDONLY", "O_WRONLY", "O_RDWR"};

    private Bits() {}

    /** An argument of kind flags, or one that is none in the table but is made of bits all the same. */
    static String of(Syscall syscall, String argument, int value) {
        return switch (syscall) {
            case OPEN, OPENAT -> open(value);
            case STATX, FSTATAT64, UNLINKAT, LINKAT, FCHOWNAT, UTIMENSAT, FACCESSAT2, FCHMODAT2 ->
                argument.equals("flags") ? names(AT, value, "0") : hex(value);
            case MMAP2, MMAP ->
                argument.equals("prot") ? names(PROTECTION, value, "PROT_NONE") : names(MAPPING, value, "0");
            case MPROTECT -> names(PROTECTION, value, "PROT_NONE");
            case ACCESS, FACCESSAT -> names(ACCESS, value, "F_OK");
            default -> hex(value);
        };
    }

    /** Whether a call opens a file and makes none, so that its mode is nothing. */
    static boolean opensOnly(Syscall syscall, int flags) {
        return (syscall == Syscall.OPEN || syscall == Syscall.OPENAT) && (flags & (CREAT | TMPFILE)) == 0;
    }

    private static String open(int value) {
        int mode = value & 3;
        String rest = names(OPEN, value & ~3, "");
        return (mode < ACCESS_MODES.length ? ACCESS_MODES[mode] : "3") + (rest.isEmpty() ? "" : "|" + rest);
    }

    private static String names(Map<String, Integer> bits, int value, String none) {
        if (value == 0) {
            return none;
        }
        StringBuilder text = new StringBuilder();
        int rest = value;
        for (Map.Entry<String, Integer> bit :
                bits.entrySet().stream().sorted(Map.Entry.comparingByValue()).toList()) {
            if ((value & bit.getValue()) != 0) {
                text.append(text.isEmpty() ? "" : "|").append(bit.getKey());
                rest &= ~bit.getValue();
            }
        }
        return rest == 0
                ? text.toString()
                : text.append(text.isEmpty() ? "" : "|").append(hex(rest)).toString();
    }

    private static String hex(int value) {
        return value == 0 ? "0" : "0x" + Integer.toHexString(value);
    }
}
