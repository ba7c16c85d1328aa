package nurse.cli.boot;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.Charset;
import java.util.List;

/**
 * Makes this process another program, by execve(2): nobody then stands between the user and it, with a terminal, signals and
 * a status to hand on. Of the user's descriptors the standard ones are kept, of the JVM's none.
 *
 * <p>By JNI (handon.c): Java 11 to 21 have nothing else, and FFM's first call costs more than what is to be saved.
 */
final class Exec {
    private Exec() {}

    /**
     * Becomes the program, or returns when that cannot be: nothing has changed then.
     *
     * @param library handon.c's, which need not be there
     * @param command the program's file and its first arguments
     * @param more its other arguments, each with its NUL
     */
    static void become(File library, List<String> command, byte[] more) {
        if (!library.canRead()) {
            return;
        }
        try {
            ByteArrayOutputStream strings = new ByteArrayOutputStream();
            Charset encoding = Charset.forName(System.getProperty("sun.jnu.encoding"));
            for (String string : command) {
                strings.write(string.getBytes(encoding));
                strings.write(0);
            }
            strings.write(more);
            int own = StandardDescriptors.ofTheJvm();
            System.load(library.getPath());
            removePerformanceData();
            execve(strings.toByteArray(), own);
        } catch (IOException | IllegalArgumentException | LinkageError notOfThisJvm) {
            // the caller has another way
        }
    }

    /** Returns a negative errno, or not at all. */
    private static native int execve(byte[] strings, int own);

    /** A JVM that ends does this itself (PerfMemory of HotSpot, os::get_temp_directory). */
    private static void removePerformanceData() {
        File directory = new File("/tmp/hsperfdata_" + System.getProperty("user.name"));
        new File(directory, Long.toString(ProcessHandle.current().pid())).delete();
    }
}
