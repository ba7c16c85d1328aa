package nurse.bench.peers;

import nurse.ffm.Kernel;

/** The programs that this module builds (src/main/native). */
public final class Programs {
    private Programs() {}

    /** @param name of the program, without .elf */
    public static String path(String name) {
        String directory = System.getProperty("nurse.bench.programs");
        if (directory == null) {
            throw new IllegalStateException("-Dnurse.bench.programs=DIR says where the programs to measure are");
        }
        return directory + "/" + name + ".elf";
    }

    /** A child of one of this process's threads, or 0 if it has none: proc(5), task/TID/children. */
    public static int childOf(Kernel kernel, int thread) {
        String text = nurse.ffm.ProcFs.read(kernel, "/proc/self/task/" + thread + "/children");
        return text == null || text.isBlank() ? 0 : Integer.parseInt(text.trim().split(" ")[0]);
    }
}
