package nurse.cli.boot;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The entry of the jar, for whatever {@code java} the user has: lets the native client make a run, goes on with nurse itself
 * on this JVM if it is new enough, else on a newer one of this machine.
 *
 * <p>Compiled for Java 11, and so is all that it uses. This process becomes the other program, the JVM is gone then. Where
 * handon.c's library is not beside the jar, a newer JVM is a child: standard streams and the terminal are inherited, the exit
 * status is handed on, and signals are kept apart:
 *
 * <ul>
 *   <li>Ctrl-C comes to both; this side ignores it and ends when the child does, with its status.
 *   <li>SIGTERM and SIGHUP to this side alone are passed on as SIGTERM.
 *   <li>When this side is killed (SIGKILL), the child sees that {@code nurse.parent} is no longer its parent, and ends.
 *   <li>Ctrl-\ cannot be ignored, the JVM has SIGQUIT for itself: both print their threads and go on.
 * </ul>
 */
public final class Boot {
    /** What java_places.h says (JavaSearchTest); reading it would make each start longer. */
    static final int NEEDED = 22;

    /** As env(1) and timeout(1) have it: a failure of ours, not of the program. */
    private static final int OUR_FAILURE = 125;

    private static final String MAIN = "nurse.cli.Main";

    private Boot() {}

    /**
     * Runs {@code nurse.cli.Main} with these arguments, here or in a newer JVM.
     *
     * @throws Throwable what Main threw, when it runs here
     */
    public static void main(String[] args) throws Throwable {
        HandOn.toClient(args);
        if (Runtime.version().feature() >= NEEDED) {
            runHere(args);
            return;
        }
        JavaSearch search = JavaSearch.ofThisMachine();
        Optional<Path> java = search.java();
        if (java.isPresent()) {
            HandOn.toJava(command(java.get()), args);
            System.exit(runWith(java.get(), args));
        }
        System.err.println(tooOld(search));
        System.exit(OUR_FAILURE);
    }

    private static void runHere(String[] args) throws Throwable {
        Method main = Class.forName(MAIN).getMethod("main", String[].class);
        try {
            main.invoke(null, (Object) args);
        } catch (InvocationTargetException thrown) {
            throw thrown.getCause();
        }
    }

    private static int runWith(Path java, String[] args) {
        // A handler, not SIG_IGN: what is ignored stays ignored in the child, a handler does not outlive exec(2). And
        // before the child exists, so that no Ctrl-C falls between.
        leaveToTheChild("INT");
        try {
            List<String> command = command(java);
            command.add(1, "-Dnurse.parent=" + ProcessHandle.current().pid());
            command.addAll(List.of(args));
            Process child = new ProcessBuilder(command).inheritIO().start();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> end(child)));
            return awaitEnd(child);
        } catch (IOException cannotStart) {
            System.err.println("nurse: cannot start " + java + "\n  why: " + cannotStart.getMessage()
                    + "\n  do:  set NURSE_JAVA_HOME to the directory of a JDK " + NEEDED + " or newer that runs");
            return OUR_FAILURE;
        }
    }

    /** The flags make a short program start fast: C1 and the serial collector are enough for it. */
    static List<String> command(Path java) {
        List<String> command = new ArrayList<>();
        command.add(java.toString());
        command.add("-XX:+UseSerialGC");
        command.add("-XX:TieredStopAtLevel=1");
        command.add("-XX:-UsePerfData");
        command.add("-Xshare:auto");
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(MAIN);
        return command;
    }

    private static int awaitEnd(Process child) {
        while (true) {
            try {
                return child.waitFor();
            } catch (InterruptedException spurious) {
                // nobody interrupts this thread; should it happen, the child still decides when this ends
            }
        }
    }

    /** On SIGTERM or SIGHUP; does nothing when the child's end is why this JVM ends. */
    private static void end(Process child) {
        child.destroy();
        awaitEnd(child);
    }

    /**
     * By reflection: javac warns of each use of sun.misc, which no option turns off, though the module jdk.unsupported
     * exports it to everyone.
     */
    private static void leaveToTheChild(String signal) {
        try {
            Class<?> signalClass = Class.forName("sun.misc.Signal");
            Class<?> handlerClass = Class.forName("sun.misc.SignalHandler");
            Object handler = Proxy.newProxyInstance(
                    Boot.class.getClassLoader(), new Class<?>[] {handlerClass}, (proxy, method, arguments) -> null);
            signalClass
                    .getMethod("handle", signalClass, handlerClass)
                    .invoke(null, signalClass.getConstructor(String.class).newInstance(signal), handler);
        } catch (ReflectiveOperationException notThisJvm) {
            // Without it Ctrl-C ends this side first: the shutdown hook ends the child, only the exit status differs.
        }
    }

    static String tooOld(JavaSearch search) {
        return "nurse: needs Java " + NEEDED + " or newer, and this is Java "
                + Runtime.version().feature() + " (" + System.getProperty("java.home") + ")"
                + "\n  why: no newer one was found; looked at " + String.join(", ", search.looked())
                + "\n  do:  install a JDK " + NEEDED + " or newer into /usr/lib/jvm (Temurin from https://adoptium.net,"
                + " for instance), or set NURSE_JAVA_HOME to the directory of one";
    }
}
