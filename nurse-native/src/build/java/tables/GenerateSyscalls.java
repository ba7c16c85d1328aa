import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Turns the table of system calls into what each part of nurse reads: a C header, Java sources, a documentation page.
 *
 * <p>Run as {@code java -cp CLASSES GenerateSyscalls i386.tbl OPTION...}; {@code errno.tbl} is found beside the table, whose
 * own head explains its format. Options: {@code --c DIR}, {@code --java DIR}, {@code --errno-java DIR},
 * {@code --markdown FILE}. A file is written only when its content changed, so that nothing is compiled again in vain.
 *
 * <p>Maven runs it from its sources before anything is built (JEP 458). It is strict: a table with a mistake in it makes no
 * file.
 */
public final class GenerateSyscalls {
    private GenerateSyscalls() {}

    public static void main(String[] args) {
        int status = run(args, System.err);
        if (status != 0) {
            System.exit(status);
        }
    }

    /**
     * Does what the command line says.
     *
     * @param args the table, then options
     * @param err where a mistake is told
     * @return 0, or 1 for a mistake in a table or a file that cannot be read or written, or 2 for a wrong command line
     */
    public static int run(String[] args, PrintStream err) {
        if (args.length < 3 || args.length % 2 == 0) {
            err.println(
                    "usage: GenerateSyscalls TABLE" + " [--c DIR] [--java DIR] [--errno-java DIR] [--markdown FILE]");
            return 2;
        }
        for (int i = 1; i < args.length; i += 2) {
            if (!List.of("--c", "--java", "--errno-java", "--markdown").contains(args[i])) {
                err.println("GenerateSyscalls: unknown option " + args[i]);
                return 2;
            }
        }
        try {
            Table table = TableReader.read(Path.of(args[0]).toAbsolutePath());
            for (int i = 1; i < args.length; i += 2) {
                write(table, args[i], Path.of(args[i + 1]));
            }
            return 0;
        } catch (TableException e) {
            err.println(e.getMessage());
        } catch (IOException | UncheckedIOException e) {
            err.println("GenerateSyscalls: " + e);
        }
        return 1;
    }

    private static void write(Table table, String option, Path target) throws IOException {
        switch (option) {
            case "--c" -> {
                Output.writeIfChanged(target.resolve("syscalls.h"), new CHeaders(table).syscallsHeader());
                Output.writeIfChanged(target.resolve("nurse_errno.h"), new CHeaders(table).errnoHeader());
            }
            case "--java" -> {
                Path calls = target.resolve("nurse/helper/calls");
                Output.writeIfChanged(calls.resolve("CallClass.java"), new JavaSources(table).callClassSource());
                Output.writeIfChanged(calls.resolve("Syscall.java"), new JavaSources(table).syscallSource());
            }
            case "--errno-java" ->
                Output.writeIfChanged(target.resolve("nurse/ffm/Errno.java"), new JavaSources(table).errnoSource());
            case "--markdown" -> Output.writeIfChanged(target, new SyscallsPage(table).markdown());
            default -> throw new IllegalArgumentException(option);
        }
    }
}
