package nurse.cli.watch;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import nurse.ffm.Errno;
import nurse.helper.calls.Syscall;
import nurse.helper.messages.Quoted;
import nurse.helper.messages.ShellWord;
import nurse.helper.policy.Access;
import nurse.helper.policy.Decision;
import nurse.helper.policy.Remedy;
import nurse.helper.policy.Rule;
import nurse.helper.sandbox.RefusalLog;
import org.jspecify.annotations.Nullable;

/**
 * Counts what a run was refused, and says at its end in a few lines what somebody who wonders has to know: what, how often, by
 * which rule, and what would allow it.
 *
 * <p>After a run that went wrong all of it is told. After one that went well only what may have cost something all the same:
 * contents that are there to be read, or that there is a place for, and the network. Most programs look for files that they do
 * not need, caches and settings in directories that nobody has, and ask for calls that they can do without; who gets a line for
 * each of these after every run stops reading them.
 */
public final class Refusals implements RefusalLog {
    /** A hostile program can be refused as many things as it likes: so many are kept apart, the rest is only counted. */
    private static final int KINDS = 1000;

    /** As a rule of [categories] about it is told ({@link nurse.helper.policy.CallRules.Rule}). */
    private static final String NO_NETWORK = "categories network ";

    private static final int LINES = 8;
    private static final int LINES_IF_WELL = 3;
    /** More files than these that were only looked for are told as one. */
    private static final int MOST_LOOKS = 2;
    /** So many files of one directory are told as one. */
    private static final int MANY = 4;

    private final Map<String, Kind> kinds = new LinkedHashMap<>();
    private @Nullable Syscall call;
    private long count;

    /**
     * What refusals have in common that are counted as one. {@code decision} is null for what is not about a file. No record:
     * the first hash of one loads more classes than a run that is refused something should pay for.
     */
    private static final class Kind {
        private final String call;
        private final String file;
        private final @Nullable Decision decision;
        private final int errno;
        private final String why;
        private long times;

        Kind(String call, String file, @Nullable Decision decision, int errno, String why) {
            this.call = call;
            this.file = file;
            this.decision = decision;
            this.errno = errno;
            this.why = why;
        }

        /** @param isThere whether a file exists: of one that does not, the program would have got nothing without us either */
        boolean matters(Predicate<String> isThere) {
            if (decision == null) {
                return why.contains("--net") || why.startsWith(NO_NETWORK);
            }
            boolean mayBeMade = (decision.access() & (Access.WRITE | Access.CREATE | Access.BIND)) != 0;
            return !isLook() && isThere.test(mayBeMade ? Files.parent(file) : file);
        }

        /** It only asked whether the file is there, or may be used. */
        boolean isLook() {
            boolean asks = call.contains("access") || call.contains("stat") || call.startsWith("readlink");
            return decision != null && asks;
        }

        Remedy remedy() {
            if (decision == null) {
                throw new IllegalStateException("not about a file: call=" + call);
            }
            return Remedy.ofAnotherRun(file, decision);
        }
    }

    @Override
    public void answering(Syscall syscall) {
        call = syscall;
    }

    @Override
    public void refused(String name, Decision decision) {
        String callName = call == null ? "run" : call.callName();
        String key = callName + ' ' + decision.access() + name;
        Kind kind = kinds.get(key);
        add(key, kind != null ? kind : new Kind(callName, name, decision, decision.errno(), ""));
    }

    @Override
    public void refused(String callName, int errno, String why) {
        String key = callName + ' ' + why;
        Kind kind = kinds.get(key);
        add(key, kind != null ? kind : new Kind(callName, "", null, errno, why));
    }

    private void add(String key, Kind kind) {
        count++;
        kind.times++;
        if (kind.times == 1 && kinds.size() < KINDS) {
            kinds.put(key, kind);
        }
    }

    /** How many calls were refused. */
    public long count() {
        return count;
    }

    /**
     * The summary, lines with their ends; empty when there is nothing to tell.
     *
     * @param well whether the program ended with status 0
     * @param isThere whether there is a file of this canonical name, as the program sees it
     */
    public String summary(boolean well, Predicate<String> isThere) {
        return summary(well, isThere, well ? "it ended well, but " : "", false);
    }

