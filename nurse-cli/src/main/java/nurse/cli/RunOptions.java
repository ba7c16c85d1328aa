package nurse.cli;

import java.util.ArrayList;
import java.util.List;
import nurse.helper.messages.Quoted;
import nurse.helper.sandbox.Lock;

/**
 * The command line of {@code run}. Read by hand: this is the way of every run, and a command-line library costs more time
 * than the rest of the start (docs/performance.md).
 *
 * <p>All strings one char a byte.
 */
record RunOptions(
        String root,
        List<String> read,
        List<String> write,
        List<String> environment,
        List<String> network,
        String policy,
        String log,
        Lock lock,
        boolean quiet,
        boolean stats,
        List<String> command) {

    static RunOptions parse(List<String> arguments) {
        String root = "/";
        String policy = null;
        String log = null;
        Lock lock = Lock.TRAP;
        boolean quiet = false;
        boolean stats = false;
        List<String> read = new ArrayList<>();
        List<String> write = new ArrayList<>();
        List<String> environment = new ArrayList<>();
        List<String> network = new ArrayList<>();
        int i = 0;
        while (i < arguments.size() && arguments.get(i).startsWith("-")) {
            String argument = arguments.get(i++);
            if (argument.equals("--")) {
                break;
            }
            int equals = argument.indexOf('=');
            boolean attached = argument.startsWith("--") && equals > 0;
            String name = attached ? argument.substring(0, equals) : argument;
            switch (name) {
                case "--help", "-h" -> throw new HelpAsked();
                case "--quiet", "-q" -> quiet = true;
                case "--stats" -> stats = true;
                case "--root", "--read", "--write", "--env", "--net", "--policy", "--log", "--lock" -> {
                    if (!attached && i == arguments.size()) {
                        throw usage("the option " + name + " needs a value", "nurse run --help explains it");
                    }
                    String value = attached ? argument.substring(equals + 1) : arguments.get(i++);
                    switch (name) {
                        case "--root" -> root = value;
                        case "--read" -> read.add(value);
                        case "--write" -> write.add(value);
                        case "--env" -> environment.add(value);
                        case "--net" -> network.add(value);
                        case "--policy" -> policy = value;
                        case "--lock" -> lock = lock(value);
                        default -> log = value;
                    }
                }
                default ->
                    throw usage(
                            "there is no option " + Quoted.of(argument),
                            "options of nurse come before the program, the program's own behind it");
            }
        }
        if (i == arguments.size()) {
            throw usage("the program is missing", "nurse run [OPTIONS] PROGRAM [ARGUMENTS...]");
        }
        return new RunOptions(
                root,
                read,
                write,
                environment,
                network,
                policy,
                log,
                lock,
                quiet,
                stats,
                List.copyOf(arguments.subList(i, arguments.size())));
    }

    private static Lock lock(String word) {
        for (Lock lock : Lock.values()) {
            if (lock.word().equals(word)) {
                return lock;
            }
        }
        throw usage("there is no lock " + Quoted.of(word), "--lock strict or --lock trap; docs/lock.md compares them");
    }

    private static CannotRun usage(String what, String next) {
        return new CannotRun(CannotRun.USAGE, what, "", next);
    }
}
