package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import nurse.cli.Jar.User;
import nurse.helper.calls.CallClass;
import nurse.helper.calls.Syscall;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random calls with random arguments, src/test/native/fuzz/gate.c: the helper does not die, hang or leak descriptors, and every
 * answer is of the kind that the table says.
 */
class GateFuzzIT {
    private static final Path SOURCE = Path.of("src/test/native/fuzz/gate.c").toAbsolutePath();
    private static final int CALLS = 3000;
    private static final int SEEDS = 3;
    private static final int ENOSYS = 38;
    private static final int NO_ANSWER = 1 << 30;
    private static final long LOOK_MILLIS = 250;
    private static final int LOOKS_WITHOUT_CALLS = 12;
    private static final long END_SECONDS = 120;
    /** The JVM opens a file of its own now and then. */
    private static final int SLACK = 4;

    /** With random addresses a seed makes another run each time; they cannot be had without where personality(2) is refused. */
    private static final List<String> SAME_ADDRESSES =
            runs(List.of("setarch", "x86_64", "-R")) ? List.of("setarch", "x86_64", "-R") : List.of();

    private final User user = User.all().getLast();
    private final Path directory = Jar.directory();

    private record Note(int number, int answer) {}

    /** @param descriptors how many the helper had when the program had closed all of its own; -1 if it did not get there */
    private record Run(int status, String err, int descriptors, List<Note> notes) {}

    @ParameterizedTest(name = "seeds from {0}")
    @ValueSource(ints = {1, 101})
    void noAnswerDiffersInKind(int first) throws IOException, InterruptedException {
        Jar.compile(directory, SOURCE, "-o", "gate");
        int idle = run(first, 0).descriptors();
        int finished = 0;
        for (int seed = first; seed < first + SEEDS; seed++) {
            Run run = run(seed, CALLS);
            String of = "seed " + seed + (SAME_ADDRESSES.isEmpty() ? ", random addresses: " : ": ") + run.err();
            assertThat(run.err()).as(of).isEmpty();
            assertThat(run.notes()).as(of).isNotEmpty();
            if (run.status() == 0) {
                finished++;
                assertThat(run.descriptors()).as(of).isBetween(1, idle + SLACK);
            } else { // by a signal of its own doing: a limit that it set itself, say
                assertThat(run.status()).as(of).isBetween(129, 128 + 31);
            }
            run.notes().forEach(note -> isOfItsKind(of, note));
        }
        assertThat(finished).as("programs that came to their end").isPositive();
    }

    private static boolean runs(List<String> front) {
        List<String> command = new ArrayList<>(front);
        command.add("true");
        return Jar.execute(Path.of("/"), new byte[0], command).status() == 0;
    }

    private static void isOfItsKind(String of, Note note) {
        Syscall syscall = Syscall.byNumber(note.number());
        String what = of + " call " + note.number();
        if (note.answer() == NO_ANSWER) {
            return; // the one that the program ended in
        }
        assertThat(note.answer()).as(what).isGreaterThan(-4096);
        if (syscall == null) {
            assertThat(note.answer()).as(what).isEqualTo(-ENOSYS);
        } else if (syscall.callClass() == CallClass.REFUSE) {
            assertThat(note.answer()).as(what).isEqualTo(-syscall.refuseErrno());
        }
    }

    private Run run(int seed, int calls) throws IOException, InterruptedException {
        Path work = Jar.directory();
        Path notes = work.resolve("notes");
        Path err = work.resolve("err");
        List<String> command = new ArrayList<>(SAME_ADDRESSES);
        command.addAll(Jar.command(
                user,
                Jar.LOCK,
                List.of(
                        "run",
                        "--quiet",
                        "--net",
                        "loopback",
                        "--read",
                        directory.toString(),
                        "--write",
                        ".",
                        directory.resolve("gate").toString(),
                        Integer.toString(seed),
                        Integer.toString(calls),
                        notes.toString())));
        Process nurse = new ProcessBuilder(command)
                .directory(work.toFile())
                .redirectError(err.toFile())
                .start();
        int descriptors = -1;
        try (BufferedReader out = nurse.inputReader()) {
            boolean done = isDone(nurse, out, notes);
            if (done) {
                descriptors = descriptors(nurse.pid());
            } else {
                nurse.descendants().forEach(ProcessHandle::destroyForcibly);
            }
            nurse.getOutputStream().close();
            assertThat(nurse.waitFor(END_SECONDS, TimeUnit.SECONDS))
                    .as("seed %d: the helper ends when the program has", seed)
                    .isTrue();
        } finally {
            nurse.destroyForcibly();
        }
        return new Run(nurse.exitValue(), Files.readString(err), descriptors, notes(notes));
    }

    /** Waits until the program says so, or has ended, or makes no calls any more. */
    private static boolean isDone(Process nurse, BufferedReader out, Path notes)
            throws IOException, InterruptedException {
        int before = -1;
        int looks = 0;
        while (!nurse.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
            while (out.ready()) {
                if (out.readLine().endsWith("done")) { // behind what it may have written itself
                    return true;
                }
            }
            int now = notes(notes).size();
            looks = now == before ? looks + 1 : 0;
            before = now;
            if (now > 0 && looks > LOOKS_WITHOUT_CALLS) {
                return false;
            }
        }
        return false;
    }

    private static int descriptors(long pid) throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            return (int) all.count();
        }
    }

    private static List<Note> notes(Path file) {
        List<Note> notes = new ArrayList<>();
        if (!Files.exists(file)) {
            return notes;
        }
        try {
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
            while (bytes.remaining() >= 8) {
                int number = bytes.getInt();
                int answer = bytes.getInt();
                if (number != 0) {
                    notes.add(new Note(number - 1, answer));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return notes;
    }
}
