package nurse.helper.policy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import nurse.ffm.Errno;
import nurse.helper.calls.CallClass;
import nurse.helper.calls.Syscall;
import nurse.helper.messages.ShellWord;

/**
 * Why a policy answers as it does, and what would make it answer otherwise. Nothing here is guessed: each change that is named
 * has been made to the policy, and the question asked again.
 */
public final class Explanation {
    /** random(4). */
    private static final Set<String> RANDOM_DEVICES = Set.of("/dev/random", "/dev/urandom");

    private static final String ASKED = "the change that is tried";

    private final PolicyCompiler compiler;
    private final PolicyFile file;
    private final PolicyBuilder.RunPolicy policy;
    private final List<Line> lines = new ArrayList<>();
    private boolean allowed;
    private int errno;

    /**
     * One line of an explanation.
     *
     * @param label what it says, such as {@code rule}
     */
    public record Line(String label, String text) {}

    /** The same question, of another policy. */
    private interface Question {
        Explanation of(PolicyFile other) throws PolicyException;
    }

    private Explanation(PolicyFile file, PolicyCompiler compiler) throws PolicyException {
        this.file = file;
        this.compiler = compiler;
        this.policy = compiler.compile(file);
    }

    /**
     * Explains what is decided about a file.
     *
     * @param syscall the call that asks; null for the question as such
     * @param path the canonical name of what is meant
     * @param access {@link Access} bits
     */
    public static Explanation ofFile(PolicyFile file, PolicyCompiler compiler, Syscall syscall, String path, int access)
            throws PolicyException {
        Explanation explanation = new Explanation(file, compiler);
        Question question = other -> ofFile(other, compiler, syscall, path, access);
        if (syscall == null || !explanation.isRefusedAsCall(syscall, question)) {
            explanation.file(path, access);
        }
        return explanation;
    }

    /** Explains what is decided about a call that names no file. */
    public static Explanation ofCall(PolicyFile file, PolicyCompiler compiler, Syscall syscall) throws PolicyException {
        Explanation explanation = new Explanation(file, compiler);
        if (!explanation.isRefusedAsCall(syscall, other -> ofCall(other, compiler, syscall))) {
            explanation.call(syscall);
        }
        return explanation;
    }

    /**
     * Explains what is decided about an address.
     *
     * @param text as a network rule names it, such as {@code tcp 192.0.2.7:443}
     * @throws IllegalArgumentException if that is no address, for the user
     */
    public static Explanation ofAddress(PolicyFile file, PolicyCompiler compiler, NetworkRules.Verb verb, String text)
            throws PolicyException {
        Explanation explanation = new Explanation(file, compiler);
        Syscall syscall = Syscall.valueOf(verb.name());
        if (!explanation.isRefusedAsCall(syscall, other -> ofAddress(other, compiler, verb, text))) {
            explanation.address(verb, NetworkRules.parse(verb, text, ""));
        }
        return explanation;
    }

    /** Explains whether a variable gets in. */
    public static Explanation ofVariable(PolicyFile file, PolicyCompiler compiler, String name) throws PolicyException {
        Explanation explanation = new Explanation(file, compiler);
        explanation.variable(name);
        return explanation;
    }

    /** Whether it is allowed. */
    public boolean allowed() {
        return allowed;
    }

    /** The error that the program gets; 0 if it is allowed. */
    public int errno() {
        return errno;
    }

    /** The reasons, and what would change the answer. */
    public List<Line> lines() {
        return List.copyOf(lines);
    }

    private void add(String label, String text) {
        lines.add(new Line(label, text));
    }

