package nurse.cli.boot;

import java.io.File;
import java.io.IOException;
import java.util.List;

/**
 * Which of the numbers 0, 1 and 2 are not the user's: who closes one has the JVM get it for a file of its own, as the next to
 * be opened, and what means the user's descriptor must leave that one alone.
 */
public final class StandardDescriptors {
    private StandardDescriptors() {}

    /** Bit fd for each that is the JVM's. */
    public static int ofTheJvm() {
        int own = 0;
        try {
            List<String> files = List.of(
                    new File(System.getProperty("java.home"), "lib/modules").getCanonicalPath(),
                    new File(System.getProperty("java.class.path")).getCanonicalPath());
            for (int fd = 0; fd < 3; fd++) {
                String file = file(Integer.toString(fd));
                own |= files.contains(file) && !isElsewhere(file) ? 1 << fd : 0;
            }
        } catch (IOException unreadable) {
            // then they are taken for the user's
        }
        return own;
    }

    /** If the user has such a file at a standard number, the JVM has it at another one. */
    private static boolean isElsewhere(String file) throws IOException {
        String[] all = new File("/proc/self/fd").list();
        for (String fd : all == null ? new String[0] : all) {
            if ((fd.length() > 1 || fd.charAt(0) > '2') && file(fd).equals(file)) {
                return true;
            }
        }
        return false;
    }

    private static String file(String fd) throws IOException {
        return new File("/proc/self/fd/" + fd).getCanonicalPath();
    }
}
