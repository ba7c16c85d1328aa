package nurse.cli.watch;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import nurse.ffm.Errno;
import nurse.helper.calls.Syscall;
import nurse.helper.observe.Judgement;
import nurse.helper.observe.ObservedCall;
import nurse.helper.policy.CallRules;
import nurse.helper.policy.Decision;
import nurse.helper.policy.NetworkRules;
import nurse.helper.policy.PolicyBuilder;
import nurse.helper.sandbox.RefusalLog;

/**
 * Judges a run that may do everything by the policy that it would have to keep. What comes out is what {@code --dry-run} tells:
 * the same calls, with the policy's decisions in place of those that let them pass.
 */
public final class DryRun implements UnaryOperator<ObservedCall> {
    private final PolicyBuilder.RunPolicy policy;
    private final RefusalLog refusals;
    private final Set<String> told = new HashSet<>();

    /**
     * @param policy which would have to be kept
     * @param refusals is told of what would be refused
     */
    public DryRun(PolicyBuilder.RunPolicy policy, RefusalLog refusals) {
        this.policy = policy;
        this.refusals = refusals;
    }

    @Override
    public ObservedCall apply(ObservedCall call) {
        Syscall syscall = call.syscall();
        List<Judgement> judgements = new ArrayList<>();
        if (syscall != null) {
            refusals.answering(syscall);
            CallRules.Rule rule = policy.calls().refusing(syscall);
            if (rule != null) {
                refusals.refused(syscall.callName(), rule.errno(), rule.toString());
                return call.with(List.of(new Judgement.Other("", rule.errno(), rule.toString())));
            }
        }
        told.clear();
        for (Judgement judgement : call.judgements()) {
            // What is refused although all is allowed, nurse refuses whatever the policy says; it was told then.
            judgements.add(judgement.allowed() ? judged(call, judgement) : judgement);
        }
        return call.with(judgements);
    }

    private Judgement judged(ObservedCall call, Judgement judgement) {
        return switch (judgement) {
            case Judgement.OfFile file -> {
                String name = OwnProcess.asSelf(file.name());
                Decision decision = policy.files().decide(name, file.decision().access());
                // A call ends at its first refusal; and a search along PATH goes on without what it may not see.
                if (!decision.allowed() && call.number() != ObservedCall.START && told.add(name)) {
                    refusals.refused(name, decision);
                }
                yield new Judgement.OfFile(file.name(), decision);
            }
            case Judgement.Other other -> {
                if (other.what().isEmpty() || allows(other.what())) {
                    yield other;
                }
                String why = "no rule allows to " + other.what() + " (--net '" + other.what() + "')";
                refusals.refusedAddress(call.name(), other.what(), why);
                yield new Judgement.Other(other.what(), Errno.EPERM, why);
            }
        };
    }

    private boolean allows(String address) {
        return NetworkRules.parse(null, address, "").stream()
                .allMatch(asked -> policy.network().rules().stream().anyMatch(rule -> rule.says(asked)));
    }
}
