package nurse.helper.program;

import java.io.IOException;

/**
 * A file that the helper holds open to have it executed. What is read through it is what will be mapped: it stands for one
 * descriptor, not for a name.
 *
 * <p>Its content is hostile. Not thread-safe.
 */
public interface OpenProgram extends AutoCloseable {
    /** What the file is: only a regular file can be executed (fs/exec.c, do_open_execat: EACCES for all others). */
    enum Kind {
        REGULAR,
        DIRECTORY,
        OTHER
    }

    /** The canonical name of the file inside the sandbox, absolute and without links; bytes as ISO-8859-1. */
    String path();

    Kind kind();

    /** Whether the user whom the program will run as may execute it, as access(2) with X_OK would say. */
    boolean executable();

    /** Whether it is a dynamic linker that may run before the lock ({@link Mapper#LOADER}). */
    boolean trustedLoader();

    /** The file's size in bytes, as fstat(2) said when it was opened. */
    long size();

    /**
     * Reads bytes of the file into the beginning of {@code into}, as pread(2) does.
     *
     * @param length how many at most, no more than {@code into} has room for
     * @return how many were read, perhaps fewer than asked for; 0 or less at the end of the file
     * @throws IOException when the file cannot be read; its message is shown to the user
     */
    int read(long offset, byte[] into, int length) throws IOException;

    /** Closes the descriptor; a second time does nothing. */
    @Override
    void close();
}
