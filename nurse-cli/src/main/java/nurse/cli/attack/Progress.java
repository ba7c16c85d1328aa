package nurse.cli.attack;

import java.io.PrintStream;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tells who waits how far it is: one line that changes, below the rows that are there already. Thread-safe; a row is printed by
 * {@link #print}, so that the line does not stand in its way.
 */
final class Progress {
    private final @Nullable PrintStream terminal;
    private final int all;
    private final Set<String> running = new LinkedHashSet<>();
    private int done;
    private int width;

    /**
     * @param terminal null if there is none: nothing is said then
     * @param all how many there are
     */
    Progress(@Nullable PrintStream terminal, int all) {
        this.terminal = terminal;
        this.all = all;
    }

    synchronized void begins(String name) {
        running.add(name);
        show();
    }

    synchronized void ends(String name) {
        running.remove(name);
        done++;
        show();
    }

    /** Runs what prints something else on the same terminal. */
    synchronized void print(Runnable other) {
        wipe();
        other.run();
        show();
    }

    synchronized void end() {
        wipe();
    }

    private void show() {
        if (terminal == null || running.isEmpty()) {
            return;
        }
        wipe();
        // The one that has been running longest is the one that is waited for.
        String line =
                "%d of %d done, now %s".formatted(done, all, running.iterator().next());
        width = line.length();
        terminal.print(line);
        terminal.flush();
    }

    /** With blanks: a dumb terminal knows no escape sequence. */
    private void wipe() {
        if (terminal != null && width > 0) {
            terminal.print("\r" + " ".repeat(width) + "\r");
            terminal.flush();
            width = 0;
        }
    }
}
