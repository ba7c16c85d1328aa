package nurse.helper.sandbox;

/**
 * Where the time of a run goes: its phases, one behind the other. Costs a look at the clock for each, so it is always there.
 *
 * <p>Times are those of {@link System#nanoTime}, which on Linux is CLOCK_MONOTONIC, the same in all processes. Not
 * thread-safe.
 */
public final class Phases {
    private static final int MOST = 16;

    private final long begin;
    private final String[] names = new String[MOST];
    private final long[] ends = new long[MOST];
    private int count;
    private boolean timesCalls;
    private long calls;
    private long callNanos;

    /** @param begin when the first phase began */
    public Phases(long begin) {
        this.begin = begin;
    }

    /** Says that a phase ends now, and how it is to be called. */
    public void end(String name) {
        end(name, System.nanoTime());
    }

    /** The same of a phase that ended before. */
    public void end(String name, long nanos) {
        names[count] = name;
        ends[count] = nanos;
        count++;
    }

    /** From now on it is measured how long the helper takes for each call: two more looks at the clock. */
    public void timeCalls() {
        timesCalls = true;
    }

    boolean timesCalls() {
        return timesCalls;
    }

    void answered(long nanos) {
        calls++;
        callNanos += nanos;
    }

    /** A table for people: each phase in milliseconds, and the sum. */
    public String table() {
        StringBuilder text = new StringBuilder();
        long last = begin;
        for (int i = 0; i < count; i++) {
            line(text, names[i], ends[i] - last);
            last = ends[i];
        }
        if (timesCalls) {
            line(text, "(answers)", callNanos);
            text.setLength(text.length() - 1);
            text.append("  of ").append(calls).append(" calls, in the helper\n");
        }
        line(text, "in all", last - begin);
        return text.toString();
    }

    private static void line(StringBuilder text, String name, long nanos) {
        String hundredths = Long.toString(Math.max(nanos, 0) / 10_000);
        int whole = hundredths.length() - 2;
        text.append("  ").append(name).append(" ".repeat(Math.max(1, 10 - name.length())));
        text.append(" ".repeat(Math.max(0, 6 - Math.max(whole, 1))))
                .append(whole <= 0 ? "0" : hundredths.substring(0, whole))
                .append('.')
                .append(whole < 0 ? "0" : "")
                .append(hundredths.substring(Math.max(whole, 0)))
                .append(" ms\n");
    }
}
