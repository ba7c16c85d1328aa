package nurse.cli;

/** The user asked a command for its help. */
final class HelpAsked extends RuntimeException {
    private static final long serialVersionUID = 1;
}
