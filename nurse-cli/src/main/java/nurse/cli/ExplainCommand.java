package nurse.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import nurse.cli.watch.OpenFlags;
import nurse.ffm.Errno;
import nurse.helper.calls.CallClass;
import nurse.helper.calls.Syscall;
import nurse.helper.files.CallAccess;
import nurse.helper.messages.Quoted;
import nurse.helper.policy.Access;
import nurse.helper.policy.Explanation;
import nurse.helper.policy.Nearest;
import nurse.helper.policy.NetworkRules;
import nurse.helper.policy.PolicyCompiler;
import nurse.helper.policy.PolicyException;
import nurse.helper.policy.PolicyFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code explain}: which rule decides about a call, and what would change it. */
@Command(
        header = "Say which rule decides about a call, and what would change it.",
        descriptionHeading = "%n",
        description = {
            "CALL is a system call; or read, write, create, delete, execute, list or env. ARGUMENT is its path, its address"
                    + " (connect, bind, listen), or a variable's name (env). open takes its flags behind the path.",
            "Every change that is named has been tried on the policy. The exit status is 0 if the call is allowed, 1 if it"
                    + " is refused."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  nurse explain convert.toml open /etc/passwd",
            "  nurse explain python open out.txt 'O_WRONLY|O_CREAT'",
            "  nurse explain system connect 'tcp 192.0.2.7:443'",
            "  nurse explain mine.toml env HOME"
        })
final class ExplainCommand extends PolicyCommand {
    private static final String SYSTEM = "system";
    private static final Map<String, Integer> RIGHTS = Map.of(
            "read", Access.READ,
            "write", Access.WRITE,
            "create", Access.CREATE,
            "delete", Access.DELETE,
            "execute", Access.EXECUTE,
            "list", Access.LIST);

    @Option(names = "--input", paramLabel = "FILE", description = "What the variable 'input' stands for.")
    private List<String> inputs = List.of();

    @Option(names = "--output", paramLabel = "FILE", description = "What the variable 'output' stands for.")
    private List<String> outputs = List.of();

    @Parameters(
            index = "0",
            paramLabel = "POLICY",
            description = "a policy file, a built-in profile's name, or 'system': what holds without a policy")
    private String policy;

    @Parameters(index = "1", paramLabel = "CALL", description = "what is done")
    private String call;

    @Parameters(
            index = "2",
            arity = "0..1",
            paramLabel = "ARGUMENT",
            defaultValue = "",
            description = "what it is done to")
    private String argument;

    @Parameters(index = "3", arity = "0..1", paramLabel = "FLAGS", defaultValue = "", description = "of open")
    private String flags;

    @Override
    int answer() {
        try {
            PolicyFile file = policy.equals(SYSTEM)
                    ? new PolicyFile(true, List.of(), List.of())
                    : policy(policy, inputs, outputs);
            return explain(file, compiler());
        } catch (PolicyException wrong) {
            wrong.problems().forEach(problem -> say(problem + "\n"));
            throw new CannotRun(wrong.exitStatus(), "the policy is wrong", "what is wrong stands above", "mend it");
        }
    }

    private int explain(PolicyFile file, PolicyCompiler compiler) throws PolicyException {
        Integer right = RIGHTS.get(call);
        if (call.equals("env")) {
            requireArgument("the name of a variable");
            return say(
                    "the variable " + Quoted.of(argument),
                    "stays outside",
                    Explanation.ofVariable(file, compiler, argument));
        }
        // read and write are calls, too, which no policy sees; with a path the right is meant.
        if (right != null && !argument.isEmpty()) {
            return file(file, compiler, null, right);
        }
        Syscall syscall = syscall();
        boolean isSocket = syscall == Syscall.CONNECT || syscall == Syscall.BIND || syscall == Syscall.LISTEN;
        if (isSocket) {
            requireArgument("an address, such as 'tcp 192.0.2.7:443', or a socket's path");
        }
        if (isSocket && !argument.startsWith("/")) {
            return address(file, compiler, syscall);
        }
        int access = CallAccess.of(syscall, openFlags());
        if (access != 0 && syscall.callClass() != CallClass.REFUSE) {
            requireArgument("a path");
            return file(file, compiler, syscall, access);
        }
        return say(syscall.callName(), Explanation.ofCall(file, compiler, syscall));
    }

    private int file(PolicyFile file, PolicyCompiler compiler, Syscall syscall, int access) throws PolicyException {
        String path = names().absolute(argument);
        String canonical = names().leadsTo(path, syscall == null || !CallAccess.isOfTheName(syscall));
        String leads = canonical.equals(path) ? "" : ", which leads to " + Quoted.of(canonical);
        return say(
                call + " " + Quoted.of(argument) + leads + ", to " + Access.describe(access),
                Explanation.ofFile(file, compiler, syscall, canonical, access));
    }

    private int address(PolicyFile file, PolicyCompiler compiler, Syscall syscall) throws PolicyException {
        NetworkRules.Verb verb = NetworkRules.Verb.valueOf(syscall.name());
        try {
            return say(call + " " + Quoted.of(argument), Explanation.ofAddress(file, compiler, verb, argument));
        } catch (IllegalArgumentException wrong) {
            throw new CannotRun(
                    CannotRun.USAGE,
                    Quoted.of(argument) + " is no address",
                    wrong.getMessage(),
                    "such as 'tcp 192.0.2.7:443' or 'unix /run/x.sock'");
        }
    }

    private int say(String question, Explanation explanation) {
        return say(question, "refused with " + Errno.name(explanation.errno()), explanation);
    }

    private int say(String question, String no, Explanation explanation) {
        StringBuilder text = new StringBuilder(question)
                .append(": ")
                .append(explanation.allowed() ? "allowed" : no)
                .append('\n');
        for (Explanation.Line line : explanation.lines()) {
            text.append(String.format("  %-11s %s%n", line.label() + ":", line.text()));
        }
        say(text.toString());
        return explanation.allowed() ? 0 : 1;
    }

    private Syscall syscall() {
        for (Syscall syscall : Syscall.values()) {
            if (syscall.callName().equals(call)) {
                return syscall;
            }
        }
        throw new CannotRun(
                CannotRun.USAGE,
                "there is no call " + Quoted.of(call),
                "it is none of the system calls of i386, nor one of "
                        + String.join(", ", RIGHTS.keySet().stream().sorted().toList()) + ", env",
                Nearest.question(call, words()).orElse("docs/syscalls.md lists the calls"));
    }

    /** All that can be asked about. */
    private static List<String> words() {
        List<String> words = new ArrayList<>(RIGHTS.keySet());
        words.add("env");
        for (Syscall syscall : Syscall.values()) {
            words.add(syscall.callName());
        }
        return words;
    }

    private int openFlags() {
        try {
            return flags.isEmpty() ? 0 : OpenFlags.of(flags);
        } catch (IllegalArgumentException wrong) {
            throw new CannotRun(
                    CannotRun.USAGE,
                    Quoted.of(flags) + " are no flags",
                    wrong.getMessage(),
                    "write them with | between them, in quotes");
        }
    }

    private void requireArgument(String what) {
        if (argument.isEmpty()) {
            throw new CannotRun(
                    CannotRun.USAGE,
                    call + " needs an argument",
                    "what it is done to decides: " + what,
                    "nurse explain --help shows examples");
        }
    }
}
