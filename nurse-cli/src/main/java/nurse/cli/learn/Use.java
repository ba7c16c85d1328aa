package nurse.cli.learn;

import nurse.helper.policy.Access;

/** What a program did with one file. */
final class Use {
    private int access;
    private boolean followed;

    void add(int bits, boolean asLink) {
        access |= bits;
        followed |= asLink;
    }

    /** {@link Access} bits: all that was asked of it. */
    int access() {
        return access;
    }

    boolean isChanged() {
        return (access & Access.CHANGES) != 0;
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
