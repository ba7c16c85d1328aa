package nurse.cli.learn;

import java.util.Set;
import java.util.TreeSet;
import nurse.helper.policy.Access;

/** What a program did with one file. */
final class Use {
    private static final int CHANGES = Access.WRITE | Access.CREATE | Access.DELETE;

    private final Set<String> calls = new TreeSet<>();
    private int access;
    private boolean followed;

    void add(String call, int bits, boolean asLink) {
        calls.add(call);
        access |= bits;
        followed |= asLink;
    }

    /** The calls' names. */
    Set<String> calls() {
        return calls;
    }

    boolean isChanged() {
        return (access & CHANGES) != 0;
    }

    boolean isRead() {
        return (access & (Access.READ | Access.EXECUTE)) != 0;
    }

    boolean isListed() {
        return (access & Access.LIST) != 0;
    }

    /** It was made and taken away: what it is called may be another name in the next run. */
    boolean isTemporary() {
        return (access & Access.CREATE) != 0 && (access & Access.DELETE) != 0;
    }

    /** Only as a link on the way to another file, or not even that. */
    boolean isOnlyLookedUp() {
        return !isChanged() && !isRead() && !isListed();
    }

    boolean isFollowed() {
        return followed;
    }

    /** What was done, in words: {@code read and written}. */
    String words() {
        StringBuilder words = new StringBuilder();
        append(words, Access.CREATE, "made");
        append(words, Access.READ | Access.EXECUTE, "read");
        append(words, Access.WRITE, "written");
        append(words, Access.DELETE, "removed");
        append(words, Access.LIST, "listed");
        if (words.isEmpty()) {
            words.append(followed ? "a link that is followed" : "looked for");
        }
        return words.toString();
    }

    private void append(StringBuilder words, int bits, String word) {
        if ((access & bits) != 0) {
            words.append(words.isEmpty() ? "" : " and ").append(word);
        }
    }
}
