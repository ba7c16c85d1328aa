package nurse.cli;

import java.util.List;
import nurse.helper.policy.PolicyCheck;
import nurse.helper.policy.PolicyException;
import nurse.helper.policy.PolicyFile;
import nurse.helper.policy.PolicyProblem;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code check}: what is wrong with a policy, and what looks as if it were not meant. */
@Command(
        header = "Look for mistakes in policy files.",
        descriptionHeading = "%n",
        description = {
            "Errors are told with line and column and with what to write instead. Warnings are rules that change nothing, as"
                    + " another rule says the same or wins, and names of files that are not there. The exit status is 1"
                    + " if there is an error."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  nurse check convert.toml", "  nurse check --root /var/cache/seccomp-nurse/i386-bookworm python"})
final class CheckCommand extends PolicyCommand {
    @Parameters(paramLabel = "POLICY", arity = "1..*", description = "a policy file, or a built-in profile's name")
    private List<String> policies;

    @Override
    int answer() {
        int wrong = 0;
        for (String policy : policies) {
            wrong += check(policy) ? 0 : 1;
        }
        return wrong == 0 ? 0 : 1;
    }

    private boolean check(String word) {
        String source = source(word);
        try {
            PolicyFile file = policy(word, List.of(), List.of());
            // A profile is for every system: files and links that are not on this one may be on another.
            List<PolicyProblem> warnings = isProfile(word)
                    ? PolicyCheck.warnings(file, source, compilerWithoutLinks(), path -> true)
                    : PolicyCheck.warnings(file, source, compiler(), this::isThere);
            for (PolicyProblem warning : warnings) {
                say(warning.where() + ": warning: " + warning.text() + "\n");
            }
            if (warnings.isEmpty()) {
                say(source + ": nothing is wrong\n");
            }
            return true;
        } catch (PolicyException exception) {
            for (PolicyProblem problem : exception.problems()) {
                say(problem.where() + ": error: " + problem.text() + "\n");
            }
            return false;
        }
    }
}