    /** The summary of a run that was refused nothing: what would have been. All of it, as that is what was asked for. */
    public String drySummary() {
        String summary = summary(false, file -> true, "dry run: ", true);
        return summary.isEmpty() ? "nurse: dry run: nothing would be refused\n" : summary;
    }

    private String summary(boolean well, Predicate<String> isThere, String intro, boolean dry) {
        List<Kind> told = new ArrayList<>();
        List<Kind> looks = new ArrayList<>();
        for (Kind kind : kinds.values()) {
            if (kind.isLook()) {
                looks.add(kind);
            } else if (!well || kind.matters(isThere)) {
                told.add(kind);
            }
        }
        if (told.isEmpty() && (well || looks.isEmpty())) {
            return "";
        }
        List<String> lines = new ArrayList<>();
        for (List<Kind> group : groups(told)) {
            lines.add(group.size() >= MANY ? many(group) : one(group.get(0)));
        }
        if (!well && looks.size() <= MOST_LOOKS) {
            looks.forEach(look -> lines.add(one(look)));
        } else if (!well) {
            lines.add(looks.size() + " files were looked for, such as " + one(looks.get(0)));
        }
        int most = well ? LINES_IF_WELL : LINES;
        StringBuilder summary = new StringBuilder("nurse: ")
                .append(intro)
                .append(times(told, well, dry))
                .append(" refused\n");
        for (int i = 0; i < Math.min(most, lines.size()); i++) {
            summary.append("  ").append(lines.get(i)).append('\n');
        }
        if (lines.size() > most) {
            summary.append("  and ").append(lines.size() - most).append(" more; --log FILE has all of them\n");
        }
        return summary.toString();
    }

    private String times(List<Kind> told, boolean well, boolean dry) {
        long calls = well ? told.stream().mapToLong(kind -> kind.times).sum() : count;
        return (calls == 1 ? "1 call" : calls + " calls") + (dry ? " would be" : calls == 1 ? " was" : " were");
    }

    /** Kinds that are told together: files of one directory, if they are many and one option would allow them all. */
    private static List<List<Kind>> groups(List<Kind> kinds) {
        Map<String, List<Kind>> byDirectory = new LinkedHashMap<>();
        for (Kind kind : kinds) {
            String key = kind.decision == null
                    ? kind.call + " " + kind.why
                    : kind.remedy().option().word() + " " + Files.parent(kind.file) + " " + kind.decision.rule();
            byDirectory.computeIfAbsent(key, k -> new ArrayList<>()).add(kind);
        }
        List<List<Kind>> groups = new ArrayList<>();
        for (List<Kind> group : byDirectory.values()) {
            if (group.size() >= MANY) {
                groups.add(group);
            } else {
                group.forEach(kind -> groups.add(List.of(kind)));
            }
        }
        return groups;
    }

    private static String one(Kind kind) {
        String often = kind.times == 1 ? "" : ", " + kind.times + " times";
        if (kind.decision == null) {
            return kind.call + " " + Errno.name(kind.errno) + often + ": " + kind.why;
        }
        return kind.call + " " + Quoted.of(kind.file) + " " + Errno.name(kind.errno) + often + ": "
                + cure(kind.decision, kind.remedy());
    }

    private static String many(List<Kind> group) {
        Kind first = group.get(0);
        if (first.decision == null) {
            return first.call + " " + Errno.name(first.errno) + ": " + first.why;
        }
        return group.size() + " files in " + Quoted.of(Files.parent(first.file)) + " " + Errno.name(first.errno) + ": "
                + cure(first.decision, new Remedy(first.remedy().option(), Files.parent(first.file)));
    }

    /** Why, and what would allow it. A denial that the user wrote is to be taken back where it stands. */
    private static String cure(Decision decision, Remedy remedy) {
        Rule rule = decision.rule();
        boolean isBuiltIn =
                rule.origin().startsWith("built-in") || rule.origin().startsWith("default");
        if (!rule.kind().allows() && !isBuiltIn) { // of the same path it wins over any option
            return rule + " denies it; it stays so until that rule is changed";
        }
        return (rule.origin().startsWith("default") ? "no rule allows it" : "no more than " + rule) + "; "
                + remedy.option().word() + " " + ShellWord.of(remedy.value()) + " would";
    }
}
