package nurse.helper.sandbox;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.ffm.lane.LaneLayout;
import nurse.helper.calls.CallError;
import nurse.helper.calls.Syscall;
import nurse.helper.memory.ProtectedRanges;
import nurse.helper.program.ElfImage;
import nurse.helper.program.Segment;
import org.jspecify.annotations.Nullable;

/**
 * Maps a program and its loader into a process that is locked, as execve(2) would have done (load_elf_binary in
 * fs/binfmt_elf.c): the trustee is ordered each mapping, and the untrustee, which waits for the answer to its first request,
 * copies what has to be written. Nothing of the program's has run until that answer.
 */
final class Loading {
    /** The kernel puts a position-independent program with a loader there, and up to 255 pages above (ELF_ET_DYN_BASE, mmap_rnd_compat_bits). */
    private static final long BASE = 0x56555000L;

    private static final int BASE_PAGES = 1 << 8;
    /** The heap begins at most so far above the program (arch_randomize_brk in arch/x86/kernel/process.c). */
    private static final long HEAP_SPREAD = 32 << 20;

    // asm-generic/mman-common.h, linux/mman.h, linux/auxvec.h, asm/auxvec.h, linux/prctl.h
    private static final int PROT_READ = 1;
    private static final int PROT_WRITE = 2;
    private static final int PROT_EXEC = 4;
    private static final int MAP_PRIVATE = 2;
    private static final int MAP_FIXED = 0x10;
    private static final int MAP_ANONYMOUS = 0x20;
    private static final int MAP_NORESERVE = 0x4000;
    private static final int MAP_FIXED_NOREPLACE = 0x100000;
    private static final int AT_NULL = 0;
    private static final int AT_PHDR = 3;
    private static final int AT_PHNUM = 5;
    private static final int AT_BASE = 7;
    private static final int AT_ENTRY = 9;
    private static final int AT_RANDOM = 25;
    private static final int AT_EXECFN = 31;
    private static final int AT_SYSINFO = 32;
    private static final int PR_SET_MM = 35;
    private static final int PR_SET_MM_MAP = 14;
    private static final int MM_MAP_SIZE = 104; // linux/prctl.h, struct prctl_mm_map

    private static final long TOP =
            0xffffe000L; // TASK_SIZE of a 32-bit process (asm/page_64_types.h, IA32_PAGE_OFFSET)
    private static final int WORD = 4;
    private static final int AUXILIARY_MOST =
            64 * 2 * WORD; // AT_VECTOR_SIZE (linux/auxvec.h, linux/mm_types.h) is less
    private static final int ERRORS = -4096;

    private final Kernel kernel;
    private final int pid;
    private final LaneServer server;
    private final Arena arena;
    private final ProtectedRanges ours;
    private final boolean fixedAddresses;

    /** @param fixedAddresses whether the addresses are to be those of every other run */
    Loading(Kernel kernel, int pid, LaneServer server, Arena arena, ProtectedRanges ours, boolean fixedAddresses) {
        this.kernel = kernel;
        this.pid = pid;
        this.server = server;
        this.arena = arena;
        this.ours = ours;
        this.fixedAddresses = fixedAddresses;
    }

    /**
     * Where the process has what concerns the loading, as its handshake says; all lies in memory that is the program's own
     * from its first instruction on.
     *
     * @param stack of argc
     * @param gate for AT_SYSINFO
     * @param name room of PATH_MAX bytes
     */
    record Places(long stack, long gate, long name) {}

    /** An image where it is mapped: {@code bias} is to be added to the addresses in the file. */
    private record Mapped(ElfImage image, long bias) {
        long entry() {
            return bias + image.entry();
        }

        long end() {
            return bias + image.loads().getLast().endPage();
        }
    }

    /**
     * Maps both, and prepares what the answer carries.
     *
     * @param loader null for a program that has none
     * @param arguments how many the process was started with
     * @param variables how many variables
     * @param name what AT_EXECFN is to tell
     * @param random what AT_RANDOM is to point to, or null to leave the kernel's
     * @return the address at which the process is to go on
     */
    int load(
            LoadedFile program,
            @Nullable LoadedFile loader,
            Places places,
            int arguments,
            int variables,
            String name,
            @Nullable MemorySegment random) {
        Mapped mapped = map(program, LaneLayout.FD_PROGRAM, loader == null ? 0 : hint());
        Mapped interpreter = loader == null ? null : map(loader, LaneLayout.FD_LOADER, 0);
        close(LaneLayout.FD_PROGRAM);
        close(LaneLayout.FD_LOADER);
        long argv = places.stack + WORD;
        long environment = argv + (long) WORD * (arguments + 1);
        long auxiliary = environment + (long) WORD * (variables + 1);
        MemorySegment vector = read(auxiliary, AUXILIARY_MOST);
        long strings = value(vector, AT_EXECFN); // the kernel's own name is behind the environment
        long firstArgument = word(argv);
        long firstVariable = variables == 0 ? strings : word(environment);
        if (random != null) {
            carry(value(vector, AT_RANDOM), random);
        }
        carry(places.name, bytes(name));
        int size = describe(vector, mapped, interpreter, places);
        carry(auxiliary, vector.asSlice(0, size));
        boolean isAmongLibraries = loader == null && !program.image().fixed(); // a loader by itself, static-pie
        long heap = isAmongLibraries ? BASE : mapped.end();
        tellTheKernel(
                mapped,
                heap,
                places.stack,
                new long[] {firstArgument, firstVariable, firstVariable, strings},
                vector,
                size);
        long entry = (interpreter == null ? mapped : interpreter).entry();
        if (entry >= TOP) { // where the kernel would fault, too; and an address must not look like an errno
            throw notMapped("it begins at 0x" + Long.toHexString(entry), "no linker makes such a file");
        }
        return (int) entry;
    }

