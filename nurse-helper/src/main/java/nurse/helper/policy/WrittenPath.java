package nurse.helper.policy;

import java.util.ArrayDeque;
import java.util.Deque;

/** From a path that a person wrote to the canonical path of a rule. */
final class WrittenPath {
    private static final int PATH_MAX = 4096; // linux/limits.h, with the zero byte at the end

    private WrittenPath() {}

    /** A path that no rule can be made of; the ends of an error message. */
    static final class Unusable extends Exception {
        private static final long serialVersionUID = 1;
        private final String next;

        Unusable(String why, String next) {
            super(why);
            this.next = next;
        }

        String why() {
            return getMessage();
        }

        String next() {
            return next;
        }
    }

    /**
     * The canonical path.
     *
     * <p>{@code ..} is taken at the beginning of a relative path only, where it is exact, as {@code base} is canonical. Behind
     * a name that may be a link it leads to who knows where.
     *
     * @param written one char a byte
     * @param base where a relative path starts from; canonical
     */
    static String absolute(String written, String base) throws Unusable {
        if (written.isEmpty()) {
            throw new Unusable("it is empty", "write a path; . is the directory that relative paths start from");
        }
        if (written.indexOf('\0') >= 0) {
            throw new Unusable("it holds a zero byte, where a path ends for the kernel", "take the byte out");
        }
        Deque<String> components = new ArrayDeque<>();
        if (written.charAt(0) != '/') {
            addAll(components, base);
        }
        boolean named = false;
        for (String component : written.split("/")) {
            if (component.isEmpty() || component.equals(".")) {
                continue;
            }
            if (!component.equals("..")) {
                named = true;
                components.add(component);
            } else if (named) {
                throw new Unusable(
                        "what .. means behind a name depends on whether that name is a link",
                        "write the path without ..");
            } else if (components.isEmpty()) {
                throw new Unusable("it leads above /", "write the path without ..");
            } else {
                components.removeLast();
            }
        }
        String path = "/" + String.join("/", components);
        if (path.length() >= PATH_MAX) {
            throw new Unusable(
                    "it is longer than the kernel takes", "write a path of less than " + PATH_MAX + " bytes");
        }
        return path;
    }

    private static void addAll(Deque<String> components, String canonical) {
        for (String component : canonical.split("/")) {
            if (!component.isEmpty()) {
                components.add(component);
            }
        }
    }
}
