package nurse.bench.peers;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import nurse.bench.roundtrip.RoundTripBenchmark.By;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.ffm.KernelRefused;
import nurse.helper.policy.Policy;
import nurse.helper.policy.Rule;
import nurse.helper.sandbox.RefusalCount;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is compared with nurse really judges: a sandbox that only stopped the program would be faster. */
class MediationTest {
    @TempDir
    private Path directory;

    private Path open;
    private Path secret;

    /** What a program printed, how it ended, and how often it was refused something. */
    private record Outcome(int status, String output, int refusals) {}

    @BeforeEach
    void makeFiles() throws IOException {
        open = Files.writeString(
                Files.createDirectories(directory.resolve("open")).resolve("file"), "open to all\n");
        secret = Files.writeString(
                Files.createDirectories(directory.resolve("secret")).resolve("file"), "secret\n");
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"NATIVE", "SIGSYS"})
    void aFileOutsideThePolicyIsRefusedAndTheOneBesideItIsNot(By by) {
        assertThat(peek(by, open, open.getParent())).isEqualTo(new Outcome(0, "open to all\n" + open.getParent(), 0));
        assertThat(peek(by, secret, open.getParent())).isEqualTo(new Outcome(Errno.EPERM, "", 1));
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"NATIVE", "SIGSYS"})
    void aDirectoryOutsideThePolicyCannotBeGoneTo(By by) {
        assertThat(peek(by, open, secret.getParent())).isEqualTo(new Outcome(Errno.EPERM, "open to all\n", 1));
    }

    /** Or the two tests above would hold for a program that nobody looks at. */
    @ParameterizedTest
    @EnumSource(names = "NATIVE")
    void withoutASandboxBothCanBeRead(By by) {
        assertThat(peek(by, secret, secret.getParent())).isEqualTo(new Outcome(0, "secret\n" + secret.getParent(), 0));
    }

    private Outcome peek(By by, Path file, Path to) {
        Policy policy = Policy.of(List.of(
                new Rule("/", Rule.Kind.READ, "test"),
                new Rule(secret.getParent().toString(), Rule.Kind.DENY, "test")));
        try (Kernel kernel = new Kernel();
                Arena arena = Arena.ofConfined()) {
            RefusalCount log = new RefusalCount();
            long pipe = KernelRefused.check("pipe2", kernel.pipe2(Kernel.O_CLOEXEC));
            int end = (int) (pipe >> 32);
            List<String> arguments = List.of(Programs.path("peek"), file.toString(), to.toString());
            // In a thread of its own: a sandbox's may afterwards open nothing more than its program might.
            int status = CompletableFuture.supplyAsync(
                            () -> by.interceptor(policy, log).run(kernel, arguments, List.of(0, end, 2)),
                            task -> new Thread(task).start())
                    .join();
            kernel.close(end);
            MemorySegment output = arena.allocate(4096);
            byte[] bytes = new byte[Math.max(kernel.read((int) pipe, output, 4096), 0)];
            MemorySegment.copy(output, JAVA_BYTE, 0, bytes, 0, bytes.length);
            kernel.close((int) pipe);
            return new Outcome(status, new String(bytes, StandardCharsets.UTF_8), log.count());
        }
    }
}
