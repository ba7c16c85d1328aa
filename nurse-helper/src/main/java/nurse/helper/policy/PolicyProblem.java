package nurse.helper.policy;

/**
 * Something wrong with a policy, in three parts. All of it is escaped already: it may go to a terminal as it is.
 *
 * @param source the file, or the option, that is wrong
 * @param line of the file, from 1; 0 for an option
 * @param column of the line, from 1; 0 for an option
 * @param what what is wrong, for example {@code unknown key 'raed'}
 * @param why why that is a problem
 * @param next what to do about it
 */
public record PolicyProblem(String source, int line, int column, String what, String why, String next) {
    /** {@code policy.toml:4:9}, or the option. */
    public String where() {
        return line == 0 ? source : source + ":" + line + ":" + column;
    }

    /** What, why and what to do, without the place. */
    public String text() {
        return what + ": " + why + "; " + next;
    }

    /** In one line. */
    @Override
    public String toString() {
        return where() + ": " + text();
    }
}
