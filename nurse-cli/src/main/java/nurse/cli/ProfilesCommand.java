package nurse.cli;

import nurse.helper.messages.Quoted;
import nurse.helper.profiles.Profiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code profiles}: which there are, and what they say. */
@Command(
        header = "List the built-in profiles, or show one.",
        descriptionHeading = "%n",
        description = "A profile is a policy file as any other: what is shown can be the beginning of your own.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  nurse profiles",
            "  nurse profiles python > mine.toml",
            "  nurse run --profile python --input script.py python3 script.py"
        })
final class ProfilesCommand extends OtherCommands.Described {
    @Parameters(paramLabel = "PROFILE", arity = "0..1", defaultValue = "", description = "the profile to show")
    private String profile;

    @Override
    public Integer call() {
        if (profile.isEmpty()) {
            Profiles.NAMES.forEach(name -> System.out.printf("%-12s  %s%n", name, Profiles.description(name)));
            return 0;
        }
        String text = Profiles.text(profile);
        if (text == null) {
            throw new CannotRun(
                    CannotRun.USAGE,
                    "there is no profile " + Quoted.of(profile),
                    "the profiles are " + String.join(", ", Profiles.NAMES),
                    "nurse profiles says what each is for");
        }
        System.out.print(text);
        return 0;
    }
}
