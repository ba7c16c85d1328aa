package nurse.helper.program;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import nurse.helper.messages.Quoted;
import nurse.helper.program.ProgramException.NotRunnable;
import nurse.helper.program.ProgramException.Reason;

/**
 * Reads the few fields of an ELF file that decide how it is mapped: Elf32_Ehdr, the program headers, PT_INTERP.
 *
 * <p>The file is hostile, so each read has a bound that the file cannot raise (64 program headers, PATH_MAX bytes of
 * PT_INTERP), and nothing is thrown but {@link ProgramException}.
 *
 * <p>Why not a library: the small one on Maven Central is net.fornwall:jelf (0.10.0 was tried). Its e_phnum and e_shnum are
 * signed shorts that become array sizes, so that of 20,000 mutations of one file 141 ended in NegativeArraySizeException; it
 * sign-extends addresses, so that comparisons above 2 GiB would be wrong; and it took 7 ms for its first file, read byte by
 * byte. It judges nothing, which is the work here; what it would spare is the few dozen lines of this class.
 */
final class ElfReader {
    private static final int EHDR = 52;
    private static final int MAX_HEADERS = 64;
    private static final int PATH_MAX = 4096;

    private static final int CLASS_32 = 1;
    private static final int CLASS_64 = 2;
    private static final int LITTLE_ENDIAN = 1;
    private static final int CURRENT = 1;
    private static final int OSABI_SYSV = 0;
    private static final int OSABI_GNU = 3;
    private static final int EM_386 = 3;
    private static final int ET_EXEC = 2;
    private static final int ET_DYN = 3;

    private final OpenProgram file;
    private final String name;

    private ElfReader(OpenProgram file, String name) {
        this.file = file;
        this.name = name;
    }

    static boolean isElf(byte[] head) {
        return head.length >= 4 && head[0] == 0x7f && head[1] == 'E' && head[2] == 'L' && head[3] == 'F';
    }

    /**
     * Reads a file's headers.
     *
     * @param name the file's name for messages
     */
    static ElfImage read(OpenProgram file, String name) throws ProgramException {
        return new ElfReader(file, name).read();
    }

    private ElfImage read() throws ProgramException {
        byte[] bytes = Reading.upTo(file, name, 0, EHDR);
        if (!isElf(bytes)) {
            throw new NotRunnable(
                    Reason.UNKNOWN_FORMAT,
                    "cannot run " + Quoted.of(name),
                    "it is neither an ELF program nor a script that begins with #!",
                    "name a program, or the interpreter with this file as its argument");
        }
        // A short file goes on as if zeroes followed: the checks below then say what is missing.
        ByteBuffer header = littleEndian(bytes, EHDR);
        requireI386(header);
        boolean fixed =
                switch (header.getShort(16)) {
                    case ET_EXEC -> true;
                    case ET_DYN -> false;
                    default ->
                        throw new NotRunnable(
                                Reason.UNKNOWN_FORMAT,
                                "cannot run " + Quoted.of(name),
                                "it is an object file or a core dump, not a program",
                                "link it first, or name a program");
                };
        if (bytes.length < EHDR) {
            throw malformed("it ends within its ELF header");
        }
        if (header.getShort(42) != Segment.BYTES) {
            throw malformed(
                    "its program headers are not of the size that Elf32_Phdr has"); // open_verify() in dl-load.c
        }
        // PN_XNUM (0xffff: the number stands elsewhere) is above the bound too. ld.so puts the headers and one loadcmd
        // for each on its stack (alloca, and a variable-length array in _dl_map_object_from_fd).
        int count = Short.toUnsignedInt(header.getShort(44));
        if (count == 0 || count > MAX_HEADERS) {
            throw malformed("it has " + count + " program headers, and only 1 to " + MAX_HEADERS + " are accepted");
        }
        long at = Integer.toUnsignedLong(header.getInt(28));
        List<Segment> segments = segments(at, count);
        long entry = Integer.toUnsignedLong(header.getInt(24));
        return new ElfImage(name, fixed, entry, at, segments, interpreter(segments));
    }

