package nurse.helper.ask;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import nurse.ffm.Errno;
import nurse.helper.calls.Syscall;
import nurse.helper.calls.Trustee;
import nurse.helper.files.ProcessNames;
import nurse.helper.policy.Access;
import nurse.helper.policy.Decision;
import nurse.helper.policy.NetworkRules;
import nurse.helper.policy.Policy;
import nurse.helper.policy.PolicyBuilder;
import nurse.helper.policy.Remedy;
import nurse.helper.policy.Rule;
import nurse.helper.sandbox.RefusalLog;
import org.jspecify.annotations.Nullable;

/**
 * The policy of a run that asks: it grows by what the user allows.
 *
 * <p>Stands between the run and the log of its refusals. What a call was refused is kept until the call ends: either the user
 * allows it, and the call is answered anew; or it was refused, and the log is told.
 *
 * <p>Not asked about is what a rule takes away (deny, hide, noexec, [calls]): that has been said already; what the sandbox
 * refuses whatever the policy says; and what is not there, of which the program gets nothing either way.
 *
 * <p>One thread.
 */
public final class Asking implements RefusalLog {
    /** More questions about one call than any call has names are no honest program's. */
    private static final int MOST_FOR_ONE_CALL = 8;

    private static final int SIGINT = 2;
    private static final String ORIGIN = "asked: ";

    private final RefusalLog log;
    private final Asker asker;
    private final ProcessNames process;
    private final int pid;
    private final Pause pause;
    private final Predicate<String> isThere;
    private final List<Rule> rules = new ArrayList<>();
    private final List<NetworkRules.Rule> addresses = new ArrayList<>();
    /** Those of them that end with the call. */
    private final List<Rule> rulesOfCall = new ArrayList<>();

    private final List<NetworkRules.Rule> addressesOfCall = new ArrayList<>();
    private final List<Remedy> neverFiles = new ArrayList<>();
    private final List<String> neverAddresses = new ArrayList<>();
    private final List<Refusal> refusals = new ArrayList<>();
    private final List<Question> asked = new ArrayList<>();
    private Policy files;
    private NetworkRules network;
    private String call = "";
    private boolean isOver;

    /** One refusal of the call that is being answered. */
    private record Refusal(
            String name,
            boolean isFile,
            boolean isOpen,
            @Nullable Decision decision,
            int errno,
            String why,
            @Nullable String rule) {}

    /**
     * @param policy what holds before anybody is asked
     * @param log is told of what stays refused
     * @param pause holds the program while somebody is asked
     * @param isThere whether there is a file of this name, as the program sees it
     */
    public Asking(
            PolicyBuilder.RunPolicy policy,
            RefusalLog log,
            Asker asker,
            ProcessNames process,
            int pid,
            Pause pause,
            Predicate<String> isThere) {
        this.log = log;
        this.asker = asker;
        this.process = process;
        this.pid = pid;
        this.pause = pause;
        this.isThere = isThere;
        this.files = policy.files();
        this.network = policy.network();
        rules.addAll(files.rules());
        addresses.addAll(network.rules());
    }

    /** What holds now. */
    public Policy files() {
        return files;
    }

    /** What holds now. */
    public NetworkRules network() {
        return network;
    }

    /** A call is about to be answered. */
    public void begins() {
        refusals.clear();
        asked.clear();
    }

    /** Whether what the call was refused is allowed now, so that it is to be answered anew. */
    public boolean isAllowed(int result, Trustee trustee) {
        Question question = question(result);
        if (question == null) {
            return false;
        }
        asked.add(question);
        Answer answer;
        try {
            answer = asker.ask(question, trustee, pause);
        } finally {
            pause.ends();
        }
        switch (answer) {
            case ONCE -> allow(question, false);
            case ALWAYS -> allow(question, true);
            case NEVER -> never(question);
            case INTERRUPT -> trustee.execute(Syscall.TGKILL, pid, pid, SIGINT, 0, 0, 0);
            case REST -> isOver = true;
        }
        boolean allowed = answer == Answer.ONCE || answer == Answer.ALWAYS;
        if (allowed) {
            refusals.clear();
        }
        return allowed;
    }

    /**
     * The call ends; what is still refused to it was refused.
     *
     * @return whether the policy that held for it does not hold any more
     */
    public boolean ends() {
        for (Refusal refusal : refusals) {
            if (refusal.decision != null && refusal.isOpen) {
                log.refusedOpen(refusal.name, refusal.decision);
            } else if (refusal.decision != null) {
                log.refused(refusal.name, refusal.decision);
            } else if (refusal.rule != null) {
                log.refusedAddress(refusal.name, refusal.rule, refusal.why);
            } else if (refusal.isFile) {
                log.refusedFile(refusal.name, refusal.errno, refusal.why);
            } else {
                log.refused(refusal.name, refusal.errno, refusal.why);
            }
        }
        boolean shrinks = !rulesOfCall.isEmpty() || !addressesOfCall.isEmpty();
        if (shrinks) {
            rulesOfCall.clear();
            addressesOfCall.clear();
            compile();
        }
        return shrinks;
    }

