package nurse.helper.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonParser;
import dev.harrel.jsonschema.ValidatorFactory;
import dev.harrel.jsonschema.providers.GsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import nurse.ffm.Errno;
import nurse.helper.profiles.Profiles;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tomlj.Toml;

/** docs/policy.schema.json is made of the keys that the parser goes by, and finds right and wrong what the parser does. */
class PolicySchemaTest {
    private static final Path SCHEMA = Path.of("..", "docs", "policy.schema.json");
    private static final Map<String, Object> STRINGS = array(ordered("type", "string", "minLength", 1));

    private static Map<String, Object> array(Map<String, Object> items) {
        return ordered("type", "array", "items", items);
    }

    private static Map<String, Object> ordered(Object... keysAndValues) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            map.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        return map;
    }

    private static Map<String, Object> object(Map<String, Object> properties) {
        return ordered("type", "object", "additionalProperties", false, "properties", properties);
    }

    private static Map<String, Object> each(String table, Object value) {
        Map<String, Object> properties = new LinkedHashMap<>();
        PolicyKeys.TABLES.get(table).forEach(key -> properties.put(key, value));
        return properties;
    }

    private static Map<String, Object> limits() {
        Map<String, Object> properties = new LinkedHashMap<>();
        for (Limits.Limit limit : Limits.Limit.values()) {
            String unit = limit.isTime()
                    ? "(ms|s|m|min|h)?"
                    : limit == Limits.Limit.OPEN_FILES ? "" : "([kKmMgG]([iI]?[bB])?|[bB])?";
            properties.put(
                    limit.word(),
                    ordered(
                            "type",
                            List.of("integer", "string"),
                            "minimum",
                            0,
                            "pattern",
                            "^[0-9]{1,15}" + unit + "$"));
        }
        return properties;
    }

    private static Map<String, Object> names(String table) {
        return ordered(
                "type",
                "object",
                "propertyNames",
                Map.of("enum", new TreeSet<>(PolicyKeys.TABLES.get(table))),
                "additionalProperties",
                Map.of("$ref", "#/$defs/error"));
    }

    static String schema() {
        Map<String, Object> tables = ordered(
                PolicyKeys.VERSION,
                Map.of("const", 1),
                PolicyKeys.EXTENDS,
                Map.of("anyOf", List.of(Map.of("type", "string"), STRINGS)),
                PolicyKeys.DEFAULT,
                Map.of("enum", List.of(PolicyKeys.SYSTEM, PolicyKeys.NONE)),
                PolicyKeys.FILES,
                object(each(PolicyKeys.FILES, STRINGS)),
                PolicyKeys.NET,
                object(each(PolicyKeys.NET, STRINGS)),
                PolicyKeys.ENV,
                object(ordered(
                        PolicyKeys.PASS,
                        STRINGS,
                        PolicyKeys.DROP,
                        STRINGS,
                        PolicyKeys.SET,
                        ordered("type", "object", "additionalProperties", Map.of("type", "string")))),
                PolicyKeys.CALLS,
                names(PolicyKeys.CALLS),
                PolicyKeys.CATEGORIES,
                names(PolicyKeys.CATEGORIES),
                PolicyKeys.LIMITS,
                object(limits()),
                PolicyKeys.REPEAT,
                object(ordered(
                        PolicyKeys.TIME,
                        ordered("type", "string", "format", "date-time"),
                        PolicyKeys.RANDOM,
                        ordered("type", List.of("integer", "string")))));
        assertThat(tables.keySet()).containsExactlyInAnyOrderElementsOf(PolicyKeys.TABLES.get(""));
        TreeSet<String> errors = new TreeSet<>(
                IntStream.rangeClosed(1, 133).mapToObj(Errno::name).toList());
        errors.removeIf(name -> !name.startsWith("E"));
        errors.add("allow");
        Map<String, Object> schema = ordered(
                "$schema", "https://json-schema.org/draft/2020-12/schema",
                "$id", "urn:seccomp-nurse:policy:1",
                "title", "A policy file of seccomp-nurse, version 1",
                "description", "docs/policy.md explains it");
        schema.putAll(object(tables));
        schema.put("required", List.of(PolicyKeys.VERSION));
        schema.put("$defs", Map.of("error", Map.of("enum", errors)));
        return new GsonBuilder()
                        .setPrettyPrinting()
                        .disableHtmlEscaping()
                        .create()
                        .toJson(schema) + "\n";
    }

    @Test
    void theSchemaIsPublished() throws IOException {
        if ("write".equals(System.getProperty("nurse.golden"))) {
            Files.writeString(SCHEMA, schema());
        }
        assertThat(SCHEMA).as("mvn -Dnurse.golden=write makes it").content().isEqualTo(schema());
    }

    private static boolean finds(String toml) {
        return new ValidatorFactory()
                .withJsonNodeFactory(new GsonNode.Factory())
                .validate(
                        JsonParser.parseString(schema()),
                        JsonParser.parseString(Toml.parse(toml).toJson()))
                .isValid();
    }

    private static boolean parses(String toml) {
        try {
            PolicyFile.parse(toml, "policy.toml", new PolicyFile.Place("/p", "/w", "/h"), PolicyReferenceTest.SOURCES);
            return true;
        } catch (PolicyException wrong) {
            return false;
        }
    }

    static Stream<String> right() throws IOException {
        Stream<String> examples = Pattern.compile("(?ms)^```toml\\n(.*?)^```$")
                .matcher(Files.readString(Path.of("..", "docs", "policy.md")))
                .results()
                .map(result -> result.group(1));
        return Stream.of(
                        Profiles.NAMES.stream().map(Profiles::text),
                        examples,
                        Stream.of(
                                "version = 1\nextends = [\"jq\", \"tar\"]\n",
                                "version = 1\n[limits]\ncpu = 5\nwall = \"1h\"\nmemory = \"1GiB\"\nopen-files = 9\n",
                                "version = 1\n[calls]\nmkdir = \"allow\"\n[categories]\nipc = \"ENOSYS\"\n"))
                .flatMap(texts -> texts);
    }

    @ParameterizedTest
    @MethodSource("right")
    void whatIsRightIsRightForTheSchema(String toml) {
        assertThat(finds(toml)).isTrue();
    }

    static Stream<String> wrong() {
        return Stream.of(
                "",
                "version = 2",
                "version = \"1\"",
                "version = 1\ndefault = \"all\"",
                "version = 1\nextends = 3",
                "version = 1\n[files]\nraed = [\"/x\"]",
                "version = 1\n[files]\nread = \"/x\"",
                "version = 1\n[files]\nread = [7]",
                "version = 1\n[net]\naccept = [\"all\"]",
                "version = 1\n[env]\nset = { A = 1 }",
                "version = 1\n[env]\npass = \"A\"",
                "version = 1\n[calls]\nopne = \"EPERM\"",
                "version = 1\n[calls]\nmkdir = \"EWHAT\"",
                "version = 1\n[categories]\nfile = true",
                "version = 1\n[limits]\ncpu = \"ten\"",
                "version = 1\n[limits]\nopen-files = \"9K\"",
                "version = 1\n[limits]\ndisk = 1",
                "version = 1\n[repeat]\nseed = 1",
                "version = 1\n[repeat]\nrandom = true",
                "version = 1\n[repeat]\ntime = 1704067200");
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void whatIsWrongIsWrongForBoth(String toml) {
        assertThat(finds(toml)).isFalse();
        assertThat(parses(toml)).isFalse();
    }
}
