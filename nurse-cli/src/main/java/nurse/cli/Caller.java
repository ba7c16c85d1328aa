package nurse.cli;

import java.util.Map;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.helper.sandbox.Phases;
import nurse.helper.sandbox.ProcessMaker;
import nurse.helper.sandbox.StartSignals;

/**
 * Whoever wants a program run: what the program inherits, where relative names begin, and whom messages go to. One run
 * each, of one thread.
 */
interface Caller {
    /** Their environment, in its order; one char a byte. */
    Map<String, String> environment();

    /** Where relative names begin: a descriptor of their working directory, or AT_FDCWD. */
    int directory();

    /** The working directory's name on the host, or null if it has none any more. */
    String directoryName();

    /**
     * A name of the host as this process has to say it: {@code /dev/stdout} and its like mean the caller's own.
     *
     * @param name relative to {@link #directory}, or absolute
     */
    default String host(String name) {
        return name;
    }

    int umask();

    /** What the program inherits of its signals. */
    StartSignals signals();

    /** Whether the program will be this process's child. */
    boolean isParent();

    /**
     * From now on signals to the caller are the program's: what has been begun is ended in order. To be asked before
     * {@link #maker}.
     *
     * @param asks whether this process asks on the terminal itself
     */
    default void holdSignals(boolean asks) {} // whose process becomes the program needs nobody to pass them on

    /** Makes the program's process, with their standard input, output and error. To be asked once, and last. */
    ProcessMaker maker();

    /** A descriptor of their standard error. */
    int error();

    /** A new descriptor of the terminal that they sit at, to be closed by who asks; or a negative errno. */
    default int terminal() {
        return -Errno.ENXIO; // who is not the program's parent does not ask: RunCommand.needsParent
    }

    /** Says something on their standard output: what they have asked for. */
    void out(String text);

    /** Says something on their standard error. */
    default void err(String text) {
        Messages.write(kernel(), error(), text);
    }

    /** What took how long so far. */
    Phases phases();

    /** Of the run's thread. */
    Kernel kernel();
}
