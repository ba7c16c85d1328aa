package nurse.cli;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Every option of the commands that run a program, declared once: {@link RunOptions} reads command lines by it, and {@link
 * CommandTree} makes of it the help, the completion and the man page.
 *
 * <p>To add one: a constant here, and what it does in {@link RunOptions}.
 */
enum RunOption {
    READ("--read", null, "PATH", Use.REPEATED, "run trace", "It may read PATH and all below it."),
    WRITE(
            "--write",
            null,
            "PATH",
            Use.REPEATED,
            "run trace",
            "It may read, write, create and delete PATH and all below it."),
    ENV(
            "--env",
            "NAME[=VALUE]",
            Use.REPEATED,
            "It gets the variable NAME (or all whose names begin with PREFIX, for PREFIX*) from your environment; or"
                    + " the variable with this VALUE."),
    NET(
            "--net",
            null,
            "RULE",
            Use.REPEATED,
            "run trace",
            "It may connect to, and listen on: loopback, all, or an address such as 192.0.2.7 or 192.0.2.0/24, each"
                    + " with :PORT behind it or without."),
    POLICY("--policy", null, "FILE", Use.ONCE, "run trace", "The rules in FILE hold as well."),
    PROFILE(
            "--profile",
            null,
            "NAME",
            Use.REPEATED,
            "run trace",
            "The rules of a built-in profile hold as well: python, imagemagick, jq ... (docs/policy.md)."),
    INPUT(
            "--input",
            null,
            "FILE",
            Use.REPEATED,
            "run trace",
            "The program's input: what the variable 'input' of a profile or policy file stands for."),
    PROGRAM_OUTPUT(
            "--output",
            null,
            "FILE",
            Use.REPEATED,
            "run",
            "Where the program's output goes: what the variable 'output' of a profile or policy file stands for."),
    LIMIT(
            "--limit",
            null,
            "NAME=VALUE",
            Use.REPEATED,
            "run trace",
            "It may not use more than this: cpu=10s, wall=1m, memory=512M, file-size=10M, written=100M, open-files=64,"
                    + " output=1M."),
    ROOT("--root", "DIR", Use.ONCE, "It sees DIR as /, with the current directory in it under its own name."),
    BIND(
            "--bind",
            "HOST:INSIDE",
            Use.REPEATED,
            "It sees the file or directory HOST as INSIDE, an absolute path, and may read it; HOST:INSIDE:rw lets it write."
                    + " Rules name it by INSIDE."),
    LOCK(
            "--lock",
            "LOCK",
            Use.ONCE,
            "How SECCOMP locks it: trap (a filter; direct system calls reach the policy too) or strict (mode 1; direct"
                    + " system calls kill the program, rdtsc tells no cycles). trap if left out."),
    TRUST_LOADER(
            "--trust-loader",
            "FILE",
            Use.REPEATED,
            "Under --lock strict the dynamic linker runs before the lock, so it has to be the host's own, or FILE, which you"
                    + " trust: that of a --root tree. The trap lock trusts none."),
    REQUIRE(
            "--require",
            "LAYERS",
            Use.REPEATED,
            "It is not started without these layers below the lock (docs/layers.md): all, or words with commas between,"
                    + " such as landlock,network-namespace."),
    LOG(
            "--log",
            "FILE",
            Use.ONCE,
            "Append what was decided to FILE, as JSON lines (docs/commands.md has the schema); - for standard error."),
    REPORT(
            "--report",
            "FILE",
            Use.ONCE,
            "Write a page of the run to FILE, as HTML: the files it asked for, its calls over time, what was refused and"
                    + " why."),
    ONLY(
            "--only",
            "-e",
            "FILTER",
            Use.ONCE,
            "trace",
            "Show only some calls: names, categories (file, network, memory ...), refused, failed, or /PATH, with commas"
                    + " between them; with ! before it all, the others."),
    COUNT("--count", "-c", null, Use.ONCE, "trace", "No line for each call, but a table at the end."),
    TO(
            "--to",
            "-o",
            "FILE",
            Use.ONCE,
            "trace learn",
            "Where to write it. If left out, trace writes to standard error and"
                    + " learn to PROGRAM.toml in the current directory."),
    UPDATE(
            "--update",
            null,
            null,
            Use.ONCE,
            "learn",
            "If the policy file is there already, add to it what the program did and it does not allow. Nothing in it is"
                    + " taken out."),
    DRY_RUN(
            "--dry-run",
            null,
            null,
            Use.ONCE,
            "run trace",
            "It may do all that you may, as with learn; what the policy would have refused is told at the end, and stands"
                    + " in the log, the trace and the report. Limits and the environment are kept."),
    ASK(
            "--ask",
            null,
            null,
            Use.ONCE,
            "run trace",
            "On the terminal, ask about what the policy refuses: once, always or never in this run, or save it in the file of"
                    + " --policy. The program stands still meanwhile; layers made of the policy are left out (docs/layers.md)."),
    QUIET("--quiet", "-q", null, Use.ONCE, "", "No word about refusals at the end."),
    STATS(
            "--stats",
            null,
            null,
            Use.ONCE,
            "run",
            "At the end, where the time went (docs/start.md), and which layers there were (docs/layers.md)."),
    HELP("--help", "-h", null, Use.ONCE, "", "Show this help and end.");

    /** How often an option may be given; of one that is given again, the last counts. */
    enum Use {
        ONCE,
        REPEATED
    }

    private final String longName;
    private final @Nullable String shortName;
    private final @Nullable String value;
    private final Use use;
    private final String commands;
    private final String text;

    RunOption(String longName, String value, Use use, String text) {
        this(longName, null, value, use, "", text);
    }

    /** @param commands which commands have it, a blank between them; empty for all that run a program */
    RunOption(
            String longName,
            @Nullable String shortName,
            @Nullable String value,
            Use use,
            String commands,
            String text) {
        this.longName = longName;
        this.shortName = shortName;
        this.value = value;
        this.use = use;
        this.commands = commands;
        this.text = text;
    }

    /** The option of a command by one of its names, or null. */
    static @Nullable RunOption of(String command, String name) {
        for (RunOption option : values()) {
            if ((name.equals(option.longName) || name.equals(option.shortName)) && option.isOf(command)) {
                return option;
            }
        }
        return null;
    }

    boolean isOf(String command) {
        return commands.isEmpty() || List.of(commands.split(" ")).contains(command);
    }

    /** Its names, the long one first. */
    List<String> names() {
        return shortName == null ? List.of(longName) : Arrays.asList(longName, shortName);
    }

    /** What its value is called in the help; null for one without a value. */
    @Nullable
    String value() {
        return value;
    }

    Use use() {
        return use;
    }

    /** What it does, for people. */
    String text() {
        return text;
    }
}
