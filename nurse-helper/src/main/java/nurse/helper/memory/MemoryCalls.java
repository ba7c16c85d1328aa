package nurse.helper.memory;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.ffm.ProcFs;
import nurse.helper.calls.Call;
import nurse.helper.calls.CallError;
import nurse.helper.calls.CallHandler;
import nurse.helper.calls.CallRefused;
import nurse.helper.calls.Syscall;
import nurse.helper.descriptors.OpenFile;
import nurse.helper.processes.ProcessState;
import nurse.helper.time.Clocks;

/**
 * The address space: the trustee carries the calls out, once it is known that they leave alone what it runs on.
 *
 * <p>Only ranges that the program names are looked at. What the kernel chooses never overlaps what is mapped.
 */
public final class MemoryCalls implements CallHandler {
    private static final int LOWEST = 0x10000;
    private static final int MAP_FIXED = 0x10; // asm-generic/mman-common.h
    private static final int MAP_FIXED_NOREPLACE = 0x100000;
    private static final int PROT_EXEC = 4;
    private static final int PAGE_MASK = 0xfff;
    private static final int MAP_ANONYMOUS = 0x20;
    private static final int MFD_CLOEXEC = 1;
    private static final int MAP_TYPE = 0xf;
    private static final int MAP_PRIVATE = 2;
    private static final int O_ACCMODE = 3;
    private static final int MFD_HUGETLB = 4;
    private static final int MAP_HUGETLB = 0x40000;
    private static final int MREMAP_FIXED = 2;
    private static final int MADV_HWPOISON = 100; // and above: they damage memory on purpose

    private final Kernel kernel;
    private final ProcessState process;
    private final MappedFiles files;
    private final FutexCalls futexes;

    public MemoryCalls(
            Kernel kernel, Clocks clocks, ProcessState process, ProcessMemory memory, MappedFiles files, Arena arena) {
        this.kernel = kernel;
        this.process = process;
        this.files = files;
        this.futexes = new FutexCalls(clocks, memory, arena);
    }

    @Override
    public int answer(Syscall syscall, Call call) {
        return switch (syscall) {
            case MMAP2 -> mmap2(call);
            case MMAP -> mmap(call);
            case MPROTECT -> mprotect(call);
            case MUNMAP, MSYNC, MINCORE -> (call.argument(0) & PAGE_MASK) != 0 ? -Errno.EINVAL : ranged(syscall, call);
            case MLOCK, MLOCK2, MUNLOCK -> ranged(syscall, call);
            case MADVISE -> madvise(call);
            case MREMAP -> mremap(call);
            case BRK, MLOCKALL, MUNLOCKALL, MEMBARRIER -> call.forward(syscall);
            case FUTEX, FUTEX_TIME64 -> futexes.answer(syscall, call);
            case MEMFD_CREATE -> memfd(call);
            default -> UNANSWERED;
        };
    }

    /** What lies in one is counted by no limit of address space: where memory is limited, there is none (ENOMEM). */
    private int memfd(Call call) {
        if ((call.argument(1) & MFD_HUGETLB) != 0) {
            return -Errno.EINVAL; // as without CONFIG_HUGETLBFS: huge pages are the whole machine's
        }
        if (process.descriptors().shares().areBuffersLimited()) {
            return -Errno.ENOMEM;
        }
        int number = process.descriptors().lowestFree(0);
        int result = call.forward(Syscall.MEMFD_CREATE);
        if (result >= 0) {
            process.descriptors().put(number, OpenFile.anonymous(), (call.argument(1) & MFD_CLOEXEC) != 0);
        }
        return result;
    }

    private int mmap2(Call call) {
        allowed(call.argument(0), call.argument(1), call.argument(2), call.argument(3), call.argument(4));
        return call.forward(Syscall.MMAP2);
    }

    /** The old call has its arguments in memory: they are executed as mmap2, from the copy that was judged. */
    private int mmap(Call call) {
        MemorySegment a = call.struct(0, 24);
        if (a == null) {
            throw CallError.of(Errno.EFAULT);
        }
        int offset = a.get(JAVA_INT, 20);
        if ((offset & PAGE_MASK) != 0) {
            return -Errno.EINVAL;
        }
        allowed(a.get(JAVA_INT, 0), a.get(JAVA_INT, 4), a.get(JAVA_INT, 8), a.get(JAVA_INT, 12), a.get(JAVA_INT, 16));
        return call.trustee()
                .execute(
                        Syscall.MMAP2,
                        a.get(JAVA_INT, 0),
                        a.get(JAVA_INT, 4),
                        a.get(JAVA_INT, 8),
                        a.get(JAVA_INT, 12),
                        a.get(JAVA_INT, 16),
                        offset >>> 12);
    }

