package nurse.cli;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The commands that run a program: what they say of themselves. */
enum RunsProgram {
    RUN("run", "Run a program that you do not trust.", """
            The program may read the system's programs, libraries and fonts and the current directory, and use its standard streams. \
            Everything else is refused with "Operation not permitted", unless an option or a policy allows it. What was \
            refused is told at the end.""", """
            nurse run --root /var/cache/seccomp-nurse/i386-bookworm \\
                python3 -c 'print(6 * 7)'
            nurse run --write out pdftotext report.pdf out/report.txt
            nurse run --policy convert.toml --log audit.jsonl \\
                convert in.png out/small.png
            """),
    TRACE("trace", "Run a program and show what it does, call by call.", """
            Everything `run` does, and a line for each call that leaves the process: its arguments, its result, how long \
            the helper had it, and what the policy said. read, write and what the gate answers (docs/syscalls.md) do not \
            leave the process, and are not shown.""", """
            nurse trace --root /var/cache/seccomp-nurse/i386-bookworm jq . in.json
            nurse trace -e file,refused python3 script.py
            nurse trace -e refused -o refused.txt ./unknown
            nurse trace -c gs -q -o page.png -sDEVICE=png16m page.pdf
            """),
    LEARN("learn", "Run a program and write the policy that allows what it does.", """
            The program may do all that you may, but for reading private keys; what it does is written down as a policy \
            file, a line for each rule with the reason for it. Give it an input that you trust. Many files of a directory \
            become one rule for the directory; read the file before you use it.""", """
            nurse learn -o convert.toml convert in.png out.jpg
            nurse run --policy convert.toml convert in.png out.jpg
            """);

    private final String word;
    private final String header;
    private final String description;
    private final String examples;

    RunsProgram(String word, String header, String description, String examples) {
        this.word = word;
        this.header = header;
        this.description = description;
        this.examples = examples;
    }

    /** The command with this name, or null. */
    static @Nullable RunsProgram of(String word) {
        for (RunsProgram command : values()) {
            if (command.word.equals(word)) {
                return command;
            }
        }
        return null;
    }

    String word() {
        return word;
    }

    /** One line of what it is for. */
    String header() {
        return header;
    }

    String description() {
        return description;
    }

    /** Command lines. */
    List<String> examples() {
        return examples.lines().toList();
    }
}
