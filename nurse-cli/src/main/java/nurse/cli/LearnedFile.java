package nurse.cli;

import java.util.List;
import java.util.stream.Collectors;
import nurse.cli.learn.LearnedPolicy;
import nurse.cli.learn.Learning;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.ffm.ProcFs;
import nurse.helper.messages.Quoted;
import nurse.helper.messages.ShellWord;
import nurse.helper.policy.PolicyBuilder;
import nurse.helper.policy.PolicyEncoding;
import nurse.helper.policy.PolicyException;
import nurse.helper.policy.PolicyFile;
import org.jspecify.annotations.Nullable;

/** Where {@code learn} writes the policy. */
final class LearnedFile {
    private static final int SHOWN = 3;

    private final Caller caller;
    private final RunOptions options;
    private final PolicyNames names;
    private final PolicyFile.Place place;
    private final Learning learning = new Learning();
    private final String file;
    private final @Nullable String before;

    /** Before the program runs: a run whose result cannot be kept is not begun. */
    LearnedFile(Caller caller, RunOptions options, PolicyNames names, PolicyFile.Place place) {
        this.caller = caller;
        this.options = options;
        this.names = names;
        this.place = place;
        String program = options.command().get(0);
        String to = options.value(RunOption.TO);
        this.file = to == null ? program.substring(program.lastIndexOf('/') + 1) + ".toml" : to;
        this.before = before();
    }

    /** The text of the file that is to be updated, or null if there is none. */
    private @Nullable String before() {
        int there = caller.kernel().openat(caller.directory(), file, Kernel.O_PATH | Kernel.O_CLOEXEC, 0);
        caller.kernel().close(there);
        if (there < 0) {
            return null;
        }
        if (!options.has(RunOption.UPDATE)) {
            throw new CannotRun(
                    CannotRun.FAILED,
                    "the policy file " + Quoted.of(file) + " is there already",
                    "learn does not write over what you may have written",
                    "add to it by --update, name another by -o FILE, or remove it");
        }
        String bytes = ProcFs.read(caller.kernel(), caller.directory(), file);
        if (bytes == null) {
            throw new CannotRun(
                    CannotRun.FAILED,
                    "the policy file " + Quoted.of(file) + " cannot be read",
                    "it is no file, or you may not read it",
                    "name another by -o FILE");
        }
        try {
            String text = PolicyEncoding.decoded(bytes, file);
            compile(text);
            return text;
        } catch (PolicyException wrong) {
            wrong.problems().forEach(problem -> caller.err("nurse: " + problem + "\n"));
            throw new CannotRun(
                    CannotRun.FAILED,
                    "the policy file " + Quoted.of(file) + " cannot be updated",
                    "it is wrong as it is: see above",
                    "mend it first; nurse check looks for mistakes");
        }
    }

    Learning learning() {
        return learning;
    }

    /** The policy that a file's text stands for in this run. */
    private PolicyBuilder.RunPolicy compile(String text) throws PolicyException {
        return names.builder().file(names.parse(text, file, place)).build();
    }

    void write() {
        String home = caller.environment().getOrDefault("HOME", "");
        LearnedPolicy policy;
        String text;
        List<String> missing;
        try {
            policy = learning.policy(compile(before == null ? LearnedPolicy.BASE : before), home);
            text = before == null ? policy.text() : policy.addTo(before);
            missing = learning.refusedBy(compile(text).files());
        } catch (PolicyException wrong) {
            caller.err("nurse: the policy file " + Quoted.of(file) + " is as it was\n  why: what was learned cannot be"
                    + " put into it: " + wrong.problems().get(0)
                    + "\n  do:  learn into a new file by -o FILE, and copy from it what you need\n");
            return;
        }
        if (!write(text)) {
            return;
        }
        if (!options.has(RunOption.QUIET)) {
            told(policy, missing);
        }
    }

    private boolean write(String text) {
        int result = RewrittenFile.write(caller.kernel(), caller.directory(), file, text);
        if (result < 0) {
            caller.err("nurse: the policy file " + Quoted.of(file) + " cannot be written\n  why: " + Errno.name(-result)
                    + "\n  do:  make room, or name a file in a directory of yours by -o FILE, and learn again\n");
        }
        return result == 0;
    }

    private void told(LearnedPolicy policy, List<String> missing) {
        caller.err("nurse: " + Quoted.of(file)
                + (before == null ? " holds " : " has been given ") + policy.size()
                + (policy.size() == 1 ? " rule" : " rules")
                + (before == null ? " beside the profile minimal's; read it, then" : " more; read it, then")
                + "\n  nurse run "
                + (options.root().equals("/") ? "" : "--root " + ShellWord.of(options.root()) + " ")
                + options.values(RunOption.BIND).stream()
                        .map(bind -> "--bind " + ShellWord.of(bind) + " ")
                        .collect(Collectors.joining())
                + "--policy "
                + ShellWord.of(file) + " " + ShellWord.of(options.command().get(0)) + " ...\n");
        for (int i = 0; i < Math.min(missing.size(), SHOWN); i++) {
            caller.err("  it does not allow " + Quoted.of(missing.get(i)) + ": the file denies it\n");
        }
        if (missing.size() > SHOWN) {
            caller.err("  nor " + (missing.size() - SHOWN) + " more\n");
        }
    }
}
