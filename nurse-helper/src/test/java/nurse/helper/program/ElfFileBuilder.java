package nurse.helper.program;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes small i386 ELF files, laid out as GNU ld does it: headers and the loader's name in a page to read, a page of code, a
 * page of data with the dynamic section. Each field can be changed, for the files that no linker makes.
 */
final class ElfFileBuilder {
    /** A program header. */
    static final class Header {
        int type;
        long offset;
        long address;
        long fileSize;
        long memorySize;
        int flags;
        long alignment;

        Header(int type, long offset, long address, long size, int flags, long alignment) {
            this.type = type;
            this.offset = offset;
            this.address = address;
            this.fileSize = size;
            this.memorySize = size;
            this.flags = flags;
            this.alignment = alignment;
        }
    }

    static final int R = 4;
    static final int RX = 5;
    static final int RW = 6;
    static final int RWX = 7;

    private static final int INTERP_AT = 0xa00;
    static final int DYNAMIC_AT = 0x2010;
    private static final int TLS_AT = 0x2800;

    int elfClass = 1;
    int data = 1;
    int version = 1;
    int osAbi;
    int type;
    int machine = 3;
    int headersAt = 52;
    int headerSize = 32;
    Integer count;
    int length = 0x2900;
    String interpreter = "/lib/ld-linux.so.2";
    int[] dynamic = {1, 1, 5, 0x100, 0x6ffffffb, 0x08000001, 0, 0};

    final List<Header> headers = new ArrayList<>();
    final Header phdr;
    final Header interp;
    final Header text;
    final Header code;
    final Header writable;
    final Header dynamicHeader;
    final Header locals;
    final Header note;
    final Header stack;

    private ElfFileBuilder(int type, long base) {
        this.type = type;
        phdr = add(new Header(Segment.PHDR, 52, base + 52, 9 * 32, R, 4));
        interp = add(new Header(Segment.INTERP, INTERP_AT, base + INTERP_AT, 0, R, 1));
        text = add(new Header(Segment.LOAD, 0, base, 0xb00, R, 0x1000));
        code = add(new Header(Segment.LOAD, 0x1000, base + 0x1000, 0x800, RX, 0x1000));
        writable = add(new Header(Segment.LOAD, 0x2000, base + 0x3000, 0x900, RW, 0x1000));
        writable.memorySize = 0x4000;
        dynamicHeader = add(new Header(Segment.DYNAMIC, DYNAMIC_AT, base + 0x1000 + DYNAMIC_AT, 0x80, RW, 4));
        locals = add(new Header(Segment.TLS, TLS_AT, base + 0x1000 + TLS_AT, 0x10, R, 16));
        locals.memorySize = 0x40;
        note = add(new Header(Segment.NOTE, 0xa80, base + 0xa80, 0x20, R, 4));
        stack = add(new Header(Segment.GNU_STACK, 0, 0, 0, RW, 16));
    }

    /** A position-independent program. */
    static ElfFileBuilder program() {
        return new ElfFileBuilder(3, 0);
    }

    /** A program with fixed addresses. */
    static ElfFileBuilder fixedProgram(long base) {
        return new ElfFileBuilder(2, base);
    }

    static ElfFileBuilder loader() {
        ElfFileBuilder loader = program().without(Segment.INTERP, Segment.PHDR, Segment.TLS);
        loader.dynamic = new int[] {14, 1, 0, 0};
        return loader;
    }

    Header add(Header header) {
        headers.add(header);
        return header;
    }

    ElfFileBuilder without(int... types) {
        for (int unwanted : types) {
            headers.removeIf(header -> header.type == unwanted);
        }
        return this;
    }

    byte[] build() {
        ByteBuffer file = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        file.put(new byte[] {0x7f, 'E', 'L', 'F', (byte) elfClass, (byte) data, (byte) version, (byte) osAbi});
        file.position(16);
        file.putShort((short) type)
                .putShort((short) machine)
                .putInt(1)
                .putInt(0x1000)
                .putInt(headersAt);
        file.putInt(0).putInt(0).putShort((short) 52).putShort((short) headerSize);
        file.putShort((short) (count == null ? headers.size() : count));
        file.putShort((short) 40).putShort((short) 0).putShort((short) 0);
        file.position(INTERP_AT).put((interpreter + "\0").getBytes(ISO_8859_1));
        if (interp.fileSize == 0) {
            interp.fileSize = interp.memorySize = interpreter.length() + 1L;
        }
        file.position(DYNAMIC_AT);
        for (int word : dynamic) {
            file.putInt(word);
        }
        if (headersAt > 0 && headersAt < length - 32 * headers.size()) {
            file.position(headersAt);
            for (Header header : headers) {
                file.putInt(header.type).putInt((int) header.offset).putInt((int) header.address);
                file.putInt((int) header.address).putInt((int) header.fileSize).putInt((int) header.memorySize);
                file.putInt(header.flags).putInt((int) header.alignment);
            }
        }
        return file.array();
    }
}
