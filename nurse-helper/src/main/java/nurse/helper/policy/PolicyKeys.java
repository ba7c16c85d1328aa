package nurse.helper.policy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import nurse.helper.calls.Syscall;

/** Which keys a policy file may have: the one list that the parser, the schema and its test go by. */
public final class PolicyKeys {
    static final String VERSION = "version";
    static final String DEFAULT = "default";
    static final String EXTENDS = "extends";
    static final String FILES = "files";
    static final String NET = "net";
    static final String ENV = "env";
    static final String CALLS = "calls";
    static final String CATEGORIES = "categories";
    static final String LIMITS = "limits";
    static final String REPEAT = "repeat";

    static final String ALLOW = "allow";
    static final String PASS = "pass";
    static final String DROP = "drop";
    static final String SET = "set";
    static final String TIME = "time";
    static final String RANDOM = "random";

    static final String SYSTEM = "system";
    static final String NONE = "none";

    /** The kinds of rules that stand in {@code [files]}; the others are made of {@code [net]}. */
    static final List<Rule.Kind> FILE_KINDS = Arrays.stream(Rule.Kind.values())
            .filter(kind -> kind != Rule.Kind.CONNECT && kind != Rule.Kind.BIND)
            .toList();

    /** For each table, {@code ""} being the file's top, its keys in the order of the reference. */
    public static final Map<String, List<String>> TABLES = tables();

    private PolicyKeys() {}

    private static final int FEW = 12;

    /** What to write instead of {@code word}. */
    static String suggestion(String word, List<String> known) {
        return Nearest.question(word, known)
                .orElseGet(() -> known.size() > FEW
                        ? "docs/policy.md lists them"
                        : "write one of "
                                + known.stream().map(w -> "'" + w + "'").collect(Collectors.joining(", ")));
    }

    private static Map<String, List<String>> tables() {
        Map<String, List<String>> tables = new LinkedHashMap<>();
        tables.put("", List.of(VERSION, EXTENDS, DEFAULT, FILES, NET, ENV, CALLS, CATEGORIES, LIMITS, REPEAT));
        tables.put(FILES, FILE_KINDS.stream().map(Rule.Kind::word).toList());
        List<String> net = new ArrayList<>(List.of(ALLOW));
        for (NetworkRules.Verb verb : NetworkRules.Verb.values()) {
            net.add(verb.word());
        }
        tables.put(NET, List.copyOf(net));
        tables.put(ENV, List.of(PASS, SET, DROP));
        tables.put(
                CALLS,
                Arrays.stream(Syscall.values())
                        .filter(CallRules::canRefuse)
                        .map(Syscall::callName)
                        .toList());
        tables.put(
                CATEGORIES,
                Arrays.stream(Syscall.Category.values())
                        .map(category -> category.name().toLowerCase(Locale.ROOT))
                        .toList());
        tables.put(
                LIMITS,
                Arrays.stream(Limits.Limit.values()).map(Limits.Limit::word).toList());
        tables.put(REPEAT, List.of(TIME, RANDOM));
        return tables;
    }
}