    private boolean isRefusedAsCall(Syscall syscall, Question question) throws PolicyException {
        if (syscall.callClass() == CallClass.REFUSE) {
            errno = syscall.refuseErrno();
            add("rule", "the table of calls (docs/syscalls.md): no policy allows it");
            return true;
        }
        CallRules.Rule rule = policy.calls().refusing(syscall);
        if (rule == null) {
            return false;
        }
        errno = rule.errno();
        add("rule", rule + ", whatever the call asks for");
        Explanation without = question.of(file.without(rule.origin()));
        add("without it", without.answer() + without.byRule());
        if (rule.syscall() == null) {
            add("with", "[calls] " + syscall.callName() + " = \"allow\": the call is excepted from that");
        }
        return true;
    }

    private void call(Syscall syscall) {
        allowed = true;
        add(
                "rule",
                switch (syscall.callClass()) {
                    case NATIVE, OWN -> "none: the program makes this call itself, under SECCOMP; no policy sees it";
                    case GATE, PER_THREAD -> "none: the gate answers it within the process; no policy sees it";
                    case HELPER, TRUSTEE, REFUSE -> "none speaks of it";
                });
        repeat(syscall);
        if (CallRules.canRefuse(syscall)) {
            add("with", "[calls] " + syscall.callName() + " = \"EPERM\": refused with EPERM");
        }
    }

    /** What of the answer is fixed (docs/policy.md, repeatable runs). */
    private void repeat(Syscall syscall) {
        String clocks = "the clocks begin at " + policy.repeat().time() + " in each run";
        String up = "the machine has been up for an hour at the start of each run";
        String cpu = "CPU time is the questions asked, a microsecond each";
        switch (syscall) {
            case TIME, GETTIMEOFDAY -> repeatTime(clocks);
            case CLOCK_GETTIME, CLOCK_GETTIME64 -> repeatTime(clocks + "; " + cpu);
            case SYSINFO -> repeatTime(up);
            case TIMES -> repeatTime(cpu + "; " + up);
            case GETRUSAGE -> repeatTime(cpu);
            case GETRANDOM -> repeatRandom();
            default -> {}
        }
    }

    private void repeatTime(String what) {
        if (policy.repeat().time() != null) {
            add("answer", "[repeat] time: " + what);
        }
    }

    private void repeatRandom() {
        if (policy.repeat().random() != null) {
            add("answer", "[repeat] random: the same bytes in each run, which follow from the seed");
        }
    }

    private void file(String path, int access) throws PolicyException {
        Decision decision = policy.files().decide(path, access);
        allowed = decision.allowed();
        errno = decision.errno();
        Map<Rule, Integer> rights = new LinkedHashMap<>();
        for (int rest = access; rest != 0; rest &= rest - 1) {
            Decision one = policy.files().decide(path, Integer.lowestOneBit(rest));
            if (one.allowed() == allowed) {
                rights.merge(one.rule(), one.access(), (a, b) -> a | b);
            }
        }
        for (Map.Entry<Rule, Integer> reason : rights.entrySet()) {
            Rule rule = reason.getKey();
            String which = rights.size() > 1 ? Access.describe(reason.getValue()) + ": " : "";
            boolean onTheWay = allowed && !rule.covers(path);
            add("rule", which + (onTheWay ? "on the way to " : "") + rule);
            if (file.rules().stream().anyMatch(own -> own.origin().equals(rule.origin()))) {
                Decision without =
                        compiler.compile(file.without(rule.origin())).files().decide(path, access);
                add("without it", answer(without) + " by " + without.rule());
            }
        }
        if (allowed && (access & Access.READ) != 0 && RANDOM_DEVICES.contains(path)) {
            repeatRandom();
        }
        if (allowed) {
            with(path, access, Rule.Kind.DENY);
        } else {
            with(path, access, kind(decision.access()));
        }
    }

    /** Says what a further rule would do, if it does anything. */
    private void with(String path, int access, Rule.Kind kind) throws PolicyException {
        Rule rule = new Rule(path, kind, ASKED);
        Decision with = compiler.compile(file.with(rule)).files().decide(path, access);
        if (with.allowed() == allowed) {
            add("with", change(kind, path) + ": " + answer(with) + " all the same, " + with.rule() + " wins");
            return;
        }
        add("with", change(kind, path) + ": " + answer(with));
    }

