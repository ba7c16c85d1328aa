package nurse.bench;

/** Tells a person how far it is: one line that changes on a terminal, nothing but the parts elsewhere. */
public final class Progress {
    private static final String CLEAR = "\r\033[K";

    @SuppressWarnings("SystemConsoleNull") // JDK 25 returns null where standard input or output is no terminal
    private final boolean terminal =
            System.console() != null && System.console().isTerminal();

    private final long begin = System.nanoTime();

    /** A part that begins. */
    public void part(String what) {
        say((terminal ? CLEAR : "") + "bench: " + what + "\n");
    }

    /** What is being done, and how much of the part. */
    public void step(int done, int all, String what) {
        if (terminal) {
            long seconds = (System.nanoTime() - begin) / 1_000_000_000;
            say(CLEAR + "  %d of %d, %d:%02d  %s".formatted(done, all, seconds / 60, seconds % 60, what));
        }
    }

    /** The part is over. */
    public void end() {
        if (terminal) {
            say(CLEAR);
        }
    }

    private static void say(String text) {
        System.err.print(text);
        System.err.flush();
    }
}
