package nurse.helper.policy;

import static nurse.helper.policy.PolicyDocument.bytes;
import static nurse.helper.policy.PolicyDocument.position;
import static nurse.helper.policy.PolicyDocument.quoted;
import static nurse.helper.policy.PolicyKeys.suggestion;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import nurse.ffm.Errno;
import nurse.helper.calls.Syscall;
import nurse.helper.messages.Quoted;
import org.jspecify.annotations.Nullable;
import org.tomlj.TomlArray;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/** Reads one policy file, and what it extends. With {@link PolicyDocument} the only class that knows the TOML library. */
final class PolicyFileParser {
    private static final String BUILT_IN = "profile ";
    private static final String ALLOWED = "allow";
    private static final int MAX_ERRNO = 133;

    private final PolicyDocument document;
    private final PolicyFile.Place place;
    private final PolicyFile.Sources sources;
    private final PathVariables variables;
    private final List<String> chain;
    private final List<PolicyProblem> problems;

    private final List<Rule> rules = new ArrayList<>();
    private final List<EnvironmentRules.Rule> environment = new ArrayList<>();
    private final List<NetworkRules.Rule> network = new ArrayList<>();
    private final List<CallRules.Rule> calls = new ArrayList<>();
    private Repeat repeat = Repeat.NOTHING;
    private final Map<Limits.Limit, Long> limits = new EnumMap<>(Limits.Limit.class);

    /**
     * @param name the file's name for messages, one char a byte
     * @param chain what led here: the names of the files that extend this one, and its own
     * @param problems where all that is wrong is gathered
     */
    private PolicyFileParser(
            String text,
            String name,
            PolicyFile.Place place,
            PolicyFile.Sources sources,
            List<String> chain,
            List<PolicyProblem> problems) {
        String quoted = Quoted.of(name);
        this.document = new PolicyDocument(quoted.substring(1, quoted.length() - 1), text);
        this.place = place;
        this.sources = sources;
        this.variables = new PathVariables(place, name.startsWith(BUILT_IN));
        this.chain = chain;
        this.problems = problems;
    }

    static PolicyFile parse(String text, String name, PolicyFile.Place place, PolicyFile.Sources sources)
            throws PolicyException {
        List<PolicyProblem> problems = new ArrayList<>();
        String own = place.directory() + "/" + name.substring(name.lastIndexOf('/') + 1);
        PolicyFile file = new PolicyFileParser(text, name, place, sources, List.of(own), problems).read();
        if (!problems.isEmpty()) {
            throw new PolicyException(problems);
        }
        return file;
    }

    static PolicyFile profile(String name, PolicyFile.Place place, PolicyFile.Sources sources) throws PolicyException {
        String text = sources.profile(name);
        if (text == null) {
            throw new PolicyException(List.of(new PolicyProblem(
                    "--profile " + Quoted.of(name),
                    0,
                    0,
                    "there is no such profile",
                    "only the built-in ones have a name; a file is named by --policy",
                    suggestion(name, sources.profiles()))));
        }
        return parse(text, BUILT_IN + name, place.in(place.workingDirectory()), sources);
    }

    private PolicyFile read() {
        TomlTable top = document.top();
        document.refuseUnknownKeys(top, "");
        version(top);
        boolean systemRules = systemRules(top);
        PolicyFile base = bases(top);
        document.table(PolicyKeys.FILES).ifPresent(this::files);
        document.table(PolicyKeys.NET).ifPresent(this::network);
        document.table(PolicyKeys.ENV).ifPresent(this::environment);
        document.table(PolicyKeys.CATEGORIES).ifPresent(table -> calls(table, this::category));
        document.table(PolicyKeys.CALLS).ifPresent(table -> calls(table, this::call));
        document.table(PolicyKeys.LIMITS).ifPresent(this::limits);
        document.table(PolicyKeys.REPEAT).ifPresent(this::repeat);
        problems.addAll(document.problems());
        environment.sort(Comparator.comparing(EnvironmentRules.Rule::verb));
        PolicyFile own =
                new PolicyFile(systemRules, rules, List.of(), environment, network, calls, new Limits(limits), repeat);
        return base == null ? own : base.extendedBy(own, top.contains(List.of(PolicyKeys.DEFAULT)));
    }

