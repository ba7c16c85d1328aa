package nurse.helper.descriptors;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import nurse.ffm.Kernel;
import nurse.ffm.lane.LaneLayout;

/** Entries of /proc/self/fd without those of ours: getdents64(2). */
final class DescriptorList {
    private static final int RECLEN = 16; // struct linux_dirent64: u64 ino, s64 off, u16 reclen, u8 type, name
    private static final int NAME = 19;

    private DescriptorList() {}

    /** @return bytes of entries, 0 at the end, or a negative errno */
    static int read(Kernel kernel, int fd, MemorySegment to) {
        while (true) {
            int got = kernel.getdents64(fd, to, (int) to.byteSize());
            int kept = got <= 0 ? got : keep(to, got);
            if (kept != 0 || got == 0) {
                return kept;
            }
        }
    }

    private static int keep(MemorySegment entries, int length) {
        int kept = 0;
        int size;
        for (int at = 0; at < length; at += size) {
            size = entries.get(JAVA_SHORT_UNALIGNED, at + RECLEN) & 0xffff;
            if (number(entries, at + NAME) < LaneLayout.FD_BASE) {
                MemorySegment.copy(entries, at, entries, kept, size);
                kept += size;
            }
        }
        return kept;
    }

    private static int number(MemorySegment name, int at) {
        int number = 0;
        for (int i = at, digit; (digit = name.get(JAVA_BYTE, i) - '0') >= 0 && digit <= 9; i++) {
            number = number * 10 + digit;
        }
        return number;
    }
}
