package nurse.helper.program;

/**
 * One program header of an ELF file (elf(5), Elf32_Phdr). All numbers are the file's unsigned 32-bit ones, held in longs so
 * that sums do not wrap.
 */
public record Segment(int type, long offset, long address, long fileSize, long memorySize, int flags, long alignment) {
    static final int BYTES = 32;
    public static final long PAGE = 4096;

    static final int LOAD = 1;
    static final int DYNAMIC = 2;
    static final int INTERP = 3;
    static final int NOTE = 4;
    static final int PHDR = 6;
    static final int TLS = 7;
    static final int GNU_STACK = 0x6474e551;
    static final int GNU_RELRO = 0x6474e552;
    static final int GNU_PROPERTY = 0x6474e553;

    private static final int EXECUTE = 1;
    private static final int WRITE = 2;
    private static final int READ = 4;

    public boolean executable() {
        return (flags & EXECUTE) != 0;
    }

    public boolean readable() {
        return (flags & READ) != 0;
    }

    public boolean writable() {
        return (flags & WRITE) != 0;
    }

    /** The first address of its first page: {@code mapstart} in elf/dl-load.c. */
    public long firstPage() {
        return address & -PAGE;
    }

    /** The address behind its last byte in memory: {@code allocend}. */
    public long end() {
        return address + memorySize;
    }

    /** The address behind the last byte that comes from the file. */
    public long fileEnd() {
        return address + fileSize;
    }

    /** The address behind its last page. */
    public long endPage() {
        return pageUp(end());
    }

    /** Whether this segment's memory holds the whole range. */
    boolean holds(long start, long size) {
        return start >= address && start + size <= end();
    }

    /** Whether the whole range is memory of this segment that comes from the file, not zeroes behind it. */
    boolean holdsFromFile(long start, long size) {
        return start >= address && start + size <= address + fileSize;
    }

    public static long pageUp(long address) {
        return (address + PAGE - 1) & -PAGE;
    }
}
