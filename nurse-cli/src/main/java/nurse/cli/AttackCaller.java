package nurse.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import nurse.ffm.Kernel;
import nurse.ffm.KernelRefused;
import nurse.helper.sandbox.ChildMaker;
import nurse.helper.sandbox.Phases;
import nurse.helper.sandbox.ProcessMaker;
import nurse.helper.sandbox.StartSignals;

/** The attack suite as a caller: one run among others in this process, in a directory of its own, with files as streams. */
final class AttackCaller implements Caller, AutoCloseable {
    private static final int NEW =
            Kernel.O_WRONLY | Kernel.O_CREAT | Kernel.O_TRUNC | Kernel.O_APPEND | Kernel.O_CLOEXEC;

    private final Kernel kernel;
    private final String name;
    private final int directory;
    private final int input;
    private final int output;
    private final int error;
    private final Phases phases = new Phases(System.nanoTime());

    AttackCaller(Kernel kernel, Path directory, Path out, Path err) {
        this.kernel = kernel;
        this.name = directory.toString();
        this.directory = open(directory.toString(), Kernel.O_PATH | Kernel.O_DIRECTORY | Kernel.O_CLOEXEC);
        this.input = open("/dev/null", Kernel.O_RDONLY | Kernel.O_CLOEXEC);
        this.output = open(out.toString(), NEW);
        this.error = open(err.toString(), NEW);
    }

    private int open(String path, int flags) {
        return KernelRefused.check("open", kernel.openat(Kernel.AT_FDCWD, path, flags, 0600));
    }

    @Override
    public Map<String, String> environment() {
        return Map.of("PATH", "/usr/bin:/bin", "LANG", "C.UTF-8");
    }

    @Override
    public int directory() {
        return directory;
    }

    @Override
    public String directoryName() {
        return name;
    }

    @Override
    public int umask() {
        return 022;
    }

    @Override
    public StartSignals signals() {
        return StartSignals.NONE;
    }

    @Override
    public boolean isParent() {
        return true;
    }

    @Override
    public ProcessMaker maker() {
        return new ChildMaker(kernel, List.of(input, output, error));
    }

    @Override
    public int error() {
        return error;
    }

    @Override
    public void out(String text) {
        Messages.write(kernel, output, text);
    }

    @Override
    public Phases phases() {
        return phases;
    }

    @Override
    public Kernel kernel() {
        return kernel;
    }

    @Override
    public void close() {
        for (int fd : new int[] {directory, input, output, error}) {
            kernel.close(fd);
        }
    }
}
