package nurse.helper.policy;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Finds the word that was probably meant. */
public final class Nearest {
    private Nearest() {}

    /** The word that takes the fewest typing errors to get from to {@code written}; none if that is more than a third. */
    static Optional<String> of(String written, List<String> words) {
        return words.stream()
                .filter(word -> distance(written, word) <= Math.max(1, (word.length() + 1) / 3))
                .min(Comparator.comparingInt(word -> distance(written, word)));
    }

    /** The same as a question to whoever wrote it. */
    public static Optional<String> question(String written, List<String> words) {
        return of(written, words).map(nearest -> "did you mean '" + nearest + "'?");
    }

    /** How many letters were added, left out, changed, or swapped with their neighbour (optimal string alignment). */
    static int distance(String a, String b) {
        if (Math.abs(a.length() - b.length()) > b.length()) {
            return Math.max(a.length(), b.length()); // far off: spares the table for a key of a megabyte
        }
        int[][] table = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    table[i][j] = i + j;
                    continue;
                }
                int change = Character.toLowerCase(a.charAt(i - 1)) == Character.toLowerCase(b.charAt(j - 1)) ? 0 : 1;
                int best = Math.min(table[i - 1][j - 1] + change, Math.min(table[i - 1][j], table[i][j - 1]) + 1);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    best = Math.min(best, table[i - 2][j - 2] + 1);
                }
                table[i][j] = best;
            }
        }
        return table[a.length()][b.length()];
    }
}
