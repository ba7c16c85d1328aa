package nurse.cli.attack;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import nurse.helper.sandbox.Lock;
import org.jspecify.annotations.Nullable;

/**
 * {@code nurse attack}: runs the hostile programs on this kernel, as this user, and prints a table.
 *
 * <p>Those that race with a process outside have the machine for themselves; of the others two run at once.
 */
public final class AttackCommand {
    private static final String ROW = "%-36s %5s  %-6s %-8s %-9s %6s  %s%n";
    private static final int AT_ONCE = 2;

    private final Nurse nurse;
    private final List<Lock> locks;
    private final String root;
    private final List<Attack> attacks;
    private final PrintStream out;
    private final Progress progress;

    /**
     * @param locks under which to run each
     * @param filters names, beginnings of names with a {@code *} behind, or numbers of classes; none for all
     * @param terminal where to say how far it is; null if there is no terminal
     * @throws IllegalArgumentException naming a filter that nothing matches
     */
    public AttackCommand(
            Nurse nurse,
            List<Lock> locks,
            String root,
            List<String> filters,
            PrintStream out,
            @Nullable PrintStream terminal) {
        this.nurse = nurse;
        this.locks = List.copyOf(locks);
        this.root = root;
        this.out = out;
        for (String filter : filters) {
            if (Attacks.ALL.stream().noneMatch(attack -> matches(attack, filter))) {
                throw new IllegalArgumentException(filter);
            }
        }
        this.attacks = Attacks.ALL.stream()
                .filter(attack -> filters.isEmpty() || filters.stream().anyMatch(filter -> matches(attack, filter)))
                .toList();
        this.progress = new Progress(terminal, attacks.size() * locks.size());
    }

    private static boolean matches(Attack attack, String filter) {
        return filter.endsWith("*")
                ? attack.name().startsWith(filter.substring(0, filter.length() - 1))
                : filter.equals(attack.name()) || filter.equals(Integer.toString(attack.group()));
    }

    /** Prints what there is, and what each tries. */
    public void list() {
        Attacks.GROUPS.forEach((group, title) -> {
            List<Attack> members =
                    attacks.stream().filter(attack -> attack.group() == group).toList();
            if (!members.isEmpty()) {
                out.printf("%d  %s%n", group, title);
                members.forEach(attack -> out.printf("   %-36s %s%n", attack.name(), attack.what()));
            }
        });
    }

    /** Where the programs and what they are after are put. */
    public Path place() {
        return Place.parent(root);
    }

    /** Tries all. @return whether all held */
    public boolean run() {
        out.printf(ROW, "name", "class", "lock", "user", "outcome", "ms", "what");
        List<Result> results = new ArrayList<>();
        for (Lock lock : locks) {
            results.addAll(run(new Runner(nurse, lock, root)));
        }
        progress.end();
        long held = count(results, Result.Outcome.HELD);
        long notTried = count(results, Result.Outcome.NOT_TRIED);
        long bad = results.size() - held - notTried;
        out.printf(
                "%d held%s%s%n",
                held,
                bad == 0 ? "" : ", " + bad + " did not",
                notTried == 0 ? "" : ", " + notTried + " could not be tried here");
        return bad == 0;
    }

    private static long count(List<Result> results, Result.Outcome outcome) {
        return results.stream().filter(result -> result.outcome() == outcome).count();
    }

    private List<Result> run(Runner runner) {
        List<Result> results = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE)) {
            List<Future<Result>> running = new ArrayList<>();
            for (Attack attack : attacks) {
                if (attack.racer().isEmpty()) {
                    running.add(threads.submit(() -> tried(runner, attack)));
                }
            }
            for (Future<Result> one : running) {
                results.add(printed(one.get()));
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            return results;
        } catch (ExecutionException failure) {
            throw new IllegalStateException(failure);
        }
        for (Attack attack : attacks) {
            if (attack.racer().isPresent()) {
                results.add(printed(tried(runner, attack)));
            }
        }
        return results;
    }

    private Result tried(Runner runner, Attack attack) {
        progress.begins(attack.name());
        try {
            return runner.attack(attack);
        } finally {
            progress.ends(attack.name());
        }
    }

    private Result printed(Result result) {
        progress.print(() -> out.printf(
                ROW,
                result.attack().name(),
                result.attack().group(),
                result.lock().word(),
                System.getProperty("user.name"),
                result.outcome().word(),
                String.format(Locale.ROOT, "%d", result.millis()),
                result.outcome() == Result.Outcome.HELD ? result.attack().what() : result.why()));
        return result;
    }
}