    /** A rule as a policy file has it, and the option that says the same. */
    private static String change(Rule.Kind kind, String path) {
        boolean socket = kind == Rule.Kind.CONNECT || kind == Rule.Kind.BIND;
        String entry = (socket ? "[net] " : "[files] ") + kind.word() + " = ["
                + TomlString.ofPath(socket ? "unix " + path : path) + "]";
        return switch (kind) {
            case READ -> entry + ", or --read " + ShellWord.quoted(path);
            case WRITE -> entry + ", or --write " + ShellWord.quoted(path);
            default -> entry;
        };
    }

    private static Rule.Kind kind(int access) {
        return switch (access) {
            case Access.CONNECT -> Rule.Kind.CONNECT;
            case Access.BIND -> Rule.Kind.BIND;
            default -> (access & Access.CHANGES) != 0 ? Rule.Kind.WRITE : Rule.Kind.READ;
        };
    }

    private String answer() {
        return allowed ? "allowed" : "refused with " + Errno.name(errno);
    }

    /** By which rules, if any are the reason. */
    private String byRule() {
        List<String> rules = lines.stream()
                .filter(line -> line.label().equals("rule") && !line.text().startsWith("none"))
                .map(Line::text)
                .toList();
        return rules.isEmpty() ? "" : " by " + String.join(", and by ", rules);
    }

    private static String answer(Decision decision) {
        return decision.allowed() ? "allowed" : "refused with " + Errno.name(decision.errno());
    }

    private void address(NetworkRules.Verb verb, List<NetworkRules.Rule> asked) throws PolicyException {
        NetworkRules.Rule rule = allowing(policy.network(), asked);
        allowed = rule != null;
        errno = allowed ? 0 : Errno.EPERM;
        String text = asked.get(0).text();
        if (rule == null) {
            add("rule", "default: what no rule allows is refused");
            add(
                    "with",
                    "[net] " + verb.word() + " = ["
                            + TomlString.ofRule(text.substring(verb.word().length() + 1)) + "], or --net "
                            + ShellWord.quoted(text) + ": allowed");
            return;
        }
        add("rule", rule.toString());
        NetworkRules.Rule without =
                allowing(compiler.compile(file.without(rule.origin())).network(), asked);
        add("without it", without == null ? "refused with EPERM" : "allowed by " + without);
    }

    private static NetworkRules.Rule allowing(NetworkRules rules, List<NetworkRules.Rule> asked) {
        return rules.rules().stream()
                .filter(rule -> asked.stream().allMatch(rule::says))
                .findFirst()
                .orElse(null);
    }

    private void variable(String name) throws PolicyException {
        EnvironmentRules.Rule rule = policy.environment().deciding(name);
        allowed = EnvironmentRules.letsIn(rule);
        add("rule", rule == null ? "default: what no rule passes stays outside" : rule.toString());
        if (rule != null && file.environment().contains(rule)) {
            EnvironmentRules.Rule without =
                    compiler.compile(file.without(rule.origin())).environment().deciding(name);
            add(
                    "without it",
                    (EnvironmentRules.letsIn(without) ? "it gets in" : "it stays outside")
                            + (without == null ? "" : " by " + without));
        }
        if (allowed) {
            return;
        }
        // A file that drops a name cannot pass it as well.
        boolean isDropped = rule != null && rule.name().equals(name);
        String pass = isDropped || !TomlString.canHold(name) ? "" : "[env] pass = [" + TomlString.of(name) + "], or ";
        EnvironmentRules.objectionToPass(name)
                .ifPresentOrElse(
                        objection -> add("with", "no rule: " + objection.why()),
                        () -> add("with", pass + "--env " + ShellWord.of(name) + ": it gets in"));
    }
}
