package nurse.bench;

import java.io.IOException;

/** A part of the whole that can be measured alone. */
interface Section {
    /** What to call it on the command line. */
    String name();

    /** Measures what is not measured yet; an interrupted run goes on where it was. */
    void measure(Effort effort, Results results, Progress progress) throws IOException, InterruptedException;
}
