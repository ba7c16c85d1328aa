package nurse.bench.peers;

import java.util.List;
import nurse.ffm.Kernel;

/** A way to run an i386 program so that its calls are looked at, or not: what the benchmarks compare. */
public interface Interceptor {
    /**
     * Runs a program to its end on the calling thread, which is the program's parent.
     *
     * @param kernel the thread's own
     * @param arguments the program's path, and what follows it
     * @param standard descriptors of its standard input, output and error; stay open here
     * @return its exit status, or 128 + n when signal n ended it
     */
    int run(Kernel kernel, List<String> arguments, List<Integer> standard);

    /** Where the parties are best off, in words for the report: the fastest of the placements that were tried. */
    String placement();

    /** Brings the parties there. Called once, on any thread, when the program has made its first call and waits for input. */
    void place(Kernel kernel, int parentThread, int program);
}