    private void allowed(int address, int length, int protection, int flags, int fd) {
        String name =
                (flags & MAP_ANONYMOUS) == 0 ? process.descriptors().get(fd).name() : null;
        if ((flags & (MAP_ANONYMOUS | MAP_HUGETLB)) == (MAP_ANONYMOUS | MAP_HUGETLB)) {
            throw CallError.of(Errno.ENOMEM); // as where there are none: huge pages are the whole machine's
        }
        if ((flags & MAP_ANONYMOUS) == 0) {
            requireCounted(flags, fd);
        }
        if ((flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) != 0) {
            requirePlace(address, length);
        }
        if ((flags & MAP_FIXED) != 0) {
            leaveOurs(address, length); // MAP_FIXED_NOREPLACE itself is EEXIST there, as wherever something is
        }
        if ((protection & PROT_EXEC) != 0 && name != null && files.restricted()) {
            CallError.check(files.judge(name));
        }
    }

    /** Where what is written is counted, none is written by a mapping: ENODEV, as of a file that cannot be mapped. */
    private void requireCounted(int flags, int fd) {
        if ((flags & MAP_TYPE) != MAP_PRIVATE && process.descriptors().shares().countsWritten()) {
            int borrowed = process.descriptors().borrow(fd);
            int mode = kernel.fcntl(borrowed, Kernel.F_GETFL, 0) & O_ACCMODE;
            process.descriptors().giveBack(fd, borrowed);
            if (mode == Kernel.O_RDWR) { // mprotect(2) makes a mapping of such a file writable at any time
                throw CallError.of(Errno.ENODEV);
            }
        }
    }

    /** What is wrong with a place comes first, as in do_mmap and get_unmapped_area, mm/mmap.c. */
    private static void requirePlace(int address, int length) {
        if (length == 0 || (address & PAGE_MASK) != 0) {
            throw CallError.of(Errno.EINVAL);
        }
        leaveLowest(address);
    }

    /** What was mapped to be read must not become code by it: as on a file system that is mounted noexec. */
    private int mprotect(Call call) {
        int address = call.argument(0);
        if ((address & PAGE_MASK) != 0) {
            return -Errno.EINVAL;
        }
        if ((call.argument(2) & PROT_EXEC) != 0 && files.restricted()) {
            long start = address & 0xffffffffL;
            long end = start + (call.argument(1) & 0xffffffffL);
            for (ProcFs.Mapping mapping : ProcFs.maps(kernel, process.pid())) {
                String name = mapping.start() < end && start < mapping.end() ? name(mapping) : null;
                if (name != null) {
                    CallError.check(files.judge(name));
                }
            }
        }
        return ranged(Syscall.MPROTECT, call);
    }

    /** The name of the file that is mapped, also of one that was removed since; null for what has none. */
    private String name(ProcFs.Mapping mapping) {
        String name = mapping.path();
        if (!name.startsWith("/") || name.startsWith("/memfd:") || name.startsWith("/dev/zero")) {
            return null;
        }
        String kept =
                name.endsWith(OpenFile.DELETED) ? name.substring(0, name.length() - OpenFile.DELETED.length()) : name;
        return files.inside(kept.replace("\\012", "\n"));
    }

    /** Where null pointers of the kernel's point to: vm.mmap_min_addr, which root may pass over (security/min_addr.c). */
    private static void leaveLowest(int address) {
        if (Integer.compareUnsigned(address, LOWEST) < 0) {
            throw CallRefused.of(Errno.EPERM, "null pointers of the kernel's point there (vm.mmap_min_addr)");
        }
    }

    private void leaveOurs(int address, int length) {
        if (process.protectedRanges().touch(address, length)) {
            throw CallRefused.of(Errno.EPERM, "the sandbox's own memory is there");
        }
    }

    private int ranged(Syscall syscall, Call call) {
        leaveOurs(call.argument(0), call.argument(1));
        return call.forward(syscall);
    }

    private int madvise(Call call) {
        if (Integer.compareUnsigned(call.argument(2), MADV_HWPOISON) >= 0) {
            throw CallRefused.of(Errno.EPERM, "it would take pages from the whole machine (MADV_HWPOISON)");
        }
        return (call.argument(0) & PAGE_MASK) != 0 ? -Errno.EINVAL : ranged(Syscall.MADVISE, call);
    }

    private int mremap(Call call) {
        leaveOurs(call.argument(0), Math.max(call.argument(1), 1));
        leaveOurs(call.argument(0), call.argument(1));
        if ((call.argument(3) & MREMAP_FIXED) != 0) {
            leaveLowest(call.argument(4));
            leaveOurs(call.argument(4), call.argument(2));
        }
        return call.forward(Syscall.MREMAP);
    }
}