    /** The first refusal that a rule could have prevented, if it is why the call failed. */
    private @Nullable Question question(int result) {
        if (isOver || asked.size() == MOST_FOR_ONE_CALL) {
            return null;
        }
        for (Refusal refusal : refusals) {
            if (result == -refusal.errno) {
                Question question = question(refusal);
                if (question != null && !asked.contains(question)) {
                    return question;
                }
            }
        }
        return null;
    }

    private @Nullable Question question(Refusal refusal) {
        if (refusal.rule != null) {
            return isAskable(refusal.rule) ? new Question.OfAddress(refusal.rule) : null;
        }
        Decision decision = refusal.decision;
        if (decision == null || refusal.isOpen || !decision.isByOmission() || !process.mayOpen(refusal.name)) {
            return null;
        }
        Question.OfFile question = new Question.OfFile(call, process.judged(refusal.name), decision);
        Remedy remedy = question.remedy();
        boolean refused = neverFiles.stream().anyMatch(never -> never.covers(remedy));
        return refused || !matters(refusal.name, remedy.option()) ? null : question;
    }

    /** Of what is to be made the directory has to be there. */
    private boolean matters(String name, Remedy.Option option) {
        boolean mayBeMade = option == Remedy.Option.WRITE || option == Remedy.Option.BIND;
        return isThere.test(mayBeMade ? name.substring(0, Math.max(name.lastIndexOf('/'), 1)) : name);
    }

    /** Whether the rule says the same when it is read: not with blanks at its ends, or a zero in it. */
    private boolean isAskable(String rule) {
        if (neverAddresses.contains(rule) || !rule.equals(rule.strip())) {
            return false;
        }
        try {
            return NetworkRules.parse(null, rule, "").size() == 1;
        } catch (IllegalArgumentException odd) {
            return false;
        }
    }

    private void allow(Question question, boolean forTheRun) {
        String origin = ORIGIN + (forTheRun ? "always" : "once");
        switch (question) {
            case Question.OfFile file -> {
                List<Rule> those = forTheRun ? rules : rulesOfCall;
                those.add(file.remedy().rule(origin));
                if (files.decide(file.name(), Access.EXECUTE).rule().kind() == Rule.Kind.NOEXEC) {
                    those.add(new Rule(
                            file.name(), Rule.Kind.NOEXEC, origin)); // as the shorter path's, which counts no more
                }
            }
            case Question.OfAddress address -> {
                NetworkRules.Rule rule =
                        NetworkRules.parse(null, address.rule(), origin).get(0);
                String path = rule.path();
                if (path == null) {
                    (forTheRun ? addresses : addressesOfCall).add(rule);
                } else {
                    rule.kinds().forEach(kind -> (forTheRun ? rules : rulesOfCall).add(new Rule(path, kind, origin)));
                }
            }
        }
        compile();
    }

    private void compile() {
        List<Rule> all = new ArrayList<>(rules);
        all.addAll(rulesOfCall);
        files = Policy.of(all);
        List<NetworkRules.Rule> internet = new ArrayList<>(addresses);
        internet.addAll(addressesOfCall);
        network = NetworkRules.of(internet);
    }

    private void never(Question question) {
        switch (question) {
            case Question.OfFile file -> neverFiles.add(file.remedy());
            case Question.OfAddress address -> neverAddresses.add(address.rule());
        }
    }

    @Override
    public void answering(Syscall syscall) {
        call = syscall.callName();
        log.answering(syscall);
    }

    @Override
    public void refused(String name, Decision decision) {
        refusals.add(new Refusal(name, true, false, decision, decision.errno(), "", null));
    }

    @Override
    public void refusedOpen(String name, Decision decision) {
        refusals.add(new Refusal(name, true, true, decision, decision.errno(), "", null));
    }

    @Override
    public void refusedFile(String name, int errno, String why) {
        refusals.add(new Refusal(name, true, false, null, errno, why, null));
    }

    @Override
    public void refused(String callName, int errno, String why) {
        refusals.add(new Refusal(callName, false, false, null, errno, why, null));
    }

    @Override
    public void refusedAddress(String callName, String rule, String why) {
        refusals.add(new Refusal(callName, false, false, null, Errno.EPERM, why, rule));
    }
}
