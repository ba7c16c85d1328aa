package nurse.cli.attack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/threat-model.md names what there is, and an attack that there is stands beside a claim. */
class ThreatModelTest {
    private static final Path PAGE = Path.of("../docs/threat-model.md");
    private static final Pattern ROW = Pattern.compile("^\\| (.*) \\| (`.*`) \\|$", Pattern.MULTILINE);
    private static final Pattern NOT_SHOWN = Pattern.compile("^\\| (`.*`) \\| ([^`|][^|]*) \\|$", Pattern.MULTILINE);
    private static final Pattern NAME = Pattern.compile("`([^`]*)`");
    private static final Pattern TEST = Pattern.compile("([A-Z]\\w*(?:IT|Test))(?:\\.(\\w+))?");

    /** All that is in the last column of the table of claims. */
    private static List<String> named() throws IOException {
        List<String> names = new ArrayList<>();
        Matcher row = ROW.matcher(Files.readString(PAGE));
        while (row.find()) {
            NAME.matcher(row.group(2)).results().forEach(name -> names.add(name.group(1)));
        }
        return names;
    }

    private static Map<String, Path> tests() throws IOException {
        Map<String, Path> tests = new TreeMap<>();
        for (String module : List.of("src/test/java", "../nurse-helper/src/test/java")) {
            try (Stream<Path> files = Files.walk(Path.of(module))) {
                files.forEach(file -> tests.put(file.getFileName().toString().replace(".java", ""), file));
            }
        }
        return tests;
    }

    @Test
    void everyAttackAndTestThatThePageNamesExists() throws IOException {
        Set<String> attacks = Attacks.ALL.stream().map(Attack::name).collect(Collectors.toSet());
        Map<String, Path> tests = tests();
        List<String> unknown = new ArrayList<>();
        for (String name : named()) {
            Matcher test = TEST.matcher(name);
            if (!test.matches() ? !attacks.contains(name) : !exists(tests.get(test.group(1)), test.group(2))) {
                unknown.add(name);
            }
        }
        assertThat(unknown).isEmpty();
    }

    private static boolean exists(Path file, String method) throws IOException {
        return file != null && (method == null || Files.readString(file).contains("void " + method + "("));
    }

    /** Variants of one attack, numbered, stand there once. */
    @Test
    void everyAttackStandsBesideAClaim() throws IOException {
        List<String> named = named();
        assertThat(named).hasSizeGreaterThan(100);
        assertThat(Attacks.ALL)
                .extracting(Attack::name)
                .filteredOn(name -> !name.matches("sigreturn-segments-[1-9].*"))
                .allMatch(named::contains);
    }

    /** An attack without another twin than an honest call in its own run is shown to succeed, or the page says why not. */
    @Test
    void thePageSaysOfEveryAttackThatIsNotShownToSucceedWhy() throws IOException {
        List<String> named = new ArrayList<>();
        NOT_SHOWN.matcher(Files.readString(PAGE)).results().forEach(row -> NAME.matcher(row.group(1))
                .results()
                .forEach(name -> named.add(name.group(1))));
        Set<String> shown = Defences.attacks();
        assertThat(Attacks.ALL).extracting(Attack::name).containsAll(shown);
        assertThat(named)
                .doesNotHaveDuplicates()
                .containsExactlyInAnyOrderElementsOf(Attacks.ALL.stream()
                        .filter(attack -> attack.twin() instanceof Attack.Twin.Inside)
                        .map(Attack::name)
                        .filter(name -> !shown.contains(name))
                        .toList());
    }
}
