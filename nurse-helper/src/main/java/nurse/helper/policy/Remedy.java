package nurse.helper.policy;

import java.util.List;

/**
 * The option of a run that would allow what was refused about a file: what the summary at the end names, and what a question
 * offers.
 *
 * @param path what the option has to name
 */
public record Remedy(Option option, String path) {
    private static final List<String> TEMPORARY = List.of("/tmp", "/var/tmp", "/dev/shm");

    /** Options that are about files. */
    public enum Option {
        READ("--read"),
        WRITE("--write"),
        CONNECT("--net"),
        BIND("--net");

        private final String word;

        Option(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }
    }

    /** @param file canonical name of what was refused */
    public static Remedy of(String file, Decision decision) {
        Option option =
                switch (decision.access()) {
                    case Access.CONNECT -> Option.CONNECT;
                    case Access.BIND -> Option.BIND;
                    case Access.WRITE, Access.CREATE, Access.DELETE -> Option.WRITE;
                    default -> Option.READ;
                };
        return new Remedy(option, file);
    }

    /** What helps another run: a temporary file that is made has another name there. */
    public static Remedy ofAnotherRun(String file, Decision decision) {
        String directory = file.substring(0, Math.max(file.lastIndexOf('/'), 1));
        boolean isMade = (decision.access() & (Access.WRITE | Access.CREATE)) != 0;
        return of(isMade && TEMPORARY.contains(directory) ? directory : file, decision);
    }

    /** The option's value. */
    public String value() {
        return switch (option) {
            case READ, WRITE -> path;
            case CONNECT -> "connect unix " + path;
            case BIND -> "bind unix " + path;
        };
    }

    /** What the option says, as a rule. */
    public Rule rule(String origin) {
        Rule.Kind kind =
                switch (option) {
                    case READ -> Rule.Kind.READ;
                    case WRITE -> Rule.Kind.WRITE;
                    case CONNECT -> Rule.Kind.CONNECT;
                    case BIND -> Rule.Kind.BIND;
                };
        return new Rule(path, kind, origin);
    }

    /** Whether who was refused this is refused {@code other} as well. */
    public boolean covers(Remedy other) {
        boolean asMuch = option == other.option || option == Option.READ && other.option == Option.WRITE;
        return asMuch && new Rule(path, Rule.Kind.READ, "").covers(other.path);
    }
}