    private void version(TomlTable top) {
        List<String> key = List.of(PolicyKeys.VERSION);
        if (!top.contains(key)) {
            document.problem(
                    PolicyDocument.START,
                    PolicyDocument.MISSING + PolicyKeys.VERSION,
                    "a policy file says which version of the format it is written in",
                    "write version = 1 as its first line");
            return;
        }
        Object version = top.get(key);
        if (!(version instanceof Long number)) {
            document.wrongType(top, key, "a number", version, "write version = 1");
        } else if (number != 1) {
            document.problem(
                    position(top, key),
                    "version " + number + " is not known",
                    "this nurse reads version 1",
                    "write version = 1, or use a nurse that knows it");
        }
    }

    private boolean systemRules(TomlTable top) {
        List<String> key = List.of(PolicyKeys.DEFAULT);
        if (!top.contains(key)) {
            return true;
        }
        Object value = top.get(key);
        if (value instanceof String word) {
            if (!word.equals(PolicyKeys.SYSTEM) && !word.equals(PolicyKeys.NONE)) {
                document.problem(
                        position(top, key),
                        "unknown default " + quoted(word),
                        "default says which rules hold beside this file's own",
                        suggestion(word, List.of(PolicyKeys.SYSTEM, PolicyKeys.NONE)));
            }
            return !word.equals(PolicyKeys.NONE);
        }
        document.wrongType(top, key, "a string", value, "write default = \"system\" or default = \"none\"");
        return true;
    }

    // ---- extends --------------------------------------------------------------------------------------------------

    private PolicyFile bases(TomlTable top) {
        List<String> key = List.of(PolicyKeys.EXTENDS);
        if (!top.contains(key)) {
            return null;
        }
        List<PolicyFile> bases = new ArrayList<>();
        switch (top.get(key)) {
            case String name -> base(name, position(top, key)).ifPresent(bases::add);
            case TomlArray array ->
                document.strings(top, "the file", PolicyKeys.EXTENDS, (name, at) -> base(name, at)
                        .ifPresent(bases::add));
            case Object other ->
                document.wrongType(top, key, "a string", other, "write extends = \"python\", or the path of a file");
        }
        return bases.stream()
                .reduce((first, second) -> first.extendedBy(second, true))
                .orElse(null);
    }

    /** A built-in profile by its name, or a file by its path, which holds a / or ends in .toml. */
    private Optional<PolicyFile> base(String written, TomlPosition at) {
        String what = "the policy " + quoted(written) + " cannot be extended";
        boolean isFile = written.indexOf('/') >= 0 || written.endsWith(".toml");
        String text;
        String name;
        String identity;
        PolicyFile.Place where = place;
        if (isFile) {
            try {
                identity = WrittenPath.absolute(bytes(written), place.directory());
            } catch (WrittenPath.Unusable unusable) {
                document.problem(at, what, unusable.why(), unusable.next());
                return Optional.empty();
            }
            name = identity;
            where = place.in(identity.substring(0, Math.max(identity.lastIndexOf('/'), 1)));
            String bytes = sources.file(identity);
            try {
                text = bytes == null ? null : PolicyEncoding.decoded(bytes, identity);
            } catch (PolicyException wrong) {
                problems.addAll(wrong.problems());
                return Optional.empty();
            }
        } else {
            identity = BUILT_IN + written;
            name = identity;
            text = sources.profile(written);
        }
        if (text == null) {
            document.problem(
                    at,
                    what,
                    isFile
                            ? "there is no such file, or you may not read it"
                            : "there is no built-in profile of this name",
                    isFile ? "check the spelling; a relative path starts from this file" : profiles(written));
            return Optional.empty();
        }
        if (chain.contains(identity)) {
            document.problem(
                    at, what, "it extends this file already, so that there would be no end", "take one of the two out");
            return Optional.empty();
        }
        List<String> longer = new ArrayList<>(chain);
        longer.add(identity);
        return Optional.of(new PolicyFileParser(text, name, where, sources, longer, problems).read());
    }

    private String profiles(String written) {
        return suggestion(written, sources.profiles()) + "; a file is named by a path with a / or .toml";
    }

    // ---- files and network ----------------------------------------------------------------------------------------

    private void files(TomlTable table) {
        for (Rule.Kind kind : PolicyKeys.FILE_KINDS) {
            document.strings(table, PolicyKeys.FILES, kind.word(), (written, at) -> rules(written, List.of(kind), at));
        }
    }

