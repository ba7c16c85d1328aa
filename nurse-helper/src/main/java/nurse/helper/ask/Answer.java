package nurse.helper.ask;

/** What the user may answer. */
public enum Answer {
    /** This call, and no other. */
    ONCE,
    /** All that the option allows, until the run ends. */
    ALWAYS,
    /** Refused, and not asked about again in this run. */
    NEVER,
    /** Refused; and the program gets the SIGINT that Ctrl-C is. */
    INTERRUPT,
    /** Refused, as is all the rest from now on: nobody is asked any more. */
    REST
}
