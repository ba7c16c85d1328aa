package nurse.cli;

import nurse.cli.learn.AnsweredRule;
import nurse.ffm.Errno;
import nurse.ffm.ProcFs;
import nurse.helper.ask.Question;
import nurse.helper.messages.Quoted;
import nurse.helper.policy.NetworkRules;
import nurse.helper.policy.PolicyBuilder;
import nurse.helper.policy.PolicyEncoding;
import nurse.helper.policy.PolicyException;
import nurse.helper.policy.PolicyFile;
import org.jspecify.annotations.Nullable;

/** Writes what the user allows for good into the policy file of the run; all else in it stays as it is. */
final class SavedAnswers {
    private final Caller caller;
    private final PolicyNames names;
    private final PolicyFile.Place place;
    private final String file;

    SavedAnswers(Caller caller, PolicyNames names, PolicyFile.Place place, String file) {
        this.caller = caller;
        this.names = names;
        this.place = place;
        this.file = file;
    }

    /** Its name, fit to be shown. */
    String file() {
        return Quoted.of(file);
    }

    /** Adds the rule that allows what was asked about, and says what came of it: a line. */
    String save(Question question) {
        String bytes = ProcFs.read(caller.kernel(), caller.directory(), file);
        if (bytes == null) {
            return notSaved("it cannot be read any more");
        }
        String text;
        try {
            text = PolicyEncoding.decoded(bytes, file);
        } catch (PolicyException wrong) {
            return notSaved(wrong.problems().get(0).toString());
        }
        String home = caller.environment().getOrDefault("HOME", "");
        String more =
                switch (question) {
                    case Question.OfFile of -> AnsweredRule.addTo(text, of.remedy(), place.workingDirectory(), home);
                    case Question.OfAddress of -> AnsweredRule.addTo(text, of.rule());
                };
        String wrong = objection(more, question);
        if (wrong != null) {
            return notSaved(wrong);
        }
        int result = RewrittenFile.write(caller.kernel(), caller.directory(), file, more);
        return result < 0 ? notSaved(Errno.name(-result)) : "nurse: written into " + file() + "\n";
    }

    private String notSaved(String why) {
        return "nurse: not written into " + file() + ", which is as it was: " + why
                + "\n       allowed until the program ends all the same\n";
    }

    /** Why the file may not become this text: it has to be a policy, and to allow what was asked about. */
    private @Nullable String objection(String text, Question question) {
        try {
            PolicyBuilder.RunPolicy policy =
                    names.builder().file(names.parse(text, file, place)).build();
            boolean allows =
                    switch (question) {
                        case Question.OfFile of ->
                            policy.files()
                                    .decide(of.name(), of.decision().access())
                                    .allowed();
                        case Question.OfAddress of -> allows(policy, of.rule());
                    };
            return allows ? null : "another rule in it is against it";
        } catch (PolicyException bad) {
            return bad.problems().get(0).toString();
        }
    }

    private static boolean allows(PolicyBuilder.RunPolicy policy, String rule) {
        NetworkRules.Rule asked = NetworkRules.parse(null, rule, "").get(0);
        String path = asked.path();
        return path == null
                ? policy.network().rules().stream().anyMatch(said -> said.says(asked))
                : policy.files().rules().stream()
                        .anyMatch(said ->
                                said.path().equals(path) && asked.kinds().contains(said.kind()));
    }
}
