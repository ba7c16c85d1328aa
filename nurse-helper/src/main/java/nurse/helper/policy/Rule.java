package nurse.helper.policy;

/**
 * One line of a policy: what holds for a path and all below it, until a rule for a longer path says otherwise.
 *
 * @param path absolute and canonical, one char a byte (ISO 8859-1)
 * @param origin where a person finds the rule: an option, a line of a file, a built-in list
 */
public record Rule(String path, Kind kind, String origin) {
    /** In the order of strength among rules for the same path: the later wins. */
    public enum Kind {
        READ,
        WRITE,
        DENY
    }

    public Rule {
        if (!isCanonical(path)) {
            throw new IllegalArgumentException("a rule's path must be absolute and canonical: path=" + path);
        }
    }

    /** Whether {@code path} begins with a slash and has no empty, {@code .} or {@code ..} component and no slash at its end. */
    public static boolean isCanonical(String path) {
        if (path.equals("/")) {
            return true;
        }
        if (!path.startsWith("/") || path.endsWith("/") || path.indexOf('\0') >= 0) {
            return false;
        }
        for (String component : path.substring(1).split("/", -1)) {
            if (component.isEmpty() || component.equals(".") || component.equals("..")) {
                return false;
            }
        }
        return true;
    }
}
