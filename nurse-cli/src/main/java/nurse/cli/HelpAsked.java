package nurse.cli;

/** The user asked a command for its help. */
final class HelpAsked extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String command;

    HelpAsked(String command) {
        super(command, null, false, false);
        this.command = command;
    }

    String command() {
        return command;
    }
}
