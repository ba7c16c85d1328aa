package nurse.cli.attack;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Random;

/** Programs that no linker made: {@code ./mutant}, from {@code ./attacks}. Offsets: elf(5), Elf32_Ehdr and Elf32_Phdr. */
final class Mutants {
    private static final int HEADER = 52;
    private static final int PHOFF = 28;
    private static final int PHNUM = 44;
    private static final int ENTRY = 32;
    private static final int VADDR = 8;
    private static final int FLAGS = 24;
    private static final int LOAD = 1;
    private static final int DYNAMIC = 2;
    private static final int INTERP = 3;
    private static final int ALL_FLAGS = 7;
    private static final int OVER_LOADER = 0xf7fc0000;
    private static final long TERABYTE = 1L << 40;
    private static final int SEED = 4711;

    private Mutants() {}

    private static byte[] original(Place place) throws IOException {
        return Files.readAllBytes(place.run().resolve("attacks"));
    }

    private static Path write(Place place, byte[] bytes) throws IOException {
        Path file = Files.write(place.run().resolve("mutant"), bytes);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    static void honest(Place place) throws IOException {
        write(place, original(place));
    }

    static void truncated(Place place) throws IOException {
        byte[] bytes = original(place);
        write(place, Arrays.copyOf(bytes, bytes.length / 3));
    }

    static void headerOnly(Place place) throws IOException {
        write(place, Arrays.copyOf(original(place), HEADER));
    }

    static void manyHeaders(Place place) throws IOException {
        byte[] bytes = original(place);
        words(bytes).putShort(PHNUM, (short) 0xffff);
        write(place, bytes);
    }

    static void overLoader(Place place) throws IOException {
        change(place, LOAD, VADDR, OVER_LOADER);
    }

    static void wildDynamic(Place place) throws IOException {
        change(place, DYNAMIC, VADDR, OVER_LOADER);
    }

    static void writableCode(Place place) throws IOException {
        change(place, LOAD, FLAGS, ALL_FLAGS);
    }

    static void ownLoader(Place place) throws IOException {
        byte[] bytes = original(place);
        int at = words(bytes).getInt(header(bytes, INTERP) + 4);
        System.arraycopy("/lib/ld-evil.so.2".getBytes(java.nio.charset.StandardCharsets.US_ASCII), 0, bytes, at, 17);
        bytes[at + 17] = 0;
        write(place, bytes);
    }

    static void giant(Place place) throws IOException {
        byte[] bytes = original(place);
        Arrays.fill(bytes, HEADER, bytes.length, (byte) 0);
        try (RandomAccessFile file = new RandomAccessFile(write(place, bytes).toFile(), "rw")) {
            file.setLength(TERABYTE);
        }
    }

    static void garbage(Place place) throws IOException {
        byte[] bytes = original(place);
        byte[] random = new byte[bytes.length - HEADER];
        new Random(SEED).nextBytes(random);
        System.arraycopy(random, 0, bytes, HEADER, random.length);
        write(place, bytes);
    }

    static void fifo(Place place) throws IOException {
        command("mkfifo", "-m", "755", place.run().resolve("mutant").toString());
    }

    /** A node of /dev/zero among the program's files, as who unpacks an archive as root may have. */
    static void device(Place place) throws IOException {
        command("mknod", "-m", "666", place.run().resolve("planted").toString(), "c", "1", "5");
    }

    private static void command(String... words) throws IOException {
        try {
            if (new ProcessBuilder(words).start().waitFor() != 0) {
                throw new IOException(String.join(" ", words) + " failed");
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IOException(stop);
        }
    }

    private static ByteBuffer words(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Where the last program header of a type is. */
    private static int header(byte[] bytes, int type) throws IOException {
        ByteBuffer words = words(bytes);
        for (int i = words.getShort(PHNUM) - 1; i >= 0; i--) {
            int at = words.getInt(PHOFF) + ENTRY * i;
            if (words.getInt(at) == type) {
                return at;
            }
        }
        throw new IOException("no program header of type " + type);
    }

    private static void change(Place place, int type, int field, int value) throws IOException {
        byte[] bytes = original(place);
        words(bytes).putInt(header(bytes, type) + field, value);
        write(place, bytes);
    }
}
