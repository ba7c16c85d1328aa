import java.nio.file.Path;

/** A mistake in a table; the message begins with file and line. */
final class TableException extends Exception {
    private static final long serialVersionUID = 1L;

    TableException(Path file, int line, String what) {
        super(file.getFileName() + ":" + line + ": " + what);
    }
}
