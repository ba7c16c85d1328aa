package nurse.cli;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import nurse.cli.boot.StandardDescriptors;
import nurse.ffm.Kernel;
import nurse.ffm.ProcFs;
import nurse.helper.sandbox.ChildMaker;
import nurse.helper.sandbox.Phases;
import nurse.helper.sandbox.ProcessMaker;
import nurse.helper.sandbox.StartSignals;
import org.jspecify.annotations.Nullable;

/** The helper's own process as the one whose user wants a program run: the program becomes a child of it. */
final class ThisProcess implements Caller {
    private final Kernel kernel;
    private final int umask;
    private final StartSignals signals;
    private final Phases phases;
    private @Nullable SignalRelay relay;

    /** Changes this process for the run's sake: its umask, and what it does at Ctrl-C. */
    ThisProcess(Kernel kernel, Phases phases) {
        this.kernel = kernel;
        this.phases = phases;
        signals = new StartSignals(signals("SigIgn"), signals("SigBlk"));
        // Ctrl-C and Ctrl-\\ are the program's: it is in the same group of the terminal, and this process ends when it
        // does.
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
        return DirectoryName.of(kernel, "/proc/self/cwd");
    }

    @Override
    public int umask() {
        return umask;
    }

    @Override
    public StartSignals signals() {
        return signals;
    }

    /** Of the first thread, which the JVM leaves the mask that the user gave it. */
    private long signals(String field) {
        String signals = ProcFs.status(kernel, kernel.getpid(), kernel.getpid(), field);
        return signals == null ? 0 : Long.parseUnsignedLong(signals, 16);
    }

    @Override
    public boolean isParent() {
        return true;
    }

    /**
     * Moves the user's standard input and output away from 0 and 1: the helper must not keep a pipe open that the program
     * closes. Standard error stays, for our own messages. Where the user has none the program gets /dev/null.
     */
    @Override
    public ProcessMaker maker() {
        int nothing = kernel.openat(Kernel.AT_FDCWD, "/dev/null", Kernel.O_RDWR | Kernel.O_CLOEXEC, 0);
        int ofTheJvm = StandardDescriptors.ofTheJvm();
        List<Integer> standard = new ArrayList<>();
        for (int fd = 0; fd < 3; fd++) {
            standard.add((ofTheJvm >> fd & 1) == 1 ? nothing : moved(fd, nothing));
        }
        Set<Integer> handed = new HashSet<>(standard);
        handed.remove(2);
        SignalRelay held = relay;
        return new ChildMaker(kernel, standard, handed, held == null ? pid -> {} : pid -> held.begin(kernel, pid));
    }

    private int moved(int fd, int nothing) {
        if (fd == 2) {
            return fd;
        }
        int moved = kernel.dup(fd);
        kernel.dup3(nothing, fd, 0);
        return moved;
    }

    @Override
    public void holdSignals(boolean asks) {
        relay = SignalRelay.hold(kernel, asks);
    }

    @Override
    public int error() {
        return 2;
    }

    @Override
    public int terminal() {
        return kernel.openat(Kernel.AT_FDCWD, "/dev/tty", Kernel.O_RDWR | Kernel.O_CLOEXEC, 0);
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
