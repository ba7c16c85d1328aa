package nurse.cli.watch;

import java.util.regex.Pattern;

/** Names in /proc: of other processes nothing is ever allowed, so that a number there is the program's own. */
public final class OwnProcess {
    private static final Pattern OWN = Pattern.compile("/proc/[0-9]+(?=/|$)");

    private OwnProcess() {}

    /** The name with {@code self} in place of the number, as rules have it. */
    public static String asSelf(String name) {
        return OWN.matcher(name).replaceFirst("/proc/self");
    }
}
