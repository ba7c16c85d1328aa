package nurse.helper.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import java.util.stream.LongStream;
import nurse.ffm.Errno;
import nurse.helper.policy.Decision.Outcome;
import nurse.helper.policy.Rule.Kind;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every policy, tried on random ones. */
@SuppressWarnings("EnumOrdinal") // the order of strength is what is tested
class PolicyPropertiesTest {
    // Few names, so that rules meet; two pairs with the same hash, and what looks like a dot, a separator or a prefix.
    private static final List<String> NAMES =
            List.of("a", "b", "ab", "Aa", "BB", "AaBB", "BBAa", "...", ".a", "\n", " ", "\u00c3\u00a9", "\u0001", "\\");

    private static final int[] SEVERAL = {
        Access.READ | Access.WRITE,
        Access.READ | Access.EXECUTE,
        Access.CREATE | Access.DELETE | Access.LOOKUP,
        Access.LIST | Access.LOOKUP,
        Access.ALL
    };

    private static final String CHARACTERS = "/./.ab\0\u00ff\u0100";

    static LongStream seeds() {
        return new SplittableRandom(42).longs(300);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void everyDecisionIsTheOneOfTheReference(long seed) {
        List<Rule> rules = rules(new Random(seed));
        Policy policy = Policy.of(rules);
        forAllQuestions(rules, (path, access) -> {
            Decision decision = policy.decide(path, access);
            assertThat(decision.outcome())
                    .as("%s of %s by %s", Access.describe(access), path, rules)
                    .isEqualTo(Reference.outcome(rules, path, access));
            assertThat(access & decision.access()).isEqualTo(decision.access());
            assertThat(Integer.bitCount(decision.access())).isEqualTo(1);
            assertThat(decision.errno())
                    .isEqualTo(
                            decision.allowed() ? 0 : decision.rule().kind() == Kind.HIDE ? Errno.ENOENT : Errno.EPERM);
            if (decision.outcome() == Outcome.ON_THE_WAY) {
                assertThat(decision.rule().path()).startsWith(path.equals("/") ? "/" : path + "/");
                assertThat(policy.decide(decision.rule().path(), Access.LOOKUP).allowed())
                        .isTrue();
            } else if (!decision.rule().equals(Rule.NOTHING_ALLOWS)) {
                assertThat(decision.rule().covers(path)).isTrue();
                assertThat(rules).contains(decision.rule());
            }
        });
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void theOrderOfRulesNeverMattersNorThatOneIsSaidTwice(long seed) {
        Random random = new Random(seed);
        List<Rule> rules = rules(random);
        Policy policy = Policy.of(rules);
        List<Rule> shuffled = new ArrayList<>(rules);
        shuffled.addAll(rules.subList(0, rules.size() / 2));
        Collections.shuffle(shuffled, random);
        Policy other = Policy.of(shuffled);
        forAllQuestions(
                rules, (path, access) -> assertThat(other.decide(path, access)).isEqualTo(policy.decide(path, access)));
    }

    /**
     * Let a policy allow an access to a path. With one more rule that allows something it still does, unless the new rule is a
     * READ rule that covers the path, the access holds more than READ gives, and the rule that allowed it has a shorter path
     * than the new one.
     */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void oneMoreAllowRuleNeverRefusesMore(long seed) {
        Random random = new Random(seed);
        List<Rule> rules = rules(random);
        List<Kind> allowing = Arrays.stream(Kind.values()).filter(Kind::allows).toList();
        Rule added = new Rule(path(random), allowing.get(random.nextInt(allowing.size())), "added");
        Policy before = Policy.of(rules);
        Policy after = Policy.of(plus(rules, added));
        forAllQuestions(plus(rules, added), (path, access) -> {
            Decision allowed = before.decide(path, access);
            boolean narrowed = added.kind() == Kind.READ
                    && (access & ~Kind.READ.rights()) != 0
                    && added.covers(path)
                    && grantedBy(before, path, access & ~Kind.READ.rights())
                            < added.path().length();
            if (allowed.allowed() && !narrowed) {
                assertThat(after.decide(path, access).allowed())
                        .as("%s of %s by %s and then %s", Access.describe(access), path, rules, added)
                        .isTrue();
            } else if (allowed.allowed()) {
                assertThat(after.decide(path, access).rule())
                        .as("the added rule, or one that is yet more specific")
                        .matches(rule -> rule.path().length() >= added.path().length());
            }
        });
    }

    /** The shortest path of a rule that grants one of the rights. */
    private static int grantedBy(Policy policy, String path, int access) {
        int shortest = Integer.MAX_VALUE;
        for (int bit = 1; bit <= Access.ALL; bit <<= 1) {
            if ((access & bit) != 0) {
                shortest = Math.min(
                        shortest, policy.decide(path, bit).rule().path().length());
            }
        }
        return shortest;
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void oneMoreDenyRuleNeverAllowsMore(long seed) {
        Random random = new Random(seed);
        List<Rule> rules = rules(random);
        List<Kind> taking =
                Arrays.stream(Kind.values()).filter(kind -> !kind.allows()).toList();
        Rule added = new Rule(path(random), taking.get(random.nextInt(taking.size())), "added");
        Policy before = Policy.of(rules);
        Policy after = Policy.of(plus(rules, added));
        forAllQuestions(plus(rules, added), (path, access) -> {
            if (after.decide(path, access).allowed()) {
                assertThat(before.decide(path, access).allowed())
                        .as("%s of %s by %s and then %s", Access.describe(access), path, rules, added)
                        .isTrue();
            }
        });
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void whatNoRuleCoversIsRefused(long seed) {
        List<Rule> rules = rules(new Random(seed)).stream()
                .filter(rule -> !rule.path().equals("/"))
                .toList();
        Policy policy = Policy.of(rules);
        forAllQuestions(rules, (path, access) -> {
            boolean covered = rules.stream().anyMatch(rule -> rule.covers(path));
            if (!covered && policy.decide(path, access).outcome() != Outcome.ON_THE_WAY) {
                assertThat(policy.decide(path, access).allowed()).isFalse();
                assertThat(policy.decide(path, access).rule()).isEqualTo(Rule.NOTHING_ALLOWS);
            }
        });
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void allRightsTogetherAreAllowedIfEachIs(long seed) {
        List<Rule> rules = rules(new Random(seed));
        Policy policy = Policy.of(rules);
        forAllQuestions(rules, (path, access) -> {
            boolean each = true;
            for (int bit = 1; bit <= Access.ALL; bit <<= 1) {
                each &= (access & bit) == 0 || policy.decide(path, bit).allowed();
            }
            assertThat(policy.decide(path, access).allowed()).isEqualTo(each);
        });
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void anyStringAtAllIsDecided(long seed) {
        Random random = new Random(seed);
        Policy policy = Policy.of(List.of(new Rule("/", Kind.READ, "all")));
        for (int i = 0; i < 200; i++) {
            StringBuilder path = new StringBuilder("/");
            for (int length = random.nextInt(12); length > 0; length--) {
                path.append(CHARACTERS.charAt(random.nextInt(random.nextBoolean() ? 5 : CHARACTERS.length())));
            }
            assertThat(policy.decide(path.toString(), Access.READ).allowed())
                    .as("%s", path)
                    .isEqualTo(Reference.isCanonical(path.toString()));
        }
    }

    /** The rules said slowly: what Policy has to say fast. */
    private static final class Reference {
        static Outcome outcome(List<Rule> rules, String path, int access) {
            int missing = access & ~granted(rules, path);
            if (missing == 0) {
                return Outcome.ALLOWED;
            }
            boolean leads = rules.stream()
                    .filter(rule -> rule.path().startsWith(path.equals("/") ? "/" : path + "/"))
                    .filter(rule -> !rule.path().equals(path))
                    .filter(rule -> rule.kind().allows())
                    .anyMatch(rule -> (granted(rules, rule.path()) & Access.LOOKUP) != 0);
            return leads && access == Access.LOOKUP ? Outcome.ON_THE_WAY : Outcome.REFUSED;
        }

        /** What the path above has, then what the rules of this path set, add and take away. */
        private static int granted(List<Rule> rules, String path) {
            int slash = path.lastIndexOf('/');
            int granted = path.equals("/") ? 0 : granted(rules, slash == 0 ? "/" : path.substring(0, slash));
            List<Rule> own =
                    rules.stream().filter(rule -> rule.path().equals(path)).toList();
            if (own.stream().anyMatch(rule -> rule.kind() == Kind.READ || rule.kind() == Kind.WRITE)) {
                granted = 0;
            }
            for (Rule rule : own) {
                granted |= switch (rule.kind()) {
                    case READ -> Access.READ | Access.LIST | Access.EXECUTE | Access.LOOKUP;
                    case WRITE -> Access.ALL;
                    case LIST -> Access.LIST | Access.LOOKUP;
                    case EXECUTE -> Access.READ | Access.EXECUTE | Access.LOOKUP;
                    case MODIFY -> Access.WRITE | Access.LOOKUP;
                    case CREATE -> Access.CREATE | Access.BIND | Access.LOOKUP;
                    case DELETE -> Access.DELETE | Access.LOOKUP;
                    case CONNECT -> Access.CONNECT | Access.LOOKUP;
                    case BIND -> Access.BIND | Access.LOOKUP;
                    case NOEXEC, DENY, HIDE -> 0;
                };
            }
            for (Rule rule : own) {
                granted &= switch (rule.kind()) {
                    case NOEXEC -> ~Access.EXECUTE;
                    case DENY, HIDE -> 0;
                    default -> ~0;
                };
            }
            return granted;
        }

        static boolean isCanonical(String path) {
            return path.equals("/")
                    || path.matches("(?s)(/(?!\\.{1,2}(/|$))[^/]+)+")
                            && path.chars().allMatch(character -> character > 0 && character < 256)
                            && !path.endsWith("/");
        }
    }

    private static List<Rule> plus(List<Rule> rules, Rule added) {
        List<Rule> all = new ArrayList<>(rules);
        all.add(added);
        return all;
    }

    private static List<Rule> rules(Random random) {
        List<Rule> rules = new ArrayList<>();
        for (int count = random.nextInt(14); count > 0; count--) {
            Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
            rules.add(new Rule(path(random), kind, "line " + random.nextInt(3)));
        }
        return rules;
    }

    private static String path(Random random) {
        StringBuilder path = new StringBuilder();
        int names = random.nextBoolean() ? 3 : NAMES.size();
        for (int depth = random.nextInt(5); depth > 0; depth--) {
            path.append('/').append(NAMES.get(random.nextInt(names)));
        }
        return path.isEmpty() ? "/" : path.toString();
    }

    /** Each rule's path, what leads there, what is below and beside it; each right, and some together. */
    private static void forAllQuestions(List<Rule> rules, BiConsumer<String, Integer> question) {
        List<String> paths = new ArrayList<>(List.of("/", "/a", "/zz"));
        for (Rule rule : rules) {
            String path = rule.path().equals("/") ? "" : rule.path();
            paths.add(path + "/b");
            paths.add(path + "/AaBB/a");
            paths.add(path + "x");
            for (int slash = path.length(); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
                paths.add(path.substring(0, slash));
            }
        }
        for (String path : paths) {
            if (path.startsWith("/")) {
                for (int bit = 1; bit <= Access.ALL; bit <<= 1) {
                    question.accept(path, bit);
                }
                for (int access : SEVERAL) {
                    question.accept(path, access);
                }
            }
        }
    }
}
