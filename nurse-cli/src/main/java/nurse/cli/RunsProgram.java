package nurse.cli;

import java.util.List;

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