    private long hint() {
        return BASE + (fixedAddresses ? 0 : ThreadLocalRandom.current().nextInt(BASE_PAGES) * Segment.PAGE);
    }

    // ---- mappings ---------------------------------------------------------------------------------------------------

    /** @param hint where a program that may be moved would go, 0 for the kernel's choice */
    private Mapped map(LoadedFile file, int fd, long hint) {
        List<Segment> loads = file.image().loads();
        long start = loads.getFirst().firstPage();
        Mapped mapped = new Mapped(file.image(), reserve(file.image(), start, hint) - start);
        for (Segment load : loads) {
            map(load, mapped.bias, fd);
        }
        return mapped;
    }

    /** Takes the whole room, over nothing that is there: what is mapped into it afterwards replaces the reservation alone. */
    private long reserve(ElfImage image, long start, long hint) {
        long size = image.loads().getLast().endPage() - start;
        int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
        if (image.fixed()) {
            return mmap(start, size, 0, flags | MAP_FIXED_NOREPLACE, -1, 0);
        }
        long alignment =
                image.loads().stream().mapToLong(Segment::alignment).max().orElse(0);
        if (alignment <= Segment.PAGE) {
            return mmap(hint, size, 0, flags, -1, 0);
        }
        long room = mmap(hint, size + alignment, 0, flags, -1, 0);
        long aligned = room + alignment - 1 & -alignment;
        munmap(room, aligned - room);
        munmap(aligned + size, room + alignment - aligned);
        return aligned;
    }

    private void map(Segment load, long bias, int fd) {
        int protection = (load.readable() ? PROT_READ : 0)
                | (load.writable() ? PROT_WRITE : 0)
                | (load.executable() ? PROT_EXEC : 0);
        long start = load.firstPage();
        long filePages = load.fileSize() == 0 ? start : Segment.pageUp(load.fileEnd());
        if (filePages > start) {
            mmap(
                    bias + start,
                    filePages - start,
                    protection,
                    MAP_PRIVATE | MAP_FIXED,
                    fd,
                    load.offset() & -Segment.PAGE);
        }
        if (load.endPage() > filePages) {
            int flags = MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS;
            mmap(bias + filePages, load.endPage() - filePages, protection, flags, -1, 0);
        }
        boolean hasMore = load.memorySize() > load.fileSize() && load.fileSize() > 0;
        if (hasMore && load.writable() && filePages > load.fileEnd()) { // padzero(): the rest of the file's last page
            int rest = (int) (filePages - load.fileEnd());
            room(bias + load.fileEnd(), rest).fill((byte) 0);
        }
    }

    private long mmap(long address, long size, int protection, int flags, int fd, long offset) {
        int page = (int) (offset / Segment.PAGE);
        int result = server.execute(Syscall.MMAP2.number(), (int) address, (int) size, protection, flags, fd, page);
        boolean isElsewhere = (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) != 0 && result != (int) address;
        if (Integer.compareUnsigned(result, ERRORS) >= 0 || isElsewhere) {
            throw notMapped("mmap(2) of " + size + " bytes at 0x" + Long.toHexString(address), result);
        }
        return result & 0xffffffffL;
    }

    private void munmap(long address, long size) {
        if (size > 0) {
            server.execute(Syscall.MUNMAP.number(), (int) address, (int) size, 0, 0, 0, 0);
        }
    }

    /** Both are closed before anything of the program's runs, which LockCheck sees. */
    private void close(int fd) {
        server.execute(Syscall.CLOSE.number(), fd, 0, 0, 0, 0, 0);
    }

    // ---- the stack --------------------------------------------------------------------------------------------------

