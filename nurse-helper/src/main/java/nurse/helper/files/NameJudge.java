package nurse.helper.files;

import nurse.ffm.Errno;
import nurse.helper.observe.Observer;
import nurse.helper.policy.Access;
import nurse.helper.policy.Decision;
import nurse.helper.policy.Policy;
import nurse.helper.policy.Rule;
import nurse.helper.sandbox.RefusalLog;
import org.jspecify.annotations.Nullable;

/** Judges canonical names by the policy, and tells the log and the observer of what it decided. */
final class NameJudge {
    private final ProcessNames process;
    private final RefusalLog log;
    private final @Nullable Observer observer;
    private final Policy.Spelling spelling;
    private Policy policy;

    /** @param observer is told of each decision about a name that was found; null for nobody */
    NameJudge(
            Policy policy,
            Policy.Spelling spelling,
            ProcessNames process,
            RefusalLog log,
            @Nullable Observer observer) {
        this.policy = policy;
        this.spelling = spelling;
        this.process = process;
        this.log = log;
        this.observer = observer;
    }

    /** Judges by another policy from now on. */
    void follow(Policy other) {
        policy = other;
    }

    boolean hides() {
        return policy.hides();
    }

    boolean restrictsExecution() {
        return policy.restrictsExecution();
    }

    boolean isObserved() {
        return observer != null;
    }

    /** The name that rules are about, where the program wrote another name of the same file. */
    private String ruled(String name) {
        return policy.ruled(process.judged(name), spelling);
    }

    Decision decide(String name, int access) {
        return policy.decide(ruled(name), access);
    }

    boolean allows(String name, int access) {
        return decide(name, access).allowed();
    }

    /** READ is asked where it is not known yet whether the name is a file's, or a directory's: there the right is LIST. */
    boolean mayBeOpened(String name, int access) {
        String ruled = ruled(name);
        return policy.decide(ruled, access).allowed()
                || (access & Access.READ) != 0
                        && policy.decide(ruled, access & ~Access.READ | Access.LIST)
                                .allowed();
    }

    /** Tells the observer of each right, since one decision says something of one right only. */
    void tell(String name, int access) {
        for (int rest = access; observer != null && rest != 0; rest &= rest - 1) {
            observer.decided(name, decide(name, Integer.lowestOneBit(rest)));
        }
    }

    /** Tells the observer of a decision about another name, which decided of this one. */
    void tell(String name, Decision decision) {
        if (observer != null) {
            observer.decided(name, decision);
        }
    }

    /** The decision about all these rights together, which the observer is told. */
    Decision told(String name, int access) {
        Decision decision = decide(name, access);
        tell(name, decision.allowed() ? access : decision.access());
        return decision;
    }

    /** 0, or why the policy refuses; a refusal is logged. */
    int judge(String name, int access) {
        Decision decision = told(name, access);
        return decision.allowed() ? 0 : refuse(name, decision);
    }

    int refuse(String name, Decision decision) {
        log.refused(name, decision);
        return -decision.errno();
    }

    /** Refuses what a rule allows, for what the file turned out to be; returns the negative errno. */
    int refuse(String name, int errno, String why) {
        log.refusedFile(name, errno, why);
        if (observer != null) {
            observer.decided(name, errno, why);
        }
        return -errno;
    }

    /** As {@link #judge}, of what the program has open: a rule that is made now does not help it. */
    int judgeOpen(String name, int access) {
        Decision decision = told(name, access);
        if (decision.allowed()) {
            return 0;
        }
        log.refusedOpen(name, decision);
        return -decision.errno();
    }

    /** Of a file of /proc, whatever a rule says of it. */
    int refuseOfProc(String name) {
        return refuse(name, Errno.EPERM, "a file of /proc that would be a way round the policy");
    }

    boolean isHidden(String name) {
        Decision decision = decide(name, Access.LOOKUP);
        return !decision.allowed() && decision.errno() == Errno.ENOENT;
    }

    /** The rule that hides an entry of this directory, whether or not the entry is there; null if none does. */
    @Nullable
    Rule hiding(String directory) {
        return hides() ? policy.hiding(ruled(directory)) : null;
    }

    /**
     * Whether a rule grants the access to this very path, and not only to what it lies in; or is about this one kind of access,
     * as [net] connect is.
     */
    boolean isNamed(String name, int access) {
        return policy.rules().stream()
                .anyMatch(rule -> rule.kind().does() != Rule.Kind.Does.TAKES
                        && (rule.kind().rights() & access) == access
                        && (rule.path().equals(name) || (rule.kind() == Rule.Kind.CONNECT && rule.covers(name))));
    }

    /** Whether all below a name may be made and removed too: else renaming it would take a file away from under its own rule. */
    boolean mayMove(String name) {
        String ruled = ruled(name);
        return policy.rules().stream()
                .noneMatch(rule -> !rule.path().equals(ruled)
                        && View.isBelow(rule.path(), ruled)
                        && !policy.decide(rule.path(), Access.CHANGES).allowed());
    }

    /**
     * Whether a file, or a file below it, would be open to more under a new name than under the one it has. Rights change only
     * where a rule's path begins, so the paths of rules below both names stand for all that lies below.
     */
    boolean opens(String from, String to) {
        String ruledFrom = ruled(from);
        String ruledTo = ruled(to);
        return policy.opens(ruledFrom, ruledTo)
                || policy.rules().stream()
                        .anyMatch(rule -> opensAt(rule.path(), ruledFrom, ruledFrom, ruledTo)
                                || opensAt(rule.path(), ruledTo, ruledFrom, ruledTo));
    }

    private boolean opensAt(String place, String top, String from, String to) {
        if (place.equals(top) || !View.isBelow(place, top)) {
            return false;
        }
        String below = place.substring(top.equals("/") ? 0 : top.length());
        return policy.opens(from + below, to + below);
    }
}
