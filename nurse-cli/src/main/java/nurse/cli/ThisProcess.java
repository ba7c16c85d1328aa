package nurse.cli;

import java.util.List;
import java.util.Map;
import nurse.ffm.Kernel;
import nurse.ffm.ProcFs;
import nurse.helper.sandbox.ChildMaker;
import nurse.helper.sandbox.Phases;
import nurse.helper.sandbox.ProcessMaker;

/** The helper's own process as the one whose user wants a program run: the program becomes a child of it. */
final class ThisProcess implements Caller {
    private final Kernel kernel;
    private final int umask;
    private final long ignoredSignals;
    private final Phases phases;

    /** Changes this process for the run's sake: its umask, and what it does at Ctrl-C. */
    ThisProcess(Kernel kernel, Phases phases) {
        this.kernel = kernel;
        this.phases = phases;
        String ignored = ProcFs.status(kernel, kernel.getpid(), kernel.getpid(), "SigIgn");
        ignoredSignals = ignored == null ? 0 : Long.parseUnsignedLong(ignored, 16);
        // Ctrl-C and Ctrl-\\ are the program's: it is in the same group of the terminal, and we end when it does.
        kernel.ignore(Kernel.SIGINT);
        AttachDoor.shut(kernel);
        umask = kernel.umask(0); // the program's umask is applied by the helper, file by file
    }

    @Override
    public Map<String, String> environment() {
        return CommandLine.environment(kernel);
    }

    @Override
    public int directory() {
        return Kernel.AT_FDCWD;
    }

    @Override
    public String directoryName() {
        return kernel.readlinkat(Kernel.AT_FDCWD, "/proc/self/cwd");
    }

    @Override
    public int umask() {
        return umask;
    }

    @Override
    public long ignoredSignals() {
        return ignoredSignals;
    }

    /**
     * Moves the user's standard input and output away from 0 and 1: the helper must not keep a pipe open that the program
     * closes. Standard error stays, for our own messages.
     */
    @Override
    public ProcessMaker maker() {
        int input = kernel.dup(0);
        int output = kernel.dup(1);
        int nothing = kernel.openat(Kernel.AT_FDCWD, "/dev/null", Kernel.O_RDWR | Kernel.O_CLOEXEC, 0);
        kernel.dup3(nothing, 0, 0);
        kernel.dup3(nothing, 1, 0);
        return new ChildMaker(kernel, List.of(input, output, 2));
    }

    @Override
    public int error() {
        return 2;
    }

    @Override
    public void out(String text) {
        Messages.write(kernel, 1, text);
    }

    @Override
    public Phases phases() {
        return phases;
    }

    @Override
    public Kernel kernel() {
        return kernel;
    }
}
