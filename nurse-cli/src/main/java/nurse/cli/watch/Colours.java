package nurse.cli.watch;

/** Colours for a terminal; none where nobody sees them or somebody asked for none (https://no-color.org). */
public enum Colours {
    OFF,
    ON;

    String bad(String text) {
        return paint("31", text);
    }

    String odd(String text) {
        return paint("33", text);
    }

    String good(String text) {
        return paint("32", text);
    }

    String faint(String text) {
        return paint("2", text);
    }

    private String paint(String code, String text) {
        return this == ON ? "\033[" + code + "m" + text + "\033[0m" : text;
    }
}
