package nurse.cli.watch;

import java.util.List;
import nurse.helper.observe.Judgement;
import nurse.helper.observe.ObservedCall;

/** Names of files in what was decided; one char a byte. */
final class Files {
    private Files() {}

    static List<String> of(ObservedCall call) {
        return call.judgements().stream()
                .filter(Judgement.OfFile.class::isInstance)
                .map(judgement -> ((Judgement.OfFile) judgement).name())
                .toList();
    }

    static boolean isAtOrBelow(String path, String top) {
        return top.equals("/")
                || path.startsWith(top) && (path.length() == top.length() || path.charAt(top.length()) == '/');
    }

    /** The directory that a file is in; {@code /} of what is in no other. */
    static String parent(String path) {
        return path.substring(0, Math.max(path.lastIndexOf('/'), 1));
    }
}
