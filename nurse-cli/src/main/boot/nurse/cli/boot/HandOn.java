package nurse.cli.boot;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Who makes a run: the native client beside the jar, which has a helper that is warm already (docs/start.md), unless the user
 * has given this JVM flags or settings, which are for the helper then.
 */
final class HandOn {
    /** Settings of a JVM, or of Log4j, that a helper elsewhere does not have. */
    private static final List<String> SETTINGS =
            List.of("JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "LOG4J_CONFIGURATION_FILE");

    /** The client looks for a jar of this name beside itself: another one is another build. */
    private static final String JAR = "nurse-cli.jar";

    private HandOn() {}

    /** Becomes the client, if it is to make this run; else returns. */
    static void toClient(String[] args) {
        if (!isRun(args) || !isWanted(System.getenv())) {
            return;
        }
        byte[] arguments = plain(commandLine(), args.length);
        File jar = jar();
        File client = new File(jar.getParentFile(), "nurse");
        if (arguments != null && jar.getName().equals(JAR) && client.canExecute()) {
            Exec.become(library(jar), List.of(client.getPath(), "--handed-on"), arguments);
        }
    }

    /** Becomes another JVM, if that can be; else returns. */
    static void toJava(List<String> command, String[] args) {
        byte[] arguments = last(commandLine(), args.length);
        if (arguments != null) {
            Exec.become(library(jar()), command, arguments);
        }
    }

    /** The commands that the client knows by itself (client_main.c). */
    static boolean isRun(String[] args) {
        return args.length > 0 && (args[0].equals("run") || args[0].equals("trace"));
    }

    static boolean isWanted(Map<String, String> environment) {
        for (String setting : SETTINGS) { // a stream would cost as much as the rest of this class
            if (environment.containsKey(setting)) {
                return false;
            }
        }
        return true;
    }

    /**
     * The last strings of a command line, as bytes: what Java makes of them depends on the locale.
     *
     * @param commandLine as proc(5) has it: each string with its NUL
     * @return null if there are not so many
     */
    static byte[] last(byte[] commandLine, int count) {
        int strings = 0;
        int from = commandLine.length;
        for (int at = commandLine.length - 1; at >= 0 && strings <= count; at--) {
            if (commandLine[at] == 0) {
                if (strings == count) {
                    break;
                }
                strings++;
            }
            from = at;
        }
        return strings == count ? Arrays.copyOfRange(commandLine, from, commandLine.length) : null;
    }

    /** The arguments behind {@code java -jar JAR}; null if the command line is not just that and so many arguments. */
    static byte[] plain(byte[] commandLine, int count) {
        byte[] arguments = last(commandLine, count);
        if (arguments == null) {
            return null;
        }
        String[] before = new String(commandLine, 0, commandLine.length - arguments.length, StandardCharsets.ISO_8859_1)
                .split("\0", -1);
        return before.length == 4 && before[1].equals("-jar") ? arguments : null;
    }

    private static byte[] commandLine() {
        try (InputStream file = new FileInputStream("/proc/self/cmdline")) {
            return file.readAllBytes();
        } catch (IOException unreadable) {
            return new byte[0];
        }
    }

    private static File library(File jar) {
        return new File(jar.getParentFile(), "libnurse-handon.so");
    }

    /** Of this very code, wherever a link to it may lie. */
    private static File jar() {
        try {
            return new File(System.getProperty("java.class.path")).getCanonicalFile();
        } catch (IOException unknown) {
            return new File("/");
        }
    }
}
