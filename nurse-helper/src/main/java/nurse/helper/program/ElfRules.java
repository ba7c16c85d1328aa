package nurse.helper.program;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import nurse.helper.messages.Quoted;
import nurse.helper.program.ProgramException.NotRunnable;
import nurse.helper.program.ProgramException.Reason;

/**
 * Judges an ELF file before it is mapped.
 *
 * <p>What the helper maps, when the process is locked, has to be what can be mapped at all: the helper orders nothing that
 * lies over another mapping, and what a malformed file does after that it does under the lock.
 *
 * <p>What ld.so maps, before the lock ({@link Mapper#LOADER}), makes this a security boundary. ld.so maps the program, and works with its headers, before the audit library is asked
 * anything and so before the lock; it was written for files that a linker made, adds numbers from the file to addresses in
 * 32 bits, and maps with MAP_FIXED. Whatever makes it write outside the memory that it took for the program is refused here.
 * What only makes it crash is not: a process that ends before the lock has done nothing. What ld.so does is told after
 * glibc 2.36, elf/dl-load.c, elf/dl-map-segments.h, elf/rtld.c and elf/dl-tls.c.
 *
 * <p>Judged is what was read. A file that somebody can write while it is being started may have changed when ld.so maps it;
 * whoever starts a program must see to that.
 */
public final class ElfRules {
    /** The kernel's limit for a 32-bit process' own addresses, where it is lowest: __PAGE_OFFSET of a 32-bit kernel. */
    static final long TOP = 0xc0000000L;

    /** Above each vm.mmap_min_addr in use (4096 to 65536): below it MAP_FIXED fails, or makes null pointers valid. */
    static final long BOTTOM = 0x10000;

    /**
     * Where the kernel may have put ld.so, the stack and the vDSO, if the stack's limit is an ordinary one: with an unlimited
     * stack the mapping area grows upward from TASK_UNMAPPED_BASE (mm/util.c, mmap_is_legacy), which is a third of the
     * address space: 0x55555000, and 0x40000000 under ADDR_LIMIT_3GB; else it grows downward from below the stack.
     */
    static final long MAPPING_AREA = 0x40000000;

    static final long MAX_SPAN = 1L << 30;
    static final long MAX_ALIGNMENT = 1L << 24;
    static final long MAX_TLS = 1L << 24;
    static final int MAX_DYNAMIC = 1 << 16;

    /**
     * The names under which i386 programs ask for glibc's loader. A program may name any file there, one that came with it
     * too, and that file is executed first and unlocked: it would never ask the audit library for anything.
     */
    public static final Set<String> LOADERS = Set.of(
            "/lib/ld-linux.so.2",
            "/lib32/ld-linux.so.2",
            "/lib/i386-linux-gnu/ld-linux.so.2",
            "/usr/lib/ld-linux.so.2",
            "/usr/lib32/ld-linux.so.2",
            "/usr/lib/i386-linux-gnu/ld-linux.so.2");

    private static final int DYNAMIC_ENTRY = 8;
    private static final int DT_NULL = 0;
    private static final int DT_FLAGS_1 = 0x6ffffffb;
    private static final int DF_1_PIE = 0x08000000;

    private final OpenProgram file;
    private final ElfImage image;
    private final List<Segment> loads;

    private final Mapper mapper;

    private ElfRules(OpenProgram file, ElfImage image, Mapper mapper) {
        this.file = file;
        this.image = image;
        this.mapper = mapper;
        this.loads = image.loads();
    }

    /** Judges a program. One that ld.so is to map names one of {@link #LOADERS}. */
    static void program(OpenProgram file, ElfImage image, Mapper mapper) throws ProgramException {
        ElfRules rules = new ElfRules(file, image, mapper);
        switch (mapper) {
            case HELPER -> {
                rules.requireMappable();
                rules.requireNoExecutableStack();
            }
            case LOADER -> rules.program();
        }
    }

