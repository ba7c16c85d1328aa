package nurse.helper.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import nurse.helper.program.ProgramException.NotRunnable;
import nurse.helper.program.ProgramException.Reason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ElfFuzzTest {
    private static final int ROUNDS = 20_000;
    private static final int[] INTERESTING = {
        0,
        1,
        2,
        3,
        7,
        0x34,
        0xfff,
        0x1000,
        0x1001,
        0x7fffffff,
        0x80000000,
        0xfffff000,
        0xffffffff,
        0xbffff000,
        0x40000000
    };

    /** Where trees of i386 programs may lie; see bin/make-i386-tree. */
    private static final Path CACHE = Path.of("/var/cache/seccomp-nurse");

    static LongStream seeds() {
        return new SplittableRandom(20260423).longs(4);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void mutatedProgramsAreJudgedWithoutAnyOtherError(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        byte[] good =
                (random.nextBoolean() ? ElfFileBuilder.program() : ElfFileBuilder.fixedProgram(0x08048000)).build();
        int accepted = 0;
        for (int round = 0; round < ROUNDS; round++) {
            byte[] content = mutate(good, random);
            MemoryProgram file = new MemoryProgram("/bin/tool", content);
            accepted += judge(file, content) ? 1 : 0;
            assertThat(file.reads).isLessThan(10);
        }
        assertThat(accepted).isPositive();
    }

    /** Whether it is accepted; an AssertionError where ld.so would then find something else. */
    static boolean judge(MemoryProgram file, byte[] content) {
        try {
            ElfImage image = ElfReader.read(file, "tool");
            ElfRules.program(file, image, Mapper.HELPER);
            ElfRules.program(file, image, Mapper.LOADER);
            new Mapping(image, content).requireWhatTheLoaderFindsToBeWhatWasJudged();
            return true;
        } catch (ProgramException refused) {
            assertThat(refused.exitStatus()).isEqualTo(126);
            return false;
        } finally {
            assertThat(file.mostAskedFor).isLessThanOrEqualTo(ElfRules.MAX_DYNAMIC);
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void mutatedLoadersAreJudgedWithoutAnyOtherError(long seed) throws IOException {
        Path real = Path.of("/lib/ld-linux.so.2");
        byte[] good = Files.isReadable(real)
                ? Files.readAllBytes(real)
                : ElfFileBuilder.loader().build();
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 500; round++) {
            MemoryProgram file = new MemoryProgram("/lib/ld-linux.so.2", mutate(good, random));
            try {
                ElfRules.loader(file, ElfReader.read(file, "ld.so"), Mapper.LOADER, "tool");
            } catch (ProgramException refused) {
                assertThat(refused.exitStatus()).isEqualTo(126);
            }
        }
    }

    /** The rules must not be stricter than the linkers. What is refused in a real tree is static, or ld.so itself. */
    @Test
    void noRealProgramIsTakenForAHostileOne() throws IOException {
        assumeTrue(Files.isDirectory(CACHE), "no tree of i386 programs");
        List<Path> directories = new ArrayList<>();
        try (Stream<Path> trees = Files.list(CACHE)) {
            trees.map(tree -> tree.resolve("usr/bin"))
                    .filter(Files::isDirectory)
                    .forEach(directories::add);
        }
        int accepted = 0;
        for (Path directory : directories) {
            try (Stream<Path> files = Files.list(directory)) {
                for (Path path : files.filter(Files::isRegularFile).toList()) {
                    accepted += isAccepted(path) ? 1 : 0;
                }
            }
        }
        assumeTrue(accepted > 0, "no i386 program in the trees");
    }

    @Test
    void theRealLoaderIsAccepted() throws IOException, ProgramException {
        Path real = Path.of("/lib/ld-linux.so.2");
        assumeTrue(Files.isReadable(real), "no i386 loader on this machine");
        MemoryProgram file = new MemoryProgram(real.toString(), Files.readAllBytes(real));
        ElfRules.loader(file, ElfReader.read(file, file.path()), Mapper.LOADER, "tool");
    }

    private static boolean isAccepted(Path path) throws IOException {
        byte[] content = Files.readAllBytes(path);
        if (!ElfReader.isElf(content) || content[4] != 1) {
            return false;
        }
        MemoryProgram file = new MemoryProgram(path.toString(), content);
        try {
            ElfRules.program(file, ElfReader.read(file, file.path()), Mapper.LOADER);
            return true;
        } catch (NotRunnable refused) {
            assertThat(refused.reason()).as(refused.getMessage()).isIn(Reason.STATICALLY_LINKED, Reason.SHARED_LIBRARY);
            return false;
        } catch (ProgramException failed) {
            throw new AssertionError(failed);
        }
    }

    private static byte[] mutate(byte[] good, SplittableRandom random) {
        byte[] content = random.nextInt(8) == 0 ? Arrays.copyOf(good, random.nextInt(good.length)) : good.clone();
        ByteBuffer buffer = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
        for (int changes = 1 + random.nextInt(4); changes > 0 && content.length > 4; changes--) {
            // The headers; seldom the rest.
            int at =
                    random.nextInt(Math.min(content.length, random.nextInt(5) == 0 ? content.length : 52 + 9 * 32) - 3);
            switch (random.nextInt(4)) {
                case 0 -> content[at] = (byte) random.nextInt();
                case 1 -> buffer.putInt(at & ~3, INTERESTING[random.nextInt(INTERESTING.length)]);
                case 2 ->
                    buffer.putInt(
                            at & ~3, buffer.getInt(at & ~3) + random.nextInt(-64, 65) * (1 << random.nextInt(13)));
                default -> content[at] ^= (byte) (1 << random.nextInt(8));
            }
        }
        return content;
    }

    /**
     * What ld.so has in memory after it mapped an accepted program: an independent telling of elf/dl-map-segments.h and of
     * the second reading in rtld_setup_main_map(). Fails where ld.so would leave the program's room.
     */
    private record Mapping(ElfImage image, byte[] content) {
        void requireWhatTheLoaderFindsToBeWhatWasJudged() {
            List<Segment> loads = image.loads();
            long room = loads.getFirst().firstPage();
            long roomEnd = loads.getLast().endPage();
            for (Segment load : loads) {
                assertThat(load.firstPage()).isBetween(room, roomEnd);
                assertThat(load.endPage()).isBetween(room, roomEnd);
            }
            image.first(Segment.PHDR).ifPresent(header -> {
                for (int i = 0; i < image.headersSize(); i++) {
                    assertThat(inMemory(header.address() + i)).isEqualTo(content[(int) image.headersAt() + i]);
                }
            });
            long dynamic = image.first(Segment.DYNAMIC).orElseThrow().address();
            while (word(dynamic) != 0) {
                dynamic += 8;
            }
        }

        private int word(long address) {
            int word = 0;
            for (int i = 3; i >= 0; i--) {
                word = word << 8 | inMemory(address + i) & 0xff;
            }
            return word;
        }

        /** The byte at an address: of the segment mapped last there, from the file or zero. */
        private byte inMemory(long address) {
            byte value = 0;
            boolean mapped = false;
            for (Segment load : image.loads()) {
                if (address >= load.firstPage() && address < load.endPage()) {
                    mapped = true;
                    boolean zero = address >= load.address() + load.fileSize() && address < load.end();
                    long at = address - load.address() + load.offset();
                    value = zero || at >= content.length ? 0 : content[(int) at];
                }
            }
            assertThat(mapped).as("address=%x", address).isTrue();
            return value;
        }
    }
}
