package nurse.helper.policy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Which variables of the user's environment the program gets, and with what values. Immutable. */
public final class EnvironmentRules {
    private static final List<String> HARMLESS = List.of(
            "PATH",
            "HOME",
            "USER",
            "LOGNAME",
            "SHELL",
            "LANG",
            "LANGUAGE",
            "LC_*",
            "TERM",
            "COLORTERM",
            "TZ",
            "COLUMNS",
            "LINES",
            "NO_COLOR",
            "PWD",
            "TMPDIR");

    /** They steer ld.so before the lock (ld.so(8)): LD_AUDIT would even run code of its own before ours. */
    private static final List<String> BEFORE_THE_LOCK = List.of(
            "LD_AUDIT",
            "LD_ASSUME_KERNEL",
            "LD_BIND_NOT",
            "LD_DEBUG*",
            "LD_DYNAMIC_WEAK",
            "LD_HWCAP*",
            "LD_ORIGIN_PATH",
            "LD_PREFER_MAP_32BIT_EXEC",
            "LD_PROFILE*",
            "LD_SHOW_AUXV",
            "LD_TRACE*",
            "LD_USE_LOAD_BIAS",
            "LD_VERBOSE",
            "LD_WARN",
            "GLIBC_TUNABLES");

    private final List<String> passed;
    private final Map<String, String> set;

    private EnvironmentRules(List<String> passed, Map<String, String> set) {
        this.passed = passed;
        this.set = set;
    }

    /** The built-in list of what is harmless. */
    public static EnvironmentRules harmless() {
        return new EnvironmentRules(HARMLESS, Map.of());
    }

    /**
     * These rules and one more.
     *
     * @param rule {@code NAME} or {@code PREFIX*} to pass it on, {@code NAME=value} to set it
     * @throws IllegalArgumentException saying why the name cannot be given to a program
     */
    public EnvironmentRules with(String rule) {
        int equals = rule.indexOf('=');
        String name = equals < 0 ? rule : rule.substring(0, equals);
        if (name.isEmpty()) {
            throw new IllegalArgumentException("the name of a variable is missing in '" + rule + "'");
        }
        if (matches(BEFORE_THE_LOCK, name)) {
            throw new IllegalArgumentException(
                    name + " steers the dynamic linker before the sandbox is locked, so no program is given it");
        }
        List<String> more = new ArrayList<>(passed);
        Map<String, String> values = new LinkedHashMap<>(set);
        if (equals < 0) {
            more.add(name);
        } else {
            values.put(name, rule.substring(equals + 1));
        }
        return new EnvironmentRules(List.copyOf(more), values);
    }

    /** The program's environment, {@code NAME=value} each, from the user's. */
    public List<String> apply(Map<String, String> outer) {
        Map<String, String> inner = new LinkedHashMap<>();
        outer.forEach((name, value) -> {
            if (matches(passed, name) && !matches(BEFORE_THE_LOCK, name)) {
                inner.put(name, value);
            }
        });
        inner.putAll(set);
        List<String> entries = new ArrayList<>(inner.size());
        inner.forEach((name, value) -> entries.add(name + "=" + value));
        return entries;
    }

    private static boolean matches(List<String> patterns, String name) {
        for (String pattern : patterns) {
            boolean prefix = pattern.endsWith("*");
            if (prefix ? name.startsWith(pattern.substring(0, pattern.length() - 1)) : name.equals(pattern)) {
                return true;
            }
        }
        return false;
    }
}
