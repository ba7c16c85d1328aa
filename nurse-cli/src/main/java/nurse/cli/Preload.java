package nurse.cli;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.HashSet;
import java.util.Set;
import nurse.helper.sandbox.Dispatcher;
import nurse.helper.sandbox.Sandbox;

/**
 * Loads and verifies the classes of a run on another CPU, while the main thread has FFM linked, which takes as long. For a
 * JVM without our cache of classes.
 *
 * <p>They are not initialised: two threads that initialise classes which need each other can wait for each other for ever.
 */
final class Preload {
    private final Set<Class<?>> seen = new HashSet<>();

    private Preload() {}

    static void begin() {
        if (Runtime.getRuntime().availableProcessors() > 1) {
            Thread thread = new Thread(() -> new Preload().all(), "preload");
            thread.setDaemon(true);
            thread.start();
        }
    }

    private void all() {
        try {
            link(RunCommand.class);
            link(Dispatcher.class);
            link(Sandbox.class);
        } catch (LinkageError theMainThreadWillSay) {
            // and in a better place
        }
    }

    private void link(Class<?> type) {
        if (type.getName().startsWith("nurse.") && seen.add(type)) {
            // This links it, which is when it is verified (jvm.cpp, get_class_declared_methods_helper).
            for (Method method : type.getDeclaredMethods()) {
                link(method.getReturnType());
            }
            for (Field field : type.getDeclaredFields()) {
                link(field.getType());
            }
        }
    }
}