    private void requireI386(ByteBuffer header) throws NotRunnable {
        int machine = Short.toUnsignedInt(header.getShort(18));
        if (header.get(4) == CLASS_64) {
            throw new NotRunnable(
                    Reason.SIXTY_FOUR_BIT,
                    "cannot run " + Quoted.of(name),
                    "it is a 64-bit program" + (machine == 62 ? " (x86-64)" : ""),
                    "this sandbox runs i386 programs; use --root with an i386 tree: bin/make-i386-tree makes one");
        }
        // open_verify() compares the whole of e_ident; what it refuses there ends in a message of ld.so's own.
        if (header.get(4) != CLASS_32 || header.get(6) != CURRENT || header.getInt(20) != CURRENT) {
            throw malformed("its ELF class or version is none that exists");
        }
        if (header.get(5) != LITTLE_ENDIAN || machine != EM_386) {
            throw new NotRunnable(
                    Reason.OTHER_MACHINE,
                    "cannot run " + Quoted.of(name),
                    "it is made for another processor (" + machineName(machine) + ")",
                    "this sandbox runs i386 programs; use --root with an i386 tree: bin/make-i386-tree makes one");
        }
        if (header.get(7) != OSABI_SYSV && header.get(7) != OSABI_GNU) {
            throw new NotRunnable(
                    Reason.OTHER_MACHINE,
                    "cannot run " + Quoted.of(name),
                    "it is made for another operating system (ELF OSABI " + Byte.toUnsignedInt(header.get(7)) + ")",
                    "this sandbox runs i386 programs for Linux; use one of those");
        }
    }

    private static String machineName(int machine) {
        return switch (machine) {
            case 2, 18, 43 -> "SPARC";
            case 8 -> "MIPS";
            case 20, 21 -> "PowerPC";
            case 22 -> "S/390";
            case 40 -> "ARM";
            case 62 -> "x86-64 with 32-bit pointers, x32";
            case 183 -> "AArch64";
            case 243 -> "RISC-V";
            default -> "ELF machine " + machine;
        };
    }

    private List<Segment> segments(long at, int count) throws ProgramException {
        int size = count * Segment.BYTES;
        byte[] bytes = Reading.upTo(file, name, at, size);
        if (bytes.length < size) {
            throw malformed("its program headers lie beyond its end");
        }
        ByteBuffer table = littleEndian(bytes, size);
        List<Segment> segments = new ArrayList<>(count);
        for (int start = 0; start < size; start += Segment.BYTES) {
            segments.add(new Segment(
                    table.getInt(start),
                    unsigned(table, start + 4),
                    unsigned(table, start + 8), // p_paddr, behind it, means nothing here
                    unsigned(table, start + 16),
                    unsigned(table, start + 20),
                    table.getInt(start + 24),
                    unsigned(table, start + 28)));
        }
        return List.copyOf(segments);
    }

    /** As load_elf_binary() in fs/binfmt_elf.c has it: 2 to PATH_MAX bytes, the last one zero; a C string is meant. */
    private Optional<String> interpreter(List<Segment> segments) throws ProgramException {
        for (Segment segment : segments) {
            if (segment.type() == Segment.INTERP) {
                if (segment.fileSize() < 2 || segment.fileSize() > PATH_MAX) {
                    throw malformed("the name of its loader has no sensible length");
                }
                byte[] bytes = Reading.upTo(file, name, segment.offset(), (int) segment.fileSize());
                if (bytes.length < segment.fileSize() || bytes[bytes.length - 1] != 0) {
                    throw malformed("the name of its loader has no end");
                }
                String text = new String(bytes, ISO_8859_1);
                return Optional.of(text.substring(0, text.indexOf('\0')));
            }
        }
        return Optional.empty();
    }

    private NotRunnable malformed(String why) {
        return ElfRules.malformed(name, why);
    }

    private static long unsigned(ByteBuffer buffer, int at) {
        return Integer.toUnsignedLong(buffer.getInt(at));
    }

    private static ByteBuffer littleEndian(byte[] bytes, int size) {
        return ByteBuffer.wrap(Arrays.copyOf(bytes, size)).order(ByteOrder.LITTLE_ENDIAN);
    }
}