    /** Judges a loader: what the kernel maps, and starts without a loader of its own. */
    static void loader(OpenProgram file, ElfImage image, Mapper mapper, String program) throws ProgramException {
        if (image.fixed() || image.interpreter().isPresent()) {
            throw badLoader(program, image.name(), "it is not an i386 loader but a program");
        }
        try {
            ElfRules rules = new ElfRules(file, image, mapper);
            rules.requireMappable();
            rules.requireNoExecutableStack();
        } catch (NotRunnable malformed) {
            throw badLoader(program, image.name(), malformed.why());
        }
    }

    static NotRunnable badLoader(String program, String loader, String why) {
        return new NotRunnable(
                Reason.BAD_LOADER,
                "cannot run " + Quoted.of(program),
                "its loader " + Quoted.of(loader) + " cannot be used: " + why,
                "install it anew (apt install --reinstall libc6-i386, or libc6 in the i386 tree)");
    }

    static NotRunnable malformed(String name, String why) {
        return new NotRunnable(
                Reason.MALFORMED,
                "will not run " + Quoted.of(name),
                "no linker makes such a file: " + why,
                "do not trust this file; if it is yours, build it anew or get it again");
    }

    private void program() throws ProgramException {
        requireMappable();
        Optional<Integer> flags = requireDynamic();
        if (image.interpreter().isEmpty()) {
            throw withoutLoader(flags.isPresent(), flags.orElse(0));
        }
        if (flags.isEmpty()) {
            throw malformed("it asks for a loader, but has no dynamic section");
        }
        requireHeadersInMemoryToBeThose();
        requireThreadLocalsToFit();
        requireInMemory();
        requireNoExecutableStack();
        String loader = image.interpreter().get();
        if (!LOADERS.contains(loader)) {
            throw new NotRunnable(
                    Reason.FOREIGN_LOADER,
                    "will not run " + Quoted.of(image.name()),
                    "it asks for the loader " + Quoted.of(loader) + ", which would run outside the lock",
                    "--lock trap runs it; under --lock strict only glibc's i386 loader is accepted, /lib/ld-linux.so.2");
        }
    }

    private NotRunnable withoutLoader(boolean dynamic, int flags) {
        if (image.fixed() || !dynamic || (flags & DF_1_PIE) != 0) {
            return new NotRunnable(
                    Reason.STATICALLY_LINKED,
                    "cannot run " + Quoted.of(image.name()),
                    "it is statically linked: without the dynamic loader there is nobody to lock it in",
                    "--lock trap runs it; under --lock strict use the dynamically linked program");
        }
        return new NotRunnable(
                Reason.SHARED_LIBRARY,
                "cannot run " + Quoted.of(image.name()),
                "it is a shared library, not a program: it names no loader",
                "name the program that uses it");
    }

    /** What elf/dl-map-segments.h takes for granted, for a program; fs/binfmt_elf.c, for a loader. */
    private void requireMappable() throws NotRunnable {
        if (loads.isEmpty()) {
            // _dl_map_object_from_fd would go on with nloadcmds - 1; newer glibc refuses it.
            throw malformed("it has no PT_LOAD segment");
        }
        for (int type : new int[] {Segment.INTERP, Segment.PHDR, Segment.DYNAMIC, Segment.TLS, Segment.GNU_STACK}) {
            if (image.all(type).count() > 1) {
                // ld.so takes the last of several, the kernel the first one.
                throw malformed("it has two program headers of a kind of which there is one");
            }
        }
        Segment before = null;
        for (Segment load : loads) {
            requireLoad(load);
            // The first mapping reserves the room from the first segment's begin to the last one's end (maplength); the
            // others, and the zero pages behind each, are put into it with MAP_FIXED. A segment out of order lies
            // outside
            // that room, over whatever is there. Whole pages are mapped, so two segments may not share one either: the
            // second would take away what the first, and this judgement, read there.
            if (before != null && load.firstPage() < before.endPage()) {
                throw malformed("its PT_LOAD segments overlap or are not in ascending order");
            }
            before = load;
        }
        long start = loads.getFirst().firstPage();
        long end = loads.getLast().endPage();
        if (mapper == Mapper.LOADER && end - start > MAX_SPAN) {
            throw malformed("it asks for more than 1 GiB of addresses");
        }
        if (image.fixed() && start < BOTTOM) {
            throw malformed("it is to be mapped at the lowest addresses, where null pointers point");
        }
        if (mapper == Mapper.LOADER && image.fixed() && end > MAPPING_AREA) {
            // All of ET_EXEC is mapped with MAP_FIXED, without a look at what is there: it could replace ld.so itself.
            throw malformed("it is to be mapped where the loader and the stack may be");
        }
    }

