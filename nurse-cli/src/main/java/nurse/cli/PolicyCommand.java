package nurse.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import nurse.ffm.Kernel;
import nurse.helper.files.View;
import nurse.helper.messages.Quoted;
import nurse.helper.policy.PolicyBuilder;
import nurse.helper.policy.PolicyCompiler;
import nurse.helper.policy.PolicyException;
import nurse.helper.policy.PolicyFile;
import nurse.helper.profiles.Profiles;
import picocli.CommandLine.Option;

/** A command that asks something of a policy, and runs nothing. */
abstract class PolicyCommand extends OtherCommands.Described {
    /** Stand for what only a run knows: no file has such a name. */
    private static final String UNKNOWN = "/\u0001nurse-";

    @Option(
            names = "--root",
            paramLabel = "DIR",
            defaultValue = "/",
            description = "The policy is for a run with this --root.")
    private String root;

    @Option(names = "--bind", paramLabel = "HOST:INSIDE", description = "The policy is for a run with this --bind.")
    private List<String> binds = List.of();

    private final Map<String, Bind> bound = new LinkedHashMap<>();
    private Kernel kernel;
    private String cwd;
    private PolicyNames names;

    @Override
    public final Integer call() {
        try (Kernel own = Kernel.confined()) {
            kernel = own;
            String host = DirectoryName.of(kernel, "/proc/self/cwd");
            String top = PolicyNames.root(kernel, Kernel.AT_FDCWD, root);
            try (View view = PolicyNames.view(kernel, top, host == null ? "/" : host)) {
                List<String> inside = view.inside(host == null ? "/" : host);
                cwd = inside.isEmpty() ? "/" : inside.getFirst();
                names = new PolicyNames(
                        kernel,
                        Kernel.AT_FDCWD,
                        UnaryOperator.identity(),
                        view,
                        top,
                        cwd,
                        new Homes(kernel)
                                .include(Kernel.AT_FDCWD, host == null ? "/" : host, CommandLine.environment(kernel)));
                for (String text : binds) {
                    Bind bind = Bind.of(text);
                    bound.put(names.bind(bind), bind);
                }
                return answer();
            }
        }
    }

    /** Does it, and returns the exit status. */
    abstract int answer();

    PolicyNames names() {
        return names;
    }

    void say(String text) {
        Messages.write(kernel, 1, text);
    }

    /** The policy by a built-in profile's name or a file's. */
    PolicyFile policy(String word, List<String> inputs, List<String> outputs) throws PolicyException {
        Map<String, String> outer = CommandLine.environment(kernel);
        PolicyFile.Place place = names.place(
                outer,
                inputs.isEmpty() ? List.of(UNKNOWN + "input") : inputs,
                outputs.isEmpty() ? List.of(UNKNOWN + "output") : outputs,
                UNKNOWN + "tmp");
        return isProfile(word) ? PolicyFile.profile(word, place, names.sources()) : names.file(word, place);
    }

    /** A file of the same name is named with its directory: {@code ./jq}. */
    static boolean isProfile(String word) {
        return Profiles.NAMES.contains(word);
    }

    /** Its name where its rules say where they come from. */
    static String source(String word) {
        String quoted = Quoted.of((isProfile(word) ? "profile " : "") + word);
        return quoted.substring(1, quoted.length() - 1);
    }

    /** Whether a file exists, or its name is one that only a run knows. */
    boolean isThere(String path) {
        return path.startsWith(UNKNOWN) || names.isThere(path);
    }

    /** What holds beside a file in a run from this directory. */
    PolicyCompiler compiler() {
        return file -> {
            PolicyBuilder builder = names.builder().file(file);
            bound.forEach((name, bind) -> builder.bind(bind.text(), name, bind.mayWrite()));
            return builder.build();
        };
    }

    /** What holds beside a file whatever links there are. */
    PolicyCompiler compilerWithoutLinks() {
        return file -> names.builderWithoutLinks().file(file).build();
    }
}