    private void rules(String written, List<Rule.Kind> kinds, TomlPosition at) {
        try {
            for (String path : variables.paths(written)) {
                for (Rule.Kind kind : kinds) {
                    rules.add(new Rule(path, kind, document.origin(at)));
                }
            }
        } catch (WrittenPath.Unusable unusable) {
            document.problem(at, "the path " + quoted(written) + " cannot be used", unusable.why(), unusable.next());
        }
    }

    private void network(TomlTable table) {
        document.strings(table, PolicyKeys.NET, PolicyKeys.ALLOW, (text, at) -> network(null, text, at));
        for (NetworkRules.Verb verb : NetworkRules.Verb.values()) {
            document.strings(table, PolicyKeys.NET, verb.word(), (text, at) -> network(verb, text, at));
        }
    }

    private void network(NetworkRules.Verb verb, String text, TomlPosition at) {
        try {
            NetworkRules.Rule first = NetworkRules.parse(verb, text, "").get(0);
            if (first.path() != null) {
                rules(first.path(), first.kinds(), at);
            } else {
                String meant = first.name() == null ? text : PathVariables.name(text, true);
                network.addAll(NetworkRules.parse(verb, meant, document.origin(at)));
            }
        } catch (WrittenPath.Unusable unusable) {
            document.problem(at, "the name " + quoted(text) + " cannot be used", unusable.why(), unusable.next());
        } catch (IllegalArgumentException wrong) {
            document.problem(
                    at,
                    quoted(text) + " is no network rule",
                    wrong.getMessage(),
                    "such as \"loopback\", \"tcp 192.0.2.7:443\" or \"unix /run/x.sock\"");
        }
    }

    // ---- environment ----------------------------------------------------------------------------------------------

    private void environment(TomlTable table) {
        document.strings(table, PolicyKeys.ENV, PolicyKeys.PASS, this::pass);
        List<String> key = List.of(PolicyKeys.SET);
        if (table.contains(key)) {
            Object value = table.get(key);
            if (value instanceof TomlTable values) {
                values.keySet().forEach(name -> set(values, name));
            } else {
                document.wrongType(table, key, "a table", value, "write set = { NAME = \"value\" }");
            }
        }
        document.strings(table, PolicyKeys.ENV, PolicyKeys.DROP, this::drop); // last: it knows what is set and passed
    }

    private void drop(String name, TomlPosition at) {
        Optional<EnvironmentRules.Objection> objection = EnvironmentRules.objectionToDrop(bytes(name));
        objection.ifPresent(
                o -> document.problem(at, "the variable " + quoted(name) + " cannot be dropped", o.why(), o.next()));
        if (environment.stream()
                .anyMatch(rule ->
                        rule.verb() != EnvironmentRules.Verb.DROP && rule.name().equals(bytes(name)))) {
            document.problem(
                    at,
                    "the variable " + quoted(name) + " cannot be dropped",
                    "this file passes or sets it as well",
                    "take it out of one of the two");
        }
        if (objection.isEmpty()) {
            add(EnvironmentRules.Verb.DROP, name, "", at);
        }
    }

    private void pass(String name, TomlPosition at) {
        Optional<EnvironmentRules.Objection> objection = EnvironmentRules.objectionToPass(bytes(name));
        objection.ifPresent(
                o -> document.problem(at, "the variable " + quoted(name) + " cannot be passed on", o.why(), o.next()));
        if (objection.isEmpty()) {
            add(EnvironmentRules.Verb.PASS, name, "", at);
        }
    }

    private void add(EnvironmentRules.Verb verb, String name, String value, TomlPosition at) {
        environment.add(new EnvironmentRules.Rule(verb, bytes(name), bytes(value), document.origin(at)));
    }

    private void set(TomlTable values, String name) {
        List<String> key = List.of(name);
        if (!(values.get(key) instanceof String value)) {
            document.wrongType(values, key, "a string", values.get(key), "put the value in double quotes");
            return;
        }
        Optional<EnvironmentRules.Objection> objection = EnvironmentRules.objectionToSet(bytes(name), bytes(value));
        objection.ifPresent(o -> document.problem(
                position(values, key), "the variable " + quoted(name) + " cannot be set", o.why(), o.next()));
        if (objection.isEmpty()) {
            add(EnvironmentRules.Verb.SET, name, value, position(values, key));
        }
    }

    // ---- calls ----------------------------------------------------------------------------------------------------

    /** What is done with one entry of [calls] or [categories]. */
    private interface CallEntry {
        CallRules.Rule rule(String name, int errno, String origin);
    }

