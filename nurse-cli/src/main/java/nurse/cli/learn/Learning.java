package nurse.cli.learn;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import nurse.cli.watch.Spectator;
import nurse.helper.observe.Judgement;
import nurse.helper.observe.ObservedCall;
import nurse.helper.policy.Access;
import org.jspecify.annotations.Nullable;

/** {@code learn}: gathers what a program does, for the policy that allows it. */
public final class Learning implements Spectator {
    private static final Pattern OWN = Pattern.compile("/proc/[0-9]+(?=/|$)");

    private final Map<String, Use> uses = new TreeMap<>();
    private final Set<String> network = new TreeSet<>();
    private @Nullable Run run;

    @Override
    public void begins(Run begun) {
        run = begun;
    }

    @Override
    public void accept(ObservedCall call) {
        List<Judgement> judgements = call.judgements();
        for (int i = 0; i < judgements.size(); i++) {
            switch (judgements.get(i)) {
                case Judgement.OfFile file -> {
                    if (file.allowed()) {
                        boolean isLast = i == judgements.size() - 1;
                        add(call, file, !isLast);
                    }
                }
                case Judgement.Other other -> {
                    if (other.allowed() && !other.what().isEmpty()) {
                        network.add(other.what());
                    }
                }
            }
        }
    }

    private void add(ObservedCall call, Judgement.OfFile file, boolean goesOn) {
        int access = file.decision().access();
        if ((access & Access.CONNECT) != 0) {
            network.add("connect unix " + file.name());
        } else if ((access & Access.BIND) != 0) {
            network.add("bind unix " + file.name());
        }
        // Of other processes nothing is ever allowed: a number in /proc is the program's own.
        String name = OWN.matcher(file.name()).replaceFirst("/proc/self");
        uses.computeIfAbsent(name, path -> new Use()).add(call.name(), access, goesOn && access == Access.LOOKUP);
    }

    /**
     * The policy of what was seen.
     *
     * @param home the user's home directory
     */
    public LearnedPolicy policy(String home) {
        if (run == null) {
            throw new IllegalStateException("nothing was run");
        }
        return new LearnedPolicy(
                run, home, LearnedRules.of(uses, home, run.directory(), run.isThere()), List.copyOf(network));
    }
}
