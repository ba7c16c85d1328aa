package nurse.helper.descriptors;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import nurse.ffm.Kernel;

/** Entries of a directory without those that the program is not to know of: getdents64(2). */
final class DirectoryList {
    private static final int RECLEN = 16; // struct linux_dirent64: u64 ino, s64 off, u16 reclen, u8 type, name
    private static final int NAME = 19;

    private DirectoryList() {}

    /** Which entries are left out. */
    interface LeftOut {
        /** @param at where the entry's name begins, which a zero byte ends */
        boolean test(MemorySegment entries, int at);
    }

    /** @return bytes of entries, 0 at the end, or a negative errno */
    static int read(Kernel kernel, int fd, MemorySegment to, LeftOut leftOut) {
        while (true) {
            int got = kernel.getdents64(fd, to, (int) to.byteSize());
            int kept = got <= 0 ? got : keep(to, got, leftOut);
            if (kept != 0 || got == 0) {
                return kept;
            }
        }
    }

    private static int keep(MemorySegment entries, int length, LeftOut leftOut) {
        int kept = 0;
        int size;
        for (int at = 0; at < length; at += size) {
            size = entries.get(JAVA_SHORT_UNALIGNED, at + RECLEN) & 0xffff;
            if (!leftOut.test(entries, at + NAME)) {
                MemorySegment.copy(entries, at, entries, kept, size);
                kept += size;
            }
        }
        return kept;
    }

    /** A name that is a number; 0 for any other. */
    static int number(MemorySegment name, int at) {
        int number = 0;
        for (int i = at, digit; (digit = name.get(JAVA_BYTE, i) - '0') >= 0 && digit <= 9; i++) {
            number = number * 10 + digit;
        }
        return number;
    }

    /** A name, one char a byte. */
    static String name(MemorySegment name, int at) {
        StringBuilder text = new StringBuilder();
        for (int i = at, next; (next = name.get(JAVA_BYTE, i) & 0xff) != 0; i++) {
            text.append((char) next);
        }
        return text.toString();
    }
}
