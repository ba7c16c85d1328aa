package nurse.helper.program;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is to be executed. The files are open, and {@link #close} closes them.
 *
 * @param program the ELF program, judged
 * @param image what its headers say
 * @param loader the program's loader, judged; null for a program that asks for none
 * @param executed the name that execve(2) was given: of a script its own, but where env(1) started its interpreter
 * @param argv all arguments, argv[0] first, after the rewriting for scripts; bytes as ISO-8859-1
 * @param environment variables that a script's {@code env} sets, to be added to the program's environment
 */
public record ResolvedProgram(
        OpenProgram program,
        ElfImage image,
        @Nullable Loader loader,
        String executed,
        List<String> argv,
        Map<String, String> environment)
        implements AutoCloseable {

    /**
     * A dynamic linker.
     *
     * @param path its name as the program gives it in PT_INTERP, inside the sandbox
     */
    public record Loader(OpenProgram file, ElfImage image, String path) {}

    private static final int COMM = 15; // TASK_COMM_LEN of linux/sched.h without the NUL

    public ResolvedProgram {
        argv = List.copyOf(argv);
        environment = Map.copyOf(environment);
    }

    /** The program's canonical name inside the sandbox: what /proc/self/exe says there. */
    public String programPath() {
        return program.path();
    }

    /** What the kernel calls the process (proc_pid_comm(5)), as begin_new_exec() in fs/exec.c: 15 bytes of the last part. */
    public String comm() {
        String last = executed.substring(executed.lastIndexOf('/') + 1);
        return last.substring(0, Math.min(last.length(), COMM));
    }

    public String argv0() {
        return argv.get(0);
    }

    /** The arguments behind argv[0]. */
    public List<String> arguments() {
        return argv.subList(1, argv.size());
    }

    @Override
    public void close() {
        program.close();
        if (loader != null) {
            loader.file().close();
        }
    }
}
