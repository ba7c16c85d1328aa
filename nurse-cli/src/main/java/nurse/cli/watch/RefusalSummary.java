package nurse.cli.watch;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import nurse.ffm.Errno;
import nurse.helper.messages.Quoted;
import nurse.helper.messages.ShellWord;
import nurse.helper.policy.Access;
import nurse.helper.policy.Decision;
import nurse.helper.policy.Remedy;
import nurse.helper.policy.Rule;
import org.jspecify.annotations.Nullable;

/**
 * What is said of a run's refusals at its end: in a few lines what somebody who wonders has to know. What, how often, by which
 * rule, and what would allow it.
 *
 * <p>After a run that went wrong all of it is told. After one that went well only what may have cost something all the same:
 * contents that are there to be read, or that there is a place for, and the network. Most programs look for files that they do
 * not need, caches and settings in directories that nobody has, and ask for calls that they can do without; who gets a line for
 * each of these after every run stops reading them.
 *
 * <p>What is not there comes last, in one line. Each {@link Refused.Section} has its share of the lines, and what does not fit
 * into it is folded: so whatever a program asks for, it cannot push another refusal out.
 */
public final class RefusalSummary {
    private static final int LINES = 8;
    /** More files than these that were only looked for are told as one. */
    private static final int MOST_LOOKS = 2;
    /** So many files of one directory are told as one. */
    private static final int MANY = 4;

    private final Refusals refusals;
    private final String itself;
    private final UnaryOperator<@Nullable String> bind;

    /**
     * @param program as it was called: many look for themselves along PATH, and go on without what is not there
     * @param bind the value of {@code --bind} that would show the program a file of this name that only the host has; or null
     */
    public RefusalSummary(Refusals refusals, String program, UnaryOperator<@Nullable String> bind) {
        this.refusals = refusals;
        this.bind = bind;
        this.itself = "/" + program.substring(program.lastIndexOf('/') + 1);
    }

    /** Lines with their ends; empty when there is nothing to tell. */
    public String text(boolean well) {
        List<Refused> told = new ArrayList<>();
        List<Refused> looks = new ArrayList<>();
        List<Refused> absent = new ArrayList<>();
        for (Refused kind : refusals.kinds()) {
            if (refusals.isAbsent(kind)) {
                if (!kind.isLook() || !kind.file.endsWith(itself)) {
                    absent.add(kind);
                }
            } else if (kind.isLook()) {
                looks.add(kind);
            } else {
                told.add(kind);
            }
        }
        if (well) {
            told.removeIf(kind -> kind.section() == Refused.Section.CALL && !kind.isLimit() || isOfProc(kind));
            return told.isEmpty() ? "" : text("it ended well, but ", times(told), " refused", lines(told));
        }
        List<String> lines = lines(told);
        lines.addAll(looks(looks));
        boolean isSearch = absent.stream().allMatch(Refused::isLook);
        long most = times(told) + times(looks);
        boolean isTold = !isSearch || most == 0; // a search goes on, and is told only if nothing else is
        if (isTold && (!absent.isEmpty() || refusals.leftOut() != null)) {
            lines.addAll(absent(absent));
            most += times(absent) + refusals.timesLeftOut();
        }
        return lines.isEmpty() ? "" : text("", most, " refused", lines);
    }

    /** Programs ask /proc about themselves, and can mostly do without an answer. */
    private static boolean isOfProc(Refused kind) {
        return kind.decision == null && Files.isAtOrBelow(kind.file, "/proc");
    }

    /** Of a run that was refused nothing: what would have been. All of it, as that is what was asked for. */
    public String dryText() {
        List<Refused> all = new ArrayList<>(refusals.kinds());
        List<Refused> looks = all.stream().filter(Refused::isLook).toList();
        all.removeIf(Refused::isLook);
        List<String> lines = lines(all);
        lines.addAll(looks(looks));
        return lines.isEmpty()
                ? "nurse: dry run: nothing would be refused\n"
                : text("dry run: ", refusals.count(), " would be refused", lines);
    }

    private static String text(String intro, long times, String verb, List<String> lines) {
        String are = !verb.equals(" refused") ? "" : times == 1 ? " was" : " were";
        String calls = times == 1 ? "1 call" : times + " calls";
        StringBuilder text = new StringBuilder("nurse: " + intro + calls + are + verb + "\n");
        lines.forEach(line -> text.append("  ").append(line).append('\n'));
        return text.toString();
    }

    private static long times(List<Refused> kinds) {
        return kinds.stream().mapToLong(kind -> kind.times).sum();
    }

