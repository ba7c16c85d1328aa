package nurse.helper.sandbox;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntConsumer;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.ffm.KernelRefused;
import nurse.ffm.ProcFs;
import nurse.ffm.Spawn;
import nurse.helper.descriptors.HelperFiles;

/** Makes the process a child of the calling thread, which it ends with (PR_SET_PDEATHSIG). */
public final class ChildMaker implements ProcessMaker {
    private final int parent;
    private final Set<Integer> handed = new HashSet<>();
    private final IntConsumer listener;
    private List<Integer> standard;

    /** @param standard descriptors of its standard input, output and error; stay open here */
    public ChildMaker(Kernel kernel, List<Integer> standard) {
        this(kernel, standard, Set.of(), pid -> {});
    }

    /**
     * @param standard descriptors of its standard input, output and error
     * @param handed those of them that are the process's alone, and closed here when it has them: who is at the other end of a
     *     pipe sees the process close its own
     * @param listener is told the process's id as soon as there is one
     */
    public ChildMaker(Kernel kernel, List<Integer> standard, Set<Integer> handed, IntConsumer listener) {
        this.parent = kernel.getpid();
        this.standard = standard;
        this.handed.addAll(handed);
        this.listener = listener;
    }

    @Override
    public Made make(Kernel kernel, int launcher, List<String> arguments, List<String> environment, int[] inherited) {
        int[] given = new int[standard.size() + inherited.length];
        for (int i = 0; i < given.length; i++) {
            // Above all numbers that they are to have: none lies on another's place then.
            int fd = i < standard.size() ? standard.get(i) : inherited[i - standard.size()];
            given[i] = KernelRefused.check(
                    "fcntl(F_DUPFD_CLOEXEC)", kernel.fcntl(fd, Kernel.F_DUPFD_CLOEXEC, given.length));
        }
        int pid = Spawn.spawn(launcher, arguments, environment, 0, given);
        for (int fd : given) {
            kernel.close(fd);
        }
        handed.forEach(kernel::close);
        handed.clear();
        if (pid == -Errno.ENOEXEC) {
            throw new SandboxFailed(
                    "the kernel does not run 32-bit programs",
                    "it was built without CONFIG_IA32_EMULATION, or booted with ia32_emulation=0",
                    "boot a kernel that has it");
        }
        KernelRefused.check("posix_spawn", pid);
        listener.accept(pid);
        return new Made(pid, KernelRefused.check("pidfd_open", kernel.pidfd_open(pid, 0)));
    }

    @Override
    public void pumpOutput(Kernel kernel, OutputPump pump) {
        int output = pump.into(kernel, standard.get(1), handed.remove(standard.get(1)));
        int error = pump.into(kernel, standard.get(2), handed.remove(standard.get(2)));
        standard = List.of(standard.get(0), output, error);
    }

    /** It inherits the calling thread's. */
    @Override
    public int filters(Kernel kernel) {
        return ProcFs.filters(kernel, kernel.getpid(), kernel.gettid());
    }

    @Override
    public int sharedFiles(Kernel kernel) {
        return HelperFiles.of(kernel).forOne();
    }

    @Override
    public int parent() {
        return parent;
    }

    @Override
    public int awaitEnd(Kernel kernel, int pidfd) {
        return KernelRefused.check("waitid", kernel.waitExit(pidfd));
    }
}
