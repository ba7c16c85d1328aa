package nurse.helper.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import nurse.helper.calls.CallError;

/** A struct sockaddr of the program's, as connect(2), bind(2) and sendto(2) have it. */
public final class AddressTarget {
    private AddressTarget() {}

    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length < 2 || input.length > SocketAddress.LIMIT) {
            return; // AddressJudge reads no other
        }
        MemorySegment bytes = MemorySegment.ofArray(input);
        try {
            SocketAddress taken = SocketAddress.asTaken(bytes);
            if (taken instanceof SocketAddress.Internet internet) {
                assertThat(internet.address()).hasSize(16);
                assertThat(internet.port()).isBetween(0, 0xffff);
                byte[] written = input.clone();
                MemorySegment copy = MemorySegment.ofArray(written);
                internet.writeFamilyTo(copy);
                assertThat(SocketAddress.of(copy))
                        .as("what was judged is what is executed")
                        .isInstanceOf(SocketAddress.Internet.class);
                assertThat(((SocketAddress.Internet) SocketAddress.of(copy)).address())
                        .isEqualTo(internet.address());
            } else if (taken instanceof SocketAddress.File file) {
                assertThat(file.path()).isNotEmpty().doesNotContain("\0");
            }
        } catch (CallError refused) {
            assertThat(refused.errno()).isPositive();
        }
    }
}