    /** Makes the auxiliary vector the program's; its size in bytes, with AT_NULL. */
    private static int describe(MemorySegment vector, Mapped program, @Nullable Mapped loader, Places places) {
        int at = 0;
        for (int type = -1; type != AT_NULL; at += 2 * WORD) {
            type = vector.get(JAVA_INT_UNALIGNED, at);
            long was = vector.get(JAVA_INT_UNALIGNED, at + WORD);
            long value =
                    switch (type) {
                        case AT_PHDR -> program.bias + program.image.headersAddress();
                        case AT_PHNUM -> program.image.headers();
                        case AT_ENTRY -> program.entry();
                        case AT_BASE -> loader == null ? 0 : loader.bias;
                        case AT_EXECFN -> places.name;
                        case AT_SYSINFO -> places.gate;
                        default -> was;
                    };
            vector.set(JAVA_INT_UNALIGNED, at + WORD, (int) value);
        }
        return at;
    }

    private static long value(MemorySegment vector, int wanted) {
        for (int at = 0; at < AUXILIARY_MOST; at += 2 * WORD) {
            if (vector.get(JAVA_INT_UNALIGNED, at) == wanted) {
                return vector.get(JAVA_INT_UNALIGNED, at + WORD) & 0xffffffffL;
            }
        }
        throw new IllegalStateException("auxiliary vector without " + wanted);
    }

    /**
     * Has the kernel know the program's heap, code and vector instead of the launcher's (prctl(2), PR_SET_MM_MAP): brk(2) then
     * begins behind the program, and /proc/PID/auxv is its own. A kernel without CONFIG_CHECKPOINT_RESTORE refuses, and the
     * heap stays where it was.
     *
     * @param above the heap begins there, or above
     * @param strings begin and end of the arguments, then of the environment
     */
    private void tellTheKernel(Mapped program, long above, long stack, long[] strings, MemorySegment vector, int size) {
        List<Segment> loads = program.image.loads();
        long spread = fixedAddresses ? 0 : ThreadLocalRandom.current().nextLong(HEAP_SPREAD) & -Segment.PAGE;
        // Nothing of ours between the program and its heap: a kernel with CONFIG_COMPAT_BRK lets brk(2) unmap what is
        // there.
        long heap = ours.touch((int) above, (int) spread) ? above : above + spread;
        List<Segment> code = loads.stream().filter(Segment::executable).toList();
        long beginOfCode = code.stream().mapToLong(Segment::address).min().orElse(0);
        long endOfCode = code.stream().mapToLong(Segment::fileEnd).max().orElse(0);
        long endOfData = loads.stream().mapToLong(Segment::fileEnd).max().orElse(0);
        MemorySegment order = server.data(MM_MAP_SIZE + size);
        long[] words = {
            program.bias + beginOfCode,
            program.bias + endOfCode,
            program.bias + loads.getLast().address(),
            program.bias + endOfData,
            heap,
            heap,
            stack,
            strings[0],
            strings[1],
            strings[2],
            strings[3],
            (server.addressOf(order) & 0xffffffffL) + MM_MAP_SIZE
        };
        for (int i = 0; i < words.length; i++) {
            order.set(JAVA_LONG, 8L * i, words[i]);
        }
        order.set(JAVA_INT, MM_MAP_SIZE - 2 * WORD, size);
        order.set(JAVA_INT, MM_MAP_SIZE - WORD, -1); // exe_fd: another needs CAP_SYS_RESOURCE
        MemorySegment.copy(vector, 0, order, MM_MAP_SIZE, size);
        server.execute(Syscall.PRCTL.number(), PR_SET_MM, PR_SET_MM_MAP, server.addressOf(order), MM_MAP_SIZE, 0, 0);
    }

    // ---- what the answer carries, and what the process has
    // --------------------------------------------------------------

    private MemorySegment room(long address, int length) {
        try {
            return server.carried((int) address, length);
        } catch (CallError noRoom) {
            throw notMapped(
                    "it has more segments with zeroes behind their data than are mapped here",
                    "no linker makes so many; if this file is yours, build it anew");
        }
    }

    private void carry(long address, MemorySegment content) {
        room(address, (int) content.byteSize()).copyFrom(content);
    }

    private static MemorySegment bytes(String name) {
        return MemorySegment.ofArray((name + '\0').getBytes(StandardCharsets.ISO_8859_1));
    }

    private long word(long address) {
        return read(address, WORD).get(JAVA_INT_UNALIGNED, 0) & 0xffffffffL;
    }

    /** What is there, as far as it is there; zeroes behind it. */
    private MemorySegment read(long address, int length) {
        MemorySegment into = arena.allocate(length, 8);
        int got = kernel.process_vm_readv(pid, address, into, length);
        if (got < WORD) {
            throw notMapped("process_vm_readv(2)", got);
        }
        return into;
    }

    private static SandboxFailed notMapped(String call, int result) {
        return notMapped(
                call + " gave " + Errno.name(-result),
                "--limit memory or ulimit -v may be too low; a program with fixed addresses may lie where something else"
                        + " has to be");
    }

    private static SandboxFailed notMapped(String why, String whatToDo) {
        return new SandboxFailed("the program could not be mapped", why, whatToDo);
    }
}
