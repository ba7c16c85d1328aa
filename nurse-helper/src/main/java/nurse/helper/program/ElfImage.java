package nurse.helper.program;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * An ELF file's headers, read once and found to be those of an i386 file; {@link ElfRules} judges what they say.
 *
 * @param name the file's name for messages, as the user or the script wrote it
 * @param fixed whether it is ET_EXEC: mapped at the addresses that it names, over whatever is there
 * @param entry where it begins (e_entry), before it is moved
 * @param headersAt offset of the program headers in the file
 * @param segments the program headers, in their order
 * @param interpreter the content of PT_INTERP, if there is one
 */
public record ElfImage(
        String name, boolean fixed, long entry, long headersAt, List<Segment> segments, Optional<String> interpreter) {
    Stream<Segment> all(int type) {
        return segments.stream().filter(segment -> segment.type() == type);
    }

    Optional<Segment> first(int type) {
        return all(type).findFirst();
    }

    public List<Segment> loads() {
        return all(Segment.LOAD).toList();
    }

    /** How many program headers there are. */
    public int headers() {
        return segments.size();
    }

    /** The address of the program headers in memory, before it is moved, as the kernel finds it (load_elf_binary). */
    public long headersAddress() {
        return first(Segment.PHDR).map(Segment::address).orElseGet(() -> loads().stream()
                .filter(load -> load.offset() <= headersAt && headersAt < load.offset() + load.fileSize())
                .findFirst()
                .map(load -> headersAt - load.offset() + load.address())
                .orElse(0L));
    }

    /** The size of the program headers in the file, in bytes. */
    long headersSize() {
        return (long) segments.size() * Segment.BYTES;
    }
}
