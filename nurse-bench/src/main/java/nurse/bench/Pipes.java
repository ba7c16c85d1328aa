package nurse.bench;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The commands of roundtrip.c through a pipe of java.io. */
final class Pipes {
    private Pipes() {}

    static void command(OutputStream to, int number, int argument, int count) throws IOException {
        ByteBuffer command = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
        to.write(command.putInt(number).putInt(argument).putInt(count).array());
        to.flush();
    }
}