    private void requireLoad(Segment load) throws NotRunnable {
        if (load.memorySize() < load.fileSize()) {
            // allocend < dataend: more would be mapped than the room that was reserved.
            throw malformed("a segment is smaller in memory than in the file");
        }
        if (load.offset() + load.fileSize() > file.size()) {
            throw malformed("a segment goes on beyond the end of the file"); // pages there raise SIGBUS
        }
        if ((load.alignment() & (load.alignment() - 1)) != 0 || load.alignment() > MAX_ALIGNMENT) {
            // _dl_map_segment asks for maplength + p_align bytes, and rounds up by p_align, in 32 bits. 0 means none.
            throw malformed("a segment's alignment is not a power of two up to 16 MiB");
        }
        if ((load.address() - load.offset()) % Segment.PAGE != 0) {
            // mapstart and mapoff are rounded down apart from one another: other bytes would stand at each address.
            throw malformed("a segment's address and its place in the file differ within the page");
        }
        if (load.end() > TOP) {
            throw malformed("a segment reaches into the kernel's addresses, or around the end of all");
        }
        if (mapper == Mapper.LOADER && load.writable() && load.executable()) {
            throw new NotRunnable(
                    Reason.WRITABLE_CODE,
                    "will not run " + Quoted.of(image.name()),
                    "a segment of it is writable and executable at once, and code that changes cannot be kept from"
                            + " making system calls of its own",
                    "build it without -N (--omagic) or -z rwx, or unpack it if it was packed");
        }
    }

    /**
     * The dynamic section is where ld.so writes first: elf_get_dynamic_info() walks it from the address in PT_DYNAMIC to
     * DT_NULL, whatever the sizes say, and adds the load address to what it finds. It must be the program's own memory.
     *
     * @return the section's DT_FLAGS_1 (0 if it has none), or empty if there is no such section
     */
    private Optional<Integer> requireDynamic() throws ProgramException {
        Optional<Segment> found = image.first(Segment.DYNAMIC);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        Segment dynamic = found.get();
        Segment load = holderFromFile(dynamic.address(), dynamic.fileSize())
                .orElseThrow(() -> malformed("its dynamic section lies outside its segments"));
        if (dynamic.fileSize() > MAX_DYNAMIC) {
            throw malformed("its dynamic section is larger than 64 KiB");
        }
        long at = dynamic.address() - load.address() + load.offset();
        if (at < image.headersAt() + image.headersSize() && image.headersAt() < at + dynamic.fileSize()) {
            // rtld_setup_main_map() reads the headers again, from memory, after it wrote into the dynamic section.
            throw malformed("its dynamic section overlaps its program headers");
        }
        byte[] bytes = Reading.upTo(file, image.name(), at, (int) dynamic.fileSize());
        ByteBuffer entries = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int flags = 0;
        while (entries.remaining() >= DYNAMIC_ENTRY) {
            int tag = entries.getInt();
            int value = entries.getInt();
            if (tag == DT_NULL) {
                return Optional.of(flags);
            }
            if (tag == DT_FLAGS_1) {
                flags = value;
            }
        }
        throw malformed("its dynamic section has no end");
    }

