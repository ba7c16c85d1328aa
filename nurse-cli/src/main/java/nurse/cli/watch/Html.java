package nurse.cli.watch;

import nurse.helper.messages.Quoted;

/** Text in a page: what a hostile program named stays text, and visible. */
final class Html {
    private Html() {}

    /** Unicode text of ours. */
    static String text(String text) {
        StringBuilder escaped = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                default -> escaped.append(c);
            }
        }
        return escaped.toString();
    }

    /** Bytes that somebody else chose, one a char: what is not plainly visible stands as an escape. */
    static String bytes(String bytes) {
        String quoted = Quoted.of(bytes);
        return text(quoted.substring(1, quoted.length() - 1).replace("\\'", "'"));
    }
}
