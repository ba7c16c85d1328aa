package nurse.cli.learn;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import nurse.cli.watch.OwnProcess;
import nurse.cli.watch.Spectator;
import nurse.helper.observe.Judgement;
import nurse.helper.observe.ObservedCall;
import nurse.helper.policy.Access;
import nurse.helper.policy.NetworkRules;
import nurse.helper.policy.Policy;
import nurse.helper.policy.PolicyBuilder;
import org.jspecify.annotations.Nullable;

/** {@code learn}: gathers what a program does, for the policy that allows it. */
public final class Learning implements Spectator {
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
        boolean isSearch = call.number() == ObservedCall.START;
        if (isSearch && run != null && !run.isThere().test(file.name())) {
            return; // of a search along PATH, which goes on without it
        }
        String name = OwnProcess.asSelf(file.name());
        uses.computeIfAbsent(name, path -> new Use()).add(access, goesOn && access == Access.LOOKUP);
    }

    /**
     * The policy of what was seen.
     *
     * @param base what holds anyway
     * @param home the user's home directory
     */
    public LearnedPolicy policy(PolicyBuilder.RunPolicy base, String home) {
        if (run == null) {
            throw new IllegalStateException("nothing was run");
        }
        List<String> addresses =
                network.stream().filter(rule -> !isAllowed(base, rule)).toList();
        return new LearnedPolicy(
                run,
                home,
                LearnedRules.of(uses, base.files(), home, run.directory(), run.isThere()),
                addresses,
                base.environment());
    }

    private static boolean isAllowed(PolicyBuilder.RunPolicy base, String text) {
        List<NetworkRules.Rule> asked = NetworkRules.parse(null, text, "");
        NetworkRules.Rule first = asked.get(0);
        if (first.path() != null) { // of a socket that is a file, files' rules decide
            return first.kinds().stream()
                    .allMatch(kind ->
                            base.files().decide(first.path(), kind.rights()).allowed());
        }
        return asked.stream().allMatch(rule -> base.network().rules().stream().anyMatch(allowed -> allowed.says(rule)));
    }

    /** What the program did and a policy does not allow, by canonical name; hostile text, one char a byte. */
    public List<String> refusedBy(Policy policy) {
        return uses.entrySet().stream()
                .filter(use -> run == null || run.isThere().test(use.getKey()))
                .filter(use ->
                        !policy.decide(use.getKey(), use.getValue().access()).allowed())
                .map(Map.Entry::getKey)
                .toList();
    }
}
