package nurse.helper.program;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import nurse.helper.messages.Quoted;
import nurse.helper.policy.EnvironmentRules;
import nurse.helper.policy.EnvironmentRules.Objection;
import nurse.helper.program.ProgramException.NotRunnable;
import nurse.helper.program.ProgramException.Reason;

/**
 * The environment that a program starts with, as execve(2) takes it. Each variable was judged where it came from: the user's
 * environment, an option, a file, a script's first line. Here all of them are judged once more, so that a way in that nobody
 * thought of passes nothing that steers the dynamic loader.
 */
public final class StartEnvironment {
    private StartEnvironment() {}

    /**
     * @param program its name, for a message
     * @return {@code NAME=VALUE}, in the order of {@code variables}
     * @throws NotRunnable if {@code rules} would not have let one of them in
     */
    public static List<String> entries(String program, Map<String, String> variables, EnvironmentRules rules)
            throws NotRunnable {
        List<String> entries = new ArrayList<>(variables.size());
        for (Map.Entry<String, String> variable : variables.entrySet()) {
            Optional<Objection> objection = rules.objectionToHaving(variable.getKey(), variable.getValue());
            if (objection.isPresent()) {
                throw new NotRunnable(
                        Reason.VARIABLE,
                        "cannot run " + Quoted.of(program),
                        "its environment would hold the variable " + Quoted.of(variable.getKey()) + ": "
                                + objection.get().why(),
                        objection.get().next());
            }
            entries.add(variable.getKey() + "=" + variable.getValue());
        }
        return entries;
    }
}