    private static List<String> lines(List<Refused> kinds) {
        Map<Refused.Section, List<Refused>> sections = new EnumMap<>(Refused.Section.class);
        for (Refused kind : Folding.siblings(kinds, 0, MANY)) {
            sections.computeIfAbsent(kind.section(), key -> new ArrayList<>()).add(kind);
        }
        Map<Refused.Section, Integer> shares = shares(sections);
        List<String> lines = new ArrayList<>();
        sections.forEach((section, all) -> {
            int share = shares.get(section);
            List<Refused> fewer = Folding.fold(all, share);
            boolean fits = fewer.size() <= share;
            fewer.subList(0, fits ? fewer.size() : share - 1).forEach(kind -> lines.add(line(kind)));
            if (!fits) {
                lines.add("and " + (fewer.size() - share + 1) + " more; --log FILE has all of them");
            }
        });
        return lines;
    }

    /** How many lines each gets: in turn one more for each that can use it. */
    private static Map<Refused.Section, Integer> shares(Map<Refused.Section, List<Refused>> sections) {
        Map<Refused.Section, Integer> shares = new EnumMap<>(Refused.Section.class);
        int left = LINES;
        int before;
        do {
            before = left;
            for (Map.Entry<Refused.Section, List<Refused>> section : sections.entrySet()) {
                int share = shares.getOrDefault(section.getKey(), 0);
                if (left > 0 && share < section.getValue().size()) {
                    shares.put(section.getKey(), share + 1);
                    left--;
                }
            }
        } while (left < before);
        return shares;
    }

    private static List<String> looks(List<Refused> looks) {
        if (looks.size() <= MOST_LOOKS) {
            return looks.stream().map(RefusalSummary::line).toList();
        }
        return List.of(looks.size() + " files were looked for, such as " + line(looks.get(0)));
    }

    private List<String> absent(List<Refused> absent) {
        List<String> lines = new ArrayList<>();
        absent.removeIf(kind -> {
            String value = kind.isLook() || lines.size() == MOST_LOOKS ? null : bind.apply(kind.file);
            return value != null
                    && lines.add(about(kind) + ": it is not in the program's root; --bind " + ShellWord.of(value)
                            + " would");
        });
        lines.addAll(rest(absent));
        return lines;
    }

    private List<String> rest(List<Refused> absent) {
        Refused left = refusals.leftOut();
        if (left == null && absent.size() <= MOST_LOOKS) {
            return absent.stream()
                    .map(kind -> about(kind) + ": it is not there, and no rule lets the program know")
                    .toList();
        }
        Refused first = left != null ? left : absent.get(0);
        long times = times(absent) + refusals.timesLeftOut();
        return List.of(
                times + " were for files that are not there, such as " + first.call + " " + Quoted.of(first.file));
    }

    private static String line(Refused kind) {
        return about(kind) + ": " + (kind.file.isEmpty() ? kind.why : cure(kind));
    }

    private static String about(Refused kind) {
        String error = " " + Errno.name(kind.errno);
        if (kind.folded > 1) {
            String what = kind.file.isEmpty() ? " such as " + kind.call : " files in " + Quoted.of(kind.file);
            return kind.folded + what + error;
        }
        String file = kind.file.isEmpty() ? "" : " " + Quoted.of(kind.file);
        return kind.call + file + error + (kind.times == 1 ? "" : ", " + kind.times + " times");
    }

    /** Why, and what would allow it. A denial that the user wrote is to be taken back where it stands. */
    private static String cure(Refused kind) {
        Decision decision = kind.decision;
        if (decision == null) {
            return kind.why;
        }
        Rule rule = decision.rule();
        boolean isBuiltIn =
                rule.origin().startsWith("built-in") || rule.origin().startsWith("default");
        if (!rule.kind().allows() && !isBuiltIn) { // of the same path it wins over any option
            return rule + " denies it; it stays so until that rule is changed";
        }
        Remedy remedy =
                kind.folded == 1 ? kind.remedy() : new Remedy(kind.remedy().option(), kind.file);
        String why = rule.origin().startsWith("default") ? "no rule allows it" : "no more than " + rule;
        if (remedy.path().equals("/")) { // an option would allow all there is
            return why + "; "
                    + ((decision.access() & (Access.READ | Access.LIST)) != 0 && kind.folded == 1
                            ? "list = [\"/\"] in a policy file would, for the names in directories only"
                            : "each needs an option of its own");
        }
        return why + "; " + remedy.option().word() + " " + ShellWord.of(remedy.value()) + " would";
    }
}