    private void calls(TomlTable table, CallEntry entry) {
        for (String name : table.keySet()) {
            List<String> key = List.of(name);
            if (!(table.get(key) instanceof String word)) {
                document.wrongType(
                        table, key, "the name of an error", table.get(key), "write " + name + " = \"EPERM\"");
                continue;
            }
            int errno = word.equals(ALLOWED) ? 0 : errno(word);
            if (errno < 0) {
                List<String> names = new ArrayList<>(List.of(ALLOWED));
                for (int i = 1; i <= MAX_ERRNO; i++) {
                    names.add(Errno.name(i));
                }
                document.problem(
                        position(table, key),
                        quoted(word) + " is no error's name",
                        "a call is refused with an error, such as EPERM, or is \"allow\" when its category is refused",
                        suggestion(word, names));
                continue;
            }
            CallRules.Rule rule = entry.rule(name, errno, document.origin(position(table, key)));
            if (rule != null) {
                calls.add(rule);
            }
        }
    }

    private CallRules.Rule call(String name, int errno, String origin) {
        for (Syscall syscall : Syscall.values()) {
            if (syscall.callName().equals(name) && CallRules.canRefuse(syscall)) {
                return new CallRules.Rule(syscall, null, errno, origin);
            }
        }
        return null; // was reported as an unknown key
    }

    private CallRules.Rule category(String name, int errno, String origin) {
        for (Syscall.Category category : Syscall.Category.values()) {
            if (category.name().toLowerCase(Locale.ROOT).equals(name)) {
                return new CallRules.Rule(null, category, errno, origin);
            }
        }
        return null;
    }

    private static int errno(String name) {
        for (int i = 1; i <= MAX_ERRNO; i++) {
            if (Errno.name(i).equals(name)) {
                return i;
            }
        }
        return -1;
    }

    // ---- limits ---------------------------------------------------------------------------------------------------

    private void limits(TomlTable table) {
        for (String name : table.keySet()) {
            Limits.Limit limit = Limits.Limit.of(name);
            if (limit != null) {
                limit(table, limit);
            }
        }
    }

    private void limit(TomlTable table, Limits.Limit limit) {
        List<String> key = List.of(limit.word());
        try {
            switch (table.get(key)) {
                case String text -> limits.put(limit, limit.parse(text));
                case Long number -> limits.put(limit, limit.of(number));
                case Object other ->
                    document.wrongType(table, key, "a number or a string", other, "write " + limit.word() + " = 10");
            }
        } catch (IllegalArgumentException wrong) {
            document.problem(
                    position(table, key),
                    "the limit " + quoted(limit.word()) + " cannot be " + quoted(String.valueOf(table.get(key))),
                    wrong.getMessage(),
                    limit.isTime()
                            ? "such as cpu = \"10s\""
                            : "such as " + limit.word() + " = "
                                    + (limit == Limits.Limit.OPEN_FILES ? "64" : "\"512M\""));
        }
    }

    // ---- repeat ---------------------------------------------------------------------------------------------------

    private void repeat(TomlTable table) {
        List<String> time = List.of(PolicyKeys.TIME);
        List<String> random = List.of(PolicyKeys.RANDOM);
        repeat = new Repeat(
                table.contains(time) ? time(table, time) : null, table.contains(random) ? random(table, random) : null);
    }

    private @Nullable Instant time(TomlTable table, List<String> key) {
        if (!(table.get(key) instanceof OffsetDateTime time)) {
            document.wrongType(
                    table,
                    key,
                    "a date and time with its offset from UTC, without quotes",
                    table.get(key),
                    "write time = 2024-01-01T00:00:00Z");
            return null;
        }
        Instant instant = time.toInstant();
        if (instant.isBefore(Repeat.FIRST) || !instant.isBefore(Repeat.END)) {
            document.problem(
                    position(table, key),
                    "the time " + quoted(time.toString()) + " cannot be fixed",
                    "i386 programs keep time in 32 bits, which hold 1970 to 2037",
                    "write a time of these years");
        }
        return instant;
    }

    private @Nullable String random(TomlTable table, List<String> key) {
        return switch (table.get(key)) {
            case String seed -> seed;
            case Long seed -> seed.toString();
            case Object other -> {
                document.wrongType(table, key, "a string or a whole number", other, "write random = \"any text\"");
                yield null;
            }
        };
    }
}
