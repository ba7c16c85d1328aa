package nurse.helper.program;

import java.util.List;
import java.util.Map;

/**
 * What is to be executed: {@code loader --audit LIB --argv0 argv[0] ./N argv[1] ...}, where N is a descriptor
 * of {@code program}. Both files are open, and {@link #close} closes both.
 *
 * @param program the ELF program, judged
 * @param loader the program's loader, judged
 * @param loaderPath the loader's name as the program gives it in PT_INTERP, inside the sandbox
 * @param comm what the kernel calls a process that execve(2) started under the name it was found by (proc_pid_comm(5)): of a
 *     script its own name, but where env(1) started its interpreter
 * @param argv all arguments, argv[0] first, after the rewriting for scripts; bytes as ISO-8859-1
 * @param environment variables that a script's {@code env} sets, to be added to the program's environment
 */
public record ResolvedProgram(
        OpenProgram program,
        OpenProgram loader,
        String loaderPath,
        String comm,
        List<String> argv,
        Map<String, String> environment)
        implements AutoCloseable {

    public ResolvedProgram {
        argv = List.copyOf(argv);
        environment = Map.copyOf(environment);
    }

    /** The program's canonical name inside the sandbox: what /proc/self/exe says there. */
    public String programPath() {
        return program.path();
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
        loader.close();
    }
}
