package nurse.bench.programs;

import java.nio.file.Path;

/**
 * Where things are: bin/bench has made it, and in a mount namespace of its own has put {@code directory} at {@value #INSIDE}
 * of the tree.
 *
 * @param tree the i386 Debian tree
 * @param directory inputs in {@code work}, peers of the tree's architecture in {@code i386}
 */
public record Place(Path tree, Path directory) {
    /** The directory as who has the tree as its root sees it. */
    static final String INSIDE = "/mnt";

    /** As bin/bench says. */
    public static Place ofBench() {
        return new Place(Path.of(System.getProperty("nurse.tree")), Path.of(System.getProperty("nurse.bench.place")));
    }

    Path work() {
        return directory.resolve("work");
    }

    String workInside() {
        return INSIDE + "/work";
    }
}
