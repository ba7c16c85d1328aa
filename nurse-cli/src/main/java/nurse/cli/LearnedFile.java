package nurse.cli;

import nurse.cli.learn.LearnedPolicy;
import nurse.cli.learn.Learning;
import nurse.cli.watch.ShellWord;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.helper.messages.Quoted;

/** Where {@code learn} writes the policy. */
final class LearnedFile {
    private static final int NEW = Kernel.O_WRONLY | Kernel.O_CREAT | Kernel.O_EXCL | Kernel.O_CLOEXEC;

    private final Caller caller;
    private final RunOptions options;
    private final Learning learning = new Learning();
    private final String file;

    /** Before the program runs: a run whose result cannot be kept is not begun. */
    LearnedFile(Caller caller, RunOptions options) {
        this.caller = caller;
        this.options = options;
        String program = options.command().get(0);
        String to = options.value(RunOption.TO);
        this.file = to == null ? program.substring(program.lastIndexOf('/') + 1) + ".toml" : to;
        int there = caller.kernel().openat(caller.directory(), file, Kernel.O_PATH | Kernel.O_CLOEXEC, 0);
        caller.kernel().close(there);
        if (there >= 0) {
            throw new CannotRun(
                    CannotRun.FAILED,
                    "the policy file " + Quoted.of(file) + " is there already",
                    "learn does not write over what you may have written",
                    "name another by -o FILE, or remove it");
        }
    }

    Learning learning() {
        return learning;
    }

    void write() {
        LearnedPolicy policy = learning.policy(caller.environment().getOrDefault("HOME", ""));
        int fd = caller.kernel().openat(caller.directory(), file, NEW, 0644);
        if (fd < 0) {
            caller.err("nurse: the policy file " + Quoted.of(file) + " cannot be written\n  why: " + Errno.name(-fd)
                    + "\n  do:  name a file in a directory of yours by -o FILE, and learn again\n");
            return;
        }
        int written = Messages.write(caller.kernel(), fd, policy.text());
        caller.kernel().close(fd);
        if (written < 0) {
            caller.err(Watch.incomplete("the policy file " + file(), -written).text());
            return;
        }
        if (!options.has(RunOption.QUIET)) {
            caller.err("nurse: " + file() + " holds a policy of " + policy.size()
                    + " rules; read it, then\n  nurse run "
                    + (options.root().equals("/") ? "" : "--root " + ShellWord.of(options.root()) + " ") + "--policy "
                    + ShellWord.of(file) + " " + ShellWord.of(options.command().get(0)) + " ...\n");
        }
    }

    private String file() {
        return Quoted.of(file);
    }
}
