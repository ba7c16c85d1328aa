package nurse.cli.attack;

import java.nio.file.Path;
import java.util.List;

/** {@code nurse run}, within this process. Any thread may ask; each run is one of its own. */
@FunctionalInterface
public interface Nurse {
    /**
     * Runs a program to its end, its standard input empty.
     *
     * @param directory where it starts
     * @param out where its standard output goes, anew
     * @param err where its standard error and all messages go, anew
     * @param arguments of {@code nurse run}
     * @return the status that the command would have ended with
     */
    int run(Path directory, Path out, Path err, List<String> arguments);
}
