package nurse.bench.programs;

import java.util.List;

/** The programs of Debian that are run under everything, with what they are given: files that {@link Inputs} makes. */
public enum WholeProgram {
    TRUE("/bin/true"),
    PYTHON("/usr/bin/python3", "-c", "print(6 * 7)"),
    PDFTOTEXT("/usr/bin/pdftotext", "in.pdf", "-"),
    CONVERT("/usr/bin/convert", "in.png", "-resize", "50%", "jpg:-"),
    PNGTOPNM("/usr/bin/pngtopnm", "in.png"),
    GS("/usr/bin/gs", "-q", "-dNOPAUSE", "-dBATCH", "-sDEVICE=png16m", "-r36", "-sOutputFile=-", "in.pdf"),
    JQ("/usr/bin/jq", ".", "in.json"),
    SQLITE(
            "/usr/bin/sqlite3",
            ":memory:",
            "with recursive n(i) as (select 1 union all select i + 1 from n where i < 200000) select sum(i) from n"),
    XZ("/usr/bin/xz", "-1", "-c", "in.txt"),
    FILE("/usr/bin/file", "in.png", "in.pdf", "in.json", "in.txt", "in.jpg"),
    GAWK("/usr/bin/gawk", "{ words += NF } END { print words }", "in.txt"),
    EXIFTOOL("/usr/bin/exiftool", "in.jpg"),
    TAR("/bin/tar", "cf", "-", "tree");

    @SuppressWarnings("ImmutableEnumChecker") // List.of
    private final List<String> command;

    WholeProgram(String... command) {
        this.command = List.of(command);
    }

    /** Its path in a Debian system, and its arguments; names of files are relative to where the inputs are. */
    public List<String> command() {
        return command;
    }

    /** Its name. */
    public String title() {
        String path = command.get(0);
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
