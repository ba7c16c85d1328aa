package nurse.helper.policy;

import java.util.List;
import java.util.stream.Collectors;

/** A policy that cannot be used. Names everything that is wrong with it, not only the first thing. */
public final class PolicyException extends Exception {
    private static final long serialVersionUID = 1;

    private final transient List<PolicyProblem> problems;

    PolicyException(List<PolicyProblem> problems) {
        super(problems.stream().map(PolicyProblem::toString).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    /** What is wrong, in the order of the file; at least one. */
    public List<PolicyProblem> problems() {
        return problems;
    }

    /** The exit status by which a script tells this from the program's own: as env(1) and timeout(1) have it. */
    public int exitStatus() {
        return 125;
    }
}