    /**
     * ld.so reads the program headers twice: from the file, and again in rtld_setup_main_map() from memory, at the address in
     * PT_PHDR, or where the first segment that covers them has them. Both must be the bytes that were judged.
     */
    private void requireHeadersInMemoryToBeThose() throws NotRunnable {
        long at = image.headersAt();
        long size = image.headersSize();
        Optional<Segment> header = image.first(Segment.PHDR);
        if (header.isPresent()) {
            long address = header.get().address();
            boolean same = holderFromFile(address, size)
                    .filter(load -> address - load.address() + load.offset() == at)
                    .isPresent();
            if (!same) {
                throw malformed("PT_PHDR is not where its program headers are");
            }
            return;
        }
        for (Segment load : loads) {
            // _dl_postprocess_loadcmd(): whole pages of the file are mapped, but those behind filesz may be zeroed.
            long mapped = load.offset() & -Segment.PAGE;
            long mappedEnd = mapped + Segment.pageUp(load.address() + load.fileSize()) - load.firstPage();
            if (mapped <= at && mappedEnd >= at + size) {
                if (load.memorySize() > load.fileSize() && at + size > load.offset() + load.fileSize()) {
                    throw malformed("its program headers lie where a segment is zeroed");
                }
                return;
            }
        }
        // Else they are copied from the file as they are.
    }

    /**
     * The first thread's block is taken before the audit library is loaded: init_tls() with naudit != 0. Its size is a sum of
     * p_memsz, p_align and a surplus in 32 bits (_dl_determine_tlsoffset, _dl_allocate_tls_storage); were it to wrap, the
     * thread's control block would be written behind a block that is too small.
     */
    private void requireThreadLocalsToFit() throws NotRunnable {
        Optional<Segment> found = image.first(Segment.TLS);
        if (found.isEmpty() || found.get().memorySize() == 0) {
            return;
        }
        Segment locals = found.get();
        boolean aligned = Long.bitCount(locals.alignment()) == 1 && locals.alignment() <= Segment.PAGE;
        if (!aligned || locals.memorySize() > MAX_TLS || locals.fileSize() > locals.memorySize()) {
            throw malformed("its thread-local memory is larger than 16 MiB or oddly aligned");
        }
        if (locals.fileSize() > 0 && holder(locals.address(), locals.fileSize()).isEmpty()) {
            throw malformed("its thread-local memory's first content lies outside its segments");
        }
    }

    /** What else ld.so reads at an address of its own before the lock; it only reads, but need not read what is not his. */
    private void requireInMemory() throws NotRunnable {
        for (Segment segment : image.segments()) {
            boolean read =
                    switch (segment.type()) {
                        case Segment.INTERP, Segment.NOTE, Segment.GNU_PROPERTY -> true;
                        default -> false;
                    };
            if (read && holder(segment.address(), segment.memorySize()).isEmpty()) {
                throw malformed("a program header points outside its segments");
            }
        }
    }

    /**
     * ld.so makes the stack executable for a program that asks for it (_dl_make_stack_executable), and on i386 for one that
     * does not say either: DEFAULT_STACK_PERMS in sysdeps/i386/stackinfo.h has PF_X. For a loader the kernel does it, and
     * turns each readable mapping into an executable one if the header is missing (READ_IMPLIES_EXEC in asm/elf.h).
     */
    private void requireNoExecutableStack() throws NotRunnable {
        Optional<Segment> stack = image.first(Segment.GNU_STACK);
        if (stack.isEmpty() || stack.get().executable()) {
            throw new NotRunnable(
                    Reason.EXECUTABLE_STACK,
                    "will not run " + Quoted.of(image.name()),
                    (stack.isEmpty()
                                    ? "it does not say that it can do without an executable stack (no PT_GNU_STACK)"
                                    : "it asks for an executable stack")
                            + ", and memory that can be written is never executable in this sandbox",
                    "link it with -z noexecstack, or clear the flag with execstack -c on a copy");
        }
    }

    private Optional<Segment> holder(long address, long size) {
        return loads.stream().filter(load -> load.holds(address, size)).findFirst();
    }

    private Optional<Segment> holderFromFile(long address, long size) {
        return loads.stream().filter(load -> load.holdsFromFile(address, size)).findFirst();
    }

    private NotRunnable malformed(String why) {
        return malformed(image.name(), why);
    }
}
